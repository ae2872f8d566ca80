//! Pods, and the containers added to them.

mod adding;

pub use adding::{Added, Addition, FIELD_MANAGER, Keep};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use http::Response;
use http_body_util::BodyExt;
use k8s_openapi::api::core::v1::Pod;
use kube::client::Body;

use super::{Cluster, exchange, refusal};
use crate::error::Error;

impl Cluster {
    /// Reads a pod. Where it cannot be, it may be that its namespace is not there.
    pub async fn pod(&self, name: &str) -> Result<Pod, Error> {
        match self.pod_again(name).await {
            Err(error) => Err(self.or_no_namespace(error).await),
            read => read,
        }
    }

    /// Reads a pod whose namespace was there before.
    pub(super) async fn pod_again(&self, name: &str) -> Result<Pod, Error> {
        let request = exchange::get(&self.pod_path(name, ""));
        self.exchange(request, self.action("get", "pods"))
            .await?
            .read()
    }

    /// Follows the log of a container from its first byte until it ends.
    pub async fn log(
        &self,
        pod: &str,
        container: &str,
    ) -> Result<impl Stream<Item = Result<Bytes, Error>> + Unpin + use<>, Error> {
        let path = self.pod_path(pod, "/log");
        let request = exchange::get(&format!("{path}?container={container}&follow=true"));
        let action = self.action("get", "pods/log");
        let action = &action;
        let opened = |answer: Response<Body>| async move {
            let (head, body) = answer.into_parts();
            if head.status.is_success() {
                return Ok(body);
            }
            let body = self.whole(body).await?;
            Err(refusal::refused(head.status, &body, action.clone()))
        };
        let body = self.asked(&request, opened).await?;
        let cluster = self.clone();
        let chunks = body
            .into_data_stream()
            .map_err(move |error| cluster.unreachable(error));
        Ok(chunks.boxed_local())
    }
}

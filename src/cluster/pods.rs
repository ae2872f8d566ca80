//! Pods, and the containers added to them.

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use http::Response;
use http_body_util::BodyExt;
use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};
use kube::client::Body;
use serde::Deserialize;
use serde_json::json;

use super::{Cluster, exchange, refusal};
use crate::error::Error;

/// The name under which the server keeps what we changed.
const FIELD_MANAGER: &str = "kubectl-ephemeral";

/// A pod as the server has it after a container was added.
#[derive(Debug)]
pub struct Added {
    /// The pod, with the container as admission left it.
    pub pod: Pod,
    /// What the server had to say about it.
    pub warnings: Vec<String>,
}

/// What an answer is of.
#[derive(Deserialize)]
struct Kind {
    kind: String,
}

impl Cluster {
    /// Reads a pod.
    pub async fn pod(&self, name: &str) -> Result<Pod, Error> {
        let request = exchange::get(&self.pod_path(name, ""));
        self.exchange(request, self.action("get", "pods"))
            .await?
            .read()
    }

    /// Adds ephemeral containers to a pod, all or none.
    ///
    /// Only our elements are sent: others that are added meanwhile stay, and the same request sent
    /// twice adds them once. They cannot be removed again.
    pub async fn add(&self, pod: &str, containers: &[EphemeralContainer]) -> Result<Added, Error> {
        let path = self.pod_path(pod, "/ephemeralcontainers");
        let request = exchange::merge_patch(
            &format!("{path}?fieldManager={FIELD_MANAGER}"),
            &json!({"spec": {"ephemeralContainers": containers}}),
        );
        let action = self.action("patch", "pods/ephemeralcontainers");
        let answer = self.exchange(request, action).await?;
        let warnings = answer.warnings();
        // Servers before 1.22 answer 200 with a kind of its own, and add nothing.
        if answer.read::<Kind>()?.kind == "EphemeralContainers" {
            return Err(Error::NotServed);
        }
        let pod: Pod = answer.read()?;
        // 200 alone proves nothing: a form that a server does not know is passed over.
        let mut names = containers.iter().map(|container| &container.name);
        if names.all(|name| has_container(&pod, name)) {
            Ok(Added { pod, warnings })
        } else {
            Err(Error::NotServed)
        }
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

fn has_container(pod: &Pod, name: &str) -> bool {
    let spec = pod.spec.as_ref();
    let containers = spec.and_then(|spec| spec.ephemeral_containers.as_ref());
    containers.is_some_and(|containers| containers.iter().any(|container| container.name == name))
}

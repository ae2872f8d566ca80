//! A restart of the kubelet: what goes through it ends, what it looks after lives on.

use futures_util::StreamExt as _;
use http_body_util::{BodyExt as _, BodyStream, StreamBody};

use super::Kubelet;
use crate::answer::Response;

impl Kubelet {
    pub(crate) fn restart(&self) {
        self.restarts.send_replace(());
    }

    /// Waits for the next restart, counted from the call.
    pub(crate) fn restarted(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut restarts = self.restarts.subscribe();
        async move {
            if restarts.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// An answer that ends when the kubelet restarts.
    pub(crate) fn until_restart(&self, response: Response) -> Response {
        let restarted = Box::pin(self.restarted());
        response.map(|body| {
            let frames = BodyStream::new(body).take_until(restarted);
            StreamBody::new(frames).boxed_unsync()
        })
    }
}

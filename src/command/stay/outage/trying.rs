//! One try to get a lost connection back.

use super::super::visit::Visit;
use crate::{
    cluster::{Attachment, Opened, PodWatch},
    error::Error,
    progress::{ContainerState, Ended, container_state},
};

/// What came of a try.
pub(super) enum Try {
    Stream(Attachment, PodWatch),
    Ended(Ended),
    /// There is no process to be joined to.
    NotRunning(String),
    /// The pod is not there any more.
    Gone(&'static str),
    /// The next try may do better.
    Failed(Error),
    /// No try will do better.
    Refused(Error),
}

impl Visit<'_> {
    /// Tries once.
    pub(super) async fn attempt(&self) -> Try {
        let place = self.place;
        let cluster = place.cluster.impatient();
        let pod = match cluster.pod(&place.pod).await {
            Ok(pod) => pod,
            Err(Error::NotFound { .. }) => return Try::Gone("the pod was deleted"),
            Err(error) => return failed(error),
        };
        if self.uid.is_some() && pod.metadata.uid != self.uid {
            return Try::Gone("the pod was replaced by another one of its name");
        }
        if let ContainerState::Ended(ended) = container_state(&pod, &place.container) {
            return Try::Ended(ended);
        }
        match cluster
            .attach(&place.pod, &place.container, place.streams)
            .await
        {
            Ok(Opened::Stream(attachment)) => Try::Stream(attachment, place.cluster.watch(&pod)),
            Ok(Opened::NotRunning(words)) => Try::NotRunning(words),
            Ok(Opened::Broke(error)) => Try::Failed(error),
            Err(error) => failed(error),
        }
    }
}

/// Tells whether a server said, after it had opened the stream, that there is no process to be
/// joined to: in the words of the kubelet, of containerd and of CRI-O. API servers from 1.30 on ask
/// the node only then.
pub(super) fn says_that_nothing_runs(words: &str) -> bool {
    ["not found", "CONTAINER_EXITED", "is not created or running"]
        .iter()
        .any(|known| words.contains(known))
}

/// Tells what may pass from what will not.
fn failed(error: Error) -> Try {
    let is_final = matches!(
        error,
        Error::Unauthorized { .. } | Error::Forbidden { .. } | Error::Kubeconfig { .. }
    );
    if is_final {
        Try::Refused(error)
    } else {
        Try::Failed(error)
    }
}

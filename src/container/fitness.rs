//! Whether a container can still start in a pod. The API server does not ask.

use k8s_openapi::api::core::v1::Pod;

use super::parts;
use crate::{
    error::Error,
    shell::{There, quoted},
};

/// The annotation of a pod that a node runs from a file of its own.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// Why nothing can start in a pod.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Unfit {
    Deleted,
    Succeeded,
    Failed,
    /// It is the mirror of one that its node runs from a file.
    Static,
}

impl Unfit {
    fn of(pod: &Pod) -> Option<Self> {
        let status = pod.status.as_ref();
        let phase = status.and_then(|status| status.phase.as_deref());
        let annotations = pod.metadata.annotations.as_ref();
        if pod.metadata.deletion_timestamp.is_some() {
            Some(Self::Deleted)
        } else if phase == Some("Succeeded") {
            Some(Self::Succeeded)
        } else if phase == Some("Failed") {
            Some(Self::Failed)
        } else if annotations.is_some_and(|all| all.contains_key(MIRROR)) {
            Some(Self::Static)
        } else {
            None
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::Deleted => "it is being deleted",
            Self::Succeeded => "it has finished (Succeeded)",
            Self::Failed => "it has finished (Failed)",
            Self::Static => "it is a static pod, which its node runs from a file",
        }
    }

    fn hint(self, pod: &str, there: &There) -> String {
        let pod = quoted(pod);
        match self {
            Self::Deleted => format!(
                "another pod of the same workload may run already; `kubectl get pods {there}` lists them"
            ),
            Self::Succeeded => format!("what it wrote is in `kubectl logs {pod} {there}`"),
            Self::Failed => format!(
                "what it wrote is in `kubectl logs {pod} {there}`, why it failed in `kubectl describe pod {pod} {there}`"
            ),
            Self::Static => format!(
                "debug its node instead: `kubectl debug node/NODE{}`",
                there.cluster_words()
            ),
        }
    }
}

/// Tells whether a container can still start in a pod.
pub fn can_take_one(pod: &Pod) -> bool {
    Unfit::of(pod).is_none()
}

/// Refuses a pod in which nothing can start any more.
pub fn check_pod(pod: &Pod, there: &There) -> Result<(), Error> {
    let name = parts::name(pod);
    Unfit::of(pod).map_or(Ok(()), |unfit| {
        Err(Error::PodUnfit {
            pod: name.to_owned(),
            reason: unfit.reason(),
            hint: unfit.hint(name, there),
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pods_where_nothing_can_start_are_refused_with_the_reason() {
        for (pod, expected) in [
            (json!({"status": {"phase": "Running"}}), None),
            (json!({"status": {"phase": "Pending"}}), None),
            (json!({}), None),
            (
                json!({"status": {"phase": "Succeeded"}}),
                Some("it has finished (Succeeded)"),
            ),
            (
                json!({"status": {"phase": "Failed"}}),
                Some("it has finished (Failed)"),
            ),
            (
                json!({"metadata": {"deletionTimestamp": "2026-11-20T07:42:53Z"}}),
                Some("it is being deleted"),
            ),
            (
                json!({"metadata": {"annotations": {MIRROR: "x"}}}),
                Some("it is a static pod, which its node runs from a file"),
            ),
        ] {
            let checked = check_pod(
                &serde_json::from_value(pod.clone()).unwrap(),
                &There::default(),
            );
            let reason = checked.err().map(|error| error.to_string());
            let expected =
                expected.map(|reason| format!("no container can be added to pod ``: {reason}"));
            assert_eq!(reason, expected, "{pod}");
        }
    }
}

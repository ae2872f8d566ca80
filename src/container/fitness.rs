//! Whether a container can still start in a pod. The API server does not ask.

use k8s_openapi::api::core::v1::Pod;

use super::parts;
use crate::error::Error;

/// The annotation of a pod that a node runs from a file of its own.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// Refuses a pod in which nothing can start any more.
pub fn check_pod(pod: &Pod) -> Result<(), Error> {
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    let is_mirror = pod
        .metadata
        .annotations
        .iter()
        .flatten()
        .any(|(key, _)| key == MIRROR);
    let (reason, hint) = if pod.metadata.deletion_timestamp.is_some() {
        (
            "it is being deleted",
            "another pod of the same workload may run already; `kubectl get pods` lists them",
        )
    } else if phase == Some("Succeeded") {
        (
            "it has finished (Succeeded)",
            "what it wrote is in `kubectl logs`",
        )
    } else if phase == Some("Failed") {
        (
            "it has finished (Failed)",
            "what it wrote is in `kubectl logs`, why it failed in `kubectl describe pod`",
        )
    } else if is_mirror {
        (
            "it is a static pod, which its node runs from a file",
            "debug its node instead: `kubectl debug node/NODE`",
        )
    } else {
        return Ok(());
    };
    Err(Error::PodUnfit {
        pod: parts::name(pod).to_owned(),
        reason,
        hint,
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
            let checked = check_pod(&serde_json::from_value(pod.clone()).unwrap());
            let reason = checked.err().map(|error| error.to_string());
            let expected =
                expected.map(|reason| format!("no container can be added to pod ``: {reason}"));
            assert_eq!(reason, expected, "{pod}");
        }
    }
}

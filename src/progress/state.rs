//! What the pod says about an ephemeral container.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ContainerState as Reported, ContainerStateTerminated, Pod};

use crate::container::parts;

/// The state of a container.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ContainerState {
    /// The node has not said anything about it yet.
    Unknown,
    /// It does not run yet, or never will.
    Waiting { reason: String, message: String },
    /// It runs.
    Running,
    /// It has ended, for good: an ephemeral container is never restarted.
    Ended(Ended),
}

/// How a container ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ended {
    /// The exit code; 128 and its number where a signal ended it.
    pub code: i32,
    /// `Completed`, `Error`, `OOMKilled` and the like.
    pub reason: String,
    /// What the runtime had to say, mostly nothing.
    pub message: String,
    /// Whether its pod was to be deleted by then.
    pub with_pod: bool,
}

/// Returns the state of the ephemeral container of that name, as the pod has it.
///
/// An ordinary container of the same name does not count.
pub fn container_state(pod: &Pod, name: &str) -> ContainerState {
    let Some(state) = reported_state(pod, name) else {
        return ContainerState::Unknown;
    };
    if let Some(terminated) = &state.terminated {
        return ContainerState::Ended(ended(terminated, pod));
    }
    if state.running.is_some() {
        return ContainerState::Running;
    }
    match &state.waiting {
        Some(waiting) => ContainerState::Waiting {
            reason: waiting.reason.clone().unwrap_or_default(),
            message: waiting.message.clone().unwrap_or_default(),
        },
        None => ContainerState::Unknown,
    }
}

/// Returns since when the ephemeral container of that name runs, if it does.
pub fn running_since(pod: &Pod, name: &str) -> Option<Timestamp> {
    let running = reported_state(pod, name)?.running.as_ref()?;
    running.started_at.as_ref().map(|time| time.0)
}

fn reported_state<'a>(pod: &'a Pod, name: &str) -> Option<&'a Reported> {
    parts::ephemeral_status(pod, name)?.state.as_ref()
}

fn ended(terminated: &ContainerStateTerminated, pod: &Pod) -> Ended {
    Ended {
        code: terminated.exit_code,
        reason: terminated.reason.clone().unwrap_or_default(),
        message: terminated.message.clone().unwrap_or_default(),
        with_pod: pod.metadata.deletion_timestamp.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn state(state: &Value) -> ContainerState {
        let status = json!({"name": "debugger", "state": state, "ready": false, "restartCount": 0, "image": "", "imageID": ""});
        let pod = json!({"status": {"ephemeralContainerStatuses": [status]}});
        container_state(&serde_json::from_value(pod).unwrap(), "debugger")
    }

    #[test]
    fn the_state_is_that_of_the_status() {
        for (given, expected) in [
            (json!({}), ContainerState::Unknown),
            (
                json!({"running": {"startedAt": "2026-11-20T07:53:23Z"}}),
                ContainerState::Running,
            ),
            (
                json!({"waiting": {"reason": "ErrImagePull", "message": "not found"}}),
                ContainerState::Waiting {
                    reason: "ErrImagePull".to_owned(),
                    message: "not found".to_owned(),
                },
            ),
            (
                json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}}),
                ContainerState::Ended(Ended {
                    code: 137,
                    reason: "OOMKilled".to_owned(),
                    message: String::new(),
                    with_pod: false,
                }),
            ),
        ] {
            assert_eq!(state(&given), expected, "{given}");
        }
    }

    #[test]
    fn what_runs_says_since_when() {
        let since = |state: Value| {
            let status = json!({"name": "debugger", "state": state, "ready": false, "restartCount": 0, "image": "", "imageID": ""});
            let pod = json!({"status": {"ephemeralContainerStatuses": [status]}});
            running_since(&serde_json::from_value(pod).unwrap(), "debugger")
        };
        let started = "2026-11-20T07:53:23Z";
        assert_eq!(
            since(json!({"running": {"startedAt": started}})),
            Some(started.parse().unwrap())
        );
        assert_eq!(
            since(json!({"terminated": {"exitCode": 0, "startedAt": started}})),
            None
        );
        assert_eq!(since(json!({})), None);
    }

    #[test]
    fn row_27_only_an_ephemeral_container_of_that_name_counts() {
        let ordinary = json!({"status": {"containerStatuses": [
            {"name": "debugger", "state": {"running": {}}, "ready": true, "restartCount": 0, "image": "", "imageID": ""},
        ]}});
        let pod = serde_json::from_value(ordinary).unwrap();
        assert_eq!(container_state(&pod, "debugger"), ContainerState::Unknown);
        assert_eq!(
            container_state(&Pod::default(), "debugger"),
            ContainerState::Unknown
        );
    }
}

//! What the pod says about an ephemeral container.

use k8s_openapi::api::core::v1::{ContainerStateTerminated, Pod};

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
}

/// Returns the state of the ephemeral container of that name, as the pod has it.
///
/// An ordinary container of the same name does not count.
pub fn container_state(pod: &Pod, name: &str) -> ContainerState {
    let statuses = pod
        .status
        .iter()
        .flat_map(|status| status.ephemeral_container_statuses.iter().flatten());
    let state = statuses
        .filter(|status| status.name == name)
        .find_map(|status| status.state.as_ref());
    let Some(state) = state else {
        return ContainerState::Unknown;
    };
    if let Some(terminated) = &state.terminated {
        return ContainerState::Ended(ended(terminated));
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

fn ended(terminated: &ContainerStateTerminated) -> Ended {
    Ended {
        code: terminated.exit_code,
        reason: terminated.reason.clone().unwrap_or_default(),
        message: terminated.message.clone().unwrap_or_default(),
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
                }),
            ),
        ] {
            assert_eq!(state(&given), expected, "{given}");
        }
    }

    #[test]
    fn only_an_ephemeral_container_of_that_name_counts() {
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

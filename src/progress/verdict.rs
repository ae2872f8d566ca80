//! What a state means for the wait: go on, start, or stop and say why.

use k8s_openapi::api::core::v1::Pod;

use super::state::{ContainerState, Ended, container_state};
use crate::container;

const OTHER_POD: &str =
    "another pod of the same workload may run already; `kubectl get pods` lists them";

/// What the wait has come to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The container runs.
    Started,
    /// It ran and has ended already.
    Ended(Ended),
    /// It may still come. What the pod is doing, in a few words.
    MayStillCome(String),
    /// It never will.
    NeverWill(Dead),
}

/// Why a container never will start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dead {
    /// The cause, in one phrase.
    pub cause: String,
    /// The cluster's own words.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Judges one state of the pod after the other.
#[derive(Clone, Debug)]
pub struct Waiter {
    container: String,
    image: String,
    /// What was last said about an image that cannot be pulled; a second word confirms it.
    pull_failure: Option<String>,
}

impl Waiter {
    /// Waits for an ephemeral container of that name and image.
    pub fn new(container: &str, image: &str) -> Self {
        Self {
            container: container.to_owned(),
            image: image.to_owned(),
            pull_failure: None,
        }
    }

    /// Judges what the pod says now.
    pub fn judge(&mut self, pod: &Pod) -> Verdict {
        match container_state(pod, &self.container) {
            ContainerState::Running => Verdict::Started,
            ContainerState::Ended(ended) => self.judge_end(ended),
            // A kubelet starts nothing in a pod that is to go.
            ContainerState::Unknown | ContainerState::Waiting { .. }
                if pod.metadata.deletion_timestamp.is_some() =>
            {
                never(
                    "the pod is being deleted".to_owned(),
                    String::new(),
                    Some(OTHER_POD.to_owned()),
                )
            }
            ContainerState::Unknown => judge_silence(pod),
            ContainerState::Waiting { reason, message } => self.judge_reason(&reason, message),
        }
    }

    /// A runtime that could not start the process may report the failure as an end.
    fn judge_end(&self, ended: Ended) -> Verdict {
        match ended.reason.as_str() {
            "StartError" | "ContainerCannotRun" => {
                Verdict::NeverWill(self.not_runnable(ended.message))
            }
            _ => Verdict::Ended(ended),
        }
    }

    fn judge_reason(&mut self, reason: &str, message: String) -> Verdict {
        let image = &self.image;
        match reason {
            "ErrImagePull" | "ImagePullBackOff" => {
                let said = format!("{reason} {message}");
                let confirmed = self
                    .pull_failure
                    .as_ref()
                    .is_some_and(|before| *before != said);
                self.pull_failure = Some(said);
                if !confirmed {
                    return Verdict::MayStillCome(format!(
                        "pulling image `{image}` failed, it is tried again"
                    ));
                }
                never(
                    format!("image `{image}` cannot be pulled"),
                    message,
                    Some(pull_hint(image)),
                )
            }
            "InvalidImageName" => never(format!("`{image}` is no valid image name"), message, None),
            "ErrImageNeverPull" => never(
                format!("image `{image}` is not on the node, and its pull policy is Never"),
                message,
                None,
            ),
            // The kubelet never tries again once the runtime has a record of the container.
            "RunContainerError" | "StartError" => Verdict::NeverWill(self.not_runnable(message)),
            "CreateContainerConfigError" if message.contains("runAsNonRoot") => never(
                "the pod demands a user that is not root, and the image runs as root".to_owned(),
                message,
                Some("use an image that runs as another user".to_owned()),
            ),
            "CreateContainerConfigError" | "CreateContainerError" | "ImageInspectError" => {
                Verdict::MayStillCome(format!("{reason}: {message}"))
            }
            // `PodInitializing` is what kubelets say of any pod that has init containers, long
            // after those are done.
            "" | "ContainerCreating" | "PodInitializing" => {
                Verdict::MayStillCome("creating the container".to_owned())
            }
            other => Verdict::MayStillCome(other.to_owned()),
        }
    }

    fn not_runnable(&self, message: String) -> Dead {
        let missing = message
            .split_once("exec: \"")
            .and_then(|(_, rest)| rest.split_once("\": "))
            .map(|(command, _)| command.to_owned());
        let image = &self.image;
        match missing {
            Some(command) => Dead {
                cause: format!("image `{image}` has no command `{command}` that can run"),
                hint: Some(
                    "name another command after `--`, or another image with --image".to_owned(),
                ),
                message,
            },
            None => Dead {
                cause: "its command cannot run".to_owned(),
                message,
                hint: None,
            },
        }
    }
}

fn judge_silence(pod: &Pod) -> Verdict {
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    match phase {
        Some(phase @ ("Failed" | "Succeeded")) => never(
            format!("the pod has finished ({phase})"),
            String::new(),
            Some("`kubectl describe pod` says why".to_owned()),
        ),
        _ if container::is_unscheduled(pod) => {
            Verdict::MayStillCome("no node has taken the pod yet".to_owned())
        }
        _ => Verdict::MayStillCome("the node has not answered yet".to_owned()),
    }
}

fn never(cause: String, message: String, hint: Option<String>) -> Verdict {
    Verdict::NeverWill(Dead {
        cause,
        message,
        hint,
    })
}

fn pull_hint(image: &str) -> String {
    format!("is `{image}` spelt right, and may the cluster pull it? --image names another one")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(state: &Value) -> Pod {
        let status = json!({"name": "debugger", "state": state, "ready": false, "restartCount": 0, "image": "", "imageID": ""});
        serde_json::from_value(json!({
            "spec": {"nodeName": "node-1", "containers": []},
            "status": {"phase": "Running", "ephemeralContainerStatuses": [status]},
        }))
        .unwrap()
    }

    fn waiting(reason: &str, message: &str) -> Pod {
        pod(&json!({"waiting": {"reason": reason, "message": message}}))
    }

    fn waiter() -> Waiter {
        Waiter::new("debugger", "busybox:1")
    }

    #[test]
    fn what_runs_has_started_and_what_ended_has_ended() {
        assert_eq!(
            waiter().judge(&pod(&json!({"running": {}}))),
            Verdict::Started
        );
        let ended = waiter().judge(&pod(
            &json!({"terminated": {"exitCode": 3, "reason": "Error"}}),
        ));
        assert!(
            matches!(ended, Verdict::Ended(Ended { code: 3, .. })),
            "{ended:?}"
        );
    }

    #[test]
    fn an_image_is_given_a_second_chance_and_no_third() {
        let mut waiter = waiter();
        let first = waiting("ErrImagePull", "not found");
        assert!(matches!(waiter.judge(&first), Verdict::MayStillCome(_)));
        assert!(
            matches!(waiter.judge(&first), Verdict::MayStillCome(_)),
            "the same word twice"
        );
        let second = waiting("ImagePullBackOff", "Back-off pulling image: not found");
        let Verdict::NeverWill(dead) = waiter.judge(&second) else {
            panic!("it goes on")
        };
        assert_eq!(dead.cause, "image `busybox:1` cannot be pulled");
        assert_eq!(dead.message, "Back-off pulling image: not found");
    }

    #[test]
    fn what_no_kubelet_tries_again_ends_the_wait_at_once() {
        for (reason, message, cause) in [
            (
                "RunContainerError",
                "OCI runtime create failed: runc create failed: unable to start container process: exec: \"bash\": executable file not found in $PATH",
                "image `busybox:1` has no command `bash` that can run",
            ),
            (
                "RunContainerError",
                "something else",
                "its command cannot run",
            ),
            (
                "InvalidImageName",
                "couldn't parse",
                "`busybox:1` is no valid image name",
            ),
            (
                "ErrImageNeverPull",
                "",
                "image `busybox:1` is not on the node, and its pull policy is Never",
            ),
            (
                "CreateContainerConfigError",
                "container has runAsNonRoot and image will run as root (pod: \"app\", container: debugger)",
                "the pod demands a user that is not root, and the image runs as root",
            ),
        ] {
            let verdict = waiter().judge(&waiting(reason, message));
            let Verdict::NeverWill(dead) = verdict else {
                panic!("{reason}: {verdict:?}")
            };
            assert_eq!(
                (dead.cause.as_str(), dead.message.as_str()),
                (cause, message)
            );
        }
    }

    #[test]
    fn what_may_still_come_is_waited_for() {
        for (reason, phrase) in [
            ("ContainerCreating", "creating the container"),
            ("PodInitializing", "creating the container"),
            ("CreateContainerError", "CreateContainerError: x"),
        ] {
            assert_eq!(
                waiter().judge(&waiting(reason, "x")),
                Verdict::MayStillCome(phrase.to_owned())
            );
        }
    }

    #[test]
    fn a_pod_that_says_nothing_is_judged_by_itself() {
        for (pod, expected) in [
            (
                json!({"spec": {"containers": []}}),
                Some("no node has taken the pod yet"),
            ),
            (
                json!({"spec": {"nodeName": "n", "containers": []}}),
                Some("the node has not answered yet"),
            ),
            (
                json!({"spec": {"nodeName": "n", "containers": []}, "status": {"phase": "Failed"}}),
                None,
            ),
        ] {
            let verdict = waiter().judge(&serde_json::from_value(pod.clone()).unwrap());
            let phase = match &verdict {
                Verdict::MayStillCome(phase) => Some(phase.as_str()),
                Verdict::NeverWill(_) | Verdict::Started | Verdict::Ended(_) => None,
            };
            assert_eq!(phase, expected, "{pod}: {verdict:?}");
        }
    }
}

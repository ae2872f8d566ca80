//! Which ephemeral container somebody goes back to who names none.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::state::{ContainerState, container_state, running_since};
use crate::container::{Gate, parts};

/// How good it is to go back to a container; the greatest of several is the one that is meant.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Prospect {
    kind: Kind,
    /// Since when it runs.
    since: Option<Timestamp>,
    /// Its place in the pod: a new container comes after those that are there.
    place: usize,
}

/// From what will do to what is meant. What only prints is left for last: most who go back want a shell.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Kind {
    /// It takes no input, and has not been seen to run.
    PrintsSoon,
    /// It takes no input, and runs.
    Prints,
    /// It takes input, and has not been seen to run.
    TakesInputSoon,
    /// It takes input, and runs.
    TakesInput,
}

/// Finds the container of a pod that is best to go back to: one that runs, else one that may be about
/// to. The status of a container may lag a second and more behind it.
pub fn best_to_return_to(pod: &Pod) -> Option<(Prospect, &EphemeralContainer)> {
    parts::ephemeral(pod)
        .enumerate()
        .filter_map(|(place, container)| {
            let prospect = Prospect {
                kind: kind(pod, container)?,
                since: running_since(pod, &container.name),
                place,
            };
            Some((prospect, container))
        })
        .max_by_key(|(prospect, _)| *prospect)
}

/// Tells whether a pod has the container that was named, else whether it has one to go back to.
pub fn can_be_returned_to(pod: &Pod, container: Option<&str>) -> bool {
    match container {
        Some(name) => parts::ephemeral_of_name(pod, name).is_some(),
        None => best_to_return_to(pod).is_some(),
    }
}

/// Tells whether a container runs, or may be about to: nobody has said yet that it does not.
pub fn may_run(pod: &Pod, container: &str) -> bool {
    match container_state(pod, container) {
        ContainerState::Running => true,
        ContainerState::Ended(_) => false,
        ContainerState::Unknown => !is_over(pod),
        // With another reason something stands in its way.
        ContainerState::Waiting { reason, .. } => {
            let is_on_its_way = matches!(
                reason.as_str(),
                "" | "ContainerCreating" | "PodInitializing"
            );
            is_on_its_way && !is_over(pod)
        }
    }
}

fn kind(pod: &Pod, container: &EphemeralContainer) -> Option<Kind> {
    if !may_run(pod, &container.name) {
        return None;
    }
    let runs = container_state(pod, &container.name) == ContainerState::Running;
    // The input of a gate is for us, and not for whoever comes back.
    let takes_input = container.stdin == Some(true) && Gate::of(container).is_none();
    Some(match (takes_input, runs) {
        (true, true) => Kind::TakesInput,
        (true, false) => Kind::TakesInputSoon,
        (false, true) => Kind::Prints,
        (false, false) => Kind::PrintsSoon,
    })
}

/// Tells whether nothing starts in a pod any more.
fn is_over(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    let phase = status.and_then(|status| status.phase.as_deref());
    let has_finished = matches!(phase, Some("Failed" | "Succeeded"));
    has_finished || pod.metadata.deletion_timestamp.is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A pod in a phase, with a container for each name, whether it takes input, and state.
    fn pod(phase: &str, containers: &[(&str, bool, Value)]) -> Pod {
        let spec = containers
            .iter()
            .map(|(name, stdin, _)| json!({"name": name, "stdin": stdin}));
        let statuses = containers.iter().map(|(name, _, state)| {
            json!({"name": name, "state": state, "ready": false, "restartCount": 0, "image": "", "imageID": ""})
        });
        let pod = json!({
            "spec": {"containers": [], "ephemeralContainers": spec.collect::<Vec<_>>()},
            "status": {"phase": phase, "ephemeralContainerStatuses": statuses.collect::<Vec<_>>()},
        });
        serde_json::from_value(pod).unwrap()
    }

    fn runs(minute: u32) -> Value {
        json!({"running": {"startedAt": format!("2026-11-20T07:{minute:02}:00Z")}})
    }

    fn waits(reason: &str) -> Value {
        json!({"waiting": {"reason": reason}})
    }

    #[test]
    fn the_newest_shell_that_runs_is_meant_else_one_that_is_about_to() {
        let ended = || json!({"terminated": {"exitCode": 0}});
        for (containers, expected) in [
            (&[][..], None),
            (&[("a", true, runs(2)), ("b", true, runs(1))], Some("a")),
            (&[("a", true, runs(1)), ("b", false, runs(2))], Some("a")),
            (&[("a", true, ended()), ("b", true, json!({}))], Some("b")),
            (&[("a", true, json!({})), ("b", true, json!({}))], Some("b")),
            (&[("a", true, runs(1)), ("b", true, json!({}))], Some("a")),
            (
                &[
                    ("a", true, waits("ContainerCreating")),
                    ("b", false, runs(1)),
                ],
                Some("a"),
            ),
            (
                &[("a", false, runs(1)), ("b", true, waits("ErrImagePull"))],
                Some("a"),
            ),
            (&[("a", false, json!({}))], Some("a")),
            (&[("a", true, waits("ImagePullBackOff"))], None),
            (&[("a", true, ended())], None),
        ] {
            let pod = pod("Running", containers);
            let best = best_to_return_to(&pod).map(|(_, container)| container.name.as_str());
            assert_eq!(best, expected, "{containers:?}");
        }
    }

    #[test]
    fn the_input_of_a_gate_is_not_for_those_who_come_back() {
        let mut pod = pod(
            "Running",
            &[("shell", true, runs(1)), ("held", true, runs(2))],
        );
        let spec = pod.spec.as_mut().unwrap();
        let held = &mut spec.ephemeral_containers.as_mut().unwrap()[1];
        held.command = Some(vec!["ls".to_owned()]);
        held.stdin = None;
        let token = crate::container::Token::new(|_| 0);
        assert!(Gate::hold(held, &Pod::default(), token));
        assert_eq!(held.stdin, Some(true));
        let (_, best) = best_to_return_to(&pod).unwrap();
        assert_eq!(best.name, "shell");
    }

    #[test]
    fn in_a_pod_that_is_over_nothing_is_about_to_run() {
        let names = |pod: &Pod| best_to_return_to(pod).map(|(_, best)| best.name.clone());
        for phase in ["Succeeded", "Failed"] {
            assert_eq!(names(&pod(phase, &[("a", true, json!({}))])), None);
        }
        let mut deleted = pod("Running", &[("a", true, json!({})), ("b", true, waits(""))]);
        assert_eq!(names(&deleted).as_deref(), Some("b"));
        let now = Timestamp::from_second(0).unwrap();
        deleted.metadata.deletion_timestamp =
            Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(now));
        assert_eq!(names(&deleted), None);
    }
}

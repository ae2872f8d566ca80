//! What of a pod may stand in a command line, for completion.

use std::cmp::Reverse;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Container, ContainerState, EphemeralContainer, Pod};

use super::parts;

/// A word, and what is said of it.
type Named = (String, String);

/// Returns the containers whose processes can be seen, each with its image: the ordinary ones, and init
/// containers that go on beside them.
pub fn targets(pod: &Pod) -> Vec<Named> {
    let Some(spec) = &pod.spec else {
        return Vec::new();
    };
    let init = spec.init_containers.iter().flatten();
    let beside = init.filter(|it: &&Container| it.restart_policy.as_deref() == Some("Always"));
    let all = spec.containers.iter().chain(beside);
    all.map(|it| (it.name.clone(), it.image.clone().unwrap_or_default()))
        .collect()
}

/// Returns the ephemeral containers, those that run first and then the newest, each with its state.
pub fn ephemeral(pod: &Pod) -> Vec<Named> {
    let added = newest_first(pod).into_iter();
    let mut named: Vec<Named> = added
        .map(|(it, state)| (it.name.clone(), in_a_word(state).to_owned()))
        .collect();
    named.sort_by_key(|(_, state)| Reverse(state == RUNNING));
    named
}

/// Returns the images of the ephemeral containers, the newest first, each once.
pub fn images(pod: &Pod) -> Vec<String> {
    let added = newest_first(pod).into_iter();
    let mut images: Vec<String> = Vec::new();
    for image in added.filter_map(|(it, _)| it.image.clone()) {
        if !images.contains(&image) {
            images.push(image);
        }
    }
    images
}

/// Returns the ephemeral containers by their start, for a strategic merge puts new ones in front, and the
/// historic API at the end. One that has not started counts as the newest.
fn newest_first(pod: &Pod) -> Vec<(&EphemeralContainer, Option<&ContainerState>)> {
    let mut added: Vec<_> = parts::ephemeral(pod)
        .map(|it| {
            let status = parts::ephemeral_status(pod, &it.name);
            (it, status.and_then(|status| status.state.as_ref()))
        })
        .collect();
    added.sort_by_key(|(_, state)| {
        let started = started(*state);
        Reverse((started.is_none(), started))
    });
    added
}

fn started(state: Option<&ContainerState>) -> Option<Timestamp> {
    let state = state?;
    let running = state.running.as_ref().and_then(|it| it.started_at.as_ref());
    let ended = state.terminated.as_ref();
    let ended = ended.and_then(|it| it.started_at.as_ref());
    running.or(ended).map(|time| time.0)
}

const RUNNING: &str = "Running";

fn in_a_word(state: Option<&ContainerState>) -> &'static str {
    match state {
        Some(state) if state.running.is_some() => RUNNING,
        Some(state) if state.terminated.is_some() => "Terminated",
        Some(_) | None => "Waiting",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod() -> Pod {
        serde_json::from_value(json!({
            "spec": {
                "containers": [{"name": "web", "image": "web:1"}],
                "initContainers": [
                    {"name": "mesh", "image": "mesh:1", "restartPolicy": "Always"},
                    {"name": "once", "image": "once:1"},
                ],
                "ephemeralContainers": [
                    {"name": "a", "image": "x:1"},
                    {"name": "b", "image": "y:1"},
                    {"name": "c", "image": "x:1"},
                ],
            },
            "status": {"ephemeralContainerStatuses": [
                {"name": "a", "image": "", "imageID": "", "ready": false, "restartCount": 0,
                 "state": {"running": {"startedAt": "2026-11-20T10:00:00Z"}}},
                {"name": "b", "image": "", "imageID": "", "ready": false, "restartCount": 0,
                 "state": {"terminated": {"exitCode": 0, "startedAt": "2026-11-20T11:00:00Z"}}},
            ]},
        }))
        .unwrap()
    }

    fn words(named: &[Named]) -> Vec<(&str, &str)> {
        let pairs = named.iter();
        pairs
            .map(|(word, about)| (word.as_str(), about.as_str()))
            .collect()
    }

    #[test]
    fn what_goes_on_can_be_a_target() {
        assert_eq!(
            words(&targets(&pod())),
            [("web", "web:1"), ("mesh", "mesh:1")]
        );
        assert_eq!(targets(&Pod::default()), []);
    }

    #[test]
    fn what_runs_comes_first_and_then_the_newest() {
        assert_eq!(
            words(&ephemeral(&pod())),
            [("a", "Running"), ("c", "Waiting"), ("b", "Terminated")]
        );
    }

    #[test]
    fn the_image_used_last_comes_first() {
        assert_eq!(images(&pod()), ["x:1", "y:1"]);
    }
}

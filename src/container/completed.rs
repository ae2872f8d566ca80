//! What of a pod may stand in a command line, for completion.

use std::cmp::Reverse;

use k8s_openapi::api::core::v1::{Container, ContainerState, ContainerStatus, Pod};

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
    let statuses = pod.status.iter();
    let statuses = statuses.flat_map(|status| status.ephemeral_container_statuses.iter().flatten());
    let statuses: Vec<&ContainerStatus> = statuses.collect();
    let spec = pod.spec.iter();
    let added = spec.flat_map(|spec| spec.ephemeral_containers.iter().flatten());
    let mut named: Vec<Named> = added
        .map(|it| {
            let status = statuses.iter().find(|status| status.name == it.name);
            let state = status.and_then(|status| status.state.as_ref());
            (it.name.clone(), in_a_word(state).to_owned())
        })
        .collect();
    // The API appends.
    named.reverse();
    named.sort_by_key(|(_, state)| Reverse(state == RUNNING));
    named
}

/// Returns the images of the ephemeral containers, the newest first, each once.
pub fn images(pod: &Pod) -> Vec<String> {
    let spec = pod.spec.iter();
    let added = spec.flat_map(|spec| spec.ephemeral_containers.iter().flatten());
    let mut images: Vec<String> = Vec::new();
    for image in added.rev().filter_map(|it| it.image.clone()) {
        if !images.contains(&image) {
            images.push(image);
        }
    }
    images
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
                 "state": {"running": {}}},
                {"name": "b", "image": "", "imageID": "", "ready": false, "restartCount": 0,
                 "state": {"terminated": {"exitCode": 0}}},
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

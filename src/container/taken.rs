//! The names that the containers of a pod have.

use k8s_openapi::api::core::v1::Pod;

use super::parts;
use crate::{error::Error, shell::There};

/// Returns the name if no container of the pod has it. The server would take an identical second
/// one silently, and add nothing.
pub fn unused_name(pod: &Pod, name: &str) -> Result<String, Error> {
    if names(pod).iter().any(|other| other == name) {
        Err(name_taken(pod, name))
    } else {
        Ok(name.to_owned())
    }
}

/// Says that the pod has a container of that name.
pub fn name_taken(pod: &Pod, name: &str) -> Error {
    Error::NameTaken {
        pod: parts::name(pod).to_owned(),
        container: name.to_owned(),
        known: names(pod),
        ephemeral: parts::ephemeral_of_name(pod, name).is_some(),
        there: namespace(pod),
    }
}

/// Returns the namespace of a pod; how one gets to its cluster is known elsewhere.
pub(super) fn namespace(pod: &Pod) -> There {
    There::new(
        pod.metadata.namespace.clone().unwrap_or_default(),
        Vec::new(),
    )
}

fn names(pod: &Pod) -> Vec<String> {
    let ordinary = parts::ordinary(pod).map(|container| &container.name);
    let ephemeral = parts::ephemeral(pod).map(|container| &container.name);
    ordinary.chain(ephemeral).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_taken_by_containers_of_each_kind() {
        let pod = json!({"metadata": {"name": "web"}, "spec": {
            "containers": [{"name": "app"}],
            "initContainers": [{"name": "init"}],
            "ephemeralContainers": [{"name": "dbg"}],
        }});
        let pod: Pod = serde_json::from_value(pod).unwrap();
        assert_eq!(unused_name(&pod, "free").unwrap(), "free");
        for (name, is_ephemeral) in [("app", false), ("init", false), ("dbg", true)] {
            let error = unused_name(&pod, name).unwrap_err();
            let Error::NameTaken {
                known, ephemeral, ..
            } = error
            else {
                panic!("{error:?}")
            };
            assert_eq!(known, ["app", "init", "dbg"]);
            assert_eq!(ephemeral, is_ephemeral);
        }
    }
}

//! Server-side apply on `ephemeralcontainers`: what a manager applies replaces what it applied before.

use serde_json::{Value, json};

use crate::managed_fields::{self, Operation, Writer};

pub(crate) fn writer(manager: &str) -> Writer<'_> {
    Writer {
        manager,
        operation: Operation::Apply,
        subresource: Some("ephemeralcontainers"),
    }
}

/// The pod with the manager's containers: new ones come last, and those it no longer names are taken away.
pub(crate) fn merged(pod: &Value, config: &Value, manager: &str) -> Value {
    let owned = managed_fields::fields(pod, writer(manager)).unwrap_or_default();
    let owned = &owned["f:spec"]["f:ephemeralContainers"];
    let applied = config["spec"]["ephemeralContainers"].as_array();
    let mut list = pod["spec"]["ephemeralContainers"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    list.retain(|container| {
        let key = format!("k:{}", json!({"name": container["name"]}));
        let is_named = applied
            .into_iter()
            .flatten()
            .any(|other| other["name"] == container["name"]);
        is_named || owned.get(&key).is_none()
    });
    for container in applied.into_iter().flatten() {
        let same = list
            .iter_mut()
            .find(|other| other["name"] == container["name"]);
        match same {
            Some(same) => {
                for (field, value) in container.as_object().into_iter().flatten() {
                    same[field] = value.clone();
                }
            }
            None => list.push(container.clone()),
        }
    }
    let mut pod = pod.clone();
    pod["spec"]["ephemeralContainers"] = json!(list);
    if let Some(version) = config["metadata"].get("resourceVersion") {
        pod["metadata"]["resourceVersion"] = version.clone();
    }
    if let Some(uid) = config["metadata"].get("uid") {
        pod["metadata"]["uid"] = uid.clone();
    }
    pod
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(name: &str) -> Value {
        json!({"spec": {"ephemeralContainers": [{"name": name, "image": "busybox:1"}]}})
    }

    fn names(pod: &Value) -> Vec<&str> {
        let list = pod["spec"]["ephemeralContainers"].as_array();
        let list = list.into_iter().flatten();
        list.filter_map(|container| container["name"].as_str())
            .collect()
    }

    #[test]
    fn a_manager_takes_away_what_it_no_longer_names_but_not_what_is_anothers() {
        let pod = config("other");
        let mut first = merged(&pod, &config("a"), "lab");
        assert_eq!(names(&first), ["other", "a"]);
        managed_fields::applied(&config("a"), &mut first, writer("lab"), "t");
        assert_eq!(names(&merged(&first, &config("b"), "lab")), ["other", "b"]);
        assert_eq!(
            names(&merged(&first, &config("b"), "else")),
            ["other", "a", "b"]
        );
    }
}

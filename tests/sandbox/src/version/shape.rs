//! The fields that an old server has: what it does not know is not stored.

use serde_json::{Map, Value, json};

use super::Server;

/// Drops from an object what the server had not yet.
pub(crate) fn shape(server: Server, object: &mut Value) {
    if server == Server::V1_36 {
        return;
    }
    match object["kind"].as_str() {
        Some("Pod") => pod(server, object),
        Some("Event") if server.minor() < 28 => object["reportingComponent"] = json!(""),
        _ => {}
    }
}

fn pod(server: Server, pod: &mut Value) {
    if let Some(metadata) = pod["metadata"].as_object_mut() {
        metadata.remove("generation");
    }
    if !server.has_ephemeral_containers()
        && let Some(spec) = pod["spec"].as_object_mut()
    {
        spec.remove("ephemeralContainers");
    }
    let Some(status) = pod.get_mut("status").and_then(Value::as_object_mut) else {
        return;
    };
    for field in ["observedGeneration", "resources", "hostIPs"] {
        status.remove(field);
    }
    if let Some(conditions) = status.get_mut("conditions").and_then(Value::as_array_mut) {
        conditions.retain(|condition| condition["type"] != "PodReadyToStartContainers");
        for condition in conditions.iter_mut().filter_map(Value::as_object_mut) {
            condition.remove("observedGeneration");
        }
    }
    for list in [
        "initContainerStatuses",
        "containerStatuses",
        "ephemeralContainerStatuses",
    ] {
        let statuses = status.get_mut(list).and_then(Value::as_array_mut);
        for status in statuses.into_iter().flatten() {
            if let Some(status) = status.as_object_mut() {
                container_status(server, status);
            }
        }
    }
}

fn container_status(server: Server, status: &mut Map<String, Value>) {
    for field in ["resources", "user", "volumeMounts"] {
        status.remove(field);
    }
    for state in ["state", "lastState"] {
        for kind in ["waiting", "terminated"] {
            let message = status
                .get_mut(state)
                .and_then(|state| state.get_mut(kind))
                .and_then(|state| state.get_mut("message"));
            if let Some(Value::String(message)) = message {
                *message = super::worded(server, message, "");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_later_is_dropped() {
        let new = json!({"kind": "Pod", "metadata": {"generation": 2}, "spec": {"ephemeralContainers": []},
            "status": {"observedGeneration": 2,
                "conditions": [{"type": "PodReadyToStartContainers"}, {"type": "Ready", "observedGeneration": 2}],
                "containerStatuses": [{"name": "a", "user": {}, "resources": {}}]}});
        let mut old = new.clone();
        shape(Server::V1_28, &mut old);
        assert_eq!(
            old,
            json!({"kind": "Pod", "metadata": {}, "spec": {"ephemeralContainers": []},
                "status": {"conditions": [{"type": "Ready"}], "containerStatuses": [{"name": "a"}]}})
        );
        shape(Server::V1_21WithoutFeature, &mut old);
        assert_eq!(old["spec"], json!({}));
        let mut same = new.clone();
        shape(Server::V1_36, &mut same);
        assert_eq!(same, new);
    }
}

//! Records the Events of a pod; the same again only counts up.

use std::convert::Infallible;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock;
use crate::store::{Key, Store};
use crate::version::{self, Server};

/// What happened, in the kubelet's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    kind: &'static str,
    reason: &'static str,
    message: String,
}

impl Event {
    pub(crate) fn normal(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: "Normal",
            reason,
            message: message.into(),
        }
    }

    pub(crate) fn warning(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: "Warning",
            reason,
            message: message.into(),
        }
    }

    /// As the kubelet of that time said it.
    fn worded(&self, server: Server, field_path: &str) -> Self {
        let name = field_path.split(['{', '}']).nth(1).unwrap_or_default();
        Self {
            message: version::worded(server, &self.message, name),
            ..self.clone()
        }
    }

    fn is_same(&self, other: &Value, uid: &Value, field_path: &str) -> bool {
        other["involvedObject"]["uid"] == *uid
            && other["involvedObject"]["fieldPath"] == field_path
            && other["reason"] == self.reason
            && other["message"] == self.message.as_str()
    }
}

/// Stores an Event about one container of a pod.
pub(crate) fn record(store: &Store, pod: &Value, field_path: &str, event: &Event) {
    let event = &event.worded(store.server(), field_path);
    let metadata = &pod["metadata"];
    let namespace = metadata["namespace"].as_str().unwrap_or_default();
    let now = clock::now();
    let (_, events) = store.list("events", Some(namespace));
    let same = events
        .iter()
        .find(|other| event.is_same(other, &metadata["uid"], field_path))
        .and_then(|other| other["metadata"]["name"].as_str());
    if let Some(name) = same {
        let key = Key::new("events", namespace, name);
        let counted = store.update(&key, |event| {
            event["count"] = json!(event["count"].as_u64().unwrap_or_default() + 1);
            event["lastTimestamp"] = json!(now);
            Ok::<(), Infallible>(())
        });
        if let Ok(Some(_)) = counted {
            return;
        }
    }
    // As in reality the name is the time, so that Events are listed in their order.
    let pod_name = metadata["name"].as_str().unwrap_or_default();
    let name = format!("{pod_name}.{:x}", Timestamp::now().as_nanosecond());
    let object = json!({
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": {
            "kind": "Pod",
            "namespace": namespace,
            "name": pod_name,
            "uid": metadata["uid"],
            "apiVersion": "v1",
            "resourceVersion": metadata["resourceVersion"],
            "fieldPath": field_path,
        },
        "reason": event.reason,
        "message": event.message,
        "source": {"component": "kubelet", "host": "node-1"},
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "type": event.kind,
        "eventTime": null,
        "reportingComponent": "kubelet",
        "reportingInstance": "node-1",
    });
    store.create(&Key::new("events", namespace, &name), object);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_again_only_counts_up() {
        let store = Store::new();
        let pod = json!({"metadata": {"name": "app", "namespace": "default", "uid": "u"}});
        let event = Event::normal("Pulling", "Pulling image \"nosuch:1\"");
        record(&store, &pod, "spec.containers{a}", &event);
        record(&store, &pod, "spec.containers{a}", &event);
        record(&store, &pod, "spec.containers{b}", &event);
        let (_, events) = store.list("events", Some("default"));
        let counts: Vec<_> = events.iter().map(|event| event["count"].as_u64()).collect();
        assert_eq!(counts, [Some(2), Some(1)]);
    }
}

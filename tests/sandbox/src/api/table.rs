//! The rows that `kubectl get` prints.

mod description;

use serde_json::{Value, json};

use self::line::Line;
use super::discovery::Resource;
use super::representation::{IncludeObject, metadata_only};
use crate::{clock, managed_fields};

/// A column: its name, its format, and whether only `-o wide` shows it.
type Column = (&'static str, &'static str, u8);

const POD: &[Column] = &[
    ("Name", "name", 0),
    ("Ready", "", 0),
    ("Status", "", 0),
    ("Restarts", "", 0),
    ("Age", "", 0),
    ("IP", "", 1),
    ("Node", "", 1),
    ("Nominated Node", "", 1),
    ("Readiness Gates", "", 1),
];
const EVENT: &[Column] = &[
    ("Last Seen", "", 0),
    ("Type", "", 0),
    ("Reason", "", 0),
    ("Object", "", 0),
    ("Subobject", "", 1),
    ("Source", "", 1),
    ("Message", "", 0),
    ("First Seen", "", 1),
    ("Count", "", 1),
    ("Name", "name", 1),
];
const NAMESPACE: &[Column] = &[("Name", "name", 0), ("Status", "", 0), ("Age", "", 0)];
const NODE: &[Column] = &[
    ("Name", "name", 0),
    ("Status", "", 0),
    ("Roles", "", 0),
    ("Age", "", 0),
    ("Version", "", 0),
];
const DEPLOYMENT: &[Column] = &[
    ("Name", "name", 0),
    ("Ready", "", 0),
    ("Up-to-date", "", 0),
    ("Available", "", 0),
    ("Age", "", 0),
];
const OTHER: &[Column] = &[("Name", "name", 0), ("Age", "", 0)];

pub(crate) fn render<'a>(
    resource: &Resource,
    objects: impl Iterator<Item = &'a Value>,
    include: IncludeObject,
) -> Value {
    let (columns, cells): (_, fn(&Value) -> Vec<Value>) = match resource.kind {
        "Pod" => (POD, pod),
        "Event" => (EVENT, event),
        "Namespace" => (NAMESPACE, namespace),
        "Node" => (NODE, node),
        "Deployment" => (DEPLOYMENT, deployment),
        _ => (OTHER, other),
    };
    let rows: Vec<Value> = objects
        .map(|object| {
            let mut row = json!({"cells": cells(object)});
            match include {
                IncludeObject::Metadata => row["object"] = metadata_only(object),
                IncludeObject::Object => {
                    let mut whole = object.clone();
                    whole["kind"] = json!(resource.kind);
                    whole["apiVersion"] = json!(resource.api_version());
                    managed_fields::expand(&mut whole);
                    row["object"] = whole;
                }
                IncludeObject::None => {}
            }
            row
        })
        .collect();
    let columns: Vec<Value> = columns
        .iter()
        .map(|(name, format, priority)| {
            json!({"name": name, "type": "string", "format": format,
                   "description": description::of(resource.kind, name), "priority": priority})
        })
        .collect();
    json!({
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {},
        "columnDefinitions": columns,
        "rows": rows,
    })
}

fn text<'a>(value: &'a Value, missing: &'a str) -> &'a str {
    value.as_str().unwrap_or(missing)
}

fn age(object: &Value) -> String {
    clock::age(text(&object["metadata"]["creationTimestamp"], ""))
}

fn name(object: &Value) -> &Value {
    &object["metadata"]["name"]
}

fn pod(pod: &Value) -> Vec<Value> {
    let line = Line::of(pod);
    let restarts = match &line.last {
        Some(last) if line.restarts > 0 => {
            format!("{} ({} ago)", line.restarts, clock::age(last))
        }
        _ => line.restarts.to_string(),
    };
    vec![
        name(pod).clone(),
        json!(format!("{}/{}", line.ready, line.all)),
        json!(line.status),
        json!(restarts),
        json!(age(pod)),
        json!(text(&pod["status"]["podIP"], "<none>")),
        json!(text(&pod["spec"]["nodeName"], "<none>")),
        json!("<none>"),
        json!("<none>"),
    ]
}

fn event(event: &Value) -> Vec<Value> {
    let object = &event["involvedObject"];
    let kind = text(&object["kind"], "").to_lowercase();
    let source = [&event["source"]["component"], &event["source"]["host"]]
        .iter()
        .filter_map(|part| part.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    vec![
        json!(clock::age(text(&event["lastTimestamp"], ""))),
        event["type"].clone(),
        event["reason"].clone(),
        json!(format!("{kind}/{}", text(&object["name"], ""))),
        json!(text(&object["fieldPath"], "")),
        json!(source),
        json!(text(&event["message"], "").trim()),
        json!(clock::age(text(&event["firstTimestamp"], ""))),
        event["count"].clone(),
        name(event).clone(),
    ]
}

fn namespace(namespace: &Value) -> Vec<Value> {
    vec![
        name(namespace).clone(),
        namespace["status"]["phase"].clone(),
        json!(age(namespace)),
    ]
}

fn node(node: &Value) -> Vec<Value> {
    vec![
        name(node).clone(),
        json!("Ready"),
        json!("<none>"),
        json!(age(node)),
        node["status"]["nodeInfo"]["kubeletVersion"].clone(),
    ]
}

fn deployment(deployment: &Value) -> Vec<Value> {
    let status = |field: &str| deployment["status"][field].as_u64().unwrap_or_default();
    let wanted = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
    vec![
        name(deployment).clone(),
        json!(format!("{}/{wanted}", status("readyReplicas"))),
        json!(status("updatedReplicas")),
        json!(status("availableReplicas")),
        json!(age(deployment)),
    ]
}

fn other(object: &Value) -> Vec<Value> {
    vec![name(object).clone(), json!(age(object))]
}

mod line;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_described_by_its_troubled_container() {
        let mut object = json!({
            "metadata": {"name": "crash", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"containers": [{}]},
            "status": {"phase": "Running", "containerStatuses": [{
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"finishedAt": "2026-01-01T00:00:00Z"}},
                "restartCount": 3,
            }]},
        });
        let cells = pod(&object);
        assert_eq!(cells[1], "0/1");
        assert_eq!(cells[2], "CrashLoopBackOff");
        assert!(text(&cells[3], "").starts_with("3 ("), "{}", cells[3]);
        object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(pod(&object)[2], "Terminating");
    }
}

//! A recorded watch, and what of an event is compared: nothing that is a name, an id or a time of one cluster.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// One event of a watch with the time it came at, in ms.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) ms: f64,
    pub(crate) event: Value,
}

pub(crate) struct Transcript {
    pub(crate) meta: Value,
    pub(crate) lines: Vec<Line>,
}

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts/watch")
}

impl Transcript {
    pub(crate) fn read(name: &str) -> Self {
        Self::read_from(&folder(), name)
    }

    pub(crate) fn read_from(folder: &Path, name: &str) -> Self {
        let text = std::fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
        let mut all = text
            .lines()
            .map(|line| -> Value { serde_json::from_str(line).unwrap() });
        let meta = all.next().unwrap()["meta"].clone();
        let lines = all.map(|line| Line {
            ms: line["ms"].as_f64().unwrap(),
            event: line["event"].clone(),
        });
        Self {
            meta,
            lines: lines.collect(),
        }
    }

    /// The events of the same stretch, if they were recorded.
    pub(crate) fn events_from(folder: &Path, name: &str) -> Vec<Line> {
        let name = format!("{name}-events");
        if folder.join(format!("{name}.jsonl")).exists() {
            return Self::read_from(folder, &name).lines;
        }
        Vec::new()
    }

    /// The pod as it was first seen.
    pub(crate) fn first(&self) -> &Value {
        &self.lines[0].event["object"]
    }
}

/// What is compared of an event of either watch.
pub(crate) fn essence(event: &Value) -> Value {
    let object = &event["object"];
    let essence = match object["kind"].as_str() {
        Some("Pod") => pod(object),
        Some("Event") => json!({
            "type": object["type"],
            "reason": object["reason"],
            "message": object["message"],
            "count": object["count"],
            "fieldPath": object["involvedObject"]["fieldPath"],
            "source": object["source"],
            "reportingComponent": object["reportingComponent"],
        }),
        _ => object.clone(),
    };
    json!({"type": event["type"], "object": without_ids(&essence, object)})
}

fn pod(pod: &Value) -> Value {
    let status = &pod["status"];
    let containers = |field: &str| -> Vec<Value> {
        let list = status[field].as_array().into_iter().flatten();
        list.map(|status| {
            let mut status = status.clone();
            // The digest is the image's own.
            status["imageID"] = json!(status["imageID"] != "");
            status
        })
        .collect()
    };
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let conditions: Vec<Value> = conditions
        .map(|condition| {
            let mut condition = condition.clone();
            condition["observedGeneration"] = json!(null);
            condition
        })
        .collect();
    json!({
        "phase": status["phase"],
        "conditions": conditions,
        "containers": containers("containerStatuses"),
        "ephemeralContainers": containers("ephemeralContainerStatuses"),
        "isDeleted": pod["metadata"]["deletionTimestamp"].is_string(),
        "grace": pod["metadata"]["deletionGracePeriodSeconds"],
        "isSeen": status["observedGeneration"] == pod["metadata"]["generation"],
    })
}

/// Puts words in the place of ids and times, all the way down.
fn without_ids(value: &Value, object: &Value) -> Value {
    match value {
        Value::String(text) => json!(plain(text, object)),
        Value::Array(list) => list.iter().map(|item| without_ids(item, object)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (key.clone(), without_ids(item, object)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn plain(text: &str, object: &Value) -> String {
    let is_time = text.len() == 20 && text.ends_with('Z') && text.starts_with("20");
    if is_time {
        return "TIME".to_owned();
    }
    let mut text = text.to_owned();
    for uid in [&object["metadata"]["uid"], &object["involvedObject"]["uid"]] {
        if let Some(uid) = uid.as_str() {
            text = text.replace(uid, "UID");
        }
    }
    if let Some((start, rest)) = text.split_once(" in ")
        && text.starts_with("Successfully pulled")
        && let Some((_, end)) = rest.split_once(" including")
    {
        text = format!("{start} in TIME (TIME including{end}");
    } else if text.starts_with("Successfully pulled")
        && let Some((start, _)) = text.split_once(" in ")
    {
        text = format!("{start} in TIME");
    }
    if text == "old-node" {
        "node-1".clone_into(&mut text);
    }
    // On the old cluster the two were one image.
    if text == "docker.io/library/busybox:latest" {
        "docker.io/library/busybox:1".clone_into(&mut text);
    }
    let is_hex = |part: &&str| part.len() == 64 && part.chars().all(|c| c.is_ascii_hexdigit());
    let ids: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(is_hex)
        .map(str::to_owned)
        .collect();
    ids.iter().fold(text, |text, id| text.replace(id, "ID"))
}

/// What was recorded of a version that is forgotten, but for the numbers.
pub(crate) fn without_numbers(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

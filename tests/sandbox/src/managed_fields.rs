//! Who wrote which fields of an object: `metadata.managedFields`, as the API server keeps them. Pure rules.
//!
//! The sets of fields are stored as text and [`expand`]ed when an object is sent: as trees of many small maps they
//! would be most of what the store holds.

mod field_set;

use serde_json::{Value, json};

/// Fields of a pod that admission plugins and the scheduler fill in, and that nobody owns therefore.
const ADMITTED: &[&str] = &[
    "serviceAccountName",
    "serviceAccount",
    "nodeName",
    "tolerations",
    "priority",
    "preemptionPolicy",
];
/// What of the metadata is somebody's.
const METADATA: &[&str] = &[
    "generateName",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
];

/// How a client writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Apply,
    Update,
}

/// A client, as its fields are kept apart from those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Writer<'a> {
    pub(crate) manager: &'a str,
    pub(crate) operation: Operation,
    pub(crate) subresource: Option<&'a str>,
}

impl<'a> Writer<'a> {
    pub(crate) fn update(manager: &'a str) -> Self {
        Self {
            manager,
            operation: Operation::Update,
            subresource: None,
        }
    }

    pub(crate) fn on(self, subresource: &'a str) -> Self {
        Self {
            subresource: Some(subresource),
            ..self
        }
    }

    fn operation(self) -> &'static str {
        match self.operation {
            Operation::Apply => "Apply",
            Operation::Update => "Update",
        }
    }

    fn is(self, entry: &Value) -> bool {
        entry["manager"] == self.manager
            && entry["operation"] == self.operation()
            && entry["subresource"].as_str() == self.subresource
    }

    /// The part of an object that this client writes to.
    fn part(self, object: &Value) -> Value {
        match self.subresource {
            Some("status") => json!({"status": object["status"]}),
            _ => whole(object),
        }
    }
}

/// All that can be owned: nothing of the type, of what the server sets in the metadata, and of the status.
fn whole(object: &Value) -> Value {
    let mut part = object.clone();
    if let Some(fields) = part.as_object_mut() {
        fields.retain(|name, _| !matches!(name.as_str(), "kind" | "apiVersion" | "status"));
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|name, _| METADATA.contains(&name.as_str()));
            if metadata.is_empty() {
                fields.remove("metadata");
            }
        }
    }
    part
}

/// A new pod, as it was sent and as it became: its creator owns what it sent, and the defaults of the API.
pub(crate) fn pod_created(sent: &Value, pod: &mut Value, manager: &str, now: &str) {
    let mut owned = pod.clone();
    if let Some(spec) = owned["spec"].as_object_mut() {
        spec.retain(|field, _| {
            !ADMITTED.contains(&field.as_str()) || !sent["spec"][field].is_null()
        });
        spec.remove("ephemeralContainers");
    }
    let writer = Writer::update(manager);
    let fields = field_set::changed(&Value::Null, &writer.part(&owned));
    put(pod, writer, &fields, "v1", now);
}

/// Any other object that is new.
pub(crate) fn created(object: &mut Value, manager: &str, now: &str) {
    // What is always written, also when it is empty, is nobody's.
    let empty = json!({"eventTime": null, "metadata": {}, "source": {}});
    let writer = Writer::update(manager);
    let fields = field_set::changed(&empty, &writer.part(object));
    let version = object["apiVersion"].as_str().unwrap_or("v1").to_owned();
    put(object, writer, &fields, &version, now);
}

/// A change: what has another value now belongs to its writer, and to nobody else.
///
/// What counts is what was `written`, even where the server took it back.
pub(crate) fn changed(
    before: &Value,
    written: &Value,
    object: &mut Value,
    writer: Writer<'_>,
    now: &str,
) {
    let after = writer.part(written);
    let changed = field_set::changed(&writer.part(before), &after);
    if changed == json!({}) {
        return;
    }
    take_away(object, writer, &changed);
    let old = fields(object, writer).unwrap_or_else(|| json!({}));
    let all = field_set::still_there(field_set::union(old, changed), &after);
    put(object, writer, &all, "v1", now);
}

/// What is applied is all that its writer owns from now on.
pub(crate) fn applied(config: &Value, object: &mut Value, writer: Writer<'_>, now: &str) {
    let fields = field_set::named(&writer.part(config));
    put(object, writer, &fields, "v1", now);
}

/// A new status of a pod, which the kubelet writes.
pub(crate) fn status_changed(before: &Value, pod: &mut Value, now: &str) {
    let writer = Writer::update("kubelet").on("status");
    if fields(pod, writer).is_none() {
        let before = json!({"status": status_at_creation(pod)});
        changed(&before, &pod.clone(), pod, writer, now);
    } else {
        changed(before, &pod.clone(), pod, writer, now);
    }
}

/// Takes fields from those who update as well.
fn take_away(object: &mut Value, writer: Writer<'_>, changed: &Value) {
    let entries = object["metadata"]["managedFields"].as_array_mut();
    for entry in entries.into_iter().flatten() {
        if writer.is(entry) || entry["operation"] != "Update" {
            continue;
        }
        let fields = entry["fieldsV1"].as_str().map(serde_json::from_str);
        if let Some(Ok(fields)) = fields {
            entry["fieldsV1"] = json!(field_set::without(fields, changed).to_string());
        }
    }
}

/// What a pod's status has before the kubelet sees it: the scheduler's condition, if it was there at all.
fn status_at_creation(pod: &Value) -> Value {
    let mut status = json!({"phase": "Pending", "qosClass": pod["status"]["qosClass"]});
    let entries = pod["metadata"]["managedFields"].as_array();
    let is_bound_by_creator = entries.into_iter().flatten().any(|entry| {
        let fields = entry["fieldsV1"].as_str().unwrap_or_default();
        entry["subresource"].is_null() && fields.contains("\"f:nodeName\"")
    });
    if !is_bound_by_creator {
        let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
        let scheduled: Vec<Value> = conditions
            .filter(|condition| condition["type"] == "PodScheduled")
            .map(|condition| {
                let mut condition = condition.clone();
                if let Some(fields) = condition.as_object_mut() {
                    fields.remove("observedGeneration");
                }
                condition
            })
            .collect();
        status["conditions"] = json!(scheduled);
    }
    status
}

/// What a writer owns, if anything.
pub(crate) fn fields(object: &Value, writer: Writer<'_>) -> Option<Value> {
    let entries = object["metadata"]["managedFields"].as_array()?;
    let entry = entries.iter().find(|entry| writer.is(entry))?;
    serde_json::from_str(entry["fieldsV1"].as_str()?).ok()
}

/// Stores what a writer owns, in the server's order: who applies first, then by time.
fn put(object: &mut Value, writer: Writer<'_>, fields: &Value, version: &str, now: &str) {
    let entries = &mut object["metadata"]["managedFields"];
    if !entries.is_array() {
        *entries = json!([]);
    }
    let Some(entries) = entries.as_array_mut() else {
        return;
    };
    entries.retain(|entry| !writer.is(entry));
    let mut entry = json!({
        "manager": writer.manager,
        "operation": writer.operation(),
        "apiVersion": version,
        "time": now,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields.to_string(),
    });
    if let Some(subresource) = writer.subresource {
        entry["subresource"] = json!(subresource);
    }
    entries.push(entry);
    entries.sort_by_cached_key(|entry| {
        ["operation", "time", "manager", "subresource"]
            .map(|field| entry[field].as_str().unwrap_or_default().to_owned())
    });
}

/// The object as it is sent, with its fields as trees.
pub(crate) fn expand(object: &mut Value) {
    let Some(entries) = object
        .get_mut("metadata")
        .and_then(|metadata| metadata.get_mut("managedFields"))
        .and_then(Value::as_array_mut)
    else {
        return;
    };
    for entry in entries {
        let fields = entry["fieldsV1"].as_str();
        if let Some(Ok(fields)) = fields.map(serde_json::from_str) {
            entry["fieldsV1"] = fields;
        }
    }
}

/// The name a client goes by if it does not say: the first word of its `User-Agent`.
pub(crate) fn manager_of(user_agent: &str) -> &str {
    match user_agent.split('/').next() {
        None | Some("") => "unknown",
        Some(name) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod() -> Value {
        let sent = json!({"metadata": {"name": "app"}, "spec": {"containers": [{"name": "app"}]}});
        let mut pod = sent.clone();
        pod["spec"]["nodeName"] = json!("node-1");
        pod["status"] = json!({"phase": "Pending", "qosClass": "BestEffort"});
        pod_created(&sent, &mut pod, "lab", "t0");
        pod
    }

    #[test]
    fn what_admission_fills_in_is_nobodys() {
        let fields = fields(&pod(), Writer::update("lab")).expect("owns some");
        let container = json!({".": {}, "f:name": {}});
        assert_eq!(
            fields,
            json!({"f:spec": {"f:containers": {"k:{\"name\":\"app\"}": container}}})
        );
    }

    #[test]
    fn each_writer_has_an_entry_of_its_own() {
        let mut pod = pod();
        let before = pod.clone();
        pod["status"]["phase"] = json!("Running");
        status_changed(&before, &mut pod, "t2");
        let before = pod.clone();
        pod["spec"]["ephemeralContainers"] = json!([{"name": "d", "image": "busybox:1"}]);
        let writer = Writer::update("lab").on("ephemeralcontainers");
        changed(&before, &pod.clone(), &mut pod, writer, "t1");
        expand(&mut pod);
        let entries = &pod["metadata"]["managedFields"];
        assert_eq!(entries[1]["subresource"], "ephemeralcontainers");
        let fields = &entries[1]["fieldsV1"]["f:spec"]["f:ephemeralContainers"];
        assert_eq!(
            *fields,
            json!({".": {}, "k:{\"name\":\"d\"}": {".": {}, "f:image": {}, "f:name": {}}})
        );
        assert_eq!(entries[2]["fieldsV1"], json!({"f:status": {"f:phase": {}}}));
    }

    #[test]
    fn a_client_is_known_by_the_first_word_of_its_agent() {
        assert_eq!(manager_of("kubectl/v1.36.4 (linux/amd64)"), "kubectl");
        assert_eq!(manager_of("lab"), "lab");
        assert_eq!(manager_of(""), "unknown");
    }
}

//! Sets of fields in the form `FieldsV1`: `f:` before a field, `k:` before the key of a list's item, `.` for the
//! thing itself.

use serde_json::{Map, Value, json};

/// The keys of lists whose items are owned one by one; other lists are owned as a whole.
fn keys(field: &str) -> &'static [&'static str] {
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets" => &["name"],
        "ports" => &["containerPort", "protocol"],
        "volumeMounts" => &["mountPath"],
        "volumeDevices" => &["devicePath"],
        "conditions" => &["type"],
        "podIPs" => &["ip"],
        "ownerReferences" => &["uid"],
        _ => &[],
    }
}

/// Objects that are owned as a whole.
const ATOMIC: &[&str] = &["involvedObject", "nodeSelector"];
/// What is always written, even if it is empty, and so is never new.
const ALWAYS: &[&str] = &["", "metadata", "spec", "status", "containers", "source"];

/// The fields that are new or have another value.
pub(crate) fn changed(before: &Value, after: &Value) -> Value {
    difference("", Some(before), after, true).unwrap_or_else(|| json!({}))
}

/// All fields that are named, as of a configuration that is applied.
pub(crate) fn named(config: &Value) -> Value {
    difference("", None, config, false).unwrap_or_else(|| json!({}))
}

/// `dots` says whether maps and lists are owned besides what is in them; items always are.
fn difference(field: &str, before: Option<&Value>, after: &Value, dots: bool) -> Option<Value> {
    if before == Some(after) {
        return None;
    }
    let is_new = match before {
        None | Some(Value::Null) => true,
        Some(Value::Object(fields)) => fields.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_)) => false,
    };
    let mut set = Map::new();
    if is_new && dots && !ALWAYS.contains(&field) {
        set.insert(".".to_owned(), json!({}));
    }
    match after {
        Value::Object(fields) if !fields.is_empty() && !ATOMIC.contains(&field) => {
            insert_fields(&mut set, before, fields, dots);
        }
        Value::Array(items) if !items.is_empty() && !keys(field).is_empty() => {
            for item in items {
                let key = key(field, item);
                let old = before.and_then(|before| find(field, before, &key));
                if old == Some(item) {
                    continue;
                }
                set.insert(key, item_set(field, old, item, dots));
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => return Some(json!({})),
    }
    Some(Value::Object(set))
}

fn insert_fields(
    set: &mut Map<String, Value>,
    before: Option<&Value>,
    fields: &Map<String, Value>,
    dots: bool,
) {
    for (name, value) in fields {
        let old = before.and_then(|before| before.get(name));
        if let Some(inner) = difference(name, old, value, dots) {
            set.insert(format!("f:{name}"), inner);
        }
    }
}

fn item_set(field: &str, before: Option<&Value>, item: &Value, dots: bool) -> Value {
    // Owners are not looked into.
    if field == "ownerReferences" {
        return json!({});
    }
    let mut set = Map::new();
    if before.is_none() {
        set.insert(".".to_owned(), json!({}));
    }
    if let Some(fields) = item.as_object() {
        insert_fields(&mut set, before, fields, dots);
    }
    Value::Object(set)
}

/// `k:{"name":"app"}`
fn key(field: &str, item: &Value) -> String {
    let mut key = json!({});
    for name in keys(field) {
        key[*name] = item[*name].clone();
    }
    format!("k:{key}")
}

fn find<'a>(field: &str, list: &'a Value, wanted: &str) -> Option<&'a Value> {
    list.as_array()?
        .iter()
        .find(|item| key(field, item) == wanted)
}

/// Both sets in one.
pub(crate) fn union(mut left: Value, right: Value) -> Value {
    if let (Some(left), Value::Object(right)) = (left.as_object_mut(), right) {
        for (name, inner) in right {
            let old = left.remove(&name).unwrap_or_else(|| json!({}));
            left.insert(name, union(old, inner));
        }
    }
    left
}

/// The set without another: fields with nothing in them are taken out of it.
pub(crate) fn without(mut set: Value, other: &Value) -> Value {
    if let (Some(set), Some(other)) = (set.as_object_mut(), other.as_object()) {
        for (name, inner) in other {
            let Some(old) = set.remove(name) else {
                continue;
            };
            if *inner != json!({}) {
                set.insert(name.clone(), without(old, inner));
            }
        }
    }
    set
}

/// The set without the fields that the object no longer has.
pub(crate) fn still_there(set: Value, object: &Value) -> Value {
    prune("", set, object)
}

fn prune(field: &str, set: Value, value: &Value) -> Value {
    let Value::Object(set) = set else {
        return set;
    };
    let pruned = set
        .into_iter()
        .filter_map(|(name, inner)| {
            let (kind, rest) = name.split_at_checked(2).unwrap_or((&name, ""));
            let (field, value) = match kind {
                "f:" => (rest, value.get(rest)?),
                "k:" => ("", find(field, value, &name)?),
                _ => return Some((name, inner)),
            };
            let inner = prune(field, inner, value);
            Some((name, inner))
        })
        .collect();
    Value::Object(pruned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_is_owned_with_all_that_is_in_it() {
        let before = json!({"spec": {}});
        let after = json!({"spec": {"tolerations": [{"key": "a"}], "volumes": [
            {"name": "data", "emptyDir": {}}]}});
        assert_eq!(
            changed(&before, &after),
            json!({"f:spec": {"f:tolerations": {}, "f:volumes": {".": {},
                "k:{\"name\":\"data\"}": {".": {}, "f:emptyDir": {}, "f:name": {}}}}})
        );
    }

    #[test]
    fn of_what_was_there_only_the_other_value_is_owned() {
        let before = json!({"status": {"conditions": [{"type": "Ready", "status": "False"}]}});
        let after = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}});
        assert_eq!(
            changed(&before, &after),
            json!({"f:status": {"f:conditions": {"k:{\"type\":\"Ready\"}": {"f:status": {}}}}})
        );
        assert_eq!(changed(&after, &after), json!({}));
    }

    #[test]
    fn what_is_gone_is_no_longer_owned() {
        let full = json!({"status": {"conditions": [{"type": "Ready", "reason": "x"}], "a": 1}});
        let less = json!({"status": {"conditions": [{"type": "Ready"}], "a": 1}});
        let set = still_there(changed(&json!({}), &full), &less);
        let ready = json!({".": {}, "f:type": {}});
        assert_eq!(
            set,
            json!({"f:status": {"f:a": {},
                "f:conditions": {".": {}, "k:{\"type\":\"Ready\"}": ready}}})
        );
    }

    #[test]
    fn what_is_applied_is_owned_without_the_list_it_is_in() {
        let config = json!({"spec": {"ephemeralContainers": [{"name": "d", "tty": true}]}});
        let item = json!({".": {}, "f:name": {}, "f:tty": {}});
        assert_eq!(
            named(&config),
            json!({"f:spec": {"f:ephemeralContainers": {"k:{\"name\":\"d\"}": item}}})
        );
    }
}

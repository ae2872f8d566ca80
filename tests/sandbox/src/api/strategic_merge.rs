//! Applies a strategic merge patch: lists of known fields are merged by their key, others are replaced.

use serde_json::{Map, Value};

/// The merge key of a list, by the name of its field.
fn merge_key(field: &str) -> Option<&'static str> {
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "env"
        | "imagePullSecrets" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        "volumeDevices" => Some("devicePath"),
        "ports" => Some("containerPort"),
        _ => None,
    }
}

/// A patch that cannot be applied, in the words of the API server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MergeError {
    /// A list item without its key.
    NoKey(String),
}

pub(crate) fn apply(object: &mut Value, patch: &Value) -> Result<(), MergeError> {
    let Some(patch) = patch.as_object() else {
        *object = patch.clone();
        return Ok(());
    };
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Some(object) = object.as_object_mut() else {
        return Ok(());
    };
    if patch.get("$patch").is_some_and(|patch| patch == "replace") {
        object.clear();
    }
    for (field, new) in patch.iter().filter(|(field, _)| !field.starts_with('$')) {
        match (new, merge_key(field)) {
            (Value::Null, _) => {
                object.remove(field);
            }
            (Value::Array(items), Some(key)) => {
                let old = object.entry(field.clone()).or_insert(Value::Null);
                let before = old.as_array().cloned().unwrap_or_default();
                merge_list(old, items, key)?;
                let order = patch.get(&format!("$setElementOrder/{field}"));
                if let Some(order) = order.and_then(Value::as_array) {
                    set_order(old, order, &before, key);
                }
            }
            (Value::Object(_), _) => {
                apply(object.entry(field.clone()).or_insert(Value::Null), new)?;
            }
            (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_), _) => {
                object.insert(field.clone(), new.clone());
            }
        }
    }
    Ok(())
}

/// What is new comes first, in the patch's order; what is there keeps its place.
fn merge_list(list: &mut Value, patches: &[Value], key: &str) -> Result<(), MergeError> {
    let mut old = list.as_array().cloned().unwrap_or_default();
    let mut new: Vec<Value> = Vec::new();
    for patch in patches {
        if patch["$patch"] == "replace" {
            old.clear();
            continue;
        }
        let Some(name) = patch.get(key) else {
            return Err(MergeError::NoKey(format!(
                "map: {} does not contain declared merge key: {key}",
                go_map(patch)
            )));
        };
        if patch["$patch"] == "delete" {
            old.retain(|item| item[key] != *name);
            continue;
        }
        let same = old
            .iter_mut()
            .chain(&mut new)
            .find(|item| item[key] == *name);
        if let Some(same) = same {
            apply(same, patch)?;
        } else {
            new.push(as_it_is(patch));
        }
    }
    new.append(&mut old);
    *list = Value::Array(new);
    Ok(())
}

/// An item that is new is taken as it is, without being merged with itself: of two mounts at one path, both stay.
fn as_it_is(patch: &Value) -> Value {
    match patch {
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .filter(|(field, value)| !field.starts_with('$') && !value.is_null());
            fields
                .map(|(field, value)| (field.clone(), as_it_is(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(as_it_is).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => patch.clone(),
    }
}

/// Brings a list into the order that the patch asks for; what it does not name stays where it was among the rest.
fn set_order(list: &mut Value, order: &[Value], before: &[Value], key: &str) {
    let Some(items) = list.as_array() else { return };
    let place =
        |list: &[Value], item: &Value| list.iter().position(|other| other[key] == item[key]);
    let (mut named, mut others): (Vec<Value>, Vec<Value>) = items
        .iter()
        .cloned()
        .partition(|item| place(order, item).is_some());
    named.sort_by_key(|item| place(order, item));
    others.sort_by_key(|item| place(before, item));
    let mut others = others.into_iter().peekable();
    let mut sorted = Vec::new();
    for item in named {
        let was_at = place(before, &item);
        while let Some(other) = others.next_if(|other| place(before, other) < was_at) {
            sorted.push(other);
        }
        sorted.push(item);
    }
    sorted.extend(others);
    *list = Value::Array(sorted);
}

/// A value as Go prints it with `%v`, as in the API server's messages.
pub(crate) fn go_map(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_map).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}:{}", go_map(value)))
                .collect();
            format!("map[{}]", fields.join(" "))
        }
    }
}

/// A JSON merge patch: everything but objects is replaced.
pub(crate) fn apply_json_merge(object: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *object = patch.clone();
        return;
    };
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    if let Some(object) = object.as_object_mut() {
        for (field, new) in patch {
            if new.is_null() {
                object.remove(field);
            } else {
                apply_json_merge(object.entry(field.clone()).or_insert(Value::Null), new);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(object: &Value) -> Vec<&str> {
        let list = object["spec"]["ephemeralContainers"].as_array();
        list.into_iter()
            .flatten()
            .filter_map(|item| item["name"].as_str())
            .collect()
    }

    fn pod() -> Value {
        json!({"spec": {"ephemeralContainers": [{"name": "b", "image": "x"}, {"name": "a"}]}})
    }

    #[test]
    fn the_order_that_is_asked_for_is_kept() {
        let names = |names: &[&str]| -> Vec<Value> {
            names.iter().map(|name| json!({"name": name})).collect()
        };
        let list = |object: &Value| -> Vec<Value> {
            let list = object["ephemeralContainers"].as_array().expect("is one");
            list.iter().map(|item| item["name"].clone()).collect()
        };
        let mut object = json!({"ephemeralContainers": names(&["a", "b", "c"])});
        let patch = json!({"ephemeralContainers": names(&["new"]),
            "$setElementOrder/ephemeralContainers": names(&["a", "c", "new"])});
        apply(&mut object, &patch).expect("can be applied");
        assert_eq!(list(&object), ["a", "b", "c", "new"]);
    }

    #[test]
    fn a_new_container_comes_first_and_the_others_stay() {
        let mut object = pod();
        let patch = json!({"spec": {"ephemeralContainers": [{"name": "c", "image": "y"}],
            "$setElementOrder/ephemeralContainers": [{"name": "c"}]}});
        apply(&mut object, &patch).expect("applies");
        assert_eq!(names(&object), ["c", "b", "a"]);
    }

    #[test]
    fn the_same_again_changes_nothing() {
        let mut object = pod();
        let patch = json!({"spec": {"ephemeralContainers": [{"name": "a"}]}});
        apply(&mut object, &patch).expect("applies");
        assert_eq!(object, pod());
    }

    #[test]
    fn items_of_one_name_are_one() {
        let mut object = pod();
        let twice = json!({"name": "c", "image": "y"});
        let patch = json!({"spec": {"ephemeralContainers": [twice, twice]}});
        apply(&mut object, &patch).expect("applies");
        assert_eq!(names(&object), ["c", "b", "a"]);
    }

    #[test]
    fn an_item_can_be_changed_or_deleted() {
        let mut object = pod();
        let patch = json!({"spec": {"ephemeralContainers": [
            {"name": "b", "tty": true}, {"name": "a", "$patch": "delete"}]}});
        apply(&mut object, &patch).expect("applies");
        assert_eq!(
            object["spec"]["ephemeralContainers"],
            json!([{"name": "b", "image": "x", "tty": true}])
        );
    }

    #[test]
    fn an_item_without_its_key_is_refused() {
        let mut object = pod();
        let patch = json!({"spec": {"ephemeralContainers": [{"image": "x", "command": ["sh"]}]}});
        let message = "map: map[command:[sh] image:x] does not contain declared merge key: name";
        assert_eq!(
            apply(&mut object, &patch),
            Err(MergeError::NoKey(message.to_owned()))
        );
    }

    #[test]
    fn a_json_merge_patch_replaces_lists() {
        let mut object = pod();
        let patch = json!({"spec": {"ephemeralContainers": [{"name": "c"}], "x": null}});
        apply_json_merge(&mut object, &patch);
        assert_eq!(names(&object), ["c"]);
    }
}

//! The strategic merge of a container, as `k8s.io/apimachinery` does it.

use serde_json::Value;

/// Merges a patch over a value: objects by field, some lists by a key of their items, and all else
/// is replaced.
pub(super) fn merged(original: Value, patch: &Value) -> Value {
    let (Value::Object(mut original), Value::Object(patch)) = (original, patch) else {
        return patch.clone();
    };
    for (field, new) in patch.iter().filter(|(_, new)| !new.is_null()) {
        let old = original.remove(field);
        let value = match (old, new, key(field)) {
            (Some(Value::Array(old)), Value::Array(new), Some(key)) => {
                Value::Array(merged_list(&old, new, key))
            }
            (Some(old @ Value::Object(_)), Value::Object(_), _) => merged(old, new),
            (_, new, _) => new.clone(),
        };
        original.insert(field.clone(), value);
    }
    Value::Object(original)
}

/// Returns the key of a container's lists that are merged: their `patchMergeKey` in the API.
fn key(field: &str) -> Option<&'static str> {
    match field {
        "env" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        _ => None,
    }
}

/// What the patch names comes in its order; what it does not name keeps its place before those
/// that it stood before.
fn merged_list(old: &[Value], patch: &[Value], key: &str) -> Vec<Value> {
    let place =
        |list: &[Value], item: &Value| list.iter().position(|other| other[key] == item[key]);
    let mut named: Vec<Value> = Vec::new();
    for item in patch {
        let before = place(&named, item).map(|at| named.remove(at));
        let before = before.or_else(|| place(old, item).map(|at| old[at].clone()));
        named.push(before.map_or_else(|| item.clone(), |before| merged(before, item)));
    }
    let kept = old.iter().filter(|item| place(patch, item).is_none());
    let mut kept = kept.cloned().peekable();
    let mut list = Vec::new();
    for item in named {
        let was_at = place(old, &item);
        while let Some(next) = kept.next_if(|next| was_at.is_some() && place(old, next) < was_at) {
            list.push(next);
        }
        list.push(item);
    }
    list.extend(kept);
    list
}

//! What of an answer is compared: nothing that is a name, an id or a time of one cluster.

use serde_json::{Map, Value, json};

/// After these words a message shows how Go prints its structures, or where its decoder was. What old servers
/// compared with prints the same differently from build to build, spaces or no-break spaces, so as not to be relied on.
const GO_FROM_HERE: [&str; 4] = [
    "may not be changed\n",
    "existing tolerations)\n",
    "previously negative)\n",
    "decode slice: expect [ or n, but found \"",
];

/// An answer's body without what differs from cluster to cluster.
pub(crate) fn body(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(object(fields)),
        Value::Array(items) => items.iter().map(body).collect(),
        Value::String(text) => json!(plain(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn object(fields: &Map<String, Value>) -> Map<String, Value> {
    let is_review = fields
        .get("kind")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.ends_with("Review"));
    let fields = fields.iter().filter(|(name, _)| *name != "managedFields");
    fields
        .map(|(name, value)| {
            let value = match name.as_str() {
                "resourceVersion" | "serverAddress" | "nodeName" | "hostIP" | "podIP"
                | "podIPs" | "imageID" => {
                    json!("OF THIS CLUSTER")
                }
                // Old servers write the time of a review, which is none, and who wrote it.
                "metadata" if is_review => Value::Null,
                // The rules come in whatever order the roles were seen in.
                "resourceRules" | "nonResourceRules" => sorted(body(value)),
                "message" | "stderr" => json!(value.as_str().map(message)),
                _ => body(value),
            };
            (name.clone(), value)
        })
        .collect()
}

fn sorted(mut list: Value) -> Value {
    if let Some(items) = list.as_array_mut() {
        items.sort_by_key(Value::to_string);
    }
    list
}

fn message(text: &str) -> String {
    for start in GO_FROM_HERE {
        if let Some((before, _)) = text.split_once(start) {
            return plain(&format!("{before}{start}"));
        }
    }
    plain(text)
}

fn plain(text: &str) -> String {
    let is_time = text.len() == 20 && text.starts_with("20") && text.ends_with('Z');
    if is_time {
        return "TIME".to_owned();
    }
    let is_id = |word: &&str| {
        let digits = word.bytes().filter(u8::is_ascii_hexdigit).count();
        let is_uid = word.len() == 36 && digits == 32 && !word.starts_with("00000000");
        is_uid || (word.len() == 64 && digits == 64)
    };
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let ids: Vec<&str> = words.filter(is_id).collect();
    ids.iter()
        .fold(text.to_owned(), |text, id| text.replace(id, "ID"))
}

/// Where two values differ, one line each.
pub(crate) fn differences(at: &str, recorded: &Value, here: &Value) -> Vec<String> {
    match (recorded, here) {
        (Value::Object(left), Value::Object(right)) => {
            let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
            names.sort();
            names.dedup();
            names
                .into_iter()
                .flat_map(|name| {
                    let at = format!("{at}.{name}");
                    differences(&at, &recorded[name], &here[name])
                })
                .collect()
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => (0..left.len())
            .flat_map(|index| differences(&format!("{at}[{index}]"), &left[index], &right[index]))
            .collect(),
        (left, right) if left == right => Vec::new(),
        (left, right) => vec![format!("{at}: recorded {left}, here {right}")],
    }
}

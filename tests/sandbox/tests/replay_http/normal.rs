//! Brings a recorded body and ours into one form, in which only what must be equal differs.
//!
//! Times, uids, versions, addresses and hashes become words. Of a pod, `status.resources` says what the node's
//! cgroups are like, and is dropped. While containers are being added, what the kubelet has got round to is
//! anybody's guess: [`Pods::Moving`] leaves out its part.

use serde_json::{Map, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pods {
    Still,
    Moving,
}

pub(crate) fn body(value: &Value, pods: Pods) -> Value {
    match value {
        Value::String(text) => Value::String(string(text, pods)),
        Value::Array(items) => Value::Array(items.iter().map(|item| body(item, pods)).collect()),
        Value::Object(fields) => object(fields, pods),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn object(fields: &Map<String, Value>, pods: Pods) -> Value {
    let mut new = Map::new();
    for (name, value) in fields {
        let value = match name.as_str() {
            "resourceVersion" => Value::String("VERSION".to_owned()),
            "cells" => cells(value),
            _ => body(value, pods),
        };
        new.insert(mask(name), value);
    }
    if let Some(managed) = new.get_mut("managedFields").and_then(Value::as_array_mut) {
        managed_fields(managed, pods);
    }
    if let Some(statuses) = new.get_mut("containerStatuses") {
        between_attempts(statuses);
    }
    if let Some(statuses) = new.get_mut("ephemeralContainerStatuses") {
        between_attempts(statuses);
    }
    if new.contains_key("phase") && new.contains_key("containerStatuses") {
        status(&mut new, pods);
    }
    Value::Object(new)
}

fn status(status: &mut Map<String, Value>, pods: Pods) {
    status.remove("resources");
    if pods == Pods::Still {
        return;
    }
    status.remove("ephemeralContainerStatuses");
    status.remove("observedGeneration");
    let conditions = status.get_mut("conditions").and_then(Value::as_array_mut);
    for condition in conditions.into_iter().flatten() {
        condition["observedGeneration"] = Value::Null;
    }
}

/// What is tried again and again is told of in two ways, by turns: by how the last attempt ended, and by the wait
/// for the next.
fn between_attempts(statuses: &mut Value) {
    for status in statuses.as_array_mut().into_iter().flatten() {
        let waiting = status["state"]["waiting"].clone();
        if waiting["reason"] == "CrashLoopBackOff" {
            status["state"] = status["lastState"].clone();
        }
        if waiting["reason"] == "ImagePullBackOff" {
            let message = waiting["message"].as_str().unwrap_or_default();
            let (_, message) = message.split_once(": ErrImagePull: ").unwrap();
            status["state"]["waiting"] =
                serde_json::json!({"reason": "ErrImagePull", "message": message});
        }
    }
}

/// In an order that does not depend on their times.
fn managed_fields(entries: &mut [Value], pods: Pods) {
    entries.sort_by_key(|entry| {
        ["operation", "manager", "subresource"].map(|field| entry[field].to_string())
    });
    for entry in entries {
        if let Some(fields) = entry["fieldsV1"].get_mut("f:status") {
            fields["f:resources"] = Value::Null;
            if pods == Pods::Moving {
                fields["f:ephemeralContainerStatuses"] = Value::Null;
            }
        }
    }
}

/// The cells of a row, without ages.
fn cells(cells: &Value) -> Value {
    let words = |text: &str| {
        let words = text.split(' ').map(|word| {
            let number = word
                .trim_start_matches('(')
                .trim_end_matches(['s', 'm', 'h']);
            let is_age = number.len() < word.len() && number.parse::<u32>().is_ok();
            match word {
                _ if is_age => "AGE",
                "CrashLoopBackOff" => "Error",
                word => word,
            }
        });
        mask(&words.collect::<Vec<_>>().join(" "))
    };
    let cells = cells.as_array().unwrap().iter();
    cells
        .map(|cell| match cell.as_str() {
            Some(text) => Value::String(words(text)),
            None => cell.clone(),
        })
        .collect()
}

/// A text; an object quoted in it is brought into the same form.
fn string(text: &str, pods: Pods) -> String {
    let Some(start) = text.find("\"{") else {
        return mask(text);
    };
    let mut quoted = serde_json::Deserializer::from_str(&text[start..]).into_iter::<String>();
    let Some(Ok(inner)) = quoted.next() else {
        return mask(text);
    };
    let Ok(object) = serde_json::from_str(&inner) else {
        return mask(text);
    };
    let (before, after) = (&text[..start], &text[start + quoted.byte_offset()..]);
    format!("{}{}{}", mask(before), body(&object, pods), mask(after))
}

/// What is another one each time; `h` is a hexadecimal digit, `d` a decimal one.
const PATTERNS: &[(&str, &str)] = &[
    ("TIME", "dddd-dd-ddTdd:dd:ddZ"),
    ("UID", "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"),
    (
        "HASH",
        "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
    ),
    ("ADDRESS", "10.99.d.ddd"),
    ("ADDRESS", "10.99.d.dd"),
    ("ADDRESS", "10.99.d.d"),
];

fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let found = PATTERNS.iter().find(|(_, pattern)| starts(rest, pattern));
        if let Some((word, pattern)) = found {
            out.push_str(word);
            rest = &rest[pattern.len()..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn starts(text: &str, pattern: &str) -> bool {
    let text = text.as_bytes();
    text.len() >= pattern.len()
        && text
            .iter()
            .zip(pattern.bytes())
            .all(|(byte, pattern)| match pattern {
                b'h' => byte.is_ascii_hexdigit(),
                b'd' => byte.is_ascii_digit(),
                other => *byte == other,
            })
}

/// Where two values differ, one line each.
pub(crate) fn differences(at: &str, expected: &Value, got: &Value) -> Vec<String> {
    match (expected, got) {
        (Value::Object(left), Value::Object(right)) => {
            let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
            names.sort();
            names.dedup();
            let none = Value::String("(nothing)".to_owned());
            let side = |fields: &Map<String, Value>, name: &str| {
                fields.get(name).cloned().unwrap_or_else(|| none.clone())
            };
            names
                .into_iter()
                .flat_map(|name| {
                    differences(
                        &format!("{at}.{name}"),
                        &side(left, name),
                        &side(right, name),
                    )
                })
                .collect()
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => (0..left.len())
            .flat_map(|index| differences(&format!("{at}[{index}]"), &left[index], &right[index]))
            .collect(),
        (left, right) if left == right => Vec::new(),
        (left, right) => vec![format!("{at}: expected {left}, got {right}")],
    }
}

#[test]
fn an_object_in_a_message_is_brought_into_the_same_form() {
    let text = r#"Invalid value: "{\"metadata\":{\"resourceVersion\":\"7\"}}": no kind"#;
    assert_eq!(
        string(text, Pods::Still),
        r#"Invalid value: {"metadata":{"resourceVersion":"VERSION"}}: no kind"#
    );
}

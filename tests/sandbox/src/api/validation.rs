//! Whether ephemeral containers are valid, in the words of the API server: pure rules.

use std::collections::HashSet;

use serde_json::Value;

use super::{go_struct, line_diff};
use crate::answer::Cause;

const NOT_ALLOWED: &str = "cannot be set for an Ephemeral Container";
/// What an ephemeral container must not have, in the order in which it is told.
const FORBIDDEN: &[&str] = &[
    "ports",
    "resources",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
];
const NOT_A_LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', \
     and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', \
     regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

pub(crate) fn required(field: String) -> Cause {
    Cause {
        reason: "FieldValueRequired",
        message: "Required value".to_owned(),
        field,
    }
}

fn not_found(field: String, value: &str) -> Cause {
    Cause {
        reason: "FieldValueNotFound",
        message: format!("Not found: \"{value}\""),
        field,
    }
}

pub(crate) fn invalid(field: impl Into<String>, value: &str, why: &str) -> Cause {
    Cause {
        reason: "FieldValueInvalid",
        message: format!("Invalid value: \"{value}\": {why}"),
        field: field.into(),
    }
}

pub(crate) fn forbidden(field: impl Into<String>, why: &str) -> Cause {
    Cause {
        reason: "FieldValueForbidden",
        message: format!("Forbidden: {why}"),
        field: field.into(),
    }
}

fn items<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    object[field].as_array().into_iter().flatten()
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

fn names<'a>(spec: &'a Value, field: &str) -> impl Iterator<Item = &'a str> {
    items(spec, field).map(|container| text(container, "name"))
}

/// What is wrong with the ephemeral containers of a pod's spec.
pub(crate) fn ephemeral_containers(spec: &Value) -> Vec<Cause> {
    let ordinary: HashSet<&str> = names(spec, "containers")
        .chain(names(spec, "initContainers"))
        .collect();
    let volumes: HashSet<&str> = names(spec, "volumes").collect();
    let mut taken = ordinary.clone();
    let mut causes = Vec::new();
    for (index, container) in items(spec, "ephemeralContainers").enumerate() {
        let at = format!("spec.ephemeralContainers[{index}]");
        causes.extend(name(&at, text(container, "name"), &mut taken));
        causes.extend(image(&at, text(container, "image")));
        causes.extend(pull_policy(&at, text(container, "imagePullPolicy")));
        causes.extend(env(&at, container));
        causes.extend(volume_mounts(&at, container, &volumes));
        causes.extend(target(
            &at,
            text(container, "targetContainerName"),
            &ordinary,
        ));
        causes.extend(forbidden_fields(&at, container));
    }
    causes
}

fn name<'a>(at: &str, name: &'a str, taken: &mut HashSet<&'a str>) -> Option<Cause> {
    let field = format!("{at}.name");
    if name.is_empty() {
        return Some(required(field));
    }
    if name.len() > 63 {
        return Some(invalid(field, name, "must be no more than 63 characters"));
    }
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.chars().all(inside) || name.starts_with('-') || name.ends_with('-') {
        return Some(invalid(field, name, NOT_A_LABEL));
    }
    (!taken.insert(name)).then(|| Cause {
        reason: "FieldValueDuplicate",
        message: format!("Duplicate value: \"{name}\""),
        field,
    })
}

fn image(at: &str, image: &str) -> Option<Cause> {
    let field = format!("{at}.image");
    if image.is_empty() {
        Some(required(field))
    } else if image.trim() == image {
        None
    } else {
        let why = "must not have leading or trailing whitespace";
        Some(invalid(field, image, why))
    }
}

fn pull_policy(at: &str, policy: &str) -> Option<Cause> {
    (!matches!(policy, "Always" | "IfNotPresent" | "Never")).then(|| Cause {
        reason: "FieldValueNotSupported",
        message: format!(
            "Unsupported value: \"{policy}\": supported values: \"Always\", \"IfNotPresent\", \"Never\""
        ),
        field: format!("{at}.imagePullPolicy"),
    })
}

fn env(at: &str, container: &Value) -> Vec<Cause> {
    items(container, "env")
        .enumerate()
        .filter(|(_, variable)| text(variable, "name").is_empty())
        .map(|(index, _)| required(format!("{at}.env[{index}].name")))
        .collect()
}

fn volume_mounts(at: &str, container: &Value, volumes: &HashSet<&str>) -> Vec<Cause> {
    let mut causes = Vec::new();
    let mut paths = HashSet::new();
    for (index, mount) in items(container, "volumeMounts").enumerate() {
        let at = format!("{at}.volumeMounts[{index}]");
        let (name, path) = (text(mount, "name"), text(mount, "mountPath"));
        if name.is_empty() {
            causes.push(required(format!("{at}.name")));
        } else if !volumes.contains(name) {
            causes.push(not_found(format!("{at}.name"), name));
        }
        if path.is_empty() {
            causes.push(required(format!("{at}.mountPath")));
        } else if !paths.insert(path) {
            let field = format!("{at}.mountPath");
            causes.push(invalid(field, path, "must be unique"));
        }
        for field in ["subPath", "subPathExpr"] {
            if !text(mount, field).is_empty() {
                causes.push(forbidden(format!("{at}.{field}"), NOT_ALLOWED));
            }
        }
    }
    causes
}

fn target(at: &str, target: &str, ordinary: &HashSet<&str>) -> Option<Cause> {
    (!target.is_empty() && !ordinary.contains(target))
        .then(|| not_found(format!("{at}.targetContainerName"), target))
}

fn forbidden_fields<'a>(at: &'a str, container: &'a Value) -> impl Iterator<Item = Cause> + 'a {
    let is_set = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    };
    FORBIDDEN
        .iter()
        .filter(move |field| is_set(&container[**field]))
        .map(move |field| forbidden(format!("{at}.{field}"), NOT_ALLOWED))
}

/// What an update does to ephemeral containers that it must not: change or remove those there are.
pub(crate) fn update(old: &Value, new: &Value) -> Vec<Cause> {
    let field = "spec.ephemeralContainers";
    let mut causes = Vec::new();
    for before in items(old, "ephemeralContainers") {
        let name = text(before, "name");
        let after = items(new, "ephemeralContainers").find(|after| after["name"] == name);
        let (what, diff) = match after {
            None => ("removed", String::new()),
            Some(after) if after != before => {
                let lines = go_struct::ephemeral_container;
                ("changed", line_diff::unified(&lines(before), &lines(after)))
            }
            Some(_) => continue,
        };
        let why = format!("existing ephemeral containers \"{name}\" may not be {what}\n{diff}");
        causes.push(forbidden(field, &why));
    }
    causes
}

#[cfg(test)]
#[path = "validation_tests.rs"]
mod tests;

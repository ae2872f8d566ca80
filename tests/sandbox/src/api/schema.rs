//! The fields a container has and the types of some: what is unknown is dropped with a warning.

use serde_json::{Value, json};

use super::ephemeral_containers::Change;
use super::strategic_merge::go_map;
use super::validation;
use crate::answer::{Cause, Failure};
use crate::managed_fields;

const CONTAINER: &[&str] = &[
    "name",
    "image",
    "command",
    "args",
    "workingDir",
    "ports",
    "envFrom",
    "env",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    "volumeMounts",
    "volumeDevices",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "imagePullPolicy",
    "securityContext",
    "stdin",
    "stdinOnce",
    "tty",
    "targetContainerName",
];
const LISTS: &[&str] = &[
    "command",
    "args",
    "env",
    "envFrom",
    "ports",
    "volumeMounts",
    "volumeDevices",
];
const TOP: &[&str] = &["apiVersion", "kind", "metadata", "spec", "status"];

/// A warning for each field that does not exist.
pub(crate) fn unknown_fields(pod: &Value) -> Vec<String> {
    let mut unknown = Vec::new();
    let mut collect = |object: &Value, known: &[&str], prefix: &str| {
        for field in object
            .as_object()
            .into_iter()
            .flat_map(|fields| fields.keys())
        {
            if !known.contains(&field.as_str()) {
                unknown.push(format!("unknown field \"{prefix}{field}\""));
            }
        }
    };
    collect(pod, TOP, "");
    let list = pod["spec"]["ephemeralContainers"].as_array();
    for (index, container) in list.into_iter().flatten().enumerate() {
        collect(
            container,
            CONTAINER,
            &format!("spec.ephemeralContainers[{index}]."),
        );
    }
    unknown
}

pub(crate) fn drop_unknown(container: &mut Value) {
    if let Some(fields) = container.as_object_mut() {
        fields.retain(|field, _| CONTAINER.contains(&field.as_str()));
    }
}

/// A list where there is none cannot be read at all.
pub(crate) fn check_types(patch: &Value) -> Result<(), Failure> {
    let list = patch["spec"]["ephemeralContainers"].as_array();
    for container in list.into_iter().flatten() {
        for field in LISTS {
            let value = &container[*field];
            let wrong = match value {
                Value::Null | Value::Array(_) => continue,
                Value::String(_) => "string",
                Value::Bool(_) => "bool",
                Value::Number(_) => "int64",
                Value::Object(_) => "map",
            };
            let why = format!("cannot restore slice from {wrong}");
            return Err(patch_error(patch, &why));
        }
    }
    Ok(())
}

/// A patch must not make the pod another kind of object.
pub(crate) fn check_kind(patched: &Value) -> Result<(), Failure> {
    match patched["kind"].as_str() {
        None | Some("Pod") => Ok(()),
        Some(kind) => {
            let why = no_kind(kind);
            let mut patched = patched.clone();
            managed_fields::expand(&mut patched);
            let value = patched
                .to_string()
                .replace('\\', "\\\\")
                .replace('"', "\\\"");
            let cause = Cause {
                reason: "FieldValueInvalid",
                message: format!("Invalid value: \"{value}\": {why}"),
                field: "patch".to_owned(),
            };
            Err(Failure::invalid("", "", json!({}), &[cause]))
        }
    }
}

pub(crate) fn no_kind(kind: &str) -> String {
    format!(
        "no kind \"{kind}\" is registered for version \"v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\""
    )
}

/// What `fieldValidation=Strict` answers to unknown fields.
pub(crate) fn strict_error(change: &Change, unknown: &[String]) -> Failure {
    let why = format!("strict decoding error: {}", unknown.join(", "));
    match change {
        Change::StrategicMerge(patch)
        | Change::JsonMerge(patch)
        | Change::Replace(patch)
        | Change::Apply(patch) => patch_error(patch, &why),
        Change::JsonPatch(operations) => patch_error(&json!(operations), &why),
    }
}

fn patch_error(patch: &Value, why: &str) -> Failure {
    let cause = validation::invalid("patch", &go_map(patch), why);
    Failure::invalid("", "", json!({}), &[cause])
}

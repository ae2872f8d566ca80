//! From a tree of values to an ephemeral container, with every fault of the tree by its path.

use k8s_openapi::api::core::v1::EphemeralContainer;
use serde_json::Value;

use super::{
    fields::{CONTAINER, Fields, Kind},
    text,
};
use crate::{
    container::validate::{NOT_ALLOWED, below},
    nearest::nearest,
};

/// Reads an ephemeral container that stands at a path.
///
/// A field that the API does not know is a fault: the server would drop it with a warning, and the
/// container would not be what was meant. Values are not told, for they may be secret.
pub(in crate::container) fn container(
    tree: &Value,
    path: &str,
) -> Result<EphemeralContainer, Vec<String>> {
    let mut faults = Vec::new();
    check(tree, One(CONTAINER), path, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    // From text, as answers are read: from values it would be a second copy of the code that reads
    // a container.
    serde_json::from_str(&tree.to_string()).map_err(|_| vec![at(path, "cannot be read")])
}

use Kind::One;

fn check(value: &Value, expected: Kind, path: &str, faults: &mut Vec<String>) {
    let mut expect = |fits: bool, what: &str| {
        if !fits {
            let quotes = match value {
                Value::Bool(_) | Value::Number(_) if what == "a string" => "; put it in quotes",
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => "",
            };
            let found = text::kind(value);
            faults.push(at(path, &format!("must be {what}, not {found}{quotes}")));
        }
    };
    match (expected, value) {
        (_, Value::Null) => {}
        (Kind::Text, _) => expect(value.is_string(), "a string"),
        (Kind::Truth, _) => expect(value.is_boolean(), "true or false"),
        (Kind::Whole, Value::Number(number))
            if number.is_f64() || number.is_u64() && !number.is_i64() =>
        {
            faults.push(at(path, "must be a whole number of 64 bits"));
        }
        (Kind::Whole, _) => expect(value.is_number(), "a number"),
        (Kind::Texts, Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                item_of(item, Kind::Text, &format!("{path}[{index}]"), faults);
            }
        }
        (Kind::Many(fields), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                item_of(item, One(fields), &format!("{path}[{index}]"), faults);
            }
        }
        (Kind::Texts | Kind::Many(_), _) => expect(false, "a list"),
        (One(fields), Value::Object(object)) => {
            for (name, value) in object {
                let path = below(path, name);
                match fields.iter().find(|(known, _)| known == name) {
                    Some((_, expected)) => check(value, *expected, &path, faults),
                    None => faults.push(at(&path, &unknown(name, fields))),
                }
            }
        }
        (One(_), _) => expect(false, "an object"),
        (Kind::Refused, _) => {
            if is_set(value) {
                faults.push(at(path, NOT_ALLOWED));
            }
        }
    }
}

/// Nothing, as an item of a list, is an empty line with a dash.
fn item_of(item: &Value, expected: Kind, path: &str, faults: &mut Vec<String>) {
    if item.is_null() {
        faults.push(at(path, "is empty"));
    } else {
        check(item, expected, path, faults);
    }
}

/// The server refuses a field that is set, and takes an empty one.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn unknown(name: &str, fields: Fields) -> String {
    let known: Vec<_> = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
    nearest(name, &known).map_or_else(
        || "unknown field".to_owned(),
        |meant| format!("unknown field; did you mean `{meant}`?"),
    )
}

fn at(path: &str, what: &str) -> String {
    if path.is_empty() {
        format!("it {what}")
    } else {
        format!("{path}: {what}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_container_is_read_with_all_that_it_has() {
        let tree = json!({
            "name": "d", "image": "busybox:1", "command": ["sh"], "args": [], "stdin": true, "tty": true,
            "env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1"}}}],
            "envFrom": [{"prefix": "P_", "secretRef": {"name": "s"}}],
            "volumeMounts": [{"name": "data", "mountPath": "/data", "readOnly": true}],
            "securityContext": {"runAsUser": 0, "capabilities": {"add": ["SYS_PTRACE"]}},
            "resources": {}, "targetContainerName": "app",
        });
        let read = container(&tree, "").unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), tree);
    }

    #[test]
    fn every_fault_is_told_by_its_path_and_without_its_value() {
        let tree = json!({
            "comand": ["SECRET"], "image": 1, "tty": "yes", "args": ["a", 2, null], "stdin": {},
            "env": [{"name": "A", "value": 5}, {"nam": "B"}, "C=D"],
            "securityContext": {"runAsUser": 1.5, "runAsGroup": "root", "privileged": "SECRET"},
            "volumeMounts": [{"name": "data", "mountPath": "/d", "subPath": "x"}],
            "ports": [{}], "livenessProbe": {"exec": {}}, "resources": {}, "lifecycle": null, "zzz": 1,
        });
        let faults = container(&tree, "ephemeralContainers[0]").unwrap_err();
        let mut expected = [
            "args[1]: must be a string, not a number; put it in quotes",
            "args[2]: is empty",
            "comand: unknown field; did you mean `command`?",
            "env[0].value: must be a string, not a number; put it in quotes",
            "env[1].nam: unknown field; did you mean `name`?",
            "env[2]: must be an object, not a string",
            "image: must be a string, not a number; put it in quotes",
            "livenessProbe: Forbidden: cannot be set for an Ephemeral Container",
            "ports: Forbidden: cannot be set for an Ephemeral Container",
            "securityContext.privileged: must be true or false, not a string",
            "securityContext.runAsGroup: must be a number, not a string",
            "securityContext.runAsUser: must be a whole number of 64 bits",
            "stdin: must be true or false, not an object",
            "tty: must be true or false, not a string",
            "volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container",
            "zzz: unknown field",
        ]
        .map(|fault| format!("ephemeralContainers[0].{fault}"));
        let mut faults = faults;
        faults.sort_unstable();
        expected.sort_unstable();
        assert_eq!(faults, expected);
        assert_eq!(
            container(&json!([]), "").unwrap_err(),
            ["it must be an object, not a list"]
        );
    }
}

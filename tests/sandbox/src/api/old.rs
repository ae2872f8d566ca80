//! Where the API of old servers differs from that of today: discovery, fields, and words.

use serde_json::{Value, json};

use super::query::Query;
use super::strategic_merge::go_map;
use super::{ephemeral_containers, schema, validation};
use crate::Server;
use crate::answer::{Cause, Failure};

/// Where in its source an old server's registry of kinds was made.
pub(crate) const SCHEME: &str = "pkg/runtime/scheme.go:100";
const NEW_SCHEME: &str = "pkg/api/legacyscheme/scheme.go:30";

/// A discovery document as the server has it.
pub(crate) fn discovered(server: Server, path: &str, mut document: Value) -> Value {
    if server == Server::V1_36 {
        return document;
    }
    if path.starts_with("/version") {
        return version(server);
    }
    let Some(list) = document["resources"].as_array_mut() else {
        return document;
    };
    list.retain(|resource| match resource["name"].as_str() {
        Some("pods/ephemeralcontainers") => server.has_ephemeral_containers(),
        Some("pods/resize") => false,
        Some("selfsubjectreviews") => server.has_self_subject_review(),
        _ => true,
    });
    for resource in list {
        if server.is_alpha() && resource["name"] == "pods/ephemeralcontainers" {
            resource["kind"] = json!("EphemeralContainers");
        }
        if server.minor() < 27 {
            resource["singularName"] = json!("");
        }
    }
    document
}

fn version(server: Server) -> Value {
    let version = server.version();
    let go = match server.minor() {
        21 | 23 => "go1.19.8",
        _ => "go1.21.13",
    };
    json!({
        "major": "",
        "minor": "",
        "gitVersion": version,
        "gitCommit": "$Format:%H$",
        "gitTreeState": "",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": go,
        "compiler": "gc",
        "platform": "linux/amd64",
    })
}

/// The unknown fields that are told of, if any are.
pub(crate) fn unknown_fields(server: Server, patched: &Value, query: &Query) -> Vec<String> {
    if !server.tells_unknown_fields() || query.get("fieldValidation") == Some("Ignore") {
        return Vec::new();
    }
    schema::unknown_fields(patched)
}

/// Drops from a container what the server did not know, or had switched off.
pub(crate) fn drop_later_fields(server: Server, container: &mut Value) {
    let Some(fields) = container.as_object_mut() else {
        return;
    };
    for (field, since) in [
        ("restartPolicy", 28),
        ("resizePolicy", 33),
        ("restartPolicyRules", 34),
    ] {
        if server.minor() < since {
            fields.remove(field);
        }
    }
}

/// What is wrong with ephemeral containers, as the server tells it.
pub(crate) fn told(server: Server, mut causes: Vec<Cause>, spec: &Value) -> Vec<Cause> {
    if server.minor() >= 28 {
        return causes;
    }
    if server.is_alpha() {
        causes.retain(|cause| !cause.field.contains(".subPath"));
        let list = spec["ephemeralContainers"].as_array();
        for (index, container) in list.into_iter().flatten().enumerate() {
            if container["securityContext"].is_object() {
                let field = format!("spec.ephemeralContainers[{index}].securityContext");
                causes.push(validation::forbidden(
                    field,
                    "cannot be set for an Ephemeral Container",
                ));
            }
        }
    }
    causes.into_iter().map(of_a_list_in_a_list).collect()
}

/// Until 1.23 each container was validated as the only one of a list of its own.
fn of_a_list_in_a_list(mut cause: Cause) -> Cause {
    let is_own = cause.reason == "FieldValueForbidden"
        || cause.reason == "FieldValueDuplicate"
        || cause.field.ends_with(".targetContainerName");
    let Some((list, field)) = cause.field.split_once("].") else {
        return cause;
    };
    if is_own || !list.starts_with("spec.ephemeralContainers[") {
        return cause;
    }
    if field == "name" && cause.reason == "FieldValueRequired" {
        "Required value: ephemeralContainer requires a name".clone_into(&mut cause.message);
        cause.field = format!("{list}]");
    } else {
        cause.field = format!("{list}][0].{field}");
    }
    cause
}

/// A refusal that names the registry of kinds.
pub(crate) fn of_its_scheme(server: Server, mut failure: Failure) -> Failure {
    if server != Server::V1_36 {
        failure.message = failure.message.replace(NEW_SCHEME, SCHEME);
    }
    failure
}

/// Whether nothing is to be stored; Go prints a list otherwise in 1.21.
pub(crate) fn dry_run(query: &Query) -> Result<bool, Failure> {
    ephemeral_containers::dry_run(query).map_err(|_| {
        let value = query.get("dryRun").unwrap_or_default();
        let cause = Cause {
            reason: "FieldValueNotSupported",
            message: format!(
                "Unsupported value: []string{{\"{value}\"}}: supported values: \"All\""
            ),
            field: "dryRun".to_owned(),
        };
        let details = json!({"group": "meta.k8s.io", "kind": "PatchOptions"});
        Failure::invalid("PatchOptions.meta.k8s.io", "", details, &[cause])
    })
}

/// What was said of a body that ends too soon.
pub(crate) fn of_its_reader(mut failure: Failure) -> Failure {
    let today = "unexpected end of JSON input";
    failure.message = failure.message.replace(today, "unexpected EOF");
    failure
}

/// A list where there is none, in a patch of the old kind.
pub(crate) fn wrong_type(patch: &Value) -> Failure {
    let why = "cannot restore slice from string";
    let cause = validation::invalid("patch", &go_map(patch), why);
    Failure::invalid("", "", json!({}), &[cause])
}

/// The same in a whole object; the old decoder told which bytes it was at, too.
pub(crate) fn check_decoding(object: &Value) -> Result<(), Failure> {
    let list = object["ephemeralContainers"].as_array();
    for container in list.into_iter().flatten() {
        for (field, name) in [("command", "Command"), ("args", "Args")] {
            if container[field].is_string() {
                return Err(Failure::bad_request(format!(
                    "EphemeralContainers in version \"v1\" cannot be handled as a EphemeralContainers: \
                     v1.EphemeralContainers.EphemeralContainers: []v1.EphemeralContainer: \
                     v1.EphemeralContainer.EphemeralContainerCommon: {name}: []string: decode slice: \
                     expect [ or n, but found \""
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::told as told_of;
    use super::*;

    #[test]
    fn faults_are_told_in_the_words_of_the_time() {
        let spec = json!({"ephemeralContainers": [{"name": "", "image": "",
            "imagePullPolicy": "Always", "ports": [{"containerPort": 1}], "securityContext": {}}]});
        let told = |server: Server| -> Vec<String> {
            let causes = told_of(server, validation::ephemeral_containers(&spec), &spec);
            causes.into_iter().map(|cause| cause.field).collect()
        };
        let at = "spec.ephemeralContainers[0]";
        assert_eq!(
            told(Server::V1_21),
            [
                at.to_owned(),
                format!("{at}[0].image"),
                format!("{at}.ports"),
                format!("{at}.securityContext")
            ]
        );
        assert_eq!(
            told(Server::V1_36),
            [".name", ".image", ".ports"].map(|field| format!("{at}{field}"))
        );
    }

    #[test]
    fn discovery_has_the_kind_of_the_time() {
        let document = json!({"resources": [{"name": "pods/ephemeralcontainers", "kind": "Pod"}]});
        let kind = |server| {
            discovered(server, "/api/v1", document.clone())["resources"][0]["kind"].clone()
        };
        assert_eq!(kind(Server::V1_21), "EphemeralContainers");
        assert_eq!(kind(Server::V1_23), "Pod");
        assert_eq!(kind(Server::V1_21WithoutFeature), Value::Null);
    }
}

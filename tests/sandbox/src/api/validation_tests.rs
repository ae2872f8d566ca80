use serde_json::json;

use super::*;

fn spec(change: &Value) -> Value {
    let mut container = json!({
        "name": "debugger-4", "image": "busybox:1", "imagePullPolicy": "IfNotPresent",
        "stdin": true, "tty": true, "command": ["sh"], "resources": {},
        "terminationMessagePolicy": "File", "targetContainerName": "app",
    });
    for (field, value) in change.as_object().expect("is an object") {
        container[field] = value.clone();
    }
    json!({
        "containers": [{"name": "app"}],
        "volumes": [{"name": "data"}],
        "ephemeralContainers": [container, {
            "name": "debugger-1", "image": "busybox:1", "imagePullPolicy": "IfNotPresent"}],
    })
}

/// What a real 1.36 server answers, after `Pod "app" is invalid: `.
#[test]
fn each_fault_is_told_as_by_a_real_server() {
    let not_allowed = "Forbidden: cannot be set for an Ephemeral Container";
    let long = "d".repeat(64);
    let cases = [
        (json!({"name": ""}), "name", "Required value".to_owned()),
        (
            json!({"name": long}),
            "name",
            format!("Invalid value: \"{long}\": must be no more than 63 characters"),
        ),
        (
            json!({"name": "Bad_Name"}),
            "name",
            format!("Invalid value: \"Bad_Name\": {NOT_A_LABEL}"),
        ),
        (json!({"name": "app"}), "name", "Duplicate value: \"app\"".to_owned()),
        (json!({"image": ""}), "image", "Required value".to_owned()),
        (
            json!({"image": " busybox:1"}),
            "image",
            "Invalid value: \" busybox:1\": must not have leading or trailing whitespace".to_owned(),
        ),
        (
            json!({"imagePullPolicy": "Sometimes"}),
            "imagePullPolicy",
            "Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\""
                .to_owned(),
        ),
        (
            json!({"env": [{"name": "", "value": "x"}]}),
            "env[0].name",
            "Required value".to_owned(),
        ),
        (
            json!({"targetContainerName": "debugger-1"}),
            "targetContainerName",
            "Not found: \"debugger-1\"".to_owned(),
        ),
        (
            json!({"volumeMounts": [{"name": "nope", "mountPath": "/x"}]}),
            "volumeMounts[0].name",
            "Not found: \"nope\"".to_owned(),
        ),
        (
            json!({"volumeMounts": [{"name": "data", "mountPath": "/x", "subPath": "a"}]}),
            "volumeMounts[0].subPath",
            not_allowed.to_owned(),
        ),
        (json!({"ports": [{"containerPort": 80}]}), "ports", not_allowed.to_owned()),
        (json!({"lifecycle": {"preStop": {}}}), "lifecycle", not_allowed.to_owned()),
        (json!({"restartPolicy": "Always"}), "restartPolicy", not_allowed.to_owned()),
    ];
    for (change, field, message) in cases {
        let told = ephemeral_containers(&spec(&change));
        assert_eq!(told.len(), 1, "{change}: {told:?}");
        assert_eq!(
            told[0].field,
            format!("spec.ephemeralContainers[0].{field}")
        );
        assert_eq!(told[0].message, message);
    }
}

#[test]
fn several_faults_are_told_in_the_order_of_a_real_server() {
    let faults = json!({
        "livenessProbe": {"exec": {}},
        "ports": [{"containerPort": 80}],
        "resources": {"limits": {"cpu": "1"}},
    });
    let fields: Vec<String> = ephemeral_containers(&spec(&faults))
        .into_iter()
        .map(|cause| cause.field)
        .collect();
    let expected = ["ports", "resources", "livenessProbe"]
        .map(|field| format!("spec.ephemeralContainers[0].{field}"));
    assert_eq!(fields, expected);
}

#[test]
fn what_is_there_stays_as_it_is() {
    let old = spec(&json!({}));
    assert_eq!(update(&old, &old), []);
    let changed = spec(&json!({"command": ["ls"]}));
    let message = &update(&old, &changed)[0].message;
    let what = "Forbidden: existing ephemeral containers \"debugger-4\" may not be changed\n@@ ";
    assert!(message.starts_with(what), "{message}");
    assert!(message.contains("-  \"sh\"\n+  \"ls\"\n"), "{message}");
    let removed = update(&old, &json!({}));
    assert_eq!(removed.len(), 2);
    assert_eq!(
        removed[1].message,
        "Forbidden: existing ephemeral containers \"debugger-1\" may not be removed\n"
    );
}

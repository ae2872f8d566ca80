//! What is merged, and what is refused.

use serde_json::json;

use super::*;

fn built() -> EphemeralContainer {
    serde_json::from_value(json!({
        "name": "d", "image": "busybox:1", "command": ["sh"], "stdin": true, "tty": true,
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "C", "value": "3"}],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}},
    }))
    .unwrap()
}

fn merged(text: &str) -> Value {
    let custom = Custom::parse("c.yaml", text.as_bytes()).unwrap();
    serde_json::to_value(custom.over(&built()).unwrap()).unwrap()
}

#[test]
fn lists_are_merged_by_their_key_and_objects_by_field() {
    let merged = merged(
        "env: [{name: D, value: '4'}, {name: B, value: '9'}]\n\
         volumeMounts: [{mountPath: /data, name: data, readOnly: true}, {mountPath: /x, name: x}]\n\
         securityContext: {runAsUser: 0, capabilities: {drop: [ALL]}}\n",
    );
    assert_eq!(
        merged["env"],
        json!([
            {"name": "D", "value": "4"},
            {"name": "A", "value": "1"},
            {"name": "B", "value": "9"},
            {"name": "C", "value": "3"},
        ])
    );
    assert_eq!(
        merged["volumeMounts"],
        json!([
            {"name": "data", "mountPath": "/data", "readOnly": true},
            {"name": "x", "mountPath": "/x"},
        ])
    );
    assert_eq!(
        merged["securityContext"],
        json!({"runAsUser": 0, "capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}})
    );
}

#[test]
fn other_lists_and_words_are_replaced() {
    let merged = merged(
        "args: [-l]\nenvFrom: [{configMapRef: {name: m}}]\nimagePullPolicy: Always\n\
         securityContext: {capabilities: {add: [NET_ADMIN]}}\n",
    );
    assert_eq!(merged["args"], json!(["-l"]));
    assert_eq!(merged["envFrom"], json!([{"configMapRef": {"name": "m"}}]));
    assert_eq!(merged["imagePullPolicy"], "Always");
    assert_eq!(
        merged["securityContext"],
        json!({"capabilities": {"add": ["NET_ADMIN"]}})
    );
}

#[test]
fn what_is_empty_changes_nothing_and_false_does() {
    let expected = serde_json::to_value(built()).unwrap();
    assert_eq!(
        merged(
            "{name: '', image: null, command: [], env: [], securityContext: {}, workingDir: ''}"
        ),
        expected
    );
    assert_eq!(merged("tty: false")["tty"], false);
}

#[test]
fn what_comes_from_elsewhere_and_what_is_wrong_is_refused_at_once() {
    let text = "{name: x, image: y, command: [z], lifecycle: {preStop: {}}, targetContainerName: app, \
                volumeDevices: [{name: a, devicePath: /b}], ports: [{}], evn: 1, tty: 'true'}";
    let error = Custom::parse("c.yaml", text.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "c.yaml is not valid");
    assert_eq!(error.exit_status().code(), 2);
    assert_eq!(
        error.details(),
        [
            "name: not modifiable via custom profile; --container names it",
            "command: not modifiable via custom profile; it follows `--` on the command line",
            "image: not modifiable via custom profile; --image names it",
            "lifecycle: not modifiable via custom profile",
            "volumeDevices: not modifiable via custom profile",
            "targetContainerName: not modifiable via custom profile; --target names it",
            "evn: unknown field; did you mean `env`?",
            "ports: Forbidden: cannot be set for an Ephemeral Container",
            "tty: must be true or false, not a string",
        ]
    );
    let error = Custom::parse("c.yaml", b"[]").unwrap_err();
    assert_eq!(
        error.to_string(),
        "c.yaml does not contain a valid container spec: it holds a list, and no fields"
    );
}

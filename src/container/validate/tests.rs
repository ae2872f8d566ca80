//! Each fault, in the words that the server has for it.

use serde_json::{Value, json};

use super::*;

fn pod(spec: &Value) -> Pod {
    let mut pod = json!({"spec": {
        "containers": [{"name": "app"}], "initContainers": [{"name": "setup"}],
        "ephemeralContainers": [{"name": "debugger-1", "image": "busybox:1"}],
        "volumes": [{"name": "data"}],
    }});
    for (field, value) in spec.as_object().unwrap() {
        pod["spec"][field] = value.clone();
    }
    serde_json::from_value(pod).unwrap()
}

fn container(change: &Value) -> EphemeralContainer {
    let mut container = json!({"name": "d", "image": "busybox:1", "stdin": true, "tty": true});
    for (field, value) in change.as_object().unwrap() {
        container[field] = value.clone();
    }
    serde_json::from_value(container).unwrap()
}

fn faults(change: &Value, spec: &Value) -> Vec<String> {
    match validate(&[container(change)], &pod(spec)) {
        Ok(()) => Vec::new(),
        Err(error) => error.details().into_iter().map(str::to_owned).collect(),
    }
}

/// Fails unless a container has just this fault, below its own path.
fn assert_fault(change: &Value, spec: &Value, field: &str, what: &str) {
    let expected = format!("spec.ephemeralContainers[0].{field}: {what}");
    assert_eq!(faults(change, spec), [expected], "{change}");
}

#[test]
fn what_the_server_takes_passes() {
    for change in [
        json!({}),
        json!({"targetContainerName": "setup", "imagePullPolicy": "", "resources": {}, "ports": []}),
        json!({"env": [{"name": "a.b c", "value": "x"}, {"name": "P", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]}),
        json!({"volumeMounts": [{"name": "data", "mountPath": "/data", "mountPropagation": "HostToContainer"}]}),
        json!({"securityContext": {"runAsUser": 0, "runAsNonRoot": false, "seccompProfile": {"type": "RuntimeDefault"}}}),
        json!({"securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}}}),
    ] {
        assert_eq!(faults(&change, &json!({})), [""; 0], "{change}");
    }
}

#[test]
fn names_and_words() {
    let long = "d".repeat(64);
    let none = json!({});
    for (change, field, what) in [
        (json!({"name": ""}), "name", "Required value".to_owned()),
        (
            json!({"name": "Bad_Name"}),
            "name",
            format!("Invalid value: \"Bad_Name\": {NOT_A_LABEL}"),
        ),
        (
            json!({"name": long}),
            "name",
            format!("Invalid value: \"{long}\": must be no more than 63 characters"),
        ),
        (json!({"name": "app"}), "name", "Duplicate value: \"app\"".to_owned()),
        (json!({"name": "setup"}), "name", "Duplicate value: \"setup\"".to_owned()),
        (json!({"name": "debugger-1"}), "name", "Duplicate value: \"debugger-1\"".to_owned()),
        (json!({"image": ""}), "image", "Required value".to_owned()),
        (
            json!({"image": "Busybox"}),
            "image",
            "Invalid value: \"Busybox\": a repository has no capital letters: `busybox`".to_owned(),
        ),
        (
            json!({"image": " a"}),
            "image",
            "Invalid value: \" a\": must not have leading or trailing whitespace".to_owned(),
        ),
        (
            json!({"imagePullPolicy": "always"}),
            "imagePullPolicy",
            "Unsupported value: \"always\": supported values: \"Always\", \"IfNotPresent\", \"Never\"".to_owned(),
        ),
        (
            json!({"terminationMessagePolicy": "Log"}),
            "terminationMessagePolicy",
            "Unsupported value: \"Log\": supported values: \"File\", \"FallbackToLogsOnError\"".to_owned(),
        ),
        (
            json!({"targetContainerName": "debugger-1"}),
            "targetContainerName",
            "Not found: \"debugger-1\"".to_owned(),
        ),
        (json!({"command": [""]}), "command[0]", "Required value".to_owned()),
        (
            json!({"args": ["a", "b\0"]}),
            "args[1]",
            "Invalid value: must not have a NUL byte".to_owned(),
        ),
    ] {
        assert_fault(&change, &none, field, &what);
    }
}

#[test]
fn variables() {
    let many = json!({"fieldRef": {"fieldPath": "x"}, "secretKeyRef": {"name": "s", "key": "k"}});
    for (change, field, what) in [
        (
            json!({"env": [{"name": ""}]}),
            "env[0].name",
            "Required value",
        ),
        (
            json!({"env": [{"name": "A=B"}]}),
            "env[0].name",
            "Invalid value: \"A=B\": a valid environment variable name must consist only of printable ASCII \
             characters other than '='",
        ),
        (
            json!({"env": [{"name": "A", "valueFrom": {}}]}),
            "env[0].valueFrom",
            "Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or \
             `secretKeyRef`",
        ),
        (
            json!({"env": [{"name": "A", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}]}),
            "env[0].valueFrom",
            "Invalid value: \"\": may not be specified when `value` is not empty",
        ),
        (
            json!({"env": [{"name": "A", "valueFrom": many}]}),
            "env[0].valueFrom",
            "Invalid value: \"\": may not have more than one field specified at a time",
        ),
        (
            json!({"env": [{"name": "A", "value": "SECRET\0"}]}),
            "env[0].value",
            "Invalid value: must not have a NUL byte",
        ),
        (
            json!({"envFrom": [{"prefix": "x"}]}),
            "envFrom[0]",
            "Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`",
        ),
        (
            json!({"envFrom": [{"configMapRef": {"name": "m"}, "secretRef": {"name": "s"}}]}),
            "envFrom[0]",
            "Invalid value: \"\": may not have more than one field specified at a time",
        ),
        (
            json!({"envFrom": [{"secretRef": {}}]}),
            "envFrom[0].secretRef.name",
            "Required value",
        ),
        (
            json!({"envFrom": [{"configMapRef": {}}]}),
            "envFrom[0].configMapRef.name",
            "Required value",
        ),
    ] {
        assert_fault(&change, &json!({}), field, what);
    }
}

fn mount(change: &Value) -> Value {
    let mut mount = json!({"name": "data", "mountPath": "/data"});
    for (field, value) in change.as_object().unwrap() {
        mount[field] = value.clone();
    }
    mount
}

#[test]
fn input_30_mounts() {
    for (change, field, what) in [
        (json!({"name": ""}), "name", "Required value"),
        (json!({"name": "nope"}), "name", "Not found: \"nope\""),
        (json!({"mountPath": ""}), "mountPath", "Required value"),
        (
            json!({"mountPath": "data"}),
            "mountPath",
            "Invalid value: \"data\": must be an absolute path",
        ),
        (
            json!({"mountPath": "/a:b"}),
            "mountPath",
            "Invalid value: \"/a:b\": must not contain ':'",
        ),
        (json!({"subPath": "a"}), "subPath", NOT_ALLOWED),
        (json!({"subPathExpr": "$(A)"}), "subPathExpr", NOT_ALLOWED),
        (
            json!({"mountPropagation": "Bidirectional"}),
            "mountPropagation",
            "Forbidden: Bidirectional mount propagation is available only to privileged containers",
        ),
        (
            json!({"mountPropagation": "Both"}),
            "mountPropagation",
            "Unsupported value: \"Both\": supported values: \"Bidirectional\", \"HostToContainer\", \"None\"",
        ),
        (
            json!({"recursiveReadOnly": "Enabled"}),
            "recursiveReadOnly",
            "Forbidden: may only be specified when readOnly is true",
        ),
    ] {
        let change = json!({"volumeMounts": [mount(&change)]});
        assert_fault(
            &change,
            &json!({}),
            &format!("volumeMounts[0].{field}"),
            what,
        );
    }
    let twice = json!({"volumeMounts": [mount(&json!({})), mount(&json!({}))]});
    let what = "Invalid value: \"/data\": must be unique";
    assert_fault(&twice, &json!({}), "volumeMounts[1].mountPath", what);
    let privileged = json!({
        "volumeMounts": [mount(&json!({"mountPropagation": "Bidirectional"}))],
        "securityContext": {"privileged": true},
    });
    assert_eq!(faults(&privileged, &json!({})), [""; 0]);
    let device = json!({"volumeDevices": [{"name": "nope", "devicePath": "/dev/x"}]});
    assert_fault(
        &device,
        &json!({}),
        "volumeDevices[0].name",
        "Not found: \"nope\"",
    );
}

#[test]
fn security() {
    for (context, field, what) in [
        (
            json!({"runAsUser": -1}),
            ".runAsUser",
            "Invalid value: -1: must be between 0 and 2147483647, inclusive",
        ),
        (
            json!({"runAsGroup": 2_147_483_648_i64}),
            ".runAsGroup",
            "Invalid value: 2147483648: must be between 0 and 2147483647, inclusive",
        ),
        (
            json!({"privileged": true, "allowPrivilegeEscalation": false}),
            "",
            "Invalid value: cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
        ),
        (
            json!({"capabilities": {"add": ["CAP_SYS_ADMIN"]}, "allowPrivilegeEscalation": false}),
            "",
            "Invalid value: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
        ),
        (
            json!({"procMount": "All"}),
            ".procMount",
            "Unsupported value: \"All\": supported values: \"Default\", \"Unmasked\"",
        ),
        (
            json!({"procMount": "Unmasked"}),
            ".procMount",
            "Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`",
        ),
        (
            json!({"seccompProfile": {"type": "Localhost"}}),
            ".seccompProfile.localhostProfile",
            "Required value: must be set when seccomp type is Localhost",
        ),
        (
            json!({"appArmorProfile": {"type": "Off"}}),
            ".appArmorProfile.type",
            "Unsupported value: \"Off\": supported values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\"",
        ),
    ] {
        let change = json!({"securityContext": context});
        assert_fault(
            &change,
            &json!({}),
            &format!("securityContext{field}"),
            what,
        );
    }
    let unmasked = json!({"securityContext": {"procMount": "Unmasked"}});
    assert_eq!(faults(&unmasked, &json!({"hostUsers": false})), [""; 0]);
}

#[test]
fn input_32_options_of_linux_in_a_pod_of_windows() {
    let windows = json!({"os": {"name": "windows"}});
    let linux = json!({"securityContext": {
        "capabilities": {"add": ["SYS_PTRACE"]}, "runAsUser": 5, "privileged": false, "runAsNonRoot": true,
    }});
    let expected = ["capabilities", "privileged", "runAsUser"].map(|field| {
        format!("spec.ephemeralContainers[0].securityContext.{field}: Forbidden: cannot be set for a windows pod")
    });
    assert_eq!(faults(&linux, &windows), expected);
    let mount = json!({"volumeMounts": [{"name": "data", "mountPath": "C:\\data"}]});
    assert_eq!(faults(&mount, &windows), [""; 0]);
    let options = json!({"securityContext": {"windowsOptions": {"runAsUserName": "x"}}});
    assert_eq!(faults(&options, &windows), [""; 0]);
    let what = "Forbidden: windows options cannot be set for a linux pod";
    let linux = json!({"os": {"name": "linux"}});
    assert_fault(&options, &linux, "securityContext.windowsOptions", what);
}

#[test]
fn input_28_all_faults_are_told_at_once() {
    let change = json!({
        "ports": [{"containerPort": 80}], "resources": {"limits": {"cpu": "1"}}, "livenessProbe": {},
        "readinessProbe": {}, "startupProbe": {}, "lifecycle": {}, "resizePolicy": [{}],
        "restartPolicy": "Always", "restartPolicyRules": [{}],
        "image": "", "volumeMounts": [{"name": "nope", "mountPath": "/x", "subPath": "y"}],
    });
    let expected = [
        "image: Required value",
        &format!("volumeMounts[0].subPath: {NOT_ALLOWED}"),
        &format!("ports: {NOT_ALLOWED}"),
        &format!("resources: {NOT_ALLOWED}"),
        &format!("livenessProbe: {NOT_ALLOWED}"),
        &format!("readinessProbe: {NOT_ALLOWED}"),
        &format!("startupProbe: {NOT_ALLOWED}"),
        &format!("lifecycle: {NOT_ALLOWED}"),
        &format!("resizePolicy: {NOT_ALLOWED}"),
        &format!("restartPolicy: {NOT_ALLOWED}"),
        &format!("restartPolicyRules: {NOT_ALLOWED}"),
        "volumeMounts[0].name: Not found: \"nope\"",
    ]
    .map(|fault| format!("spec.ephemeralContainers[0].{fault}"));
    assert_eq!(faults(&change, &json!({})), expected);
    let several = [
        container(&json!({"name": "a"})),
        container(&json!({"name": "a"})),
    ];
    let error = validate(&several, &pod(&json!({}))).unwrap_err();
    assert_eq!(error.to_string(), "the containers `a`, `a` are not valid");
    assert_eq!(
        error.details(),
        ["spec.ephemeralContainers[1].name: Duplicate value: \"a\""]
    );
}

#[test]
fn input_10_more_than_a_pod_can_hold() {
    let change = json!({"args": ["x".repeat(2_000_000)]});
    let expected = "spec.ephemeralContainers[0]: Too long: it takes 2000068 bytes, and a pod cannot hold more \
                    than 1048576 of it";
    assert_eq!(faults(&change, &json!({})), [expected]);
    assert_eq!(
        faults(&json!({"args": ["x".repeat(1_000_000)]}), &json!({})),
        [""; 0]
    );
}

#[test]
fn input_31_a_root_that_must_not_be() {
    let what = "Invalid value: 0: `runAsNonRoot` lets nobody run as root; set it to false besides";
    let both = json!({"securityContext": {"runAsUser": 0, "runAsNonRoot": true}});
    assert_fault(&both, &json!({}), "securityContext.runAsUser", what);
    let root = json!({"securityContext": {"runAsUser": 0}});
    let strict = json!({"securityContext": {"runAsNonRoot": true}});
    assert_fault(&root, &strict, "securityContext.runAsUser", what);
    let allowed = json!({"securityContext": {"runAsUser": 0, "runAsNonRoot": false}});
    assert_eq!(faults(&allowed, &strict), [""; 0]);
}

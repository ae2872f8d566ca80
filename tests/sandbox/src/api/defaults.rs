//! Fills in what a manifest leaves out.

use serde_json::{Value, json};

fn set(object: &mut Value, field: &str, value: impl Into<Value>) {
    if object[field].is_null() {
        object[field] = value.into();
    }
}

/// The defaults of a container, ordinary or ephemeral.
pub(crate) fn container(container: &mut Value) {
    let image = container["image"].as_str().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or(image);
    let is_latest = last.ends_with(":latest") || !last.contains([':', '@']);
    let policy = if is_latest { "Always" } else { "IfNotPresent" };
    set(container, "imagePullPolicy", policy);
    set(container, "terminationMessagePath", "/dev/termination-log");
    set(container, "terminationMessagePolicy", "File");
    set(container, "resources", json!({}));
    // What is false or empty is left out when it is stored.
    if let Some(fields) = container.as_object_mut() {
        fields.retain(|name, value| {
            name == "resources"
                || !(value.is_null()
                    || *value == json!(false)
                    || *value == json!("")
                    || *value == json!([]))
        });
    }
    let ports = container.get_mut("ports").and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten() {
        set(port, "protocol", "TCP");
    }
}

/// The defaults of a pod that is bound to the node.
pub(crate) fn pod(pod: &mut Value) {
    set(pod, "kind", "Pod");
    set(pod, "apiVersion", "v1");
    set(&mut pod["metadata"], "namespace", "default");
    set(&mut pod["metadata"], "generation", 1);
    let spec = &mut pod["spec"];
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for item in spec[list].as_array_mut().into_iter().flatten() {
            container(item);
        }
    }
    if let Some(fields) = spec.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    let tolerate = |key: &str| {
        json!({"key": format!("node.kubernetes.io/{key}"), "operator": "Exists",
               "effect": "NoExecute", "tolerationSeconds": 300})
    };
    for (field, value) in [
        ("restartPolicy", json!("Always")),
        ("terminationGracePeriodSeconds", json!(30)),
        ("dnsPolicy", json!("ClusterFirst")),
        ("serviceAccountName", json!("default")),
        ("serviceAccount", json!("default")),
        ("nodeName", json!("node-1")),
        ("securityContext", json!({})),
        ("schedulerName", json!("default-scheduler")),
        (
            "tolerations",
            json!([tolerate("not-ready"), tolerate("unreachable")]),
        ),
        ("priority", json!(0)),
        ("enableServiceLinks", json!(true)),
        ("preemptionPolicy", json!("PreemptLowerPriority")),
    ] {
        set(spec, field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_gets_the_defaults_of_a_real_server() {
        let mut value = json!({"name": "d", "image": "busybox:1", "command": ["sh"], "stdin": true,
            "tty": false});
        container(&mut value);
        assert_eq!(
            value,
            json!({"name": "d", "image": "busybox:1", "command": ["sh"], "stdin": true,
                "resources": {}, "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent"})
        );
        let mut latest = json!({"image": "localhost:5000/busybox"});
        container(&mut latest);
        assert_eq!(latest["imagePullPolicy"], "Always");
    }
}

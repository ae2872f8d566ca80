//! Pods as the API server's own types print them, line by line: the names of Go, and every field there is.

use serde_json::Value;

/// What a field is when it is not there.
enum Shape {
    /// `null`: pointers, lists and maps of what is not looked into.
    Plain,
    Text,
    Flag,
    Number,
    List(&'static [Field]),
    /// A pointer to a struct, `null` or all of its fields.
    Pointer(&'static [Field]),
    /// A struct, always with all of its fields.
    Struct(&'static [Field]),
}

/// The name in Go, the name in JSON, and the shape.
type Field = (&'static str, &'static str, Shape);

use Shape::{Flag, List, Number, Plain, Pointer, Struct, Text};

const RESOURCES: &[Field] = &[
    ("Limits", "limits", Plain),
    ("Requests", "requests", Plain),
    ("Claims", "claims", Plain),
];
const PORT: &[Field] = &[
    ("Name", "name", Text),
    ("HostPort", "hostPort", Number),
    ("ContainerPort", "containerPort", Number),
    ("Protocol", "protocol", Text),
    ("HostIP", "hostIP", Text),
];
const ENV: &[Field] = &[
    ("Name", "name", Text),
    ("Value", "value", Text),
    ("ValueFrom", "valueFrom", Plain),
];
const MOUNT: &[Field] = &[
    ("Name", "name", Text),
    ("ReadOnly", "readOnly", Flag),
    ("RecursiveReadOnly", "recursiveReadOnly", Plain),
    ("MountPath", "mountPath", Text),
    ("SubPath", "subPath", Text),
    ("MountPropagation", "mountPropagation", Plain),
    ("SubPathExpr", "subPathExpr", Text),
];
const CAPABILITIES: &[Field] = &[("Add", "add", Plain), ("Drop", "drop", Plain)];
const SECURITY: &[Field] = &[
    ("Capabilities", "capabilities", Pointer(CAPABILITIES)),
    ("Privileged", "privileged", Plain),
    ("SELinuxOptions", "seLinuxOptions", Plain),
    ("WindowsOptions", "windowsOptions", Plain),
    ("RunAsUser", "runAsUser", Plain),
    ("RunAsGroup", "runAsGroup", Plain),
    ("RunAsNonRoot", "runAsNonRoot", Plain),
    ("ReadOnlyRootFilesystem", "readOnlyRootFilesystem", Plain),
    (
        "AllowPrivilegeEscalation",
        "allowPrivilegeEscalation",
        Plain,
    ),
    ("ProcMount", "procMount", Plain),
    ("SeccompProfile", "seccompProfile", Plain),
    ("AppArmorProfile", "appArmorProfile", Plain),
];
const CONTAINER: &[Field] = &[
    ("Name", "name", Text),
    ("Image", "image", Text),
    ("Command", "command", Plain),
    ("Args", "args", Plain),
    ("WorkingDir", "workingDir", Text),
    ("Ports", "ports", List(PORT)),
    ("EnvFrom", "envFrom", Plain),
    ("Env", "env", List(ENV)),
    ("Resources", "resources", Struct(RESOURCES)),
    ("ResizePolicy", "resizePolicy", Plain),
    ("RestartPolicy", "restartPolicy", Plain),
    ("RestartPolicyRules", "restartPolicyRules", Plain),
    ("VolumeMounts", "volumeMounts", List(MOUNT)),
    ("VolumeDevices", "volumeDevices", Plain),
    ("LivenessProbe", "livenessProbe", Plain),
    ("ReadinessProbe", "readinessProbe", Plain),
    ("StartupProbe", "startupProbe", Plain),
    ("Lifecycle", "lifecycle", Plain),
    ("TerminationMessagePath", "terminationMessagePath", Text),
    ("TerminationMessagePolicy", "terminationMessagePolicy", Text),
    ("ImagePullPolicy", "imagePullPolicy", Text),
    ("SecurityContext", "securityContext", Pointer(SECURITY)),
    ("Stdin", "stdin", Flag),
    ("StdinOnce", "stdinOnce", Flag),
    ("TTY", "tty", Flag),
];
/// What an ephemeral container has besides.
const TARGET: &[Field] = &[("TargetContainerName", "targetContainerName", Text)];
const EMPTY_DIR: &[Field] = &[
    ("Medium", "medium", Text),
    ("SizeLimit", "sizeLimit", Plain),
];
const VOLUME: &[Field] = &[
    ("Name", "name", Text),
    ("HostPath", "hostPath", Plain),
    ("EmptyDir", "emptyDir", Pointer(EMPTY_DIR)),
    ("GCEPersistentDisk", "gcePersistentDisk", Plain),
    ("AWSElasticBlockStore", "awsElasticBlockStore", Plain),
    ("GitRepo", "gitRepo", Plain),
    ("Secret", "secret", Plain),
    ("NFS", "nfs", Plain),
    ("ISCSI", "iscsi", Plain),
    ("Glusterfs", "glusterfs", Plain),
    ("PersistentVolumeClaim", "persistentVolumeClaim", Plain),
    ("RBD", "rbd", Plain),
    ("Quobyte", "quobyte", Plain),
    ("FlexVolume", "flexVolume", Plain),
    ("Cinder", "cinder", Plain),
    ("CephFS", "cephfs", Plain),
    ("Flocker", "flocker", Plain),
    ("DownwardAPI", "downwardAPI", Plain),
    ("FC", "fc", Plain),
    ("AzureFile", "azureFile", Plain),
    ("ConfigMap", "configMap", Plain),
    ("VsphereVolume", "vsphereVolume", Plain),
    ("AzureDisk", "azureDisk", Plain),
    ("PhotonPersistentDisk", "photonPersistentDisk", Plain),
    ("Projected", "projected", Plain),
    ("PortworxVolume", "portworxVolume", Plain),
    ("ScaleIO", "scaleIO", Plain),
    ("StorageOS", "storageos", Plain),
    ("CSI", "csi", Plain),
    ("Ephemeral", "ephemeral", Plain),
    ("Image", "image", Plain),
];
/// Up to the tolerations; nothing after them can be told apart by an update that the sandbox knows.
const SPEC: &[Field] = &[
    ("Volumes", "volumes", List(VOLUME)),
    ("InitContainers", "initContainers", List(CONTAINER)),
    ("Containers", "containers", List(CONTAINER)),
    ("EphemeralContainers", "ephemeralContainers", List(&[])),
    ("RestartPolicy", "restartPolicy", Text),
    (
        "TerminationGracePeriodSeconds",
        "terminationGracePeriodSeconds",
        Plain,
    ),
    ("ActiveDeadlineSeconds", "activeDeadlineSeconds", Plain),
    ("DNSPolicy", "dnsPolicy", Text),
    ("NodeSelector", "nodeSelector", Plain),
    ("ServiceAccountName", "serviceAccountName", Text),
    (
        "AutomountServiceAccountToken",
        "automountServiceAccountToken",
        Plain,
    ),
    ("NodeName", "nodeName", Text),
    ("SecurityContext", "securityContext", Plain),
    ("ImagePullSecrets", "imagePullSecrets", Plain),
    ("Hostname", "hostname", Text),
    ("Subdomain", "subdomain", Text),
    ("SetHostnameAsFQDN", "setHostnameAsFQDN", Plain),
    ("HostnameOverride", "hostnameOverride", Plain),
    ("Affinity", "affinity", Plain),
    ("SchedulerName", "schedulerName", Text),
    ("Tolerations", "tolerations", Plain),
];

/// The lines of a pod's spec.
pub(crate) fn spec(spec: &Value) -> Vec<String> {
    lines(|out| fields(SPEC, spec, 0, out))
}

/// The lines of one ephemeral container.
pub(crate) fn ephemeral_container(container: &Value) -> Vec<String> {
    lines(|out| ephemeral(container, 0, out))
}

fn lines(write: impl FnOnce(&mut String)) -> Vec<String> {
    let mut out = String::new();
    write(&mut out);
    out.lines().map(str::to_owned).collect()
}

fn ephemeral(container: &Value, depth: usize, out: &mut String) {
    object(CONTAINER.iter().chain(TARGET), container, depth, out);
}

fn fields(fields: &'static [Field], value: &Value, depth: usize, out: &mut String) {
    object(fields.iter(), value, depth, out);
}

fn object<'a>(
    fields: impl Iterator<Item = &'a Field>,
    value: &Value,
    depth: usize,
    out: &mut String,
) {
    let items: Vec<&Field> = fields.collect();
    enclosed(
        '{',
        '}',
        &items,
        depth,
        out,
        |(name, json, shape), depth, out| {
            out.extend(["\"", name, "\": "]);
            field(name, shape, &value[*json], depth, out);
        },
    );
}

fn field(name: &str, shape: &Shape, value: &Value, depth: usize, out: &mut String) {
    match shape {
        List(_) | Pointer(_) | Plain if value.is_null() => out.push_str("null"),
        Text if value.is_null() => out.push_str("\"\""),
        Flag if value.is_null() => out.push_str("false"),
        Number if value.is_null() => out.push('0'),
        Pointer(inner) | Struct(inner) => fields(inner, value, depth, out),
        List(inner) => {
            let items: Vec<&Value> = value.as_array().into_iter().flatten().collect();
            enclosed('[', ']', &items, depth, out, |item, depth, out| {
                if name == "EphemeralContainers" {
                    ephemeral(item, depth, out);
                } else {
                    fields(inner, item, depth, out);
                }
            });
        }
        Plain | Text | Flag | Number => plain(value, depth, out),
    }
}

/// What is not looked into: only the first letter of each name becomes a capital.
fn plain(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Array(items) => {
            let items: Vec<&Value> = items.iter().collect();
            enclosed('[', ']', &items, depth, out, |item, depth, out| {
                plain(item, depth, out);
            });
        }
        Value::Object(map) => {
            let items: Vec<(&String, &Value)> = map.iter().collect();
            enclosed('{', '}', &items, depth, out, |(name, value), depth, out| {
                let mut letters = name.chars();
                let first = letters.next().unwrap_or_default().to_ascii_uppercase();
                out.push('"');
                out.push(first);
                out.extend([letters.as_str(), "\": "]);
                plain(value, depth, out);
            });
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
    }
}

fn enclosed<T>(
    open: char,
    close: char,
    items: &[T],
    depth: usize,
    out: &mut String,
    mut write: impl FnMut(&T, usize, &mut String),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&" ".repeat(depth + 1));
        write(item, depth + 1, out);
    }
    if !items.is_empty() {
        out.push('\n');
        out.push_str(&" ".repeat(depth));
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_fields_are_there_with_what_go_has_in_their_place() {
        let container = json!({"name": "d", "image": "busybox:1", "command": ["sh"], "tty": true});
        let lines = ephemeral_container(&container);
        assert_eq!(
            lines[..7],
            [
                "{",
                " \"Name\": \"d\",",
                " \"Image\": \"busybox:1\",",
                " \"Command\": [",
                "  \"sh\"",
                " ],",
                " \"Args\": null,"
            ]
        );
        assert_eq!(
            lines[lines.len() - 3..],
            [" \"TTY\": true,", " \"TargetContainerName\": \"\"", "}"]
        );
    }
}

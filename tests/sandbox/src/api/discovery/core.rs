//! The resources of `/api/v1` as a server tells of them, also of those that the sandbox keeps none of.

use serde_json::{Value, json};

const ALL: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];
const CHANGE: &[&str] = &["get", "patch", "update"];
const CREATE: &[&str] = &["create"];
const PROXY: &[&str] = &["create", "delete", "get", "patch", "update"];
const STREAM: &[&str] = &["create", "get"];

/// Name, singular, whether it is namespaced, kind, verbs, short names, the hash of its storage version, and the
/// group and version of its kind if that is of another.
type Row = (
    &'static str,
    &'static str,
    bool,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("bindings", "binding", true, "Binding", CREATE, &[], "", ""),
    ("componentstatuses", "componentstatus", false, "ComponentStatus", &["get", "list"], &["cs"], "", ""),
    ("configmaps", "configmap", true, "ConfigMap", ALL, &["cm"], "qFsyl6wFWjQ=", ""),
    ("endpoints", "endpoints", true, "Endpoints", ALL, &["ep"], "fWeeMqaN/OA=", ""),
    ("events", "event", true, "Event", ALL, &["ev"], "r2yiGXH7wu8=", ""),
    ("limitranges", "limitrange", true, "LimitRange", ALL, &["limits"], "EBKMFVe6cwo=", ""),
    ("namespaces", "namespace", false, "Namespace", &["create", "delete", "get", "list", "patch", "update", "watch"], &["ns"], "Q3oi5N2YM8M=", ""),
    ("namespaces/finalize", "", false, "Namespace", &["update"], &[], "", ""),
    ("namespaces/status", "", false, "Namespace", CHANGE, &[], "", ""),
    ("nodes", "node", false, "Node", ALL, &["no"], "XwShjMxG9Fs=", ""),
    ("nodes/proxy", "", false, "NodeProxyOptions", PROXY, &[], "", ""),
    ("nodes/status", "", false, "Node", CHANGE, &[], "", ""),
    ("persistentvolumeclaims", "persistentvolumeclaim", true, "PersistentVolumeClaim", ALL, &["pvc"], "QWTyNDq0dC4=", ""),
    ("persistentvolumeclaims/status", "", true, "PersistentVolumeClaim", CHANGE, &[], "", ""),
    ("persistentvolumes", "persistentvolume", false, "PersistentVolume", ALL, &["pv"], "HN/zwEC+JgM=", ""),
    ("persistentvolumes/status", "", false, "PersistentVolume", CHANGE, &[], "", ""),
    ("pods", "pod", true, "Pod", ALL, &["po"], "xPOwRZ+Yhw8=", ""),
    ("pods/attach", "", true, "PodAttachOptions", STREAM, &[], "", ""),
    ("pods/binding", "", true, "Binding", CREATE, &[], "", ""),
    ("pods/ephemeralcontainers", "", true, "Pod", CHANGE, &[], "", ""),
    ("pods/eviction", "", true, "Eviction", CREATE, &[], "", "policy/v1"),
    ("pods/exec", "", true, "PodExecOptions", STREAM, &[], "", ""),
    ("pods/log", "", true, "Pod", &["get"], &[], "", ""),
    ("pods/portforward", "", true, "PodPortForwardOptions", STREAM, &[], "", ""),
    ("pods/proxy", "", true, "PodProxyOptions", PROXY, &[], "", ""),
    ("pods/resize", "", true, "Pod", CHANGE, &[], "", ""),
    ("pods/status", "", true, "Pod", CHANGE, &[], "", ""),
    ("podtemplates", "podtemplate", true, "PodTemplate", ALL, &[], "LIXB2x4IFpk=", ""),
    ("replicationcontrollers", "replicationcontroller", true, "ReplicationController", ALL, &["rc"], "Jond2If31h0=", ""),
    ("replicationcontrollers/scale", "", true, "Scale", CHANGE, &[], "", "autoscaling/v1"),
    ("replicationcontrollers/status", "", true, "ReplicationController", CHANGE, &[], "", ""),
    ("resourcequotas", "resourcequota", true, "ResourceQuota", ALL, &["quota"], "8uhSgffRX6w=", ""),
    ("resourcequotas/status", "", true, "ResourceQuota", CHANGE, &[], "", ""),
    ("secrets", "secret", true, "Secret", ALL, &[], "S6u1pOWzb84=", ""),
    ("serviceaccounts", "serviceaccount", true, "ServiceAccount", ALL, &["sa"], "pbx9ZvyFpBE=", ""),
    ("serviceaccounts/token", "", true, "TokenRequest", CREATE, &[], "", "authentication.k8s.io/v1"),
    ("services", "service", true, "Service", ALL, &["svc"], "0/CO1lhkEBI=", ""),
    ("services/proxy", "", true, "ServiceProxyOptions", PROXY, &[], "", ""),
    ("services/status", "", true, "Service", CHANGE, &[], "", ""),
];

pub(super) fn resources() -> Vec<Value> {
    ROWS.iter().map(describe).collect()
}

fn describe(row: &Row) -> Value {
    let (name, singular, namespaced, kind, verbs, short, hash, of) = row;
    let mut value = json!({
        "name": name,
        "singularName": singular,
        "namespaced": namespaced,
        "kind": kind,
        "verbs": verbs,
    });
    if let Some((group, version)) = of.split_once('/') {
        value["group"] = json!(group);
        value["version"] = json!(version);
    }
    if !short.is_empty() {
        value["shortNames"] = json!(short);
    }
    if matches!(*name, "pods" | "replicationcontrollers" | "services") {
        value["categories"] = json!(["all"]);
    }
    if !hash.is_empty() {
        value["storageVersionHash"] = json!(hash);
    }
    value
}

//! Which resources there are, as clients discover them.

mod core;

use serde_json::{Value, json};

/// A resource of the API.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) group: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) kind: &'static str,
    namespaced: bool,
    short: &'static [&'static str],
    verbs: &'static [&'static str],
}

const READ: &[&str] = &["get", "list", "watch"];

const fn resource(
    group: &'static str,
    plural: &'static str,
    singular: &'static str,
    kind: &'static str,
    short: &'static [&'static str],
) -> Resource {
    Resource {
        group,
        plural,
        singular,
        kind,
        namespaced: true,
        short,
        verbs: READ,
    }
}

pub(crate) static RESOURCES: &[Resource] = &[
    resource("", "events", "event", "Event", &["ev"]),
    Resource {
        namespaced: false,
        ..resource("", "namespaces", "namespace", "Namespace", &["ns"])
    },
    Resource {
        namespaced: false,
        ..resource("", "nodes", "node", "Node", &["no"])
    },
    resource("", "pods", "pod", "Pod", &["po"]),
    resource("", "configmaps", "configmap", "ConfigMap", &["cm"]),
    resource("", "secrets", "secret", "Secret", &[]),
    resource("", "services", "service", "Service", &["svc"]),
    resource(
        "",
        "replicationcontrollers",
        "replicationcontroller",
        "ReplicationController",
        &["rc"],
    ),
    resource("", "endpoints", "endpoints", "Endpoints", &["ep"]),
    resource("", "limitranges", "limitrange", "LimitRange", &["limits"]),
    resource(
        "",
        "persistentvolumeclaims",
        "persistentvolumeclaim",
        "PersistentVolumeClaim",
        &["pvc"],
    ),
    Resource {
        namespaced: false,
        ..resource(
            "",
            "persistentvolumes",
            "persistentvolume",
            "PersistentVolume",
            &["pv"],
        )
    },
    resource("", "podtemplates", "podtemplate", "PodTemplate", &[]),
    resource(
        "",
        "resourcequotas",
        "resourcequota",
        "ResourceQuota",
        &["quota"],
    ),
    resource(
        "",
        "serviceaccounts",
        "serviceaccount",
        "ServiceAccount",
        &["sa"],
    ),
    resource("apps", "daemonsets", "daemonset", "DaemonSet", &["ds"]),
    resource(
        "apps",
        "deployments",
        "deployment",
        "Deployment",
        &["deploy"],
    ),
    resource("apps", "replicasets", "replicaset", "ReplicaSet", &["rs"]),
    resource(
        "apps",
        "statefulsets",
        "statefulset",
        "StatefulSet",
        &["sts"],
    ),
    resource("batch", "cronjobs", "cronjob", "CronJob", &["cj"]),
    resource("batch", "jobs", "job", "Job", &[]),
];

impl Resource {
    pub(crate) fn find(group: &str, plural: &str) -> Option<&'static Self> {
        RESOURCES
            .iter()
            .find(|resource| resource.group == group && resource.plural == plural)
    }

    /// The resource of an object by its kind.
    pub(crate) fn of_kind(kind: &str) -> Option<&'static Self> {
        RESOURCES.iter().find(|resource| resource.kind == kind)
    }

    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            "v1".to_owned()
        } else {
            format!("{}/v1", self.group)
        }
    }

    pub(crate) fn is_namespaced(&self) -> bool {
        self.namespaced
    }

    fn describe(&self) -> Value {
        let mut value = json!({
            "name": self.plural,
            "singularName": self.singular,
            "namespaced": self.namespaced,
            "kind": self.kind,
            "verbs": self.verbs,
        });
        if !self.short.is_empty() {
            value["shortNames"] = json!(self.short);
        }
        if matches!(self.plural, "pods" | "deployments" | "jobs") {
            value["categories"] = json!(["all"]);
        }
        value
    }
}

/// What is at a discovery path, if anything.
pub(crate) fn document(path: &str, url: &str) -> Option<Value> {
    match path.trim_end_matches('/') {
        "/version" => Some(version()),
        "/api" => Some(json!({
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [{
                "clientCIDR": "0.0.0.0/0",
                "serverAddress": url.trim_start_matches("https://"),
            }],
        })),
        "/apis" => Some(json!({
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": GROUPS.iter().map(|group| self::group(group)).collect::<Vec<_>>(),
        })),
        "/api/v1" => Some(json!({"kind": "APIResourceList", "groupVersion": "v1",
            "resources": core::resources()})),
        path => {
            let rest = path.strip_prefix("/apis/")?;
            let (name, version) = rest.split_once('/').unwrap_or((rest, ""));
            let known = GROUPS.contains(&name);
            match version {
                "" if known => {
                    let mut value = group(name);
                    value["kind"] = json!("APIGroup");
                    value["apiVersion"] = json!("v1");
                    Some(value)
                }
                "v1" if known => Some(resources(name)),
                _ => None,
            }
        }
    }
}

const GROUPS: &[&str] = &[
    "apps",
    "batch",
    "authorization.k8s.io",
    "authentication.k8s.io",
];

fn group(name: &str) -> Value {
    let version = json!({"groupVersion": format!("{name}/v1"), "version": "v1"});
    json!({"name": name, "versions": [version], "preferredVersion": version})
}

fn resources(group: &str) -> Value {
    let mut list: Vec<Value> = RESOURCES
        .iter()
        .filter(|resource| resource.group == group)
        .map(Resource::describe)
        .collect();
    let review = |plural: &str, kind: &str| {
        json!({"name": plural, "singularName": kind.to_lowercase(), "namespaced": false,
               "kind": kind, "verbs": ["create"]})
    };
    match group {
        "authorization.k8s.io" => {
            list.push(review(
                "selfsubjectaccessreviews",
                "SelfSubjectAccessReview",
            ));
            list.push(review("selfsubjectrulesreviews", "SelfSubjectRulesReview"));
        }
        "authentication.k8s.io" => list.push(review("selfsubjectreviews", "SelfSubjectReview")),
        _ => {}
    }
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": format!("{group}/v1"),
        "resources": list})
}

fn version() -> Value {
    json!({
        "major": "1",
        "minor": "36",
        "emulationMajor": "1",
        "emulationMinor": "36",
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "35",
        "gitVersion": "v1.36.2",
        "gitCommit": "98b35193b2ac7a23a673325f5e9b830ecd5ba406",
        "gitTreeState": "clean",
        "buildDate": "2026-08-21T00:00:00Z",
        "goVersion": "go1.26.6",
        "compiler": "gc",
        "platform": "linux/amd64",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_lead_to_their_resources() {
        let apps = document("/apis/apps/v1", "").expect("is known");
        assert_eq!(apps["resources"][1]["kind"], "Deployment");
        assert!(document("/apis/apps", "").is_some());
        assert!(document("/apis/nosuch/v1", "").is_none());
        assert!(document("/openapi/v2", "").is_none());
    }
}

//! The pods of a workload, found by its own selector.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::Pod,
    apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta},
};
use kube::core::Selector;
use serde::Deserialize;
use serde_json::Value;

use super::{Cluster, exchange, list::Listing};
use crate::{
    cli::WorkloadKind,
    container::Workload,
    error::{Action, Error},
};

/// A workload of any kind, as far as it says which pods it has, and how many.
#[derive(Deserialize)]
struct Object {
    metadata: ObjectMeta,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    /// Labels and their values for a service and a replication controller; else a `LabelSelector`.
    selector: Value,
    replicas: Option<i64>,
    suspend: Option<bool>,
    #[serde(rename = "type")]
    service_type: Option<String>,
    external_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    desired_number_scheduled: Option<i64>,
    active: Value,
    succeeded: Option<i64>,
    failed: Option<i64>,
}

impl Cluster {
    /// Lists the pods of a workload, which are one at least; where there is none, says why.
    ///
    /// Of a cron job they are those of its newest job, of one that is active before others.
    pub async fn pods_of(&self, workload: &Workload) -> Result<Vec<Pod>, Error> {
        let kind = workload.kind();
        let path = format!("{}/{}", self.kind_path(kind), workload.name());
        let request = exchange::get(&path);
        let asked = self.exchange(request, self.workload_action("get", kind));
        let object: Object = match asked.await {
            Ok(answer) => answer.read()?,
            Err(error) => return Err(self.or_no_namespace(error).await),
        };
        let (kind, object) = if kind == WorkloadKind::CronJob {
            let job = self.newest_job(&object).await?;
            (
                WorkloadKind::Job,
                job.ok_or_else(|| self.none(workload, kind, &object))?,
            )
        } else {
            (kind, object)
        };
        let Some(selector) = selector(kind, &object.spec.selector) else {
            return Err(without_selector(workload, &object.spec));
        };
        let pods = self.selected_pods(&selector).await?;
        if pods.is_empty() {
            return Err(self.none(workload, kind, &object));
        }
        Ok(pods)
    }

    async fn newest_job(&self, cron_job: &Object) -> Result<Option<Object>, Error> {
        let (job, path) = (WorkloadKind::Job, self.kind_path(WorkloadKind::Job));
        let listing = Listing::new(path, self.workload_action("list", job));
        let jobs: Vec<Object> = self.list(&listing).await?;
        let is_owned = |job: &Object| {
            let owners = job.metadata.owner_references.iter().flatten();
            let mut owners = owners.map(|owner| Some(&owner.uid));
            owners.any(|uid| uid == cron_job.metadata.uid.as_ref())
        };
        let owned = jobs.into_iter().filter(is_owned);
        Ok(owned.max_by_key(|job| {
            let born = job.metadata.creation_timestamp.as_ref().map(|time| time.0);
            (is_active(&job.status), born)
        }))
    }

    fn none(&self, workload: &Workload, kind: WorkloadKind, object: &Object) -> Error {
        let (why, cure) = why_none(kind, object);
        let (word, name, there) = (workload.word(), workload.name(), self.there());
        let hint = match cure {
            Cure::Scale => format!("`kubectl scale {word} --replicas=1 {there}` starts one"),
            Cure::StartJob => {
                format!("`kubectl create job {name}-now --from={word} {there}` starts one")
            }
            Cure::Look => format!("`kubectl describe {word} {there}` tells more"),
        };
        Error::NoPod {
            message: format!("{workload} has no pods: {why}"),
            hint,
        }
    }

    pub(super) fn kind_path(&self, kind: WorkloadKind) -> String {
        let (group, plural, namespace) = (kind.group(), kind.plural(), self.namespace());
        if group.is_empty() {
            format!("/api/v1/namespaces/{namespace}/{plural}")
        } else {
            format!("/apis/{group}/v1/namespaces/{namespace}/{plural}")
        }
    }

    fn workload_action(&self, verb: &'static str, kind: WorkloadKind) -> Action {
        Action {
            group: kind.group(),
            ..self.action(verb, kind.plural())
        }
    }
}

/// Reads which pods a workload takes; nothing where it does not say, for that does not mean all.
fn selector(kind: WorkloadKind, selector: &Value) -> Option<Selector> {
    let selector: Selector = match kind {
        WorkloadKind::Service | WorkloadKind::ReplicationController => {
            let labels = BTreeMap::<String, String>::deserialize(selector).ok()?;
            labels.into_iter().collect()
        }
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet
        | WorkloadKind::Job
        | WorkloadKind::CronJob => LabelSelector::deserialize(selector).ok()?.try_into().ok()?,
    };
    (!selector.selects_all()).then_some(selector)
}

fn without_selector(workload: &Workload, spec: &Spec) -> Error {
    let (why, hint) = match (&spec.service_type, &spec.external_name) {
        (Some(kind), Some(name)) if kind == "ExternalName" => (
            format!("it is another name for `{name}`"),
            "name the pod, or what runs it".to_owned(),
        ),
        _ => (
            "it has no selector".to_owned(),
            "whoever made it says by hand where it leads; name the pod, or what runs it".to_owned(),
        ),
    };
    Error::NoPod {
        message: format!("{workload} chooses no pods: {why}"),
        hint,
    }
}

/// What can be done where a workload has no pods.
enum Cure {
    Scale,
    StartJob,
    Look,
}

fn why_none(kind: WorkloadKind, object: &Object) -> (String, Cure) {
    let (spec, status) = (&object.spec, &object.status);
    let why = match kind {
        WorkloadKind::CronJob if spec.suspend == Some(true) => {
            return (
                "it is suspended, and no job of it is left".to_owned(),
                Cure::StartJob,
            );
        }
        WorkloadKind::CronJob => {
            return (
                "it has started no job yet, or none is left".to_owned(),
                Cure::StartJob,
            );
        }
        WorkloadKind::Job if spec.suspend == Some(true) => "it is suspended",
        WorkloadKind::Job if status.succeeded.is_some() || status.failed.is_some() => {
            "it has ended, and they are gone"
        }
        WorkloadKind::DaemonSet if status.desired_number_scheduled == Some(0) => {
            "no node is one that it is for"
        }
        WorkloadKind::Service => {
            let labels = selector(kind, &spec.selector).unwrap_or_default();
            return (format!("none has the labels `{labels}`"), Cure::Look);
        }
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::StatefulSet
        | WorkloadKind::ReplicationController
            if spec.replicas == Some(0) =>
        {
            return ("it is scaled to 0".to_owned(), Cure::Scale);
        }
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet
        | WorkloadKind::Job
        | WorkloadKind::ReplicationController => "none has been created",
    };
    (why.to_owned(), Cure::Look)
}

/// A cron job's status lists what is active; a job's counts it.
fn is_active(status: &Status) -> bool {
    status.active.as_i64().is_some_and(|count| count > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_selector_is_written_as_the_api_wants_it() {
        let set = WorkloadKind::Deployment;
        for (kind, given, expected) in [
            (
                set,
                json!({"matchLabels": {"app": "shop", "tier": "web"}}),
                Some("app=shop,tier=web"),
            ),
            (
                set,
                json!({"matchLabels": {"app": "shop"}, "matchExpressions": [
                    {"key": "tier", "operator": "In", "values": ["a", "b"]},
                    {"key": "track", "operator": "NotIn", "values": ["canary"]},
                    {"key": "live", "operator": "Exists"},
                    {"key": "old", "operator": "DoesNotExist"},
                ]}),
                Some("app=shop,tier in (a,b),track notin (canary),live,!old"),
            ),
            (set, json!({}), None),
            (set, Value::Null, None),
            (
                set,
                json!({"matchExpressions": [{"key": "a", "operator": "Near"}]}),
                None,
            ),
            (
                WorkloadKind::Service,
                json!({"app": "shop"}),
                Some("app=shop"),
            ),
            (WorkloadKind::Service, json!({}), None),
            (WorkloadKind::Service, Value::Null, None),
            (
                WorkloadKind::ReplicationController,
                json!({"app": "old"}),
                Some("app=old"),
            ),
        ] {
            let selector = selector(kind, &given).map(|selector| selector.to_string());
            assert_eq!(selector.as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn a_workload_without_pods_says_why() {
        use WorkloadKind::{CronJob, DaemonSet, Deployment, Job, Service};
        for (kind, spec, status, expected) in [
            (
                Deployment,
                json!({"replicas": 0}),
                json!({}),
                "it is scaled to 0",
            ),
            (
                Deployment,
                json!({"replicas": 2}),
                json!({}),
                "none has been created",
            ),
            (
                DaemonSet,
                json!({}),
                json!({"desiredNumberScheduled": 0}),
                "no node is one that it is for",
            ),
            (Job, json!({"suspend": true}), json!({}), "it is suspended"),
            (
                Job,
                json!({}),
                json!({"succeeded": 1}),
                "it has ended, and they are gone",
            ),
            (
                Job,
                json!({}),
                json!({"active": 1}),
                "none has been created",
            ),
            (
                CronJob,
                json!({}),
                json!({"active": []}),
                "it has started no job yet, or none is left",
            ),
            (
                CronJob,
                json!({"suspend": true}),
                json!({}),
                "it is suspended, and no job of it is left",
            ),
            (
                Service,
                json!({"selector": {"app": "x"}}),
                json!({}),
                "none has the labels `app=x`",
            ),
        ] {
            let object = json!({"metadata": {}, "spec": spec, "status": status});
            let object = serde_json::from_value(object).unwrap();
            assert_eq!(why_none(kind, &object).0, expected, "{spec} {status}");
        }
    }
}

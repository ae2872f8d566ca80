//! The objects that a workload comes to: itself, what it makes, and its pods.

use serde_json::{Value, json};

use crate::api::Resource;
use crate::identifier;

/// Characters that names are made of; no vowels, so that no word is made.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A workload of any kind with its pods, as its controller would have made them.
pub(super) fn workload(mut workload: Value) -> Vec<Value> {
    named(&mut workload);
    match workload["kind"].as_str() {
        Some("Deployment") => deployment(workload),
        Some("Job") => job(workload),
        Some("CronJob") => cron_job(workload),
        _ => set(workload),
    }
}

/// Fills in what every object has, and returns its name.
fn named(object: &mut Value) -> String {
    let kind = object["kind"].as_str().and_then(Resource::of_kind);
    object["apiVersion"] = json!(kind.map_or_else(String::new, Resource::api_version));
    let metadata = &mut object["metadata"];
    if metadata["namespace"].is_null() {
        metadata["namespace"] = json!("default");
    }
    metadata["uid"] = json!(identifier::uid());
    metadata["name"].as_str().unwrap_or_default().to_owned()
}

/// Labels the pods of a workload and selects them by that, where its manifest does not say; returns
/// the labels.
fn labelled(workload: &mut Value) -> Value {
    let mut labels = workload["spec"]["template"]["metadata"]["labels"].clone();
    if !labels.is_object() {
        labels = json!({"app": workload["metadata"]["name"]});
        workload["spec"]["template"]["metadata"] = json!({"labels": labels});
    }
    if workload["spec"]["selector"].is_null() {
        workload["spec"]["selector"] = if workload["kind"] == "ReplicationController" {
            labels.clone()
        } else {
            json!({"matchLabels": labels})
        };
    }
    labels
}

pub(super) fn deployment(mut deployment: Value) -> Vec<Value> {
    deployment["kind"] = json!("Deployment");
    let name = named(&mut deployment);
    let labels = labelled(&mut deployment);
    let replicas = replicas(&mut deployment);
    let hash = suffix(10);
    let replica_set = replica_set(&deployment, &name, &hash, &labels);
    let pods: Vec<Value> = (0..replicas).map(|_| pod(&replica_set)).collect();
    [vec![deployment, replica_set], pods].concat()
}

fn replicas(workload: &mut Value) -> u64 {
    let replicas = workload["spec"]["replicas"].as_u64().unwrap_or(1);
    workload["status"] = json!({"replicas": replicas, "readyReplicas": replicas,
        "updatedReplicas": replicas, "availableReplicas": replicas});
    replicas
}

/// A replica set, a replication controller, a stateful set, or a daemon set on the one node.
fn set(mut set: Value) -> Vec<Value> {
    labelled(&mut set);
    let kind = set["kind"].as_str().unwrap_or_default().to_owned();
    let count = if kind == "DaemonSet" {
        set["status"] = json!({"desiredNumberScheduled": 1, "currentNumberScheduled": 1,
            "numberReady": 1, "numberMisscheduled": 0});
        1
    } else {
        replicas(&mut set)
    };
    let mut pods: Vec<Value> = (0..count).map(|_| pod(&set)).collect();
    if kind == "StatefulSet" {
        for (number, pod) in pods.iter_mut().enumerate() {
            let set = set["metadata"]["name"].as_str().unwrap_or_default();
            let name = format!("{set}-{number}");
            pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = json!(name);
            pod["metadata"]["name"] = json!(name);
        }
    }
    [vec![set], pods].concat()
}

/// A job; its selector is its uid.
fn job(mut job: Value) -> Vec<Value> {
    let name = job["metadata"]["name"].clone();
    let uid = job["metadata"]["uid"].clone();
    job["spec"]["selector"] = json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}});
    job["spec"]["template"]["metadata"]["labels"] = json!({
        "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": name,
        "controller-uid": uid, "job-name": name,
    });
    let is_suspended = job["spec"]["suspend"] == true;
    if is_suspended {
        job["status"] = json!({});
        return vec![job];
    }
    job["status"] = json!({"active": 1, "ready": 1});
    let pod = pod(&job);
    vec![job, pod]
}

/// A cron job that has started one job.
fn cron_job(mut cron_job: Value) -> Vec<Value> {
    if cron_job["spec"]["suspend"] == true {
        cron_job["status"] = json!({});
        return vec![cron_job];
    }
    let name = cron_job["metadata"]["name"].as_str().unwrap_or_default();
    let mut started = json!({
        "kind": "Job",
        "metadata": {"name": format!("{name}-29384735"), "namespace": cron_job["metadata"]["namespace"],
            "ownerReferences": [owner(&cron_job)]},
        "spec": cron_job["spec"]["jobTemplate"]["spec"],
    });
    named(&mut started);
    cron_job["status"] = json!({"active": [{"kind": "Job", "namespace": started["metadata"]["namespace"],
        "name": started["metadata"]["name"], "uid": started["metadata"]["uid"],
        "apiVersion": "batch/v1"}]});
    [vec![cron_job], job(started)].concat()
}

fn replica_set(deployment: &Value, name: &str, hash: &str, labels: &Value) -> Value {
    let mut labels = labels.clone();
    labels["pod-template-hash"] = json!(hash);
    let mut template = deployment["spec"]["template"].clone();
    template["metadata"]["labels"] = labels.clone();
    json!({
        "kind": "ReplicaSet",
        "apiVersion": "apps/v1",
        "metadata": {
            "name": format!("{name}-{hash}"),
            "namespace": deployment["metadata"]["namespace"],
            "uid": identifier::uid(),
            "labels": labels,
            "ownerReferences": [owner(deployment)],
        },
        "spec": {"replicas": deployment["spec"]["replicas"], "selector": {"matchLabels": labels},
            "template": template},
        "status": deployment["status"],
    })
}

/// A pod from the template of what makes it.
fn pod(maker: &Value) -> Value {
    let set = maker["metadata"]["name"].as_str().unwrap_or_default();
    json!({
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "name": format!("{set}-{}", suffix(5)),
            "generateName": format!("{set}-"),
            "namespace": maker["metadata"]["namespace"],
            "labels": maker["spec"]["template"]["metadata"]["labels"],
            "ownerReferences": [owner(maker)],
        },
        "spec": maker["spec"]["template"]["spec"],
    })
}

fn owner(object: &Value) -> Value {
    json!({
        "apiVersion": object["apiVersion"],
        "kind": object["kind"],
        "name": object["metadata"]["name"],
        "uid": object["metadata"]["uid"],
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

fn suffix(length: usize) -> String {
    identifier::hex(length * 2)
        .as_bytes()
        .chunks(2)
        .map(|pair| {
            let number = usize::from(pair[0]) * 31 + usize::from(pair[1]);
            char::from(ALPHABET[number % ALPHABET.len()])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_are_owned_by_the_replica_set_and_that_by_the_deployment() {
        let objects = deployment(json!({
            "metadata": {"name": "shop"},
            "spec": {"replicas": 3, "template": {"spec": {"containers": []}}},
        }));
        assert_eq!(objects.len(), 5);
        let owner = |index: usize| &objects[index]["metadata"]["ownerReferences"][0]["uid"];
        assert_eq!(*owner(1), objects[0]["metadata"]["uid"]);
        assert_eq!(*owner(4), objects[1]["metadata"]["uid"]);
        assert_eq!(objects[2]["metadata"]["labels"]["app"], "shop");
    }

    #[test]
    fn each_kind_has_the_pods_that_its_controller_makes() {
        let template = json!({"template": {"spec": {"containers": []}}});
        for (kind, name, spec, labels, selector) in [
            (
                "StatefulSet",
                "db-0",
                &template,
                json!("db"),
                json!({"matchLabels": {"app": "db"}}),
            ),
            (
                "DaemonSet",
                "db-",
                &template,
                json!("db"),
                json!({"matchLabels": {"app": "db"}}),
            ),
            (
                "ReplicaSet",
                "db-",
                &template,
                json!("db"),
                json!({"matchLabels": {"app": "db"}}),
            ),
            (
                "ReplicationController",
                "db-",
                &template,
                json!("db"),
                json!({"app": "db"}),
            ),
        ] {
            let objects = workload(json!({"kind": kind, "metadata": {"name": "db"}, "spec": spec}));
            let (workload, pod) = (&objects[0], &objects[1]);
            assert_eq!(workload["spec"]["selector"], selector, "{kind}");
            assert_eq!(pod["metadata"]["labels"]["app"], labels, "{kind}");
            assert!(
                pod["metadata"]["name"]
                    .as_str()
                    .is_some_and(|own| own.starts_with(name))
            );
        }
        let spec = json!({"jobTemplate": {"spec": template}});
        let objects =
            workload(json!({"kind": "CronJob", "metadata": {"name": "db"}, "spec": spec}));
        let (cron_job, job, pod) = (&objects[0], &objects[1], &objects[2]);
        assert_eq!(
            job["metadata"]["ownerReferences"][0]["uid"],
            cron_job["metadata"]["uid"]
        );
        let label = "batch.kubernetes.io/controller-uid";
        assert_eq!(pod["metadata"]["labels"][label], job["metadata"]["uid"]);
        assert_eq!(
            job["spec"]["selector"]["matchLabels"][label],
            job["metadata"]["uid"]
        );
    }
}

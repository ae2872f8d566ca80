//! The objects that a deployment comes to: itself, its replica set and its pods.

use serde_json::{Value, json};

use crate::identifier;

/// Characters that names are made of; no vowels, so that no word is made.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

pub(super) fn deployment(mut deployment: Value) -> Vec<Value> {
    deployment["kind"] = json!("Deployment");
    deployment["apiVersion"] = json!("apps/v1");
    let metadata = &mut deployment["metadata"];
    if metadata["namespace"].is_null() {
        metadata["namespace"] = json!("default");
    }
    metadata["uid"] = json!(identifier::uid());
    let name = metadata["name"].as_str().unwrap_or_default().to_owned();
    let mut labels = deployment["spec"]["template"]["metadata"]["labels"].clone();
    if !labels.is_object() {
        labels = json!({"app": name});
        deployment["spec"]["template"]["metadata"] = json!({"labels": labels});
    }
    if deployment["spec"]["selector"].is_null() {
        deployment["spec"]["selector"] = json!({"matchLabels": labels});
    }
    let replicas = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
    deployment["status"] = json!({"replicas": replicas, "readyReplicas": replicas,
        "updatedReplicas": replicas, "availableReplicas": replicas});

    let hash = suffix(10);
    let replica_set = replica_set(&deployment, &name, &hash, &labels);
    let pods: Vec<Value> = (0..replicas).map(|_| pod(&replica_set)).collect();
    [vec![deployment, replica_set], pods].concat()
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

fn pod(replica_set: &Value) -> Value {
    let set = replica_set["metadata"]["name"].as_str().unwrap_or_default();
    json!({
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "name": format!("{set}-{}", suffix(5)),
            "generateName": format!("{set}-"),
            "namespace": replica_set["metadata"]["namespace"],
            "labels": replica_set["metadata"]["labels"],
            "ownerReferences": [owner(replica_set)],
        },
        "spec": replica_set["spec"]["template"]["spec"],
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
}

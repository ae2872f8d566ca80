//! A pod goes, and another of its name comes.

use serde_json::{Value, json};

use crate::Sandbox;
use crate::store::Key;

impl Sandbox {
    /// Lets the node take a pod that it did not take, as its `nodeSelector` asks for another.
    pub fn take_pod(&self, namespace: &str, name: &str) {
        self.started.take_pod(&Key::new("pods", namespace, name));
    }

    /// Deletes a pod, and as soon as it is gone creates one like it, as a stateful set does.
    ///
    /// Whether there is one now.
    pub fn replace_pod(&self, namespace: &str, name: &str) -> bool {
        let Some(old) = self.pod(namespace, name) else {
            return false;
        };
        let key = Key::new("pods", namespace, name);
        self.started.delete_pod(&key);
        self.started
            .wait_until(|store| store.get(&key).is_none())
            .then(|| self.started.install(like(&old)))
            .is_some()
    }
}

/// The manifest of a pod, without what the cluster added.
fn like(pod: &Value) -> Value {
    let mut new = json!({"kind": "Pod", "apiVersion": "v1", "metadata": {}, "spec": pod["spec"]});
    for field in [
        "name",
        "namespace",
        "labels",
        "annotations",
        "ownerReferences",
    ] {
        if let Some(value) = pod["metadata"].get(field) {
            new["metadata"][field] = value.clone();
        }
    }
    if let Some(spec) = new["spec"].as_object_mut() {
        spec.remove("ephemeralContainers");
    }
    new
}

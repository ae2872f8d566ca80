//! Containers as they are shown: in a manifest that can be handed in again.

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};
use serde_json::{Value, json};

/// Returns the manifest of a pod with nothing in it but these ephemeral containers.
pub fn manifest(pod: &Pod, containers: &[EphemeralContainer]) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod.metadata.name,
            "namespace": pod.metadata.namespace,
        },
        "spec": {"ephemeralContainers": containers},
    })
}

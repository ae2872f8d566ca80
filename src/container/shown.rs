//! A container as it is shown: in a manifest that can be handed in again.

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};
use serde_json::{Value, json};

/// Returns the manifest of a pod with nothing in it but one ephemeral container.
pub fn manifest(pod: &Pod, container: &EphemeralContainer) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod.metadata.name,
            "namespace": pod.metadata.namespace,
        },
        "spec": {"ephemeralContainers": [container]},
    })
}

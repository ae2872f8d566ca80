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

/// Returns as which user a container runs, as far as its pod and it say: else its image does.
pub fn user_of(container: &EphemeralContainer, pod: &Pod) -> Option<i64> {
    let own = container.security_context.as_ref();
    let of_pod = || pod.spec.as_ref()?.security_context.as_ref()?.run_as_user;
    own.and_then(|context| context.run_as_user).or_else(of_pod)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_that_of_the_container_before_that_of_the_pod() {
        let pod = serde_json::from_value(
            json!({"spec": {"containers": [], "securityContext": {"runAsUser": 7}}}),
        );
        let pod: Pod = pod.unwrap();
        let plain = EphemeralContainer::default();
        let own = json!({"name": "d", "securityContext": {"runAsUser": 0}});
        let own: EphemeralContainer = serde_json::from_value(own).unwrap();
        assert_eq!(user_of(&plain, &Pod::default()), None);
        assert_eq!(user_of(&plain, &pod), Some(7));
        assert_eq!(user_of(&own, &pod), Some(0));
    }
}

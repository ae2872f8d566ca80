//! The parts of a pod, each of which may be missing in what the API sends.

use k8s_openapi::api::core::v1::{Container, ContainerStatus, EphemeralContainer, Pod};

/// Returns the name of a pod; empty only where a server sent none.
pub fn name(pod: &Pod) -> &str {
    pod.metadata.name.as_deref().unwrap_or_default()
}

/// Returns the ephemeral containers of a pod, in its order.
pub fn ephemeral(pod: &Pod) -> impl Iterator<Item = &EphemeralContainer> {
    let spec = pod.spec.iter();
    spec.flat_map(|spec| spec.ephemeral_containers.iter().flatten())
}

/// Finds an ephemeral container of a pod.
pub fn ephemeral_of_name<'a>(pod: &'a Pod, name: &str) -> Option<&'a EphemeralContainer> {
    ephemeral(pod).find(|container| container.name == name)
}

/// Returns the containers of a pod that are not ephemeral: the ordinary ones, then the init containers.
pub(super) fn ordinary(pod: &Pod) -> impl Iterator<Item = &Container> {
    pod.spec.iter().flat_map(|spec| {
        let init = spec.init_containers.iter().flatten();
        spec.containers.iter().chain(init)
    })
}

/// Finds what the kubelet says of an ephemeral container.
pub fn ephemeral_status<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerStatus> {
    let statuses = pod.status.as_ref()?.ephemeral_container_statuses.as_ref()?;
    statuses.iter().find(|status| status.name == name)
}

/// Finds what the kubelet says of a container that is not ephemeral.
pub fn ordinary_status<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerStatus> {
    let status = pod.status.as_ref()?;
    let init = status.init_container_statuses.iter().flatten();
    let mut all = status.container_statuses.iter().flatten().chain(init);
    all.find(|status| status.name == name)
}

/// Tells whether no node has taken the pod yet.
pub fn is_unscheduled(pod: &Pod) -> bool {
    let spec = pod.spec.as_ref();
    spec.and_then(|spec| spec.node_name.as_deref())
        .is_none_or(str::is_empty)
}

/// Tells whether a pod says that it is one of Windows.
pub(super) fn is_windows(pod: &Pod) -> bool {
    os(pod) == Some("windows")
}

/// Returns the system that a pod says it is for; many say nothing.
pub(super) fn os(pod: &Pod) -> Option<&str> {
    Some(pod.spec.as_ref()?.os.as_ref()?.name.as_str())
}

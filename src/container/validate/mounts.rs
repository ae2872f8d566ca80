//! The volumes of a container.

use std::collections::HashSet;

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod, VolumeMount};

use super::{Faults, NOT_ALLOWED, REQUIRED, invalid, not_found};
use crate::container::parts;

pub(super) fn check(container: &EphemeralContainer, faults: &mut Faults<'_>) {
    let mut paths = HashSet::new();
    for (index, mount) in container.volume_mounts.iter().flatten().enumerate() {
        let at = |field: &str| format!("volumeMounts[{index}].{field}");
        if mount.name.is_empty() {
            faults.add(&at("name"), REQUIRED);
        }
        if mount.mount_path.is_empty() {
            faults.add(&at("mountPath"), REQUIRED);
        } else if !paths.insert(mount.mount_path.as_str()) {
            faults.add(
                &at("mountPath"),
                &invalid(&mount.mount_path, "must be unique"),
            );
        }
        for (field, value) in [
            ("subPath", &mount.sub_path),
            ("subPathExpr", &mount.sub_path_expr),
        ] {
            if value.as_ref().is_some_and(|value| !value.is_empty()) {
                faults.add(&at(field), NOT_ALLOWED);
            }
        }
        propagation(container, mount, index, faults);
    }
    for (index, device) in container.volume_devices.iter().flatten().enumerate() {
        let at = |field: &str| format!("volumeDevices[{index}].{field}");
        if device.name.is_empty() {
            faults.add(&at("name"), REQUIRED);
        }
        if device.device_path.is_empty() {
            faults.add(&at("devicePath"), REQUIRED);
        } else if !paths.insert(device.device_path.as_str()) {
            let why = "must not already exist as a path in volumeMounts";
            faults.add(&at("devicePath"), &invalid(&device.device_path, why));
        }
    }
}

fn propagation(
    container: &EphemeralContainer,
    mount: &VolumeMount,
    index: usize,
    faults: &mut Faults<'_>,
) {
    let at = |field: &str| format!("volumeMounts[{index}].{field}");
    let context = container.security_context.as_ref();
    let privileged = context.and_then(|context| context.privileged) == Some(true);
    let propagation = mount.mount_propagation.as_deref();
    let known = ["Bidirectional", "HostToContainer", "None"];
    faults.among(&at("mountPropagation"), propagation, &known);
    if propagation == Some("Bidirectional") && !privileged {
        let why =
            "Forbidden: Bidirectional mount propagation is available only to privileged containers";
        faults.add(&at("mountPropagation"), why);
    }
    let recursive = mount.recursive_read_only.as_deref();
    let known = ["Disabled", "Enabled", "IfPossible"];
    faults.among(&at("recursiveReadOnly"), recursive, &known);
    if matches!(recursive, Some("Enabled" | "IfPossible")) && mount.read_only != Some(true) {
        let why = "Forbidden: may only be specified when readOnly is true";
        faults.add(&at("recursiveReadOnly"), why);
    }
}

/// Checks against the volumes of the pod, and what a path is where it runs.
pub(super) fn check_in_pod(container: &EphemeralContainer, pod: &Pod, faults: &mut Faults<'_>) {
    let volumes = pod
        .spec
        .iter()
        .flat_map(|spec| spec.volumes.iter().flatten());
    let volumes: HashSet<_> = volumes.map(|volume| volume.name.as_str()).collect();
    let is_missing = |name: &str| !name.is_empty() && !volumes.contains(name);
    for (index, mount) in container.volume_mounts.iter().flatten().enumerate() {
        let at = |field: &str| format!("volumeMounts[{index}].{field}");
        if is_missing(&mount.name) {
            faults.add(&at("name"), &not_found(&mount.name));
        }
        // The server takes both, and the container is not what was meant, or never starts.
        let path = mount.mount_path.as_str();
        if !parts::is_windows(pod) && !path.is_empty() {
            if !path.starts_with('/') {
                faults.add(&at("mountPath"), &invalid(path, "must be an absolute path"));
            }
            if path.contains(':') {
                faults.add(&at("mountPath"), &invalid(path, "must not contain ':'"));
            }
        }
    }
    for (index, device) in container.volume_devices.iter().flatten().enumerate() {
        if is_missing(&device.name) {
            let field = format!("volumeDevices[{index}].name");
            faults.add(&field, &not_found(&device.name));
        }
    }
}

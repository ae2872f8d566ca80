//! The security context of a container.

use k8s_openapi::api::core::v1::{Pod, SecurityContext};

use super::{Faults, REQUIRED, invalid};
use crate::container::{parts, user::LARGEST};

pub(super) fn check(context: &SecurityContext, faults: &mut Faults<'_>) {
    for (field, id) in [
        ("runAsUser", context.run_as_user),
        ("runAsGroup", context.run_as_group),
    ] {
        if let Some(id) = id.filter(|id| !(0..=LARGEST).contains(id)) {
            let told = format!("Invalid value: {id}: must be between 0 and {LARGEST}, inclusive");
            faults.add(&at(field), &told);
        }
    }
    let proc_mount = context.proc_mount.as_deref();
    faults.among(&at("procMount"), proc_mount, &["Default", "Unmasked"]);
    if context.allow_privilege_escalation == Some(false) {
        let added = context.capabilities.iter();
        let mut added = added.flat_map(|capabilities| capabilities.add.iter().flatten());
        if context.privileged == Some(true) {
            contradiction("`privileged` to true", faults);
        }
        if added.any(|capability| capability == "CAP_SYS_ADMIN") {
            contradiction("`capabilities.Add` CAP_SYS_ADMIN", faults);
        }
    }
    let seccomp = context.seccomp_profile.as_ref();
    let seccomp =
        seccomp.map(|profile| (profile.type_.as_str(), profile.localhost_profile.as_deref()));
    profile("seccompProfile", "seccomp", seccomp, faults);
    let app_armor = context.app_armor_profile.as_ref();
    let app_armor =
        app_armor.map(|profile| (profile.type_.as_str(), profile.localhost_profile.as_deref()));
    profile("appArmorProfile", "AppArmor", app_armor, faults);
}

fn contradiction(with: &str, faults: &mut Faults<'_>) {
    let told = format!("Invalid value: cannot set `allowPrivilegeEscalation` to false and {with}");
    faults.add("securityContext", &told);
}

fn profile(
    field: &str,
    what: &str,
    profile: Option<(&str, Option<&str>)>,
    faults: &mut Faults<'_>,
) {
    let Some((kind, localhost)) = profile else {
        return;
    };
    let field = at(field);
    let known = ["Localhost", "RuntimeDefault", "Unconfined"];
    faults.among(&format!("{field}.type"), Some(kind), &known);
    let localhost_profile = format!("{field}.localhostProfile");
    match (kind, localhost) {
        ("", _) => faults.add(&format!("{field}.type"), REQUIRED),
        ("Localhost", None | Some("")) => {
            let told = format!("{REQUIRED}: must be set when {what} type is Localhost");
            faults.add(&localhost_profile, &told);
        }
        ("Localhost", Some(_)) | (_, None) => {}
        (_, Some(name)) => {
            let why = format!("can only be set when {what} type is Localhost");
            faults.add(&localhost_profile, &invalid(name, &why));
        }
    }
}

/// Checks against what the pod says of the system and the users it runs with.
pub(super) fn check_in_pod(context: &SecurityContext, pod: &Pod, faults: &mut Faults<'_>) {
    let spec = pod.spec.as_ref();
    if context.proc_mount.as_deref() == Some("Unmasked")
        && spec.and_then(|spec| spec.host_users) != Some(false)
    {
        let why = "`hostUsers` must be false to use `Unmasked`";
        faults.add(&at("procMount"), &invalid("Unmasked", why));
    }
    root_that_must_not_be(context, pod, faults);
    if parts::is_windows(pod) {
        for field in of_linux(context) {
            faults.add(&at(field), "Forbidden: cannot be set for a windows pod");
        }
    }
    if parts::os(pod) == Some("linux") && context.windows_options.is_some() {
        let told = "Forbidden: windows options cannot be set for a linux pod";
        faults.add(&at("windowsOptions"), told);
    }
}

/// The server takes it, and the kubelet never starts it. What a container says counts before what
/// its pod does.
fn root_that_must_not_be(context: &SecurityContext, pod: &Pod, faults: &mut Faults<'_>) {
    let of_pod = pod.spec.as_ref();
    let of_pod = of_pod.and_then(|spec| spec.security_context.as_ref());
    let must_not = context
        .run_as_non_root
        .or_else(|| of_pod.and_then(|context| context.run_as_non_root));
    if context.run_as_user == Some(0) && must_not == Some(true) {
        let told =
            "Invalid value: 0: `runAsNonRoot` lets nobody run as root; set it to false besides";
        faults.add(&at("runAsUser"), told);
    }
}

/// Returns the fields that are set and mean nothing on Windows.
fn of_linux(context: &SecurityContext) -> impl Iterator<Item = &'static str> {
    let set = [
        ("appArmorProfile", context.app_armor_profile.is_some()),
        ("seLinuxOptions", context.se_linux_options.is_some()),
        ("seccompProfile", context.seccomp_profile.is_some()),
        ("capabilities", context.capabilities.is_some()),
        (
            "readOnlyRootFilesystem",
            context.read_only_root_filesystem.is_some(),
        ),
        ("privileged", context.privileged.is_some()),
        (
            "allowPrivilegeEscalation",
            context.allow_privilege_escalation.is_some(),
        ),
        ("procMount", context.proc_mount.is_some()),
        ("runAsUser", context.run_as_user.is_some()),
        ("runAsGroup", context.run_as_group.is_some()),
    ];
    let set = set.into_iter().filter(|(_, is_set)| *is_set);
    set.map(|(field, _)| field)
}

fn at(field: &str) -> String {
    format!("securityContext.{field}")
}

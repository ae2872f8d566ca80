//! Why a kubelet does not create a container: its user, what it refers to, its target.

use k8s_openapi::api::core::v1::Pod;

use super::{
    process,
    subject::{Change, Subject},
    trouble::{Chances, Ending, Finding, Kind},
};
use crate::container::parts;

/// Says why a container cannot be created, from a kubelet's words.
pub(super) fn not_created(subject: &Subject, pod: &Pod, message: &str) -> Finding {
    wrong_user(subject, message)
        .or_else(|| missing_reference(subject, message))
        .or_else(|| target_not_running(subject, pod, message))
        .or_else(|| process::not_runnable(subject, message))
        .unwrap_or_else(|| not_created_by_the_runtime(subject, message))
}

fn not_created_by_the_runtime(subject: &Subject, message: &str) -> Finding {
    // What a kubelet has not read yet it reads soon.
    let not_yet = message.contains("failed to sync") || message.contains("have not yet been read");
    let chances = if not_yet { Chances::Many } else { Chances::One };
    let hint = format!(
        "`kubectl describe pod {}` shows its events",
        subject.pod_words()
    );
    let cause = "the node cannot create it".to_owned();
    Finding::new(
        Kind::Creation,
        chances,
        Ending::NeverWill,
        cause,
        message,
        hint,
    )
}

/// The words of the kubelet's check `verifyRunAsNonRoot`.
fn wrong_user(subject: &Subject, message: &str) -> Option<Finding> {
    let image = &subject.image;
    let (cause, hint) = if message.contains("image will run as root") {
        (
            format!("a user that is not root is demanded, and image `{image}` runs as root"),
            format!("{} adds one as another user", subject.way(Change::Nobody)),
        )
    } else if message.contains("non-numeric user") {
        (
            format!(
                "a user that is not root is demanded, and that of image `{image}` is known by name only"
            ),
            format!("{} names one by its number", subject.way(Change::Nobody)),
        )
    } else if message.contains("breaks non-root policy") {
        (
            "root was asked for, and the pod demands a user that is not root".to_owned(),
            format!(
                "{} lifts that for this one container, where the cluster lets it; {} does without root",
                subject.way(Change::Root),
                subject.way(Change::Nobody)
            ),
        )
    } else {
        return None;
    };
    Some(Finding::new(
        Kind::User,
        Chances::None,
        Ending::NeverWill,
        cause,
        message,
        hint,
    ))
}

/// `secret "x" not found`, `couldn't find key k in ConfigMap default/x`
fn missing_reference(subject: &Subject, message: &str) -> Option<Finding> {
    let there = &subject.wording.there;
    let (cause, resource, name) = if let Some((key, kind, name)) = missing_key(message) {
        let cause = format!("{kind} `{name}` has no key `{key}`");
        (cause, kind.to_lowercase(), name)
    } else {
        let (kind, name) = missing_object(message)?;
        (
            format!("{kind} `{name}` does not exist"),
            kind.to_owned(),
            name,
        )
    };
    let hint = if cause.ends_with("exist") {
        format!("`kubectl get {resource}s {there}` lists those that do")
    } else {
        format!("`kubectl describe {resource} {name} {there}` lists its keys")
    };
    Some(Finding::new(
        Kind::Reference,
        Chances::None,
        Ending::NeedsYou,
        cause,
        message,
        hint,
    ))
}

/// Says which volume of the pod is missing, or rather what it would be made of.
pub(super) fn missing_volume(message: &str) -> String {
    match missing_object(message) {
        Some((kind, name)) => {
            format!("a volume of the pod is made of {kind} `{name}`, which does not exist")
        }
        None => "a volume of the pod is not there".to_owned(),
    }
}

/// Finds what does not exist in `secret "x" not found`.
fn missing_object(message: &str) -> Option<(&'static str, &str)> {
    ["secret", "configmap"].into_iter().find_map(|kind| {
        let (_, rest) = message.split_once(&format!("{kind} \""))?;
        let (name, rest) = rest.split_once('"')?;
        rest.starts_with(" not found").then_some((kind, name))
    })
}

fn missing_key(message: &str) -> Option<(&str, &str, &str)> {
    let (_, rest) = message.split_once("couldn't find key ")?;
    let (key, rest) = rest.split_once(" in ")?;
    let (kind, rest) = rest.split_once(' ')?;
    let name = rest.split_once('/').map_or(rest, |(_, name)| name);
    Some((key, kind, name))
}

/// `invalid target container: … is not running`, `unable to find target container app`
fn target_not_running(subject: &Subject, pod: &Pod, message: &str) -> Option<Finding> {
    let target = subject.target.as_ref()?;
    if !message.contains("target container") {
        return None;
    }
    let state = state_of(pod, target);
    let cause = match &state {
        TargetState::Waiting(reason) => {
            format!(
                "the container `{target}` whose processes it should see does not run ({reason})"
            )
        }
        TargetState::Starting | TargetState::Unclear => {
            format!("the container `{target}` whose processes it should see does not run")
        }
        TargetState::Ended => {
            format!("the container `{target}` whose processes it should see has ended")
        }
    };
    let chances = if state == TargetState::Starting {
        Chances::Many
    } else {
        Chances::OneUnlessTold
    };
    let hint = format!(
        "{} adds one that sees its own processes only",
        subject.way(Change::NoTarget)
    );
    Some(Finding::new(
        Kind::Target,
        chances,
        Ending::NeedsYou,
        cause,
        message,
        hint,
    ))
}

/// How a target that does not run does.
#[derive(Debug, Eq, PartialEq)]
enum TargetState {
    /// It has not run yet, and nothing is wrong with it.
    Starting,
    /// It waits for this reason: `CrashLoopBackOff` mostly.
    Waiting(String),
    Ended,
    /// It crashes and is restarted so soon that its status does not tell.
    Unclear,
}

fn state_of(pod: &Pod, target: &str) -> TargetState {
    let Some(state) = parts::ordinary_status(pod, target).and_then(|status| status.state.as_ref())
    else {
        return TargetState::Starting;
    };
    if state.terminated.is_some() {
        return TargetState::Ended;
    }
    let reason = state
        .waiting
        .as_ref()
        .map(|waiting| waiting.reason.clone().unwrap_or_default());
    match reason.as_deref() {
        Some("" | "ContainerCreating" | "PodInitializing") => TargetState::Starting,
        Some(reason) => TargetState::Waiting(reason.to_owned()),
        None => TargetState::Unclear,
    }
}

#[cfg(test)]
mod tests;

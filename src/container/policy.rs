//! Pod Security: what it refuses, and what would pass.

use std::slice;

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::{Profile, ProfileWish, parts};
use crate::error::{Error, listed};

/// How security context constraints refuse a pod that fits none of them (`OpenShift`, `sccadmission/admission.go`).
pub(super) const CONSTRAINTS: &str = "unable to validate against any security context constraint";

/// A level that refuses something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Level {
    /// Nothing that is known to lead out of a container.
    Baseline,
    /// Nothing but what is known to be safe.
    Restricted,
}

impl Level {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }

    /// Returns the strongest profile that it lets pass.
    fn profile(self) -> Profile {
        match self {
            Self::Baseline => Profile::Baseline,
            Self::Restricted => Profile::Restricted,
        }
    }
}

/// Why the profile was stepped down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// Pod Security of this level refused more.
    PodSecurity(Level),
    /// Security context constraints refused more, and set what they want themselves.
    Constraints,
}

/// A refusal by Pod Security.
///
/// It judges the whole pod: also containers that were there before, which ephemeral ones never leave.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Refusal {
    level: Level,
    /// The containers that it names.
    accused: Vec<String>,
}

/// Returns what to try once the server has refused the container, and why; nothing where the refusal
/// stands.
pub fn step_down(
    wish: ProfileWish,
    profile: Profile,
    refused: &EphemeralContainer,
    error: &Error,
) -> Option<(Profile, Cause)> {
    let Error::Refused { message, .. } = error else {
        return None;
    };
    if wish != ProfileWish::Auto {
        return None;
    }
    let user = refused
        .security_context
        .as_ref()
        .and_then(|context| context.run_as_user);
    if message.contains(CONSTRAINTS) && profile == Profile::General {
        return Some((Profile::Baseline, Cause::Constraints));
    }
    let level = Refusal::read(message)?.level;
    let next = level.profile();
    // A user that was asked for is not taken away either.
    if strength(next) >= strength(profile) || (next == Profile::Restricted && user == Some(0)) {
        return None;
    }
    Some((next, Cause::PodSecurity(level)))
}

/// Adds to a refusal by Pod Security what would pass; leaves every other error as it is.
pub fn explained(error: Error, profile: Profile, refused: &EphemeralContainer, pod: &Pod) -> Error {
    let Error::Refused { reason, message } = error else {
        return error;
    };
    let Some(refusal) = Refusal::read(&message) else {
        return Error::Refused { reason, message };
    };
    let hint = refusal.cure(profile, refused, pod);
    Error::PolicyRefused {
        reason,
        message,
        hint,
    }
}

/// Does the same for containers that a file says all of.
pub fn explained_for_file(error: Error, names: &[String], pod: &Pod) -> Error {
    let Error::Refused { reason, message } = error else {
        return error;
    };
    let Some(refusal) = Refusal::read(&message) else {
        return Error::Refused { reason, message };
    };
    let level = refusal.level.name();
    let hint = refusal.cure_of_others(names, pod).unwrap_or_else(|| {
        format!(
            "Pod Security `{level}` objects to what the file says; without it, `--profile {level}` would pass"
        )
    });
    Error::PolicyRefused {
        reason,
        message,
        hint,
    }
}

impl Refusal {
    /// Reads the server's words: `… violates PodSecurity "LEVEL:VERSION": WHAT (container "NAME" must …), …`.
    fn read(message: &str) -> Option<Self> {
        let (_, rest) = message.split_once("violates PodSecurity \"")?;
        let (standard, violations) = rest.split_once('"')?;
        let level = match standard.split(':').next()? {
            "baseline" => Level::Baseline,
            "restricted" => Level::Restricted,
            _ => return None,
        };
        let mut accused: Vec<String> = Vec::new();
        for lead in ["container \"", "containers \""] {
            for (at, _) in violations.match_indices(lead) {
                let names = quoted(&violations[at + lead.len() - 1..]);
                accused.extend(names.map(str::to_owned));
            }
        }
        accused.sort();
        accused.dedup();
        Some(Self { level, accused })
    }

    /// Returns the cure where what was added is not to blame.
    fn cure_of_others(&self, added: &[String], pod: &Pod) -> Option<String> {
        let level = self.level.name();
        let others: Vec<_> = self
            .accused
            .iter()
            .filter(|name| !added.contains(name))
            .cloned()
            .collect();
        let older: Vec<_> = others
            .iter()
            .filter(|name| parts::ephemeral_of_name(pod, name).is_some())
            .cloned()
            .collect();
        if !older.is_empty() {
            return Some(format!(
                "what Pod Security `{level}` objects to was added to this pod before: {}; an ephemeral container \
                 cannot be removed, so take another pod of the workload, or delete this one and debug the one \
                 that replaces it",
                listed(&older)
            ));
        }
        if !others.is_empty() {
            return Some(format!(
                "Pod Security `{level}` objects to the pod's own {}, whatever is added: the rule is newer than the pod",
                listed(&others)
            ));
        }
        if self.accused.is_empty() {
            return Some(format!(
                "Pod Security `{level}` objects to the pod itself, whatever is added: the rule is newer than the pod"
            ));
        }
        None
    }

    fn cure(&self, profile: Profile, refused: &EphemeralContainer, pod: &Pod) -> String {
        let level = self.level.name();
        let ours = slice::from_ref(&refused.name);
        if let Some(cure) = self.cure_of_others(ours, pod) {
            return cure;
        }
        let context = refused.security_context.as_ref();
        let is_root = context.and_then(|context| context.run_as_user) == Some(0);
        if self.level == Level::Restricted && is_root {
            return "Pod Security `restricted` lets nobody run as root; leave the user to us, or name another one \
                 with --run-as"
                .to_owned();
        }
        if strength(profile) <= strength(self.level.profile()) {
            return format!(
                "Pod Security `{level}` lets the profile `{}` pass, but not what is set besides",
                profile.name()
            );
        }
        format!(
            "`--profile {level}` would pass; without --profile the strongest one that passes is taken"
        )
    }
}

/// Orders the profiles by what they allow.
fn strength(profile: Profile) -> u8 {
    match profile {
        Profile::Restricted => 0,
        Profile::Baseline | Profile::Legacy => 1,
        Profile::General | Profile::Netadmin | Profile::Sysadmin => 2,
    }
}

/// Returns the names at the beginning of a text like `"a", "b" must …`.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (name, after) = rest?.strip_prefix('"')?.split_once('"')?;
        rest = after.strip_prefix(", ");
        Some(name)
    })
}

#[cfg(test)]
mod tests;

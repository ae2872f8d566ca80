//! What the container may do.

use k8s_openapi::api::core::v1::{Capabilities, Pod, SeccompProfile, SecurityContext};

use super::{User, parts::is_windows};
use crate::cli;

/// What a container may do. The sets are those of kubectl 1.36 for ephemeral containers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// It may trace processes.
    General,
    /// Nothing is added, nothing taken away.
    Baseline,
    /// All that Pod Security `restricted` demands.
    Restricted,
    /// It may administer the network.
    Netadmin,
    /// It may do everything.
    Sysadmin,
    /// As `Baseline`; the name that kubectl gives up.
    Legacy,
}

/// Which profile the user wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProfileWish {
    /// The strongest of `general`, `baseline` and `restricted` that is let in.
    Auto,
    /// This one and no other.
    Named(Profile),
}

impl From<cli::Profile> for ProfileWish {
    fn from(word: cli::Profile) -> Self {
        Self::Named(match word {
            cli::Profile::Auto => return Self::Auto,
            cli::Profile::General => Profile::General,
            cli::Profile::Baseline => Profile::Baseline,
            cli::Profile::Restricted => Profile::Restricted,
            cli::Profile::Netadmin => Profile::Netadmin,
            cli::Profile::Sysadmin => Profile::Sysadmin,
            cli::Profile::Legacy => Profile::Legacy,
        })
    }
}

impl ProfileWish {
    /// Returns the profile that is tried first. Windows has no capabilities, and the server refuses them.
    pub fn first(self, pod: &Pod) -> Profile {
        match self {
            Self::Auto if is_windows(pod) => Profile::Baseline,
            Self::Auto => Profile::General,
            Self::Named(profile) => profile,
        }
    }
}

impl Profile {
    /// Returns the name by which users know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
            Self::Netadmin => "netadmin",
            Self::Sysadmin => "sysadmin",
            Self::Legacy => "legacy",
        }
    }

    /// Returns the security context of a container with this profile that runs as that user.
    pub fn security_context(self, user: Option<User>) -> Option<SecurityContext> {
        let context = match self {
            Self::General => Some(adding(&["SYS_PTRACE"])),
            Self::Netadmin => Some(adding(&["NET_ADMIN", "NET_RAW"])),
            Self::Sysadmin => Some(SecurityContext {
                privileged: Some(true),
                ..SecurityContext::default()
            }),
            Self::Restricted => Some(restricted()),
            Self::Baseline | Self::Legacy => None,
        };
        let Some(user) = user else { return context };
        let context = context.unwrap_or_default();
        Some(SecurityContext {
            run_as_user: Some(user.id),
            run_as_group: user.group,
            // The pod may demand that nobody is root; the container's own word counts before its.
            run_as_non_root: if user.is_root() {
                Some(false)
            } else {
                context.run_as_non_root
            },
            ..context
        })
    }
}

fn adding(capabilities: &[&str]) -> SecurityContext {
    let names = capabilities.iter().map(|name| (*name).to_owned());
    SecurityContext {
        capabilities: Some(Capabilities {
            add: Some(names.collect()),
            drop: None,
        }),
        ..SecurityContext::default()
    }
}

fn restricted() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities {
            add: None,
            drop: Some(vec!["ALL".to_owned()]),
        }),
        run_as_non_root: Some(true),
        seccomp_profile: Some(SeccompProfile {
            type_: "RuntimeDefault".to_owned(),
            localhost_profile: None,
        }),
        ..SecurityContext::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// What kubectls sent for each profile.
    const RECORDED: &str =
        include_str!("../../tests/sandbox/tests/transcripts/kubectl-profiles.json");

    #[test]
    fn each_profile_is_that_of_kubectl() {
        let runs: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
        let runs: Vec<_> = runs
            .iter()
            .filter(|run| run["patchBody"].is_object())
            .collect();
        for profile in [
            Profile::General,
            Profile::Baseline,
            Profile::Restricted,
            Profile::Netadmin,
            Profile::Sysadmin,
            Profile::Legacy,
        ] {
            let ours = serde_json::to_value(profile.security_context(None)).unwrap();
            let mut recorded = runs.iter().filter(|run| run["profile"] == profile.name());
            assert!(recorded.clone().count() >= 4, "{profile:?}");
            assert!(
                recorded.all(|run| {
                    run["patchBody"]["spec"]["ephemeralContainers"][0]["securityContext"] == ours
                }),
                "{profile:?}"
            );
        }
    }

    #[test]
    fn a_pod_of_windows_gets_no_capabilities() {
        let windows = serde_json::json!({"spec": {"containers": [], "os": {"name": "windows"}}});
        let windows = serde_json::from_value(windows).unwrap();
        assert_eq!(ProfileWish::Auto.first(&windows), Profile::Baseline);
        assert_eq!(ProfileWish::Auto.first(&Pod::default()), Profile::General);
        let named = ProfileWish::Named(Profile::Netadmin);
        assert_eq!(named.first(&windows), Profile::Netadmin);
    }

    #[test]
    fn root_overrides_a_pod_that_wants_nobody_to_be_root() {
        let context = |profile: Profile, id, group| {
            let context = profile.security_context(Some(User { id, group }));
            serde_json::to_value(context).unwrap()
        };
        assert_eq!(
            context(Profile::General, 0, None),
            serde_json::json!({"capabilities": {"add": ["SYS_PTRACE"]}, "runAsUser": 0, "runAsNonRoot": false})
        );
        assert_eq!(
            context(Profile::Baseline, 7, Some(8)),
            serde_json::json!({"runAsUser": 7, "runAsGroup": 8})
        );
        let restricted = context(Profile::Restricted, 7, None);
        assert_eq!(restricted["runAsNonRoot"], true);
        assert_eq!(restricted["runAsUser"], 7);
    }
}

//! Whether all would work: what is looked at, and what the outcomes come to.

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::{
    Inheritance, Profile, ProfileWish, Setup, TargetWish, check_pod,
    target::{Target, choose_target},
    user::user,
};
use crate::error::Error;

/// The profiles that are tried, from the strongest.
pub const TRIED: [Profile; 3] = [Profile::General, Profile::Baseline, Profile::Restricted];

/// Each right, with what it is needed for.
pub const RIGHTS: [(&str, &str, Need, &str); 9] = [
    ("get", "pods", Need::Always, "to read the pod"),
    (
        "patch",
        "pods/ephemeralcontainers",
        Need::Always,
        "to add a container",
    ),
    ("get", "pods/attach", Need::Always, "for a session"),
    (
        "create",
        "pods/attach",
        Need::Always,
        "for a session, from Kubernetes 1.35 on",
    ),
    (
        "get",
        "pods/log",
        Need::Always,
        "for the output of a command",
    ),
    (
        "watch",
        "pods",
        Need::Comfort,
        "else the pod is read again and again",
    ),
    (
        "list",
        "pods",
        Need::Comfort,
        "else pods cannot be found by their workload",
    ),
    (
        "watch",
        "events",
        Need::Comfort,
        "else failures are noticed up to 15 s later",
    ),
    (
        "get",
        "nodes",
        Need::Comfort,
        "else a node that is not ready is not noticed",
    ),
];

/// How much depends on something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// Nothing works without.
    Always,
    /// One of those is enough.
    OneOfThem,
    /// It is better with it.
    Comfort,
}

/// Something that was looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// What it is.
    pub what: String,
    /// Whether it is as it should be.
    pub good: bool,
    /// How much depends on it.
    pub need: Need,
    /// What else there is to say: what it is for, or what cures it.
    pub note: String,
}

/// Tells whether a container could be added and joined.
pub fn would_work(checks: &[Check]) -> bool {
    let with = |need| checks.iter().filter(move |check| check.need == need);
    let mut choices = with(Need::OneOfThem).peekable();
    let is_chosen = choices.peek().is_none() || choices.any(|check| check.good);
    is_chosen && with(Need::Always).all(|check| check.good)
}

/// Looks at a pod: whether something can start in it, and whose processes would be seen.
pub fn look_at(pod: &Pod) -> Vec<Check> {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let fit = match check_pod(pod) {
        Ok(()) => (true, String::new()),
        Err(error) => (false, error.to_string()),
    };
    let target = match choose_target(&TargetWish::Main, pod) {
        Ok(Target::Main(name) | Target::Named(name)) => {
            (true, format!("the processes of `{name}` would be seen"))
        }
        Ok(Target::Shared) => (true, "the pod shares its processes".to_owned()),
        Ok(Target::NotRunning(name)) => (
            false,
            format!("`{name}` does not run, so its processes cannot be seen"),
        ),
        Ok(Target::None) => (false, "no processes but its own would be seen".to_owned()),
        Err(error) => (false, error.to_string()),
    };
    let check = |what: String, need, (good, note)| Check {
        what,
        good,
        need,
        note,
    };
    vec![
        check(format!("pod {name}"), Need::Always, fit),
        check("target".to_owned(), Need::Comfort, target),
    ]
}

/// Returns a refusal without what stands in parentheses: what is wrong, and not with which container.
pub fn in_short(refusal: &str) -> String {
    let mut depth = 0_usize;
    let mut short = String::new();
    for letter in refusal.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => short.push(letter),
            _ => {}
        }
    }
    short.replace(" ,", ",").trim_end().to_owned()
}

/// Builds the container with which a profile is tried.
pub fn trial(
    pod: &Pod,
    name: String,
    image: String,
    profile: Profile,
) -> Result<EphemeralContainer, Error> {
    let setup = Setup {
        profile: ProfileWish::Auto,
        run_as: None,
        inherit: Inheritance::default(),
        environment: Vec::new(),
        pull_policy: None,
        arguments_only: false,
    };
    let target = choose_target(&TargetWish::Main, pod)?;
    let user = user(&setup, &target, pod, profile)?;
    Ok(EphemeralContainer {
        name,
        image: Some(image),
        target_container_name: target.name().map(str::to_owned),
        security_context: profile.security_context(user),
        stdin: Some(true),
        tty: Some(true),
        ..EphemeralContainer::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(good: bool, need: Need) -> Check {
        Check {
            what: String::new(),
            good,
            need,
            note: String::new(),
        }
    }

    #[test]
    fn a_refusal_in_short_says_what_is_wrong() {
        let refusal = "violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"d\" must \
                       set (this)), unrestricted capabilities (container \"d\")";
        assert_eq!(
            in_short(refusal),
            "violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false, unrestricted capabilities"
        );
    }

    #[test]
    fn what_is_needed_decides_and_comfort_does_not() {
        for (checks, works) in [
            (vec![], true),
            (
                vec![check(true, Need::Always), check(false, Need::Comfort)],
                true,
            ),
            (
                vec![check(true, Need::Always), check(false, Need::Always)],
                false,
            ),
            (
                vec![check(false, Need::OneOfThem), check(true, Need::OneOfThem)],
                true,
            ),
            (
                vec![check(true, Need::Always), check(false, Need::OneOfThem)],
                false,
            ),
        ] {
            assert_eq!(would_work(&checks), works, "{checks:?}");
        }
    }
}

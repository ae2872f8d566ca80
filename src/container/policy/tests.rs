//! Which refusals lead to which next step, and to which words.

use k8s_openapi::api::core::v1::SecurityContext;
use serde_json::json;

use super::*;

const RESTRICTED: &str = "pods \"web\" is forbidden: violates PodSecurity \"restricted:latest\": \
    allowPrivilegeEscalation != false (container \"debugger-1\" must set \
    securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"debugger-1\" must set \
    securityContext.capabilities.drop=[\"ALL\"]; container \"debugger-1\" must not include \"SYS_PTRACE\" in \
    securityContext.capabilities.add), runAsNonRoot != true (pod or container \"debugger-1\" must set \
    securityContext.runAsNonRoot=true)";
const BASELINE: &str = "pods \"web\" is forbidden: violates PodSecurity \"baseline:v1.30\": non-default capabilities \
    (container \"debugger-1\" must not include \"SYS_PTRACE\" in securityContext.capabilities.add)";

fn refused(message: &str) -> Error {
    Error::Refused {
        reason: "Forbidden".to_owned(),
        message: message.to_owned(),
    }
}

fn container(user: Option<i64>) -> EphemeralContainer {
    EphemeralContainer {
        name: "debugger-1".to_owned(),
        security_context: Some(SecurityContext {
            run_as_user: user,
            ..SecurityContext::default()
        }),
        ..EphemeralContainer::default()
    }
}

#[test]
fn auto_goes_straight_to_what_the_level_lets_pass_and_never_further() {
    let step = |profile, message, user| {
        step_down(
            ProfileWish::Auto,
            profile,
            &container(user),
            &refused(message),
        )
    };
    let restricted = Some((Profile::Restricted, Cause::PodSecurity(Level::Restricted)));
    let baseline = Some((Profile::Baseline, Cause::PodSecurity(Level::Baseline)));
    assert_eq!(step(Profile::General, RESTRICTED, None), restricted);
    assert_eq!(step(Profile::General, RESTRICTED, Some(7)), restricted);
    assert_eq!(step(Profile::Baseline, RESTRICTED, None), restricted);
    assert_eq!(step(Profile::General, BASELINE, None), baseline);
    assert_eq!(step(Profile::General, BASELINE, Some(0)), baseline);
    assert_eq!(step(Profile::General, RESTRICTED, Some(0)), None);
    assert_eq!(step(Profile::Restricted, RESTRICTED, None), None);
    assert_eq!(step(Profile::Baseline, BASELINE, None), None);
    assert_eq!(step(Profile::General, "denied by a webhook", None), None);
    let hidden = "violates PodSecurity \"other:latest\"";
    assert_eq!(step(Profile::General, hidden, None), None);
}

/// They set user and capabilities themselves where nothing is said of them.
#[test]
fn constraints_of_openshift_are_left_to_set_what_they_want() {
    let message = "pods \"web\" is forbidden: unable to validate against any security context constraint: [provider \
        \"anyuid\": Forbidden: not usable by user or serviceaccount]";
    let step = |profile| {
        step_down(
            ProfileWish::Auto,
            profile,
            &container(None),
            &refused(message),
        )
    };
    let baseline = Some((Profile::Baseline, Cause::Constraints));
    assert_eq!(step(Profile::General), baseline);
    assert_eq!(step(Profile::Baseline), None);
}

#[test]
fn a_profile_that_was_named_is_never_weakened() {
    let wish = ProfileWish::Named(Profile::General);
    let step = step_down(
        wish,
        Profile::General,
        &container(None),
        &refused(RESTRICTED),
    );
    assert_eq!(step, None);
}

fn hint(profile: Profile, message: &str, user: Option<i64>) -> Option<String> {
    let pod = serde_json::from_value(json!({
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "web"}],
            "ephemeralContainers": [{"name": "debugger-0"}, {"name": "debugger-00"}]},
    }))
    .unwrap();
    explained(refused(message), profile, &container(user), &pod).hint()
}

#[test]
fn a_refusal_comes_with_what_would_pass() {
    for (profile, message, user, expected) in [
        (
            Profile::General,
            RESTRICTED,
            None,
            "`--profile restricted` would pass; without --profile the strongest one that passes is taken",
        ),
        (
            Profile::Sysadmin,
            BASELINE,
            None,
            "`--profile baseline` would pass; without --profile the strongest one that passes is taken",
        ),
        (
            Profile::General,
            RESTRICTED,
            Some(0),
            "Pod Security `restricted` lets nobody run as root; leave the user to us, or name another one with --run-as",
        ),
        (
            Profile::Restricted,
            RESTRICTED,
            None,
            "Pod Security `restricted` lets the profile `restricted` pass, but not what is set besides",
        ),
        (
            Profile::Restricted,
            "violates PodSecurity \"restricted:latest\": x (containers \"debugger-0\", \"debugger-00\" must set y)",
            None,
            "what Pod Security `restricted` objects to was added to this pod before: `debugger-0`, `debugger-00`; an \
             ephemeral container cannot be removed, so take another pod of the workload, or delete this one and debug \
             the one that replaces it",
        ),
        (
            Profile::Restricted,
            "violates PodSecurity \"restricted:latest\": x (pod or containers \"web\", \"debugger-1\" must set y)",
            None,
            "Pod Security `restricted` objects to the pod's own `web`, whatever is added: the rule is newer than the pod",
        ),
        (
            Profile::Baseline,
            "violates PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)",
            None,
            "Pod Security `baseline` objects to the pod itself, whatever is added: the rule is newer than the pod",
        ),
    ] {
        assert_eq!(
            hint(profile, message, user).as_deref(),
            Some(expected),
            "{message}"
        );
    }
    assert_eq!(hint(Profile::General, "denied by a webhook", None), None);
}

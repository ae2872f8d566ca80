//! What is said about the container that is added: whose processes it sees, what comes along, what it may do.

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::auto::Admitted;
use crate::{
    cluster::Added,
    container::{Inherited, Profile, ProfileWish, Setup, Standing, Target, policy::Cause},
    error::listed,
    report::Reporter,
};

/// kubectl's own words, since they are looked for.
const LEGACY: &str = "--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify \
                      other profile, for example \"--profile=general\".";

/// Says what was decided before anything is sent.
pub(super) fn decided(setup: &Setup, target: &Target, inherited: &Inherited, report: &Reporter) {
    target_is(target, report);
    if setup.profile == ProfileWish::Named(Profile::Legacy) {
        report.notice(LEGACY);
    }
    if let (Target::Shared, Some(container)) = (target, &inherited.from) {
        report.notice(&format!(
            "what is taken over is that of container `{container}` (--target names another one)"
        ));
    }
    if !inherited.left_out.is_empty() {
        report.warning(&format!(
            "left out the mounts at {}: an ephemeral container cannot mount a part of a volume (subPath)",
            listed(&inherited.left_out)
        ));
    }
    if let Some(container) = &inherited.no_user_of {
        report.notice(&format!(
            "it is not known as which user container `{container}` runs, so the image decides about ours"
        ));
    }
    if let Some(account) = &inherited.token_of {
        report.notice(&format!(
            "the token of the service account `{account}` comes along with the mounts: what runs in the container \
             can act as that account"
        ));
    }
}

fn target_is(target: &Target, report: &Reporter) {
    match target {
        Target::Main(name) => report.notice(&format!(
            "the processes of container `{name}` are visible (--target names another one)"
        )),
        Target::NotRunning(name) => report.warning(&format!(
            "container `{name}` does not run, so its processes cannot be seen; going on without"
        )),
        Target::OfNode => {
            report.notice("the pod sees the processes of its node, so all of those are visible");
        }
        Target::Shared => report
            .notice("the pod shares its processes, so those of all its containers are visible"),
        Target::Named(_) | Target::None => {}
    }
}

/// Says what admission changed, and returns what the container is.
pub(super) fn accepted(
    container: &EphemeralContainer,
    pod: &Pod,
    added: &Added,
    report: &Reporter,
) -> Standing {
    let asked = Standing::of(container, pod);
    let has = Standing::of(&added.container, &added.pod);
    if let Some(what) = another_image(container, &added.container) {
        report.warning(&what);
    }
    // Of a server that takes no security context at all it was said already.
    if added.container.security_context.is_some()
        && let Some(what) = changed(&asked, &has)
    {
        report.warning(&what);
    }
    has
}

/// Says what the server made of it: what was given up, what has no effect, what admission changed.
pub(super) fn admitted(setup: &Setup, pod: &Pod, admitted: &Admitted, report: &Reporter) {
    let has = accepted(&admitted.container, pod, &admitted.added, report);
    if let Some(cause) = admitted.stepped_down {
        report.notice(&given_up(cause, &has));
        return;
    }
    let Some(what) = powerless(setup, &has) else {
        return;
    };
    if setup.is_auto() {
        report.notice(&what);
    } else {
        report.warning(&what);
    }
}

fn given_up(cause: Cause, has: &Standing) -> String {
    let user = match has.user {
        Some(user) => format!(" as user {user}"),
        None => " as the user of its image".to_owned(),
    };
    let runs = format!("runs{user} without SYS_PTRACE, so it can see but not trace processes");
    match cause {
        Cause::PodSecurity(level) => {
            format!("Pod Security `{}` here: the container {runs}", level.name())
        }
        Cause::Constraints => {
            format!("the security context constraints here want it so: the container {runs}")
        }
    }
}

/// Says that capabilities are for root: the kernel gives another user none of them.
fn powerless(setup: &Setup, has: &Standing) -> Option<String> {
    if !has.is_not_root() {
        return None;
    }
    let powers = has.powers()?;
    let have = if has.added.len() > 1 && !has.privileged {
        "have"
    } else {
        "has"
    };
    let who = match has.user {
        Some(user) => format!("runs as user {user}"),
        None => "does not run as root".to_owned(),
    };
    let cure = match setup.run_as {
        None => "; `--run-as root` makes it root",
        Some(_) => "",
    };
    Some(format!(
        "the container {who}, so {powers} {have} no effect{cure}"
    ))
}

fn another_image(asked: &EphemeralContainer, has: &EphemeralContainer) -> Option<String> {
    let image = has.image.as_deref()?;
    (asked.image.as_deref() != Some(image))
        .then(|| format!("the cluster changed the container: its image is `{image}`"))
}

fn changed(asked: &Standing, has: &Standing) -> Option<String> {
    let mut changes = Vec::new();
    if let Some(user) = has.user.filter(|_| has.user != asked.user) {
        changes.push(format!("it runs as user {user}"));
    }
    let lost: Vec<_> = asked
        .added
        .iter()
        .filter(|name| !has.added.contains(name))
        .cloned()
        .collect();
    if !lost.is_empty() {
        changes.push(format!("it goes without {}", lost.join(" and ")));
    }
    if asked.privileged && !has.privileged {
        changes.push("it is not privileged".to_owned());
    }
    (!changes.is_empty()).then(|| {
        format!(
            "the cluster changed the container: {}",
            changes.join(", and ")
        )
    })
}

#[cfg(test)]
mod tests;

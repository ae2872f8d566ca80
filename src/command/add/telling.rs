//! What is said about the container that is added: whose processes it sees, what comes along, what it may do.

use k8s_openapi::api::core::v1::Pod;

use super::auto::Admitted;
use crate::{
    container::{
        Inherited, Profile, ProfileWish, Setup, Standing, Target, ephemeral, policy::Cause,
    },
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
    if !inherited.left_out.is_empty() {
        report.warning(&format!(
            "left out the mounts at {}: an ephemeral container cannot mount a part of a volume (subPath)",
            listed(&inherited.left_out)
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

/// Says what the server made of it: what was given up, what has no effect, what admission changed.
pub(super) fn admitted(setup: &Setup, pod: &Pod, admitted: &Admitted, report: &Reporter) {
    let asked = Standing::of(&admitted.container, pod);
    let added = ephemeral(&admitted.added.pod, &admitted.added.container.name);
    let has = added.map_or(asked.clone(), |container| {
        Standing::of(container, &admitted.added.pod)
    });
    if let Some(what) = changed(&asked, &has) {
        report.warning(&what);
    }
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
        None => String::new(),
    };
    let runs = format!("runs{user} without SYS_PTRACE, so it can see but not trace processes");
    match cause {
        Cause::PodSecurity(level) => {
            format!("Pod Security `{}` here: the container {runs}", level.name())
        }
        Cause::NoSecurityContext => {
            format!(
                "this server takes no security context for ephemeral containers: the container {runs}"
            )
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

//! Adds the container that was asked for to the pod.

mod sending;

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::time;

use self::sending::{Naming, Sending};
use crate::{
    cli::DryRun,
    cluster::{Added, Cluster, Keep},
    container::{self, Aim, DebugRequest, Mode, Target, Weakening, name},
    error::Error,
    report::Reporter,
};

/// What the patch has before other work begins, so that it is on its way first.
const HEAD_START: Duration = Duration::from_millis(1);

/// Adds the container, and returns it and the pod as the server has them then.
pub(super) async fn add(
    cluster: &Cluster,
    request: &DebugRequest,
    pod: &Pod,
    report: &Reporter,
) -> Result<Added, Error> {
    container::check_pod(pod)?;
    let target = container::choose_target(&request.target, pod)?;
    tell_target(&target, report);
    let (naming, name) = match &request.container {
        Some(name) => (Naming::Theirs, container::unused_name(pod, name)?),
        None => (
            Naming::Ours,
            name::of_debugger(|end| fastrand::usize(..end)),
        ),
    };
    let container = container::ephemeral_container(request, name, &target);
    let keep = match request.aim {
        Aim::Try(DryRun::Client, _) => {
            return Ok(Added {
                pod: pod.clone(),
                container,
                warnings: Vec::new(),
            });
        }
        Aim::Try(DryRun::Server, _) => Keep::DryRun,
        Aim::Leave(_) | Aim::Stay | Aim::Record(_) => Keep::ForGood,
    };
    // While the server works on the patch, the connections for what follows are made.
    let meanwhile = async {
        if matches!(request.aim, Aim::Stay | Aim::Record(_)) {
            time::sleep(HEAD_START).await;
            cluster.prepare(connections(request.mode));
        }
    };
    let sending = Sending {
        cluster,
        pod,
        naming,
        keep,
        weakening: Weakening::Allowed,
        report,
    };
    let (added, ()) = tokio::join!(sending.send(container), meanwhile);
    let added = added?;
    if keep == Keep::ForGood {
        let (name, pod) = (&added.container.name, request.pod.as_str());
        report.notice(&format!("added container `{name}` to pod `{pod}`"));
        if container::is_unscheduled(&added.pod) {
            report.notice("no node has taken the pod yet; the container starts once one has");
        }
    }
    Ok(added)
}

/// How many connections are needed besides the one that the first watch keeps: for the events and
/// for the stream, or for the log.
fn connections(mode: Mode) -> usize {
    match mode {
        Mode::Output => 1,
        Mode::Pipe | Mode::Terminal => 2,
    }
}

fn tell_target(target: &Target, report: &Reporter) {
    match target {
        Target::Main(name) => report.notice(&format!(
            "the processes of container `{name}` are visible (--target names another one)"
        )),
        Target::NotRunning(name) => report.warning(&format!(
            "container `{name}` does not run, so its processes cannot be seen; going on without"
        )),
        Target::Shared => report
            .notice("the pod shares its processes, so those of all its containers are visible"),
        Target::Named(_) | Target::None => {}
    }
}

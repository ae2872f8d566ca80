//! Adds the container that was asked for to the pod.

mod auto;
mod sending;
mod telling;

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::time;

pub(super) use self::auto::Admitted;
use self::sending::{Naming, Sending};
use crate::{
    cli::DryRun,
    cluster::{Cluster, Keep},
    container::{self, Aim, DebugRequest, Mode, name},
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
) -> Result<Admitted, Error> {
    container::check_pod(pod)?;
    let target = container::choose_target(&request.target, pod)?;
    let inherited = container::inherited(&request.setup, &target, pod)?;
    let (naming, name) = match &request.container {
        Some(name) => (Naming::Theirs, container::unused_name(pod, name)?),
        None => (
            Naming::Ours,
            name::of_debugger(|end| fastrand::usize(..end)),
        ),
    };
    telling::decided(&request.setup, &target, &inherited, report);
    let build = |profile| {
        container::ephemeral_container(request, name.clone(), &target, &inherited, pod, profile)
    };
    let keep = match request.aim {
        Aim::Try(DryRun::Client, _) => {
            let profile = request.setup.profile.first(pod);
            return Ok(Admitted::untried(build(profile)?, profile, pod));
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
        weakening: request.setup.weakening(),
        report,
    };
    let admission = auto::admit(sending, request.setup.profile, build);
    let (admitted, ()) = tokio::join!(admission, meanwhile);
    let admitted = admitted?;
    if keep == Keep::ForGood {
        let (name, pod) = (&admitted.added.container.name, request.pod.as_str());
        report.notice(&format!("added container `{name}` to pod `{pod}`"));
        if container::is_unscheduled(&admitted.added.pod) {
            report.notice("no node has taken the pod yet; the container starts once one has");
        }
    }
    telling::admitted(&request.setup, pod, &admitted, report);
    Ok(admitted)
}

/// How many connections are needed besides the one that the first watch keeps: for the events and
/// for the stream, or for the log.
fn connections(mode: Mode) -> usize {
    match mode {
        Mode::Output => 1,
        Mode::Pipe | Mode::Terminal => 2,
    }
}

//! Adds the container that was asked for to the pod.

mod sending;

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::time;

use self::sending::{Naming, Sending};
use super::stay::Place;
use crate::{
    cluster::{Cluster, Keep, Streams},
    container::{self, DebugRequest, Mode, Target, Weakening, name},
    error::Error,
    report::Reporter,
};

/// What the patch has before other work begins, so that it is on its way first.
const HEAD_START: Duration = Duration::from_millis(1);
/// How many connections are needed besides the one that the first watch keeps: for the events, and
/// for the stream or the log.
const CONNECTIONS: usize = 2;

/// Adds the container, and returns where it is and the pod with it.
pub(super) async fn add<'a>(
    cluster: &'a Cluster,
    request: &DebugRequest,
    pod: &Pod,
    report: &Reporter,
) -> Result<(Place<'a>, Pod), Error> {
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
    // While the server works on the patch, the connections for what follows are made.
    let meanwhile = async {
        if request.attach {
            time::sleep(HEAD_START).await;
            cluster.prepare(CONNECTIONS);
        }
    };
    let sending = Sending {
        cluster,
        pod,
        naming,
        keep: Keep::ForGood,
        weakening: Weakening::Allowed,
        report,
    };
    let (added, ()) = tokio::join!(sending.send(container), meanwhile);
    let added = added.map_err(|error| container::explain_refusal(error, pod))?;
    let pod = request.pod.as_str().to_owned();
    let streams = streams(request.mode);
    let place = Place {
        cluster,
        pod,
        container: added.container.name,
        streams,
    };
    report.notice(&format!(
        "added container `{}` to pod `{}`",
        place.container, place.pod
    ));
    if container::is_unscheduled(&added.pod) {
        report.notice("no node has taken the pod yet; the container starts once one has");
    }
    Ok((place, added.pod))
}

fn streams(mode: Mode) -> Streams {
    match mode {
        Mode::Output => Streams::Output,
        Mode::Pipe => Streams::Pipe,
        Mode::Terminal => Streams::Terminal,
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

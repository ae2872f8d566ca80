//! Adds the container that was asked for to the pod.

mod auto;
mod sending;
mod telling;

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::time;

use self::sending::{Naming, Sending};
use super::stay::Place;
use crate::{
    cluster::{Cluster, Keep, Streams},
    container::{self, DebugRequest, Mode, name},
    error::Error,
    report::Reporter,
};

/// What the patch has before other work begins, so that it is on its way first.
const HEAD_START: Duration = Duration::from_millis(1);

/// Adds the container, and returns where it is and the pod with it.
pub(super) async fn add<'a>(
    cluster: &'a Cluster,
    request: &DebugRequest,
    pod: &Pod,
    report: &Reporter,
) -> Result<(Place<'a>, Pod), Error> {
    container::check_pod(pod)?;
    container::check_options(&request.setup, pod)?;
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
    // While the server works on the patch, the connections for what follows are made.
    let meanwhile = async {
        if request.attach {
            time::sleep(HEAD_START).await;
            cluster.prepare(connections(request.mode));
        }
    };
    let sending = Sending {
        cluster,
        pod,
        naming,
        keep: Keep::ForGood,
        weakening: request.setup.weakening(),
        report,
    };
    let admission = auto::admit(sending, request.setup.profile, build);
    let (admitted, ()) = tokio::join!(admission, meanwhile);
    let admitted = admitted?;
    let place = Place {
        cluster,
        pod: pod.metadata.name.clone().unwrap_or_default(),
        container: admitted.added.container.name.clone(),
        streams: streams(request.mode),
    };
    report.notice(&format!(
        "added container `{}` to pod `{}`",
        place.container, place.pod
    ));
    if container::is_unscheduled(&admitted.added.pod) {
        report.notice("no node has taken the pod yet; the container starts once one has");
    }
    telling::admitted(&request.setup, pod, &admitted, report);
    Ok((place, admitted.added.pod))
}

/// How many connections are needed besides the one that the first watch keeps: for the events and
/// for the stream, or for the log.
fn connections(mode: Mode) -> usize {
    match mode {
        Mode::Output => 1,
        Mode::Pipe | Mode::Terminal => 2,
    }
}

fn streams(mode: Mode) -> Streams {
    match mode {
        Mode::Output => Streams::Output,
        Mode::Pipe => Streams::Pipe,
        Mode::Terminal => Streams::Terminal,
    }
}

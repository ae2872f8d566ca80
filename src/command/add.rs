//! Adds the container that was asked for to the pod.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::time;

use super::{files::Files, stay::Place};
use crate::{
    cli::DebugArgs,
    cluster::{Cluster, Streams},
    container::{self, Addition, DebugRequest, Mode, Target, name},
    error::{Error, listed},
    report::Reporter,
    terminal,
};

/// What the patch has before other work begins, so that it is on its way first.
const HEAD_START: Duration = Duration::from_millis(1);

/// What was added, and where.
pub(super) struct Added<'a> {
    /// The names of all that was added.
    pub(super) names: Vec<String>,
    /// Our container, and how we are joined to it.
    pub(super) place: Place<'a>,
    /// What it is given for input and output.
    pub(super) mode: Mode,
    /// Its image.
    pub(super) image: String,
    /// The pod with it.
    pub(super) pod: Pod,
}

/// Adds what the words and the files say.
pub(super) async fn add<'a>(
    cluster: &'a Cluster,
    request: &DebugRequest,
    args: &DebugArgs,
    files: &Files,
    pod: &Pod,
    report: &Reporter,
) -> Result<Added<'a>, Error> {
    container::check_pod(pod)?;
    let Addition { containers, ours } = wanted(request, args, files, pod, report)?;
    container::validate(&containers, pod)?;
    let container = &containers[ours];
    let mode = Mode::of(container);
    if request.attach {
        files.check_input(container, mode, terminal::terminals().stdin)?;
    }
    // While the server works on the patch, the connections for what follows are made.
    let meanwhile = async {
        if request.attach {
            time::sleep(HEAD_START).await;
            cluster.prepare(connections(mode));
        }
    };
    let (added, ()) = tokio::join!(cluster.add(request.pod.as_str(), &containers), meanwhile);
    let added = added?;
    for warning in &added.warnings {
        report.warning(warning);
    }
    let place = Place {
        cluster,
        pod: request.pod.as_str().to_owned(),
        container: container.name.clone(),
        streams: streams(mode),
    };
    let names: Vec<_> = containers
        .iter()
        .map(|container| container.name.clone())
        .collect();
    tell_added(&names, &place, request, report);
    if container::is_unscheduled(&added.pod) {
        report.notice("no node has taken the pod yet; the container starts once one has");
    }
    Ok(Added {
        names,
        place,
        mode,
        image: container.image.clone().unwrap_or_default(),
        pod: added.pod,
    })
}

/// Returns what is to be added: what a file says, else what the flags do.
fn wanted(
    request: &DebugRequest,
    args: &DebugArgs,
    files: &Files,
    pod: &Pod,
    report: &Reporter,
) -> Result<Addition, Error> {
    let random = || name::of_debugger(|end| fastrand::usize(..end));
    if let Some(manifest) = &files.manifest
        && let Some(addition) = manifest.addition(pod, args, random)?
    {
        return Ok(addition);
    }
    let target = container::choose_target(&request.target, pod)?;
    tell_target(&target, report);
    let name = match &request.container {
        Some(name) => container::unused_name(pod, name)?,
        None => random(),
    };
    let built = container::ephemeral_container(request, name, &target);
    let container = match &files.custom {
        Some(custom) => custom.over(&built)?,
        None => built,
    };
    Ok(Addition {
        containers: vec![container],
        ours: 0,
    })
}

fn tell_added(names: &[String], place: &Place<'_>, request: &DebugRequest, report: &Reporter) {
    let (pod, ours) = (&place.pod, &place.container);
    if let [name] = names {
        report.notice(&format!("added container `{name}` to pod `{pod}`"));
        return;
    }
    report.notice(&format!(
        "added containers {} to pod `{pod}`",
        listed(names)
    ));
    if request.attach {
        report.notice(&format!(
            "attaching to container `{ours}` (-c names another one)"
        ));
    }
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

//! Adds the container that was asked for to the pod.

mod auto;
mod sending;
mod telling;

use std::{slice, time::Duration};

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};
use tokio::time;

use self::sending::{Naming, Sending};
use super::{files::Files, stay::Place};
use crate::{
    cli::DebugArgs,
    cluster::{Added, Cluster, Keep, Streams},
    container::{self, Batch, Custom, DebugRequest, Mode, Profile, Weakening, name},
    error::{Error, listed},
    report::Reporter,
    terminal,
};

/// What the patch has before other work begins, so that it is on its way first.
const HEAD_START: Duration = Duration::from_millis(1);

/// Who wants what, and where.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) request: &'a DebugRequest,
    pub(super) args: &'a DebugArgs,
    pub(super) files: &'a Files,
    /// The pod as it was read.
    pub(super) pod: &'a Pod,
    pub(super) report: &'a Reporter,
}

/// What was added, and where.
pub(super) struct Addition<'a> {
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

/// Adds what a file says, else what the flags do.
pub(super) async fn add(wish: Wish<'_>) -> Result<Addition<'_>, Error> {
    container::check_pod(wish.pod)?;
    if let Some(manifest) = &wish.files.manifest
        && let Some(batch) = manifest.batch(wish.pod, wish.args, random_name)?
    {
        return Box::pin(add_batch(wish, batch)).await;
    }
    Box::pin(add_built(wish)).await
}

/// Adds what a file says, as it says it.
async fn add_batch(wish: Wish<'_>, batch: Batch) -> Result<Addition<'_>, Error> {
    container::validate(&batch.all(), wish.pod)?;
    let mode = wish.mode(batch.ours())?;
    let sending = wish.sending(Naming::Theirs, Weakening::Refused);
    let sent = sending.send(batch.clone());
    let (added, ()) = tokio::join!(sent, wish.meanwhile(mode));
    let added = added?;
    wish.tell_added(&batch.names(), &added);
    telling::accepted(batch.ours(), wish.pod, &added, wish.report);
    Ok(wish.addition(batch.names(), mode, added))
}

/// Adds what the flags say, with what a file changes in it.
async fn add_built(wish: Wish<'_>) -> Result<Addition<'_>, Error> {
    let (request, pod) = (wish.request, wish.pod);
    let setup = &request.setup;
    let target = container::choose_target(&request.target, pod)?;
    let inherited = container::inherited(setup, &target, pod)?;
    let (naming, name) = match &request.container {
        Some(name) => (Naming::Theirs, container::unused_name(pod, name)?),
        None => (Naming::Ours, random_name()),
    };
    telling::decided(setup, &target, &inherited, wish.report);
    let custom = wish.files.custom.as_ref();
    let build = |profile: Profile| {
        let name = name.clone();
        let built =
            container::ephemeral_container(request, name, &target, &inherited, pod, profile)?;
        let container = custom.map_or(Ok(built.clone()), |custom| custom.over(&built))?;
        container::validate(slice::from_ref(&container), pod)?;
        Ok(container)
    };
    let mode = wish.mode(&build(setup.profile.first(pod))?)?;
    let weakening = if custom.is_some_and(Custom::has_security_context) {
        Weakening::Refused
    } else {
        setup.weakening()
    };
    let admission = auto::admit(wish.sending(naming, weakening), setup.profile, build);
    let (admitted, ()) = tokio::join!(admission, wish.meanwhile(mode));
    let admitted = admitted?;
    let names = vec![admitted.added.container.name.clone()];
    wish.tell_added(&names, &admitted.added);
    telling::admitted(setup, pod, &admitted, wish.report);
    Ok(wish.addition(names, mode, admitted.added))
}

fn random_name() -> String {
    name::of_debugger(|end| fastrand::usize(..end))
}

impl<'a> Wish<'a> {
    /// Returns what a container is given for input and output, if we can provide it.
    fn mode(self, container: &EphemeralContainer) -> Result<Mode, Error> {
        let mode = Mode::of(container);
        if self.request.attach {
            let terminal = terminal::terminals().stdin;
            self.files.check_input(container, mode, terminal)?;
        }
        Ok(mode)
    }

    fn sending(self, naming: Naming, weakening: Weakening) -> Sending<'a> {
        Sending {
            cluster: self.cluster,
            pod: self.pod,
            naming,
            keep: Keep::ForGood,
            weakening,
            report: self.report,
        }
    }

    /// While the server works on the patch, the connections for what follows are made.
    async fn meanwhile(self, mode: Mode) {
        if self.request.attach {
            time::sleep(HEAD_START).await;
            self.cluster.prepare(connections(mode));
        }
    }

    fn pod_name(&self) -> &str {
        self.pod.metadata.name.as_deref().unwrap_or_default()
    }

    fn tell_added(self, names: &[String], added: &Added) {
        let (pod, report) = (self.pod_name(), self.report);
        if let [name] = names {
            report.notice(&format!("added container `{name}` to pod `{pod}`"));
        } else {
            let names = listed(names);
            report.notice(&format!("added containers {names} to pod `{pod}`"));
            if self.request.attach {
                let ours = &added.container.name;
                report.notice(&format!(
                    "attaching to container `{ours}` (-c names another one)"
                ));
            }
        }
        if container::is_unscheduled(&added.pod) {
            report.notice("no node has taken the pod yet; the container starts once one has");
        }
    }

    fn addition(self, names: Vec<String>, mode: Mode, added: Added) -> Addition<'a> {
        Addition {
            names,
            place: Place {
                cluster: self.cluster,
                pod: self.pod_name().to_owned(),
                container: added.container.name,
                streams: streams(mode),
            },
            mode,
            image: added.container.image.unwrap_or_default(),
            pod: added.pod,
        }
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

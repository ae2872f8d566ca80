//! Adds the container that was asked for to the pod.

mod auto;
mod sending;
mod telling;
mod trial;

pub(super) use trial::{LetIn, trial};

use std::{slice, time::Duration};

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};
use tokio::time;

use self::sending::{Naming, Sending};
use super::{
    files::Files,
    stay::{Place, Shelf, only_sessions},
};
use crate::{
    cli::{DebugArgs, DryRun},
    cluster::{Added, Cluster, Keep, Streams},
    container::{
        self, Aim, Batch, Custom, DebugRequest, Gate, Mode, Profile, Token, Weakening, name, parts,
        policy,
    },
    error::{Error, listed},
    progress::Wording,
    report::Reporter,
    shell::line_back,
    terminal,
};

/// What the patch has before other work begins, so that it is on its way first.
const HEAD_START: Duration = Duration::from_millis(1);
/// How many connections are needed besides the one that the first watch keeps: for the events, and
/// for the stream or the log.
const CONNECTIONS: usize = 2;

/// Who wants what, and where.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) request: &'a DebugRequest,
    pub(super) args: &'a DebugArgs,
    pub(super) files: &'a Files,
    /// The pod as it was read.
    pub(super) pod: &'a Pod,
    /// What the command is held with, if it is to be and can be.
    pub(super) token: Option<&'a Token>,
    /// Whether something like it was added already, and all was said.
    pub(super) again: bool,
    pub(super) report: &'a Reporter,
}

/// What was added, and where.
pub(super) struct Addition<'a> {
    /// What the server made of it.
    pub(super) added: Added,
    /// Our container, and how we are joined to it.
    pub(super) place: Place<'a>,
    /// What it is given for input and output.
    pub(super) mode: Mode,
    /// The profile that it has, where we gave it one.
    pub(super) profile: Option<Profile>,
}

impl Addition<'_> {
    /// Has the output kept instead of passed on.
    pub(super) fn shelved(mut self) -> Self {
        self.place.shelf = Some(Shelf::default());
        self
    }
}

/// Adds what a file says, else what the flags do.
pub(super) async fn add(wish: Wish<'_>) -> Result<Addition<'_>, Error> {
    let there = wish.cluster.there();
    container::check_pod(wish.pod, there)?;
    if let Some(manifest) = &wish.files.manifest
        && let Some(batch) = manifest.batch(wish.pod, wish.args, random_name)?
    {
        let added = Box::pin(add_batch(wish, batch)).await;
        return added.map_err(|error| container::explain_refusal(error, wish.pod, there));
    }
    let added = Box::pin(add_built(wish)).await;
    added.map_err(|error| container::explain_refusal(error, wish.pod, there))
}

/// Adds what a file says, as it says it.
async fn add_batch(wish: Wish<'_>, batch: Batch) -> Result<Addition<'_>, Error> {
    container::validate(&batch.all(), wish.pod)?;
    let mode = wish.mode(batch.ours())?;
    let Some(keep) = wish.keep() else {
        return Ok(wish.addition(mode, Added::untried(wish.pod, &batch), None));
    };
    let sending = wish.sending(Naming::Theirs, Weakening::Refused, keep);
    let sent = sending.send(batch.clone());
    let (added, ()) = tokio::join!(sent, wish.meanwhile());
    let explained = |error| policy::explained_for_file(error, &batch.names(), wish.pod);
    let added = added.map_err(explained)?;
    wish.tell_added(&added);
    telling::accepted(batch.ours(), wish.pod, &added, wish.report);
    let mut addition = wish.addition(mode, added, None);
    let file = wish.args.filename.as_ref();
    addition.place.wording.file = file.map(|path| path.display().to_string());
    Ok(addition)
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
    if !wish.again {
        telling::decided(setup, &target, &inherited, wish.report);
    }
    let custom = wish.files.custom.as_ref();
    let build = |profile: Profile| {
        let name = name.clone();
        let built =
            container::ephemeral_container(request, name, &target, &inherited, pod, profile)?;
        let container = custom.map_or(Ok(built.clone()), |custom| custom.over(&built))?;
        container::validate(slice::from_ref(&container), pod)?;
        Ok(container)
    };
    let build_held = |profile: Profile| {
        let mut container = build(profile)?;
        if let Some(token) = wish.token {
            Gate::hold(&mut container, pod, token.clone());
        }
        Ok(container)
    };
    let profile = setup.profile.first(pod);
    let first = build(profile)?;
    let mode = wish.mode(&first)?;
    let Some(keep) = wish.keep() else {
        let added = Added::untried(pod, &first.into());
        return Ok(wish.addition(mode, added, Some(profile)));
    };
    let weakening = if custom.is_some_and(Custom::has_security_context) {
        Weakening::Refused
    } else {
        setup.weakening()
    };
    let sending = wish.sending(naming, weakening, keep);
    let admission = auto::admit(sending, setup.profile, build_held);
    let (admitted, ()) = tokio::join!(admission, wish.meanwhile());
    let admitted = admitted?;
    wish.tell_added(&admitted.added);
    if !wish.again {
        telling::admitted(setup, pod, &admitted, wish.report);
    }
    let profile = admitted.profile();
    Ok(wish.addition(mode, admitted.added, profile))
}

fn random_name() -> String {
    name::of_debugger(|end| fastrand::usize(..end))
}

impl<'a> Wish<'a> {
    /// Returns what a container is given for input and output, if we can provide it.
    fn mode(self, container: &EphemeralContainer) -> Result<Mode, Error> {
        let mode = Mode::of(container);
        if self.request.aim.stays() {
            self.request.aim.check_mode(mode)?;
            only_sessions(&self.args.session, mode)?;
            let terminal = terminal::terminals().stdin;
            let (pod, there) = (parts::name(self.pod), self.cluster.there());
            let line = line_back(pod, &container.name, there);
            self.files.check_input(container, mode, terminal, &line)?;
        }
        Ok(mode)
    }

    /// Returns whether the server is to keep it; nothing where it is not even asked.
    fn keep(self) -> Option<Keep> {
        match self.request.aim {
            Aim::Try(DryRun::Client, _) => None,
            Aim::Try(DryRun::Server, _) => Some(Keep::DryRun),
            Aim::Leave(_) | Aim::Stay | Aim::Record(_) => Some(Keep::ForGood),
        }
    }

    fn sending(self, naming: Naming, weakening: Weakening, keep: Keep) -> Sending<'a> {
        Sending {
            cluster: self.cluster,
            pod: self.pod,
            naming,
            keep,
            weakening,
            report: self.report,
        }
    }

    /// While the server works on the patch, the connections for what follows are made.
    async fn meanwhile(self) {
        if self.request.aim.stays() {
            time::sleep(HEAD_START).await;
            self.cluster.prepare(CONNECTIONS);
        }
    }

    fn pod_name(&self) -> &str {
        parts::name(self.pod)
    }

    fn tell_added(self, added: &Added) {
        if self.keep() != Some(Keep::ForGood) {
            return;
        }
        let (pod, report) = (self.pod_name(), self.report);
        let names = added.names();
        if let [name] = names.as_slice() {
            report.notice(&format!("added container `{name}` to pod `{pod}`"));
        } else {
            let names = listed(&names);
            report.notice(&format!("added containers {names} to pod `{pod}`"));
            if self.request.aim.stays() {
                let ours = &added.container.name;
                report.notice(&format!(
                    "attaching to container `{ours}` (-c names another one)"
                ));
            }
        }
        if parts::is_unscheduled(&added.pod) {
            report.notice("no node has taken the pod yet; the container starts once one has");
        }
    }

    fn addition(self, mode: Mode, added: Added, profile: Option<Profile>) -> Addition<'a> {
        Addition {
            place: Place {
                cluster: self.cluster,
                pod: self.pod_name().to_owned(),
                container: added.container.name.clone(),
                streams: streams(Mode::of(&added.container)),
                is_new: true,
                gate: Gate::of(&added.container),
                wording: Wording {
                    flags: self.request.setup.flags(self.args),
                    ..Wording::at(self.cluster.there())
                },
                shelf: None,
                tape: None,
            },
            added,
            mode,
            profile,
        }
    }
}

pub(super) fn streams(mode: Mode) -> Streams {
    match mode {
        Mode::Output => Streams::Output,
        Mode::Pipe => Streams::Pipe,
        Mode::Terminal => Streams::Terminal,
    }
}

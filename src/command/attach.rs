//! Goes back to an ephemeral container that runs.

use std::ffi::OsString;

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::{
    Connection,
    stay::{self, Blank, Place, StaysBehind},
    wait::{self, Start, Wait},
    who::Search,
};
use crate::{
    cli::{AttachArgs, SessionArgs},
    cluster::{Cluster, FIELD_MANAGER, Streams},
    container::{Gate, Waiting, Who, parts},
    error::Error,
    exit_status::ExitStatus,
    progress::{Wording, added_by, best_to_return_to},
    report::Reporter,
    shell::There,
    signals::Signal,
    terminal,
};

/// Where no pod is named, and none can be picked.
const USAGE: &str = "kubectl ephemeral attach POD [-c NAME] [flags]; `attach --help` tells more";

/// Attaches to the container that was named, else to the newest shell that runs, else to the newest
/// that runs, else to one that may be about to. `words` are those of the command line.
pub(super) async fn run(
    args: &AttachArgs,
    words: &[OsString],
    connection: &Connection<'_>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let who = args.pod.as_deref().map(Who::parse).transpose()?;
    let search = Search::new(who.as_ref(), connection.may_ask, words, USAGE)?;
    let blank = Blank::open(&args.session)?;
    let cluster = connection.open(report, true).await?;
    let wanted = args.container.as_deref();
    let Some(pod) = search.pod_to_return_to(&cluster, wanted, report).await? else {
        return Ok(ExitStatus::Signalled(Signal::Interrupt));
    };
    let container = choose(&pod, wanted, cluster.there())?;
    let waiting = Waiting::new(args.timeout);
    if args.container.is_none() {
        report.notice(&format!("attaching to container `{}`", container.name));
    }
    let session = (&args.session, blank);
    enter(&cluster, &pod, container, session, waiting, report).await
}

/// Goes to a container that was added before; what it shows is recorded if there is a file.
pub(super) async fn enter(
    cluster: &Cluster,
    pod: &Pod,
    container: &EphemeralContainer,
    (session, blank): (&SessionArgs, Option<Blank>),
    limit: Waiting,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let mut place = Place {
        cluster,
        pod: parts::name(pod).to_owned(),
        container: container.name.clone(),
        streams: streams(container),
        is_new: false,
        gate: Gate::of(container),
        wording: Wording::at(cluster.there()),
        shelf: None,
        tape: None,
    };
    if place.streams == Streams::Terminal && !terminal::terminals().stdin {
        return Err(Error::NoTerminal {
            pod: place.pod,
            container: place.container,
            there: cluster.there().clone(),
        });
    }
    stay::only_terminals(session, &place)?;
    stay::possible(place.streams)?;
    warn_of_company(pod, &place, report);
    let recording = blank.map(|blank| blank.start(&mut place, report));
    let mut behind = StaysBehind::new(&place, report);
    let joined = join(&place, pod, session, limit, report).await;
    behind.is_told();
    if let Some(recording) = recording {
        recording.finish(&joined).await;
    }
    joined
}

/// Waits for the container, if it has not started yet, and stays in it.
async fn join(
    place: &Place<'_>,
    pod: &Pod,
    session: &SessionArgs,
    limit: Waiting,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let mut watch = place.cluster.watch(pod);
    let wait = Wait {
        limit,
        on_event: place.gate.is_none(),
    };
    match wait::until_started(place, pod, &mut watch, wait, report).await? {
        Start::NoShell(trouble) => Err(wait::never(place, trouble)),
        // Its log has what was written before, too, and can be read on if the connection breaks.
        Start::Running if place.streams == Streams::Output || place.gate.is_some() => {
            stay::logged(place, watch, None, session, report).await
        }
        Start::Running => stay::attached(place, pod, watch, session, report).await,
        Start::Ended(ended) => stay::logged(place, watch, Some(ended), session, report).await,
    }
}

fn choose<'a>(
    pod: &'a Pod,
    wanted: Option<&str>,
    there: &There,
) -> Result<&'a EphemeralContainer, Error> {
    if let Some(wanted) = wanted {
        let known = parts::ephemeral(pod).map(|container| container.name.clone());
        return parts::ephemeral_of_name(pod, wanted).ok_or_else(|| Error::NoSuchContainer {
            pod: parts::name(pod).to_owned(),
            what: "ephemeral container",
            container: wanted.to_owned(),
            known: known.collect(),
        });
    }
    let (_, best) = best_to_return_to(pod).ok_or_else(|| Error::NothingRuns {
        pod: parts::name(pod).to_owned(),
        there: there.clone(),
    })?;
    Ok(best)
}

/// Says that somebody else may be in a container, where that can be known: another program added it. All who
/// are in it share its input and its screen.
fn warn_of_company(pod: &Pod, place: &Place<'_>, report: &Reporter) {
    let container = &place.container;
    let shares_input = place.streams != Streams::Output && place.gate.is_none();
    if shares_input
        && let Some(by) = added_by(pod, container)
        && by.manager != FIELD_MANAGER
    {
        report.warning(&format!(
            "container `{container}` was added by `{}`: whoever else is in it sees what you type, and types into \
             the same shell",
            by.manager
        ));
    }
}

/// Without a terminal of its own a container cannot be given one by attaching.
fn streams(container: &EphemeralContainer) -> Streams {
    match (container.tty, container.stdin) {
        (Some(true), _) => Streams::Terminal,
        (_, Some(true)) => Streams::Pipe,
        _ => Streams::Output,
    }
}

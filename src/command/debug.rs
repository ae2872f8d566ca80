//! The main job: add a container to a pod, wait for it, stay in it until it ends.

use k8s_openapi::api::core::v1::Pod;

use super::{
    Connection,
    add::add,
    stay::{self, Place, StaysBehind},
    wait::{self, Start, Wait},
    who::Search,
};
use crate::{
    cli::Cli,
    container::{DebugRequest, Mode},
    error::Error,
    exit_status::ExitStatus,
    report::Reporter,
    signals::Signal,
    terminal,
};

/// Adds a container as the words say, and ends as it does.
pub(super) async fn run(
    cli: &Cli,
    connection: &Connection<'_>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let terminals = terminal::terminals();
    let request = DebugRequest::new(&cli.debug, terminals.stdin, terminals.stdout)?;
    if request.terminal_missing {
        report.warning("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    let search = Search::new(request.who.as_ref(), connection.may_ask, &cli.words)?;
    let session_reads = request.attach && request.mode != Mode::Output;
    let cluster = connection.open(report, session_reads).await?;
    let Some(pod) = search.pod(&cluster, report).await? else {
        return Ok(ExitStatus::Signalled(Signal::Interrupt));
    };
    let (place, pod) = Box::pin(add(&cluster, &request, &pod, report)).await?;
    if !request.attach {
        report.result(&place.container)?;
        return Ok(ExitStatus::Done);
    }

    let mut behind = StaysBehind::new(&place, report);
    let joined = join(&request, &place, &pod, report).await;
    behind.is_told();
    joined
}

/// Waits for the container and stays in it.
async fn join(
    request: &DebugRequest,
    place: &Place<'_>,
    pod: &Pod,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let mut watch = place.cluster.watch(pod);
    let wait = Wait {
        limit: request.waiting,
        image: &request.image,
        on_event: request.mode != Mode::Output,
    };
    let start = wait::until_started(place, pod, &mut watch, wait, report).await?;
    match (start, request.mode) {
        (Start::Running, Mode::Pipe | Mode::Terminal) => stay::attached(place, watch, report).await,
        // The log has all that was written, from the first byte on; a stream has what comes once
        // it is open.
        (Start::Running, Mode::Output) => stay::logged(place, watch, None, report).await,
        (Start::Ended(ended), _) => stay::logged(place, watch, Some(ended), report).await,
    }
}

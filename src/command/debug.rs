//! The main job: add a container to a pod, wait for it, stay in it until it ends.

use super::{
    Connection,
    add::{Addition, Wish, add},
    files,
    stay::{self, StaysBehind},
    wait::{self, Start, Wait},
    who::Search,
};
use crate::{
    cli::{Cli, ConnectionArgs, SessionArgs},
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
    let files = files::read(&cli.debug, report).await?;
    let (args, namespace) = files.place(&cli.debug, connection.args.namespace.as_deref())?;
    let access = ConnectionArgs {
        namespace,
        ..connection.args.clone()
    };
    let connection = Connection {
        args: &access,
        ..*connection
    };
    let terminals = terminal::terminals();
    let request = DebugRequest::new(&args, terminals.stdin, terminals.stdout)?;
    if request.terminal_missing {
        report.warning("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    let search = Search::new(request.who.as_ref(), connection.may_ask, &cli.words)?;
    // What a file says of input is known only once the pod is.
    let perhaps_reads =
        request.mode != Mode::Output || files.manifest.is_some() || files.custom.is_some();
    let session_reads = request.attach && perhaps_reads;
    let cluster = connection.open(report, session_reads).await?;
    let Some(pod) = search.pod(&cluster, report).await? else {
        return Ok(ExitStatus::Signalled(Signal::Interrupt));
    };
    let added = Box::pin(add(Wish {
        cluster: &cluster,
        request: &request,
        args: &args,
        files: &files,
        pod: &pod,
        report,
    }))
    .await?;
    if !request.attach {
        for name in &added.names {
            report.result(name)?;
        }
        return Ok(ExitStatus::Done);
    }

    let mut behind = StaysBehind::new(&added.place, report);
    let joined = join(&request, &added, &args.session, report).await;
    behind.is_told();
    joined
}

/// Waits for the container and stays in it.
async fn join(
    request: &DebugRequest,
    added: &Addition<'_>,
    session: &SessionArgs,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let (place, pod) = (&added.place, &added.pod);
    let mut watch = place.cluster.watch(pod);
    let wait = Wait {
        limit: request.waiting,
        image: &added.image,
        on_event: added.mode != Mode::Output,
    };
    let start = wait::until_started(place, pod, &mut watch, wait, report).await?;
    match (start, added.mode) {
        (Start::Running, Mode::Pipe | Mode::Terminal) => {
            stay::attached(place, pod, watch, session, report).await
        }
        // The log has all that was written, from the first byte on; a stream has what comes once
        // it is open.
        (Start::Running, Mode::Output) => stay::logged(place, watch, None, report).await,
        (Start::Ended(ended), _) => stay::logged(place, watch, Some(ended), report).await,
    }
}

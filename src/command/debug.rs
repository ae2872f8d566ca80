//! The main job: add a container to a pod, wait for it, stay in it until it ends.

use jiff::Timestamp;

use super::{
    Connection,
    add::{Addition, Wish, add},
    files, print,
    recorded::Began,
    reuse,
    stay::{self, Blank, StaysBehind},
    wait::{self, Start, Wait},
    who::Search,
};
use crate::{
    cli::{Cli, ConnectionArgs, SessionArgs},
    container::{Aim, DebugRequest, Mode},
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
    reuse::check(&args, &request)?;
    let mut blank = Blank::of_request(&args, &request)?;
    let search = Search::new(request.who.as_ref(), connection.may_ask, &cli.words)?;
    // What a file says of input is known only once the pod is.
    let perhaps_reads =
        request.mode != Mode::Output || files.manifest.is_some() || files.custom.is_some();
    let session_reads = request.aim.stays() && perhaps_reads;
    let deprecated = args.outcome.dry_run.and_then(|word| word.deprecated);
    if let Some(deprecated) = deprecated {
        report.warning(deprecated);
    }
    let cluster = connection.open(report, session_reads).await?;
    let Some(pod) = search.pod(&cluster, report).await? else {
        return Ok(ExitStatus::Signalled(Signal::Interrupt));
    };
    if let Some(ended) = reuse::instead(&cluster, &pod, &args, &request, &mut blank, report).await?
    {
        return Ok(ended);
    }
    let requested = Timestamp::now();
    let addition = Box::pin(add(Wish {
        cluster: &cluster,
        request: &request,
        args: &args,
        files: &files,
        pod: &pod,
        report,
    }))
    .await?;
    let added = &addition.added;
    match request.aim {
        Aim::Try(dry_run, printed) => print::added(added, printed, Some(dry_run), report),
        Aim::Leave(printed) => print::added(added, printed, None, report),
        Aim::Stay => Box::pin(recorded(&request, addition, &args.session, blank, report)).await,
        Aim::Record(format) => {
            let addition = addition.shelved();
            let began = Began::new(&addition, requested);
            let ended = stayed(&request, &addition, &args.session, report).await;
            let record = began.ended(&addition.place, &ended).await;
            report.formatted(&record, format)?;
            ended
        }
    }
}

/// Stays in the container until its end, and records that if there is a file for it.
async fn recorded(
    request: &DebugRequest,
    mut addition: Addition<'_>,
    session: &SessionArgs,
    blank: Option<Blank>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let recording = blank.map(|blank| blank.start(&mut addition.place, report));
    let ended = stayed(request, &addition, session, report).await;
    if let Some(recording) = recording {
        recording.finish(&ended).await;
    }
    ended
}

/// Stays in the container until its end, and says what stays behind if a signal ends it before.
async fn stayed(
    request: &DebugRequest,
    addition: &Addition<'_>,
    session: &SessionArgs,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let mut behind = StaysBehind::new(&addition.place, report);
    let joined = join(request, addition, session, report).await;
    // Whoever may not attach may be given the right, and the container runs.
    if !matches!(joined, Err(Error::Forbidden { .. })) {
        behind.is_told();
    }
    joined
}

/// Waits for the container and stays in it.
async fn join(
    request: &DebugRequest,
    addition: &Addition<'_>,
    session: &SessionArgs,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let (place, added) = (&addition.place, &addition.added);
    let pod = &added.pod;
    let mut watch = place.cluster.watch(pod);
    let wait = Wait {
        limit: request.waiting,
        on_event: addition.mode != Mode::Output,
    };
    let start = wait::until_started(place, pod, &mut watch, wait, report).await?;
    match (start, addition.mode) {
        (Start::Running, Mode::Pipe | Mode::Terminal) => {
            stay::attached(place, pod, watch, session, report).await
        }
        // The log has all that was written, from the first byte on; a stream has what comes once
        // it is open.
        (Start::Running, Mode::Output) => stay::logged(place, watch, None, session, report).await,
        (Start::Ended(ended), _) => stay::logged(place, watch, Some(ended), session, report).await,
    }
}

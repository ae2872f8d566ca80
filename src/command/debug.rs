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
    cli::{Cli, ConnectionArgs, DocumentForm, SessionArgs},
    container::{Aim, DebugRequest, Gate, Mode, Token},
    error::Error,
    exit_status::ExitStatus,
    progress::Trouble,
    report::Reporter,
    signals::Signal,
    terminal,
};

/// Where no pod is named, and none can be picked.
const USAGE: &str = "kubectl ephemeral POD [flags] [-- COMMAND [ARG...]]; `--help` tells more";

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
    let search = Search::new(request.who.as_ref(), connection.may_ask, &cli.words, USAGE)?;
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
    let token = Token::new(|end| fastrand::usize(..end));
    let wish = Wish {
        cluster: &cluster,
        request: &request,
        args: &args,
        files: &files,
        pod: &pod,
        token: request.aim.stays().then_some(&token),
        again: false,
        report,
    };
    let addition = Box::pin(add(wish)).await;
    let addition = addition.map_err(|error| error.reached_by(cluster.there()))?;
    let beside = request.beside(&addition.place.container);
    let added = &addition.added;
    match request.aim {
        Aim::Try(dry_run, printed) => print::added(added, printed, Some(dry_run), report),
        Aim::Leave(printed) => print::added(added, printed, None, report),
        Aim::Stay => Box::pin(taped(wish, &beside, addition, blank)).await,
        Aim::Record(form) => {
            let addition = addition.shelved();
            Box::pin(recorded(wish, &beside, &addition, requested, form)).await
        }
    }
}

/// Stays in the container until its end, and records what it shows if there is a file for that.
async fn taped(
    wish: Wish<'_>,
    beside: &DebugRequest,
    mut addition: Addition<'_>,
    blank: Option<Blank>,
) -> Result<ExitStatus, Error> {
    let recording = blank.map(|blank| blank.start(&mut addition.place, wish.report));
    let (_, ended) = seen_through(wish, beside, &addition).await;
    if let Some(recording) = recording {
        recording.finish(&ended).await;
    }
    ended
}

/// Stays in the container until its end, and prints a record of it.
async fn recorded<'a>(
    wish: Wish<'a>,
    beside: &'a DebugRequest,
    first: &'a Addition<'a>,
    requested: Timestamp,
    form: DocumentForm,
) -> Result<ExitStatus, Error> {
    let began = Began::new(first, requested);
    let (second, ended) = seen_through(wish, beside, first).await;
    let (began, place) = match &second {
        Some(second) => (Began::new(second, requested), &second.place),
        None => (began, &first.place),
    };
    let record = began.ended(place, &ended).await;
    wish.report.formatted(&record, form)?;
    ended
}

/// Stays in the container until its end. Where its image has no shell to hold the command with, a second
/// one is added, which nothing holds; it is returned.
async fn seen_through<'a>(
    wish: Wish<'a>,
    beside: &'a DebugRequest,
    first: &'a Addition<'a>,
) -> (Option<Addition<'a>>, Result<ExitStatus, Error>) {
    match stayed(wish, first).await {
        Ok(Joined::Ended(status)) => return (None, Ok(status)),
        Err(error) => return (None, Err(error)),
        Ok(Joined::NoShell(_)) => {}
    }
    let mut second = match unheld(wish, beside, first).await {
        Ok(second) => second,
        Err(error) => return (None, Err(error)),
    };
    if first.place.shelf.is_some() {
        second = second.shelved();
    }
    let ended = match stayed(wish, &second).await {
        Ok(Joined::Ended(status)) => Ok(status),
        Ok(Joined::NoShell(trouble)) => Err(wait::never(&second.place, trouble)),
        Err(error) => Err(error),
    };
    (Some(second), ended)
}

/// Adds another container beside the first, whose command nothing holds.
async fn unheld<'a>(
    wish: Wish<'a>,
    beside: &'a DebugRequest,
    first: &'a Addition<'a>,
) -> Result<Addition<'a>, Error> {
    let name = &first.place.container;
    let again = Wish {
        request: beside,
        pod: &first.added.pod,
        token: None,
        again: true,
        ..wish
    };
    let second = Box::pin(add(again)).await?;
    wish.report.notice(&format!(
        "image `{}` has no shell that could hold the command: container `{name}` did not start and stays in the \
         pod; container `{}` runs it without",
        first.added.container.image.as_deref().unwrap_or_default(),
        second.place.container
    ));
    Ok(second)
}

/// What came of joining a container.
enum Joined {
    Ended(ExitStatus),
    /// It did not start: its image has no shell to hold its command with.
    NoShell(Trouble),
}

/// Stays in the container until its end, and says what stays behind if a signal ends it before.
async fn stayed(wish: Wish<'_>, addition: &Addition<'_>) -> Result<Joined, Error> {
    if wish.request.runs_without_input(wish.args) {
        wish.report.notice(
            "the image's own command gets no input here: -i passes standard input on, -it gives it a terminal",
        );
    }
    let mut behind = StaysBehind::new(&addition.place, wish.report);
    let joined = join(wish.request, addition, &wish.args.session, wish.report).await;
    behind.is_told();
    joined.map_err(|error| error.leaving_behind(addition.place.return_line()))
}

/// Waits for the container and stays in it.
async fn join(
    request: &DebugRequest,
    addition: &Addition<'_>,
    session: &SessionArgs,
    report: &Reporter,
) -> Result<Joined, Error> {
    let (place, added) = (&addition.place, &addition.added);
    let pod = &added.pod;
    let mut watch = place.cluster.watch(pod);
    let wait = Wait {
        limit: request.waiting,
        on_event: addition.mode != Mode::Output || place.gate.is_some(),
    };
    let start = wait::until_started(place, pod, &mut watch, wait, report).await?;
    let status = match (start, &place.gate, addition.mode) {
        // It was the command itself.
        (Start::NoShell(trouble), _, _) if Gate::is_before_shell(&added.container) => {
            Err(wait::never(place, trouble))
        }
        (Start::NoShell(trouble), _, _) => return Ok(Joined::NoShell(trouble)),
        (Start::Ended(ended), _, _) => {
            stay::logged(place, watch, Some(ended), session, report).await
        }
        (Start::Running, Some(gate), _) => {
            stay::gated(place, gate, pod, watch, session, report).await
        }
        (Start::Running, None, Mode::Pipe | Mode::Terminal) => {
            stay::attached(place, pod, watch, session, report).await
        }
        // The log has all that was written, from the first byte on; a stream has what comes once
        // it is open.
        (Start::Running, None, Mode::Output) => {
            stay::logged(place, watch, None, session, report).await
        }
    };
    status.map(Joined::Ended)
}

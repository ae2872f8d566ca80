//! A stay in which standard input is passed on, and the output of the container comes back.

use std::{cell::Cell, pin::pin};

use bytes::Bytes;
use k8s_openapi::api::core::v1::Pod;
use tokio::sync::{mpsc, oneshot};

use super::{
    Place,
    ending::{self, NOTICED_WITHIN, REPORTED_WITHIN},
    logged,
    rest::{Known, rest},
    sink::Sink,
};
use crate::{
    cli::SessionArgs,
    cluster::{Attachment, PodWatch},
    container::parts,
    error::Error,
    exit_status::ExitStatus,
    progress::Ended,
    report::Reporter,
    session::{self, Input, Near, Protocol, SessionEnd, Tally},
    terminal::{self, Target},
};

/// How the end of the input is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum AtTheEnd {
    /// The server passes it on.
    PassOn,
    /// The stream is closed. The container was made so that its input ends with that.
    Close,
    /// Not at all: nothing ends the input of this container.
    Nothing,
}

impl AtTheEnd {
    fn of(attachment: &Attachment, pod: &Pod, container: &str) -> Self {
        let ours = parts::ephemeral_of_name(pod, container);
        let ends_with_us = ours.and_then(|ours| ours.stdin_once) == Some(true);
        match (attachment.half_close, ends_with_us) {
            (true, _) => Self::PassOn,
            (false, true) => Self::Close,
            (false, false) => Self::Nothing,
        }
    }
}

/// Passes on input and output until the container ends.
///
/// A connection that is lost ends it: the process has seen the end of its input by then, and
/// nobody knows how much of it arrived.
pub(super) async fn piped(
    place: &Place<'_>,
    pod: &Pod,
    attachment: Attachment,
    mut watch: PodWatch,
    rules: &SessionArgs,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let at_the_end = AtTheEnd::of(&attachment, pod, &place.container);
    if at_the_end == AtTheEnd::Nothing {
        // A server of old, before 1.30.
        report.warning(
            "this server cannot pass on the end of input: a command that waits for it does not end",
        );
    }
    let talk = converse(place, attachment, &mut watch, at_the_end).await?;
    let (why, heard) = match (talk.end, talk.ended) {
        (SessionEnd::OutputClosed, _) => return Ok(ending::unread(place, report)),
        (SessionEnd::Closed, ended) => {
            report.notice(
                "this server is told the end of input by closing the stream; the rest of the output comes from the log, both streams in one",
            );
            let came = talk.came;
            return rest(place, pod, watch, Known { came, ended }, rules, report).await;
        }
        (end, Some(ended)) => {
            if end == SessionEnd::Outlived {
                ending::output_may_be_missing(report);
            }
            return Ok(ending::with(&ended, report));
        }
        (SessionEnd::Finished | SessionEnd::Outlived, None) => {
            let ended = ending::reported(place, &mut watch, REPORTED_WITHIN, report).await;
            return match ended {
                Some(ended) => Ok(ending::with(&ended, report)),
                None => Err(lost(
                    place,
                    "the stream ended, and the container did not",
                    None,
                )),
            };
        }
        (SessionEnd::Lost(why), None) => (why, true),
        (SessionEnd::Failed(why), None) => (why, talk.heard),
    };
    let ended = ending::reported(place, &mut watch, NOTICED_WITHIN, report).await;
    match ended {
        // It ended before anybody was joined to it.
        Some(ended) if !heard => logged(place, watch, Some(ended), rules, report).await,
        ended => Err(lost(place, &why, ended.as_ref())),
    }
}

/// The process saw the end of its input when the connection was lost, and may have taken it for
/// the true one: its exit code proves nothing.
pub(super) fn lost(place: &Place<'_>, why: &str, ended: Option<&Ended>) -> Error {
    let after = match ended {
        Some(Ended { code, .. }) => format!("; its command ended with exit code {code} then"),
        None => String::new(),
    };
    Error::SessionLost {
        container: place.container.clone(),
        reason: format!("{why}; how much of the input arrived is unknown{after}"),
        return_with: ended.is_none().then(|| place.return_line()),
    }
}

/// How a session over a pipe went.
struct Talk {
    /// Why its stream ended.
    end: SessionEnd,
    /// How the container did, if that is known.
    ended: Option<Ended>,
    /// Whether any output came.
    heard: bool,
    /// What came of it.
    came: Tally,
}

/// Runs the session.
async fn converse(
    place: &Place<'_>,
    attachment: Attachment,
    watch: &mut PodWatch,
    at_the_end: AtTheEnd,
) -> Result<Talk, Error> {
    let heard = Cell::new(false);
    let on_first_output = || heard.set(true);
    let stdout = Sink::start(Target::Stdout, place);
    let stderr = Sink::start(Target::Stderr, place);
    let (ended_tx, ended_rx) = oneshot::channel();
    let (input_rx, _reading) = terminal::read_stdin().map_err(Error::terminal)?;
    let (stdout_came, stderr_came) = (Cell::default(), Cell::default());
    let (stdout_tx, counting_stdout) = counted(&stdout, at_the_end, &stdout_came);
    let (stderr_tx, counting_stderr) = counted(&stderr, at_the_end, &stderr_came);
    let near = Near {
        input: match at_the_end {
            AtTheEnd::PassOn | AtTheEnd::Nothing => Input::Pipe(input_rx),
            AtTheEnd::Close => Input::ClosingPipe(input_rx),
        },
        sizes: None,
        redraw: false,
        stdout: stdout_tx,
        stderr: stderr_tx,
        ended_rx,
        on_first_output: &on_first_output,
    };
    let protocol = Protocol::new(attachment.half_close);
    let pump = session::run(attachment.socket, protocol, near);
    let session = async { tokio::join!(pump, counting_stdout, counting_stderr).0 };
    let (end, ended) = until_its_end(place, session, watch, ended_tx).await;
    ending::written(stdout).await?;
    ending::written(stderr).await?;
    Ok(Talk {
        end,
        ended,
        heard: heard.get(),
        came: stdout_came.get() + stderr_came.get(),
    })
}

/// Returns where one stream is to go, and who counts it on its way, if the log will have to be taken up
/// where it ends.
fn counted<'a>(
    output: &Sink,
    at_the_end: AtTheEnd,
    came: &'a Cell<Tally>,
) -> (mpsc::Sender<Bytes>, impl Future<Output = ()> + use<'a>) {
    let (from_tx, counting) = match at_the_end {
        AtTheEnd::PassOn | AtTheEnd::Nothing => (output.sender(), None),
        AtTheEnd::Close => {
            let (from_tx, from_rx) = mpsc::channel(1);
            (from_tx, Some(count(from_rx, output.sender(), came)))
        }
    };
    let counting = async {
        if let Some(counting) = counting {
            counting.await;
        }
    };
    (from_tx, counting)
}

/// Hands on one stream, and counts it, until it ends or nobody takes it.
async fn count(mut from: mpsc::Receiver<Bytes>, to: mpsc::Sender<Bytes>, came: &Cell<Tally>) {
    while let Some(bytes) = from.recv().await {
        let mut counted = came.get();
        counted.count(&bytes);
        came.set(counted);
        if to.send(bytes).await.is_err() {
            return;
        }
    }
}

/// Lets the session run, and tells it once the pod says that the container has ended.
async fn until_its_end(
    place: &Place<'_>,
    session: impl Future<Output = SessionEnd>,
    watch: &mut PodWatch,
    ended_tx: oneshot::Sender<()>,
) -> (SessionEnd, Option<Ended>) {
    let mut session = pin!(session);
    let mut news = ending::News::new(ended_tx);
    loop {
        tokio::select! {
            end = &mut session => return (end, news.ended),
            () = news.next(place, watch) => {}
        }
    }
}

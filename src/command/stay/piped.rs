//! A stay in which standard input is passed on, and the output of the container comes back.

use std::{cell::Cell, pin::pin};

use tokio::sync::oneshot;

use super::{
    Place,
    attached::unusable,
    ending::{self, NOTICED_WITHIN, REPORTED_WITHIN},
    logged,
    sink::Sink,
};
use crate::{
    cli::SessionArgs,
    cluster::{Attachment, PodWatch},
    error::Error,
    exit_status::ExitStatus,
    progress::Ended,
    report::Reporter,
    session::{self, Input, Near, Protocol, SessionEnd},
    terminal::{self, Target},
};

/// Passes on input and output until the container ends.
///
/// A connection that is lost ends it: the process has seen the end of its input by then, and
/// nobody knows how much of it arrived.
pub(super) async fn piped(
    place: &Place<'_>,
    attachment: Attachment,
    mut watch: PodWatch,
    rules: &SessionArgs,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    warn_without_half_close(&attachment, report);
    let talk = converse(place, attachment, &mut watch).await?;
    let (why, heard) = match (talk.end, talk.ended) {
        (SessionEnd::OutputClosed, _) => return Ok(ending::unread(place, report)),
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

/// Says what a server of old, before 1.30, cannot do.
pub(super) fn warn_without_half_close(attachment: &Attachment, report: &Reporter) {
    if !attachment.half_close {
        report.warning(
            "this server cannot pass on the end of input: a command that waits for it does not end",
        );
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
}

/// Runs the session.
async fn converse(
    place: &Place<'_>,
    attachment: Attachment,
    watch: &mut PodWatch,
) -> Result<Talk, Error> {
    let heard = Cell::new(false);
    let on_first_output = || heard.set(true);
    let stdout = Sink::start(Target::Stdout, place);
    let stderr = Sink::start(Target::Stderr, place);
    let (ended_tx, ended_rx) = oneshot::channel();
    let (input_rx, _reading) = terminal::read_stdin().map_err(unusable)?;
    let near = Near {
        input: Input::Pipe(input_rx),
        sizes: None,
        redraw: false,
        stdout: stdout.sender(),
        stderr: stderr.sender(),
        ended_rx,
        on_first_output: &on_first_output,
    };
    let protocol = Protocol::new(attachment.half_close);
    let pump = session::run(attachment.socket, protocol, near);
    let (end, ended) = until_its_end(place, pump, watch, ended_tx).await;
    ending::written(stdout).await?;
    ending::written(stderr).await?;
    Ok(Talk {
        end,
        ended,
        heard: heard.get(),
    })
}

/// Lets the session run, and tells it once the pod says that the container has ended.
async fn until_its_end(
    place: &Place<'_>,
    pump: impl Future<Output = SessionEnd>,
    watch: &mut PodWatch,
    ended_tx: oneshot::Sender<()>,
) -> (SessionEnd, Option<Ended>) {
    let mut pump = pin!(pump);
    let mut news = ending::News::new(ended_tx);
    loop {
        tokio::select! {
            end = &mut pump => return (end, news.ended),
            () = news.next(place, watch) => {}
        }
    }
}

//! A stay in which standard input is passed on, and the output of the container comes back.

use std::pin::pin;

use tokio::sync::oneshot;

use super::{
    Place,
    attached::unusable,
    ending::{self, NOTICED_WITHIN, REPORTED_WITHIN},
};
use crate::{
    cluster::{Attachment, PodWatch},
    error::Error,
    exit_status::ExitStatus,
    progress::Ended,
    report::Reporter,
    session::{self, Input, Near, Protocol, SessionEnd},
    terminal::{self, Output, Target},
};

/// Passes on input and output until the container ends.
///
/// A connection that is lost ends it: the process has seen the end of its input by then, and
/// nobody knows how much of it arrived.
pub(super) async fn piped(
    place: &Place<'_>,
    attachment: Attachment,
    mut watch: PodWatch,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    if !attachment.half_close {
        report.warning(
            "this server cannot pass on the end of input: a command that waits for it does not end",
        );
    }
    let (end, known) = converse(place, attachment, &mut watch).await?;
    let (why, patience) = match end {
        SessionEnd::OutputClosed => return Ok(ending::unread(place, report)),
        SessionEnd::Finished => (
            "the stream ended, and the container did not".to_owned(),
            REPORTED_WITHIN,
        ),
        SessionEnd::Lost(why) | SessionEnd::Failed(why) => (why, NOTICED_WITHIN),
    };
    let ended = match known {
        Some(ended) => Some(ended),
        None => ending::reported(place, &mut watch, patience, report).await,
    };
    match ended {
        Some(ended) => Ok(ending::with(&ended, report)),
        None => Err(ending::lost(
            place,
            format!("{why}; how much of the input arrived is unknown"),
        )),
    }
}

/// Runs the session. Returns why its stream ended, and how the container did if that is known.
async fn converse(
    place: &Place<'_>,
    attachment: Attachment,
    watch: &mut PodWatch,
) -> Result<(SessionEnd, Option<Ended>), Error> {
    let (stdout, stderr) = (Output::start(Target::Stdout), Output::start(Target::Stderr));
    let (ended_tx, ended_rx) = oneshot::channel();
    let (input_rx, _reading) = terminal::read_stdin().map_err(unusable)?;
    let near = Near {
        input: Input::Pipe(input_rx),
        sizes: None,
        redraw: false,
        stdout: stdout.sender(),
        stderr: stderr.sender(),
        ended_rx,
        on_first_output: &|| {},
    };
    let protocol = Protocol::new(attachment.half_close);
    let pump = session::run(attachment.socket, protocol, near);
    let conversed = until_its_end(place, pump, watch, ended_tx).await;
    ending::written(stdout).await?;
    ending::written(stderr).await?;
    Ok(conversed)
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

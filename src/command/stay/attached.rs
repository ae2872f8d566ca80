//! A stay with a stream both ways: a terminal session, or a pipe.

use std::{io, pin::pin};

use tokio::sync::oneshot;

use super::{
    Place,
    ending::{self, NOTICED_WITHIN, REPORTED_WITHIN},
    logged,
};
use crate::{
    cluster::{Attachment, Opened, PodWatch, Streams},
    error::Error,
    exit_status::ExitStatus,
    progress::Ended,
    report::Reporter,
    session::{self, Input, Near, Protocol, SessionEnd},
    terminal::{self, Output, RawMode, Reading, Target},
};

/// Joins the user to the container until it ends.
pub(in crate::command) async fn attached(
    place: &Place<'_>,
    mut watch: PodWatch,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let opened = place
        .cluster
        .attach(&place.pod, &place.container, place.streams)
        .await?;
    let attachment = match opened {
        Opened::Stream(attachment) => attachment,
        // It ended before we got there; the status is about to say so.
        Opened::NotRunning(words) => {
            return match ending::reported(place, &mut watch, REPORTED_WITHIN, report).await {
                Some(ended) => logged(place, watch, Some(ended), report).await,
                None => Err(ending::lost(place, words)),
            };
        }
    };
    if place.streams == Streams::Pipe && !attachment.half_close {
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
        None => Err(ending::lost(place, why)),
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
    let (input, _reading) = input(place.streams)?;
    let sizes = match place.streams {
        Streams::Terminal => terminal::watch_size(),
        Streams::Output | Streams::Pipe => None,
    };
    let near = Near {
        input,
        sizes,
        stdout: stdout.sender(),
        stderr: stderr.sender(),
        ended_rx,
    };
    let protocol = if attachment.half_close {
        Protocol::V5
    } else {
        Protocol::V4
    };

    // Not before the stream is up: a refusal never touches the terminal.
    let raw_mode = match place.streams {
        Streams::Terminal => Some(RawMode::enter().map_err(unusable)?),
        Streams::Output | Streams::Pipe => None,
    };
    let pump = session::run(attachment.socket, protocol, near);
    let conversed = until_its_end(place, pump, watch, ended_tx).await;
    ending::written(stdout).await?;
    ending::written(stderr).await?;
    drop(raw_mode);
    Ok(conversed)
}

/// Begins to read what the user sends, which ends when the second value is dropped.
fn input(streams: Streams) -> Result<(Input, Option<Reading>), Error> {
    if streams == Streams::Output {
        return Ok((Input::None, None));
    }
    let (input_rx, reading) = terminal::read_stdin().map_err(unusable)?;
    let input = match streams {
        Streams::Terminal => Input::Keys(input_rx),
        Streams::Output | Streams::Pipe => Input::Pipe(input_rx),
    };
    Ok((input, Some(reading)))
}

fn unusable(error: io::Error) -> Error {
    Error::Terminal {
        source: error.into(),
    }
}

/// Lets the session run, and tells it once the pod says that the container has ended.
async fn until_its_end(
    place: &Place<'_>,
    pump: impl Future<Output = SessionEnd>,
    watch: &mut PodWatch,
    ended_tx: oneshot::Sender<()>,
) -> (SessionEnd, Option<Ended>) {
    let mut pump = pin!(pump);
    let mut ended_tx = Some(ended_tx);
    let mut known = None;
    loop {
        tokio::select! {
            end = &mut pump => return (end, known),
            change = watch.next(), if ended_tx.is_some() => {
                let Ok(change) = change else {
                    // Without the watch the stream alone tells the end.
                    ended_tx = None;
                    continue;
                };
                known = ending::told_by(place, &change);
                if known.is_some() && let Some(ended_tx) = ended_tx.take() {
                    // The session may have ended by itself just now.
                    ended_tx.send(()).ok();
                }
            }
        }
    }
}

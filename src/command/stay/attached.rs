//! A stay with a stream both ways: a terminal session, or a pipe.

use std::{io, pin::pin, time::Duration};

use tokio::{
    sync::oneshot,
    time::{self, Instant},
};

use super::{
    Place,
    ending::{self, NOTICED_WITHIN, REPORTED_WITHIN},
    logged,
    sink::Sink,
};
use crate::{
    cluster::{Attachment, Opened, PodWatch, Streams},
    error::Error,
    exit_status::ExitStatus,
    progress::Ended,
    report::Reporter,
    session::{self, Input, Near, Protocol, SessionEnd},
    terminal::{self, RawMode, Reading, Target},
};

/// Between two tries to attach to a container that is not there: at first, and at most.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Joins the user to the container until it ends.
pub(in crate::command) async fn attached(
    place: &Place<'_>,
    mut watch: PodWatch,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let attachment = match open(place, &mut watch).await? {
        Joined::Stream(attachment) => attachment,
        Joined::TooLate(ended) => return logged(place, watch, Some(ended), report).await,
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

/// What came of trying to join the container.
enum Joined {
    Stream(Attachment),
    /// It ended before we got there.
    TooLate(Ended),
}

/// Opens the stream. A container that has just started, or just ended, is not there for a moment:
/// then it is tried again, until its status says more.
async fn open(place: &Place<'_>, watch: &mut PodWatch) -> Result<Joined, Error> {
    let begin = Instant::now();
    let mut pause = SHORTEST_PAUSE;
    loop {
        let attaching = place
            .cluster
            .attach(&place.pod, &place.container, place.streams);
        let words = match attaching.await? {
            Opened::Stream(attachment) => return Ok(Joined::Stream(attachment)),
            Opened::NotRunning(words) => words,
        };
        if begin.elapsed() > REPORTED_WITHIN {
            return Err(ending::lost(place, words));
        }
        tokio::select! {
            change = watch.next() => {
                let change = change?;
                if let Some(ended) = ending::told_by(place, &change) {
                    return Ok(Joined::TooLate(ended));
                }
                ending::still_there(place, change)?;
            }
            () = time::sleep(pause) => pause = LONGEST_PAUSE.min(pause * 2),
        }
    }
}

/// Runs the session. Returns why its stream ended, and how the container did if that is known.
async fn converse(
    place: &Place<'_>,
    attachment: Attachment,
    watch: &mut PodWatch,
) -> Result<(SessionEnd, Option<Ended>), Error> {
    let shelf = place.shelf.as_ref();
    let stdout = Sink::start(Target::Stdout, shelf);
    let stderr = Sink::start(Target::Stderr, shelf);
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

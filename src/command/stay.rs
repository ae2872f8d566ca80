//! A stay in a running container, until it ends.

use std::{pin::pin, time::Duration};

use futures_util::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use tokio::{
    sync::oneshot,
    time::{self, Instant},
};

use crate::{
    cluster::{Attachment, Cluster, Opened, PodChange, PodWatch, Streams},
    error::Error,
    exit_status::ExitStatus,
    progress::{ContainerState, Ended, container_state},
    report::Reporter,
    session::{self, Input, Near, Protocol, SessionEnd},
    terminal::{self, Output, RawMode, Target},
};

/// How long the exit code may take after the server said that all is done. Kubelets report it up
/// to a second later, slow ones up to ten.
const REPORTED_WITHIN: Duration = Duration::from_secs(15);
/// How often the time on the progress line is brought up to date.
const TICK: Duration = Duration::from_secs(1);
/// The same after a connection broke, when the container most likely still runs.
const NOTICED_WITHIN: Duration = Duration::from_secs(3);

/// A container in a pod, and how we are joined to it.
#[derive(Clone)]
pub(super) struct Place<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) pod: String,
    pub(super) container: String,
    pub(super) streams: Streams,
}

impl Place<'_> {
    /// Returns the command line that comes back here.
    pub(super) fn return_line(&self) -> String {
        let (pod, container, namespace) = (&self.pod, &self.container, self.cluster.namespace());
        format!("kubectl ephemeral attach pod/{pod} -c {container} -n {namespace}")
    }
}

/// Tells how to come back, if we are stopped by a signal before anybody else could.
pub(super) struct StaysBehind<'a> {
    line: Option<String>,
    report: &'a Reporter,
}

impl<'a> StaysBehind<'a> {
    pub(super) fn new(place: &Place<'_>, report: &'a Reporter) -> Self {
        Self {
            line: Some(place.return_line()),
            report,
        }
    }

    /// Nothing is left to tell: the stay came to an end of its own.
    pub(super) fn is_told(&mut self) {
        self.line = None;
    }
}

impl Drop for StaysBehind<'_> {
    fn drop(&mut self) {
        if let Some(line) = &self.line {
            self.report.hint(&format!(
                "the container stays in the pod; `{line}` goes back to it"
            ));
        }
    }
}

/// Joins the user to the container until it ends.
pub(super) async fn attached(
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
            return match end_of(place, &mut watch, REPORTED_WITHIN, report).await {
                Some(ended) => logged(place, watch, Some(ended), report).await,
                None => Err(lost(place, words)),
            };
        }
    };
    if place.streams == Streams::Pipe && !attachment.half_close {
        report.warning(
            "this server cannot pass on the end of input: a command that waits for it does not end",
        );
    }
    let (end, known) = converse(place, attachment, &mut watch).await?;
    if end == SessionEnd::OutputClosed {
        report.hint(&format!(
            "nobody reads the output any more; `{}` goes back to the container",
            place.return_line()
        ));
        return Ok(ExitStatus::Done);
    }
    let patience = if end == SessionEnd::Finished {
        REPORTED_WITHIN
    } else {
        NOTICED_WITHIN
    };
    let ended = match known {
        Some(ended) => Some(ended),
        None => end_of(place, &mut watch, patience, report).await,
    };
    match (ended, end) {
        (Some(ended), _) => Ok(ended_with(&ended, report)),
        (None, SessionEnd::Finished | SessionEnd::OutputClosed) => Err(lost(
            place,
            "the stream ended, and the container did not".to_owned(),
        )),
        (None, SessionEnd::Lost(why) | SessionEnd::Failed(why)) => Err(lost(place, why)),
    }
}

/// Shows what the container has written and writes, from the log, until it ends.
pub(super) async fn logged(
    place: &Place<'_>,
    mut watch: PodWatch,
    known: Option<Ended>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let mut log = place.cluster.log(&place.pod, &place.container).await?;
    let stdout = Output::start(Target::Stdout);
    let stdout_tx = stdout.sender();
    let mut broken = None;
    while let Some(chunk) = log.next().await {
        match chunk {
            // A reader that went away shows in `finish`.
            Ok(bytes) => {
                if stdout_tx.send(bytes).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    drop(stdout_tx);
    written(stdout).await?;
    let ended = match known {
        Some(ended) => Some(ended),
        None => end_of(place, &mut watch, REPORTED_WITHIN, report).await,
    };
    match (broken, ended) {
        (None, Some(ended)) => Ok(ended_with(&ended, report)),
        (None, None) => Err(Error::ExitCodeUnknown {
            container: place.container.clone(),
        }),
        (Some(error), _) => Err(lost(place, format!("its log broke off: {error}"))),
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
    let (input, sizes) = match place.streams {
        Streams::Output => (Input::None, None),
        Streams::Pipe => (Input::Pipe(terminal::read_stdin()), None),
        Streams::Terminal => (Input::Keys(terminal::read_stdin()), terminal::watch_size()),
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
        Streams::Terminal if terminal::terminals().stdin => {
            Some(RawMode::enter().map_err(|error| Error::Terminal {
                source: error.into(),
            })?)
        }
        Streams::Terminal | Streams::Output | Streams::Pipe => None,
    };
    let mut pump = pin!(session::run(attachment.socket, protocol, near));
    let mut ended_tx = Some(ended_tx);
    let mut known = None;
    let end = loop {
        tokio::select! {
            end = &mut pump => break end,
            change = watch.next(), if ended_tx.is_some() => {
                known = match change {
                    Ok(change) => end_in(place, &change),
                    // Without the watch the stream alone tells the end.
                    Err(_) => { ended_tx = None; None }
                };
                if known.is_some() && let Some(ended_tx) = ended_tx.take() {
                    ended_tx.send(()).ok();
                }
            }
        }
    };
    written(stdout).await?;
    written(stderr).await?;
    drop(raw_mode);
    Ok((end, known))
}

/// Waits until everything is written. A reader that went away is no failure of ours.
async fn written(output: Output) -> Result<(), Error> {
    match output.finish().await {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::Output {
            source: error.into(),
        }),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Waits until the pod says how the container ended.
async fn end_of(
    place: &Place<'_>,
    watch: &mut PodWatch,
    patience: Duration,
    report: &Reporter,
) -> Option<Ended> {
    let begin = Instant::now();
    // Mostly it is there at once, and nobody needs to know that it was waited for.
    let mut ticks = time::interval_at(begin + TICK, TICK);
    let ended = time::timeout(patience, async {
        loop {
            tokio::select! {
                change = watch.next() => match change {
                    Ok(change) => if let Some(ended) = end_in(place, &change) { break Some(ended) },
                    Err(_) => break None,
                },
                _ = ticks.tick() => report.progress("the exit code", begin.elapsed()),
            }
        }
    });
    let ended = ended.await.ok().flatten();
    report.clear_line();
    ended
}

/// Finds the end of the container in a change of the pod. A deleted pod tells it too.
fn end_in(place: &Place<'_>, change: &PodChange) -> Option<Ended> {
    let (PodChange::Now(pod) | PodChange::Deleted(pod)) = change else {
        return None;
    };
    ended_in(place, pod)
}

fn ended_in(place: &Place<'_>, pod: &Pod) -> Option<Ended> {
    match container_state(pod, &place.container) {
        ContainerState::Ended(ended) => Some(ended),
        ContainerState::Unknown | ContainerState::Waiting { .. } | ContainerState::Running => None,
    }
}

fn ended_with(ended: &Ended, report: &Reporter) -> ExitStatus {
    if !matches!(ended.reason.as_str(), "" | "Completed" | "Error") {
        report.notice(&format!(
            "the container ended: {} (exit code {})",
            ended.reason, ended.code
        ));
    }
    ExitStatus::Container(ended.code)
}

fn lost(place: &Place<'_>, reason: String) -> Error {
    Error::SessionLost {
        container: place.container.clone(),
        reason,
        return_with: Some(place.return_line()),
    }
}

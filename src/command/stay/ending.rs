//! How a stay ends: only the pod's status says how the container did.

use std::{future, pin::pin, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use tokio::{
    sync::oneshot,
    time::{self, Instant},
};

use super::{Place, sink::Sink};
use crate::{
    cluster::{PodChange, PodWatch},
    error::Error,
    exit_status::ExitStatus,
    progress::{ContainerState, Ended, container_state},
    report::Reporter,
    terminal,
};

/// How long the exit code may take after the server said that all is done. Kubelets report it up
/// to a second later, slow ones up to ten.
pub(super) const REPORTED_WITHIN: Duration = Duration::from_secs(15);
/// The same after a connection broke, when the container most likely still runs.
pub(super) const NOTICED_WITHIN: Duration = Duration::from_secs(3);
/// How often the time on the progress line is brought up to date.
const TICK: Duration = Duration::from_secs(1);

/// Waits until the pod says how the container ended.
pub(super) async fn reported(
    place: &Place<'_>,
    watch: &mut PodWatch,
    patience: Duration,
    report: &Reporter,
) -> Option<Ended> {
    let begin = Instant::now();
    // Mostly it is there at once, and nobody needs to know that it was waited for.
    let mut ticks = time::interval_at(begin + TICK, TICK);
    let mut asking = pin!(asked(place));
    let mut watching = true;
    let reported = time::timeout(patience, async {
        loop {
            tokio::select! {
                change = watch.next(), if watching => match change {
                    Ok(change) => {
                        if let Some(ended) = told_by(place, &change) {
                            break ended;
                        }
                    }
                    // It was given up: the server was away for long.
                    Err(_) => watching = false,
                },
                ended = &mut asking, if !watching => break ended,
                _ = ticks.tick() => {
                    terminal::begin_line();
                    report.progress("the exit code", begin.elapsed());
                }
            }
        }
    });
    let ended = reported.await.ok();
    report.clear_line();
    ended
}

/// Asks for the pod again and again until it says how the container ended.
async fn asked(place: &Place<'_>) -> Ended {
    let cluster = place.cluster.impatient();
    loop {
        if let Ok(pod) = cluster.pod(&place.pod).await
            && let ContainerState::Ended(ended) = container_state(&pod, &place.container)
        {
            return ended;
        }
        time::sleep(TICK).await;
    }
}

/// Finds the end of the container in a change of the pod. A deleted pod tells it too.
pub(super) fn told_by(place: &Place<'_>, change: &PodChange) -> Option<Ended> {
    let (PodChange::Now(pod) | PodChange::Deleted(pod)) = change else {
        return None;
    };
    match container_state(pod, &place.container) {
        ContainerState::Ended(ended) => Some(ended),
        ContainerState::Unknown | ContainerState::Waiting { .. } | ContainerState::Running => None,
    }
}

/// What the pod tells of the container while a session runs.
pub(super) struct News {
    /// Told once the container has ended; none, once that is done or the pod is not watched.
    ended_tx: Option<oneshot::Sender<()>>,
    /// How the container ended.
    pub(super) ended: Option<Ended>,
}

impl News {
    pub(super) fn new(ended_tx: oneshot::Sender<()>) -> Self {
        Self {
            ended_tx: Some(ended_tx),
            ended: None,
        }
    }

    /// Waits for news, and tells the session once the container has ended. May be dropped and
    /// called again at any time.
    pub(super) async fn next(&mut self, place: &Place<'_>, watch: &mut PodWatch) {
        if self.ended_tx.is_none() {
            return future::pending().await;
        }
        let Ok(change) = watch.next().await else {
            // Without the watch the stream alone tells the end.
            self.ended_tx = None;
            return;
        };
        self.ended = told_by(place, &change);
        if self.ended.is_some()
            && let Some(ended_tx) = self.ended_tx.take()
        {
            // The session may have ended by itself just now.
            ended_tx.send(()).ok();
        }
    }
}

/// Returns the pod, if it is still the one that was there; nothing while it cannot be seen.
pub(in crate::command) fn still_there(
    place: &Place<'_>,
    change: PodChange,
) -> Result<Option<Pod>, Error> {
    let what = match change {
        PodChange::Now(pod) => return Ok(Some(*pod)),
        PodChange::Unseen(_) => return Ok(None),
        PodChange::Deleted(_) => "was deleted while its container was waited for",
        PodChange::Replaced => "was replaced by another one of the same name",
    };
    Err(Error::PodGone {
        pod: place.pod.clone(),
        what,
        there: place.cluster.there().clone(),
    })
}

/// Ends as the container did. What the exit code alone does not tell is said.
pub(super) fn with(ended: &Ended, report: &Reporter) -> ExitStatus {
    let Ended { reason, code, .. } = ended;
    let why = if !matches!(reason.as_str(), "" | "Completed" | "Error") {
        Some(format!("the container ended: {reason} (exit code {code})"))
    } else if ended.with_pod && *code != 0 {
        Some(format!(
            "the pod is being deleted, and the container ended with it (exit code {code})"
        ))
    } else {
        None
    };
    if let Some(why) = why {
        terminal::begin_line();
        report.notice(&why);
    }
    ExitStatus::Container(*code)
}

/// Ends because nobody says how the container did.
pub(super) fn code_unknown(place: &Place<'_>) -> Error {
    Error::ExitCodeUnknown {
        pod: place.pod.clone(),
        container: place.container.clone(),
        there: place.cluster.there().clone(),
    }
}

/// Warns that the end of the output was not seen, where a process that was left behind held the stream open.
pub(super) fn output_may_be_missing(report: &Reporter) {
    report.warning(
        "the stream stayed open after the container had ended: some of its output may be missing",
    );
}

/// Ends because whoever read our output went away, as with `| head`. The container stays.
pub(super) fn unread(place: &Place<'_>, report: &Reporter) -> ExitStatus {
    let line = place.return_line();
    report.notice(&format!(
        "nobody reads the output any more; `{line}` goes back to the container"
    ));
    ExitStatus::Done
}

/// Ends because the user left with the detach keys. The container stays.
pub(super) fn detached(place: &Place<'_>, report: &Reporter) -> ExitStatus {
    let line = place.return_line();
    terminal::begin_line();
    report.notice(&format!(
        "left container `{}`, which goes on; `{line}` goes back to it",
        place.container
    ));
    ExitStatus::Done
}

/// Ends because the user ended the session with an escape, dead or alive, as ssh does.
pub(super) fn disconnected(place: &Place<'_>, report: &Reporter) -> ExitStatus {
    let line = place.return_line();
    terminal::begin_line();
    report.notice(&format!(
        "disconnected; container `{}` goes on; `{line}` goes back to it",
        place.container
    ));
    ExitStatus::Lost
}

/// Ends because the container and we are no longer joined.
pub(super) fn lost(place: &Place<'_>, reason: String) -> Error {
    Error::SessionLost {
        container: place.container.clone(),
        reason,
        return_with: Some(place.return_line()),
    }
}

/// Waits until everything is written. A reader that went away is no failure of ours.
pub(super) async fn written(output: Sink) -> Result<(), Error> {
    match output.finish().await {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::Output {
            source: error.into(),
        }),
        Ok(()) | Err(_) => Ok(()),
    }
}

//! Waits until the container runs, and says what it is waiting for.

use std::{future, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use tokio::time::{self, Instant, MissedTickBehavior};

use super::stay::Place;
use crate::{
    cluster::{PodChange, PodWatch},
    container::Waiting,
    error::Error,
    progress::{Ended, Verdict, Waiter},
    report::Reporter,
};

/// How often the time on the progress line is brought up to date.
const TICK: Duration = Duration::from_millis(500);

/// How the wait ended well.
#[derive(Debug)]
pub(super) enum Start {
    /// The container runs.
    Running,
    /// It was so short that it has ended already.
    Ended(Ended),
}

/// Waits for a container of that image, beginning with the pod as it was when the watch began.
pub(super) async fn until_started(
    place: &Place<'_>,
    pod: &Pod,
    watch: &mut PodWatch,
    (waiting, image): (Waiting, &str),
    report: &Reporter,
) -> Result<Start, Error> {
    let begin = Instant::now();
    let deadline = match waiting {
        Waiting::AtMost(limit) => Some((begin + limit, limit)),
        Waiting::ForEver => None,
    };
    let mut waiter = Waiter::new(&place.container, image);
    let mut verdict = waiter.judge(pod);
    let mut ticks = time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let phase = match verdict {
            Verdict::Started => break Ok(Start::Running),
            Verdict::Ended(ended) => break Ok(Start::Ended(ended)),
            Verdict::MayStillCome(ref phase) => phase.clone(),
            Verdict::NeverWill(dead) => {
                let container = place.container.clone();
                break Err(Error::NeverStarts {
                    container,
                    reason: dead.cause,
                    message: dead.message,
                    hint: dead.hint,
                });
            }
        };
        report.progress(&phase, begin.elapsed());
        tokio::select! {
            change = watch.next() => verdict = waiter.judge(&still_there(place, change?)?),
            _ = ticks.tick() => {}
            limit = reached(deadline) => break Err(too_late(place, limit, phase)),
        }
    }
    .inspect(|_| report.clear_line())
}

fn still_there(place: &Place<'_>, change: PodChange) -> Result<Pod, Error> {
    let what = match change {
        PodChange::Now(pod) => return Ok(*pod),
        PodChange::Deleted(_) => "was deleted while its new container was waited for",
        PodChange::Replaced => "was replaced by another one of the same name",
    };
    Err(Error::PodGone {
        pod: place.pod.clone(),
        what,
    })
}

fn too_late(place: &Place<'_>, limit: Duration, last: String) -> Error {
    Error::StartedTooLate {
        container: place.container.clone(),
        limit: format!("{limit:?}"),
        last,
        return_with: place.return_line(),
    }
}

/// Waits for the deadline and returns the limit that it stands for.
async fn reached(deadline: Option<(Instant, Duration)>) -> Duration {
    match deadline {
        Some((at, limit)) => {
            time::sleep_until(at).await;
            limit
        }
        None => future::pending().await,
    }
}

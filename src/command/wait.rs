//! Waits until the container runs, and says what it is waiting for.

use std::{future, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use tokio::time::{self, Instant, MissedTickBehavior};

use super::stay::{Place, ending};
use crate::{
    cluster::{EventWatch, PodWatch},
    container::Waiting,
    error::Error,
    progress::{Ended, Verdict, Waiter, says_started},
    report::Reporter,
};

/// How often the time on the progress line is brought up to date.
const TICK: Duration = Duration::from_millis(500);

/// What is waited for, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait<'a> {
    pub(super) limit: Waiting,
    /// The image of the container.
    pub(super) image: &'a str,
    /// Whether to go on at the event that says `Started`. It comes before the status does; a stream
    /// can be opened from then on, a log only once the status says so too.
    pub(super) on_event: bool,
}

/// How the wait ended well.
#[derive(Debug)]
pub(super) enum Start {
    /// The container runs.
    Running,
    /// It was so short that it has ended already.
    Ended(Ended),
}

/// Waits for a container, beginning with the pod as it was when the watch began.
pub(super) async fn until_started(
    place: &Place<'_>,
    pod: &Pod,
    watch: &mut PodWatch,
    wait: Wait<'_>,
    report: &Reporter,
) -> Result<Start, Error> {
    let begin = Instant::now();
    let mut events = wait.on_event.then(|| place.cluster.watch_events(pod));
    let deadline = match wait.limit {
        Waiting::AtMost(limit) => Some((begin + limit, limit)),
        Waiting::ForEver => None,
    };
    let mut waiter = Waiter::new(&place.container, wait.image);
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
            change = watch.next() => verdict = waiter.judge(&ending::still_there(place, change?)?),
            () = started(events.as_mut(), &place.container) => verdict = Verdict::Started,
            _ = ticks.tick() => {}
            limit = reached(deadline) => break Err(too_late(place, limit, phase)),
        }
    }
    .inspect(|_| report.clear_line())
}

/// Waits for the event that says that the container has started.
async fn started(events: Option<&mut EventWatch>, container: &str) {
    let Some(events) = events else {
        return future::pending().await;
    };
    while !says_started(&events.next().await, container) {}
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

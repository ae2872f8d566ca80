//! Waits until the container runs, and says what it is waiting for.

use std::{future, pin::Pin, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use tokio::time::{self, Instant, MissedTickBehavior};

use super::stay::{Place, ending};
use crate::{
    cluster::{Cluster, PodChange, PodWatch},
    container::{Gate, Waiting},
    error::Error,
    progress::{self, Ended, Manner, NodeView, Phase, Trouble, Verdict, Waiter},
    report::Reporter,
};

/// How often the time on the progress line is brought up to date.
const TICK: Duration = Duration::from_millis(500);

/// A look at a node that is on its way.
type Look<'a> = Pin<Box<dyn Future<Output = NodeView> + 'a>>;

/// How to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) limit: Waiting,
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
    /// It never will: its image has no shell to hold its command with.
    NoShell(Trouble),
}

/// Waits for a container, beginning with the pod as it was when the watch began.
pub(super) async fn until_started(
    place: &Place<'_>,
    pod: &Pod,
    watch: &mut PodWatch,
    wait: Wait,
    report: &Reporter,
) -> Result<Start, Error> {
    let mut last = LastSeen::of(place, report);
    let decided = until_decided(place, pod, watch, wait, &mut last).await;
    last.is_told();
    if decided.is_ok() {
        report.clear_line();
    }
    decided
}

/// Waits until there is a verdict, and says what is waited for.
async fn until_decided(
    place: &Place<'_>,
    pod: &Pod,
    watch: &mut PodWatch,
    wait: Wait,
    last: &mut LastSeen<'_>,
) -> Result<Start, Error> {
    let begin = Instant::now();
    let mut events = place.cluster.watch_events(pod);
    let limit = wait.limit.at_most();
    let manner = Manner {
        patient: wait.limit.is_patient(),
        by_event: wait.on_event,
    };
    let mut waiter = Waiter::new(pod, &place.container, &place.wording, manner);
    let mut look: Option<Look<'_>> = None;
    let mut ticks = time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let now = begin.elapsed();
        let phase = match waiter.verdict() {
            Verdict::MayStillCome(phase) => phase,
            Verdict::Started => return Ok(Start::Running),
            Verdict::Ended(ended) => return Ok(Start::Ended(ended)),
            // It is the gate's shell that is missing, not the command.
            Verdict::NeverWill(trouble) if place.gate.is_some() && lacks_shell(&trouble) => {
                return Ok(Start::NoShell(trouble));
            }
            Verdict::NeverWill(trouble) => return Err(never(place, trouble)),
            Verdict::NeedsYou(trouble) => return Err(needs_you(place, trouble)),
        };
        let next_try = phase.next_try.map(|at| at.saturating_sub(now));
        last.seen(&phase.what, now, next_try);
        if look.is_none()
            && let Some(node) = waiter.asks_for_node(now)
        {
            look = Some(Box::pin(seen(place.cluster, node)));
        }
        tokio::select! {
            change = watch.next() => {
                let change = change?;
                if let PodChange::Unseen(why) = &change {
                    last.report.notice(&format!("trying again: {why}"));
                }
                if let Some(pod) = ending::still_there(place, change)? {
                    waiter.see(pod, begin.elapsed());
                }
            }
            event = events.next() => waiter.hear(&event, begin.elapsed()),
            view = looked(&mut look) => {
                look = None;
                waiter.look(view, begin.elapsed());
            }
            _ = ticks.tick() => {}
            limit = reached(begin, limit) => return Err(too_late(place, limit, phase)),
        }
    }
}

/// Says what is waited for, and says it once more if a signal ends the wait before anybody else could.
struct LastSeen<'a> {
    container: &'a str,
    what: String,
    report: &'a Reporter,
}

impl<'a> LastSeen<'a> {
    fn of(place: &'a Place<'_>, report: &'a Reporter) -> Self {
        Self {
            container: &place.container,
            what: String::new(),
            report,
        }
    }

    fn seen(&mut self, what: &str, elapsed: Duration, next_try: Option<Duration>) {
        self.report.waiting(what, elapsed, next_try);
        what.clone_into(&mut self.what);
    }

    /// Nothing is left to tell: the wait came to an end of its own.
    fn is_told(&mut self) {
        self.what.clear();
    }
}

impl Drop for LastSeen<'_> {
    fn drop(&mut self) {
        let Self {
            container, what, ..
        } = self;
        if !what.is_empty() {
            let told = format!("container `{container}` has not started: {what}");
            self.report.notice(&told);
        }
    }
}

fn lacks_shell(trouble: &Trouble) -> bool {
    progress::missing_command(&trouble.message).is_some_and(Gate::is_shell)
}

/// Looks at a node, if we may.
async fn seen(cluster: &Cluster, name: String) -> NodeView {
    match cluster.node(&name).await {
        Ok(node) => NodeView::of(node),
        Err(Error::NotFound { .. }) => NodeView::Gone,
        Err(_) => NodeView::Hidden,
    }
}

async fn looked(look: &mut Option<Look<'_>>) -> NodeView {
    match look {
        Some(look) => look.await,
        None => future::pending().await,
    }
}

/// Waits for the deadline and returns the limit that it stands for.
async fn reached(begin: Instant, limit: Option<Duration>) -> Duration {
    match limit {
        Some(limit) => {
            time::sleep_until(begin + limit).await;
            limit
        }
        None => future::pending().await,
    }
}

/// Ends because the container will not start.
pub(super) fn never(place: &Place<'_>, trouble: Trouble) -> Error {
    Error::NeverStarts {
        container: place.container.clone(),
        reason: trouble.cause,
        message: trouble.message,
        hint: Some(trouble.hint),
    }
}

fn needs_you(place: &Place<'_>, trouble: Trouble) -> Error {
    Error::StartNeedsYou {
        container: place.container.clone(),
        reason: trouble.cause,
        message: trouble.message,
        hint: format!(
            "{}\nthis one starts by itself once nothing is in its way; `{}` goes to it",
            trouble.hint,
            place.return_line()
        ),
    }
}

fn too_late(place: &Place<'_>, limit: Duration, last: Phase) -> Error {
    Error::StartedTooLate {
        container: place.container.clone(),
        limit,
        last: last.what,
        message: last.message,
        return_with: place.return_line(),
    }
}

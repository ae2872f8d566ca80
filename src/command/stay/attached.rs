//! A stay with a stream both ways: a terminal session, or a pipe.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::time::{self, Instant};

use super::{
    Place,
    ending::{self, REPORTED_WITHIN},
    logged, piped,
    visit::Visit,
};
use crate::{
    cli::SessionArgs,
    cluster::{Attachment, Opened, PodWatch, Streams},
    error::Error,
    exit_status::ExitStatus,
    progress::{ContainerState, Ended, container_state},
    report::Reporter,
    terminal,
};

/// Between two tries to attach to a container that is not there: at first, and at most.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Joins the user to the container until it ends, or the user leaves. The pod is as it was before the wait.
pub(in crate::command) async fn attached(
    place: &Place<'_>,
    pod: &Pod,
    mut watch: PodWatch,
    rules: &SessionArgs,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let attachment = match open(place, &mut watch).await? {
        Joined::Stream(attachment) => attachment,
        Joined::TooLate(ended) => {
            return logged(place, watch, Some(ended), rules, report).await;
        }
    };
    if place.streams != Streams::Terminal {
        return Box::pin(piped(place, pod, attachment, watch, rules, report)).await;
    }
    report.notice(
        "this session is kept in the container's log; for secrets, open a shell in it with `kubectl exec`",
    );
    let visit = Visit {
        place,
        uid: pod.metadata.uid.clone(),
        watch,
        rules,
        report,
        ran: container_state(pod, &place.container) == ContainerState::Running,
        joined: false,
    };
    let stayed = visit.stay(attachment).await;
    if stayed.is_err() {
        terminal::begin_line();
    }
    stayed
}

/// What came of trying to join the container.
pub(super) enum Joined {
    Stream(Attachment),
    /// It ended before we got there.
    TooLate(Ended),
}

/// Opens the stream. A container that has just started, or just ended, is not there for a moment:
/// then it is tried again, until its status says more. So is a connection that breaks.
pub(super) async fn open(place: &Place<'_>, watch: &mut PodWatch) -> Result<Joined, Error> {
    let begin = Instant::now();
    let mut pause = SHORTEST_PAUSE;
    loop {
        let attaching = place
            .cluster
            .attach(&place.pod, &place.container, place.streams);
        let words = match attaching.await? {
            Opened::Stream(attachment) => return Ok(Joined::Stream(attachment)),
            Opened::NotRunning(words) => words,
            Opened::Broke(error)
                if place.may_be_joined_twice() && begin.elapsed() < REPORTED_WITHIN =>
            {
                error.with_causes()
            }
            Opened::Broke(error) => return Err(error),
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

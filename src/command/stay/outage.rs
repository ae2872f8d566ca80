//! A connection that was lost, until it is back.

mod seeking;
mod trying;

use std::time::Duration;

use tokio::time::Instant;

use self::trying::{Try, says_that_nothing_runs};
use super::{
    ending::{self, NOTICED_WITHIN, REPORTED_WITHIN},
    visit::Visit,
};
use crate::{
    cluster::Attachment,
    error::Error,
    progress::Ended,
    session::{Order, SessionEnd},
    terminal,
};

/// How long a pod may take to say that the connection was lost because its container ended.
const GRACE: Duration = Duration::from_millis(100);
/// The same where the server said that all is done: kubelets report the end up to a second later.
const GRACE_AFTER_SUCCESS: Duration = Duration::from_millis(1500);
/// How long a container that was just started may not be there for who attaches to it, although its
/// status says that it runs: then it is sought without a word, and at short intervals at first.
const JUST_STARTED: Duration = Duration::from_secs(5);
/// Between two looks whether the container of a stream that was done still runs.
const BETWEEN_LOOKS: Duration = Duration::from_secs(4);
/// Between two tries: at first, and at most.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A time without a connection. One that failed before anything came over it does not end it.
pub(super) struct Outage {
    begin: Instant,
    pause: Duration,
    tries: u32,
    announced: bool,
    /// Whether it may be over before anything was said.
    unsaid: bool,
    /// When an exit code must be there at last, if it began with the server's word that all is done.
    code_due: Option<Instant>,
    keys_dropped: bool,
}

/// How an outage ended.
pub(super) enum Back {
    Stream(Attachment),
    /// The container ended meanwhile.
    Ended(Ended),
    /// The user gave up.
    Left(Order),
}

impl Outage {
    pub(super) fn begin(end: &SessionEnd) -> Self {
        Self {
            begin: Instant::now(),
            code_due: (*end == SessionEnd::Finished).then(|| Instant::now() + REPORTED_WITHIN),
            pause: SHORTEST_PAUSE,
            tries: 0,
            announced: false,
            unsaid: false,
            keys_dropped: false,
        }
    }

    /// Returns what to say once it is over, if anything was said before.
    pub(super) fn greeting(&self) -> Option<String> {
        let seconds = self.begin.elapsed().as_secs();
        let dropped = if self.keys_dropped {
            "; the keys typed meanwhile were dropped"
        } else {
            ""
        };
        if self.announced {
            Some(format!("connected again after {seconds} s{dropped}"))
        } else if self.unsaid {
            Some(format!(
                "the stream ended, and the container did not; connected again after {seconds} s{dropped}"
            ))
        } else {
            None
        }
    }

    /// Somebody at the keyboard wants it back: what is asked for now does not make later pauses longer.
    fn is_watched(&mut self) {
        self.pause = SHORTEST_PAUSE;
    }

    /// Returns how long to wait before the next try: not at all before the first.
    fn next_pause(&mut self) -> Duration {
        self.tries += 1;
        if self.tries == 1 {
            return Duration::ZERO;
        }
        let jitter = 0.75 + fastrand::f64() / 4.0;
        let pause = self.pause.mul_f64(jitter);
        self.pause = LONGEST_PAUSE.min(self.pause * 2);
        pause
    }
}

impl Visit<'_> {
    /// Gets the connection back, or learns why there is none any more.
    pub(super) async fn bring_back(
        &mut self,
        outage: &mut Outage,
        end: SessionEnd,
    ) -> Result<Back, Error> {
        let nothing_runs =
            matches!(&end, SessionEnd::Failed(words) if says_that_nothing_runs(words));
        let finished = nothing_runs || matches!(end, SessionEnd::Finished | SessionEnd::Outlived);
        let why = match end {
            SessionEnd::Lost(why) | SessionEnd::Failed(why) => why,
            SessionEnd::Finished
            | SessionEnd::Outlived
            | SessionEnd::Closed
            | SessionEnd::OutputClosed => "the stream ended, and the container did not".to_owned(),
        };
        let never = self.rules.reconnect.is_zero();
        let grace = match (never, finished) {
            (true, true) => REPORTED_WITHIN,
            (true, false) => NOTICED_WITHIN,
            (false, true) if !self.joined && outage.begin.elapsed() < GRACE_AFTER_SUCCESS => GRACE,
            (false, true) => GRACE_AFTER_SUCCESS,
            (false, false) => GRACE,
        };
        if let Some(ended) = self.reported(grace).await {
            return Ok(Back::Ended(ended));
        }
        // All was done, nothing runs, and the status still says that it does.
        let due = outage.code_due.is_some_and(|due| Instant::now() >= due);
        if nothing_runs && due {
            return Err(ending::code_unknown(self.place));
        }
        if never {
            return Err(ending::lost(self.place, why));
        }
        if finished && let Some(back) = self.look_again(outage).await? {
            return Ok(back);
        }
        self.seek(outage, &why).await
    }

    async fn reported(&mut self, patience: Duration) -> Option<Ended> {
        ending::reported(self.place, &mut self.watch, patience, self.report).await
    }

    /// Looks whether the container of a stream that is done still runs. Mostly it does not, and
    /// only its exit code is late; then nothing is said, and no key is read.
    async fn look_again(&mut self, outage: &mut Outage) -> Result<Option<Back>, Error> {
        while outage.begin.elapsed() < REPORTED_WITHIN + GRACE_AFTER_SUCCESS {
            match self.attempt().await {
                Try::NotRunning(_) if outage.begin.elapsed() < REPORTED_WITHIN => {}
                Try::NotRunning(_) => {
                    return Err(ending::code_unknown(self.place));
                }
                Try::Stream(attachment, watch) => {
                    self.watch = watch;
                    // One that was never heard has not ended; it had not begun.
                    outage.unsaid = self.joined || outage.begin.elapsed() > JUST_STARTED;
                    // Until now it was most likely for the next program.
                    outage.keys_dropped |= terminal::drop_typed().map_err(Error::terminal)?;
                    return Ok(Some(Back::Stream(attachment)));
                }
                Try::Ended(ended) => return Ok(Some(Back::Ended(ended))),
                Try::Gone(what) => return self.gone(what).await.map(Some),
                Try::Failed(_) | Try::Refused(_) => return Ok(None),
            }
            // The last look is at the end of the time in which it must be reported.
            let left = REPORTED_WITHIN.saturating_sub(outage.begin.elapsed());
            let pause = if left.is_zero() {
                BETWEEN_LOOKS
            } else {
                left.min(BETWEEN_LOOKS)
            };
            if let Some(ended) = self.reported(pause).await {
                return Ok(Some(Back::Ended(ended)));
            }
        }
        Ok(None)
    }

    /// The pod is gone: the watch may still tell how its container ended.
    async fn gone(&mut self, what: &str) -> Result<Back, Error> {
        match self.reported(NOTICED_WITHIN).await {
            Some(ended) => Ok(Back::Ended(ended)),
            None => Err(Error::SessionLost {
                container: self.place.container.clone(),
                reason: what.to_owned(),
                return_with: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests;

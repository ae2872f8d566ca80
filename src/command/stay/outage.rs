//! A connection that was lost, until it is back.

mod trying;

use std::{pin::pin, time::Duration};

use jiff::SignedDuration;
use tokio::{
    sync::{Notify, mpsc},
    time::{self, Instant, MissedTickBehavior},
};

use self::trying::{Try, says_that_nothing_runs};
use super::{
    attached::unusable,
    ending::{self, NOTICED_WITHIN, REPORTED_WITHIN},
    visit::{Orders, Visit, escapes},
};
use crate::{
    cluster::Attachment,
    error::Error,
    progress::Ended,
    session::{Keyboard, Order, SessionEnd},
    terminal::{self, Jobs, RawMode},
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
/// How long is tried at most where the container was never heard: most likely it never will be.
const NEVER_HEARD: Duration = Duration::from_secs(15);
/// How often the time that is left is brought up to date.
const TICK: Duration = Duration::from_secs(1);

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
                    outage.keys_dropped |= terminal::drop_typed().map_err(unusable)?;
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

    fn announce(&self, outage: &mut Outage, why: &str) {
        if !outage.announced {
            outage.announced = true;
            let limit = spelt(self.limit());
            terminal::begin_line();
            self.report.notice(&format!(
                "connection lost: {why}; trying for {limit} to get it back (Ctrl-C gives up)"
            ));
        }
    }

    fn limit(&self) -> Duration {
        if self.joined {
            self.rules.reconnect
        } else {
            self.rules.reconnect.min(NEVER_HEARD)
        }
    }

    /// Tries until the connection is back, somebody gives up, or there is nothing to come back to.
    async fn seek(&mut self, outage: &mut Outage, why: &str) -> Result<Back, Error> {
        self.announce(outage, why);
        let raw_mode = RawMode::wait().map_err(unusable)?;
        let (chunks_rx, _reading) = terminal::read_keys().map_err(unusable)?;
        let (orders_tx, orders_rx) = mpsc::unbounded_channel();
        let detach_keys = self.rules.detach_keys.clone();
        let keyboard = Keyboard::new(chunks_rx, self.rules.escape_char, detach_keys, orders_tx);
        let orders = Orders {
            typed_rx: orders_rx,
            jobs: Jobs::listen().ok(),
            raw_mode: &raw_mode,
        };
        let mut waiting = Waiting {
            keyboard,
            typing: true,
            orders,
            last: why.to_owned(),
        };
        if outage.tries == 0 {
            self.place.cluster.forget_connections()?;
        }
        loop {
            let tried = self.wait_and_try(outage, &mut waiting).await;
            self.report.clear_line();
            match tried? {
                Waited::Over => {
                    let (limit, last) = (spelt(self.limit()), waiting.last);
                    let reason = if last == why {
                        format!("{why}; it did not come back within {limit}")
                    } else {
                        format!("{why}; it did not come back within {limit}: {last}")
                    };
                    return Err(ending::lost(self.place, reason));
                }
                Waited::Left(order) => return Ok(Back::Left(order)),
                Waited::Tried(Try::Stream(attachment, watch)) => {
                    self.watch = watch;
                    return Ok(Back::Stream(attachment));
                }
                Waited::Tried(Try::Ended(ended)) => return Ok(Back::Ended(ended)),
                Waited::Tried(Try::Gone(what)) => return self.gone(what).await,
                Waited::Tried(Try::NotRunning(words)) => waiting.last = words,
                Waited::Tried(Try::Failed(error)) => waiting.last = error.with_causes(),
                Waited::Tried(Try::Refused(error)) => {
                    let reason = format!("{why}; it cannot come back: {}", error.with_causes());
                    return Err(ending::lost(self.place, reason));
                }
            }
        }
    }

    /// Waits for the next try and makes it; meanwhile keys are dropped, but for those that are for
    /// us.
    async fn wait_and_try(
        &self,
        outage: &mut Outage,
        waiting: &mut Waiting<'_>,
    ) -> Result<Waited, Error> {
        let deadline = outage.begin + self.limit();
        let pause = outage.next_pause();
        let now = Notify::new();
        let mut trying = pin!(async {
            tokio::select! {
                () = time::sleep(pause) => {}
                () = now.notified() => {}
            }
            self.attempt().await
        });
        let mut ticks = time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                tried = &mut trying => return Ok(Waited::Tried(tried)),
                () = time::sleep_until(deadline) => return Ok(Waited::Over),
                text = waiting.keyboard.text(), if waiting.typing => match text {
                    Some(text) => {
                        outage.keys_dropped = true;
                        // Enter asks for a try now.
                        if text.iter().any(|key| matches!(key, b'\r' | b'\n')) {
                            outage.is_watched();
                            now.notify_waiters();
                        }
                    }
                    None => waiting.typing = false,
                },
                order = waiting.orders.next() => match order? {
                    Order::Help => {
                        self.report.answer(&escapes(self.rules));
                    }
                    Order::Suspend => {
                        self.report.clear_line();
                        waiting.orders.raw_mode.stop().map_err(unusable)?;
                    }
                    order @ (Order::Detach | Order::Disconnect) => return Ok(Waited::Left(order)),
                },
                _ = ticks.tick() => {
                    let left = deadline.saturating_duration_since(Instant::now()).as_secs();
                    let (tries, last) = (outage.tries, &waiting.last);
                    self.report.countdown(&format!("reconnecting: try {tries}, {left} s left: {last}"));
                }
            }
        }
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

/// What is used while the connection is sought.
struct Waiting<'a> {
    keyboard: Keyboard,
    /// Whether anything can still be typed.
    typing: bool,
    orders: Orders<'a>,
    /// Why there is no connection yet.
    last: String,
}

/// How the wait for a try ended.
enum Waited {
    Tried(Try),
    Left(Order),
    /// The limit is reached.
    Over,
}

/// Writes a duration as it is written on the command line.
fn spelt(duration: Duration) -> String {
    SignedDuration::try_from(duration).map_or_else(
        |_| format!("{duration:?}"),
        |duration| format!("{duration:#}"),
    )
}

#[cfg(test)]
mod tests;

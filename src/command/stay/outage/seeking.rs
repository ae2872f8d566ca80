//! The search for a lost connection, while the user looks on and may give up.

use std::{pin::pin, time::Duration};

use jiff::SignedDuration;
use tokio::{
    sync::{Notify, mpsc},
    time::{self, Instant, MissedTickBehavior},
};

use super::{
    super::{
        ending,
        visit::{Orders, Visit, escapes},
    },
    Back, Outage,
    trying::Try,
};
use crate::{
    error::Error,
    session::{Keyboard, Order},
    terminal::{self, Jobs, RawMode},
};

/// How long is tried at most where the container was never heard: most likely it never will be.
const NEVER_HEARD: Duration = Duration::from_secs(15);
/// How often the time that is left is brought up to date.
const TICK: Duration = Duration::from_secs(1);

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

impl Visit<'_> {
    /// Tries until the connection is back, somebody gives up, or there is nothing to come back to.
    pub(super) async fn seek(&mut self, outage: &mut Outage, why: &str) -> Result<Back, Error> {
        self.announce(outage, why);
        let raw_mode = RawMode::wait().map_err(Error::terminal)?;
        let (chunks_rx, _reading) = terminal::read_keys().map_err(Error::terminal)?;
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
                        waiting.orders.raw_mode.stop().map_err(Error::terminal)?;
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
}

/// Writes a duration as it is written on the command line.
fn spelt(duration: Duration) -> String {
    SignedDuration::try_from(duration).map_or_else(
        |_| format!("{duration:?}"),
        |duration| format!("{duration:#}"),
    )
}

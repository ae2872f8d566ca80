//! When to tell the server a size, so that the right one counts and the first prompt shows.

use std::{future, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::size::Size;

/// How long a shell may be silent before it is made to draw its prompt again.
const PATIENCE: Duration = Duration::from_millis(200);
/// Between two sizes. The kernel merges changes that follow each other at once into one, and a
/// shell that then finds the old size draws nothing.
const APART: Duration = Duration::from_millis(100);

/// Gives out the sizes to send.
///
/// What a container wrote before we were attached is lost, its first prompt too. So a shell that
/// stays silent is given a slightly different size, and then the right one again: it draws its
/// line anew. This is done once; a shell that prints anything by itself is left alone.
#[derive(Debug)]
pub(super) struct Sizes {
    sizes_rx: watch::Receiver<Size>,
    step: Step,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The size has not been sent yet.
    First,
    /// Sent; if nothing is printed until then, nudge.
    Silent { until: Instant },
    /// Nudged; then, send the right size again.
    Nudged { until: Instant },
    /// Only changes are sent from now on.
    Settled,
}

impl Sizes {
    pub(super) fn new(mut sizes_rx: watch::Receiver<Size>) -> Self {
        sizes_rx.mark_changed();
        Self {
            sizes_rx,
            step: Step::First,
        }
    }

    /// Hears that the container printed something: no nudge is needed.
    pub(super) fn printed(&mut self) {
        if let Step::Silent { .. } = self.step {
            self.step = Step::Settled;
        }
    }

    /// Waits for the next size to send. May be dropped and called again at any time.
    pub(super) async fn next(&mut self) -> Size {
        let due = match self.step {
            Step::First | Step::Settled => None,
            Step::Silent { until } | Step::Nudged { until } => Some(until),
        };
        tokio::select! {
            biased;
            () = due_at(due) => self.after_the_pause(),
            size = changed(&mut self.sizes_rx) => {
                if let Step::First = self.step {
                    self.step = Step::Silent { until: Instant::now() + PATIENCE };
                }
                size
            }
        }
    }

    fn after_the_pause(&mut self) -> Size {
        let size = *self.sizes_rx.borrow();
        if let Step::Silent { .. } = self.step {
            self.step = Step::Nudged {
                until: Instant::now() + APART,
            };
            size.nudged()
        } else {
            self.step = Step::Settled;
            size
        }
    }
}

async fn due_at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => future::pending().await,
    }
}

async fn changed(sizes_rx: &mut watch::Receiver<Size>) -> Size {
    match sizes_rx.changed().await {
        Ok(()) => *sizes_rx.borrow_and_update(),
        // Nobody follows the terminal any more: the size stays as it is.
        Err(_) => future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(columns: u16, rows: u16) -> Size {
        Size::new(columns, rows).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_shell_is_nudged_once() {
        let (_size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx);
        let start = Instant::now();
        assert_eq!(sizes.next().await, size(80, 24));
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert_eq!(sizes.next().await, size(80, 23));
        assert_eq!(sizes.next().await, size(80, 24));
        assert_eq!(start.elapsed(), PATIENCE + APART);
        tokio::time::timeout(Duration::from_hours(1), sizes.next())
            .await
            .unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn a_shell_that_prints_is_left_alone() {
        let (_size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx);
        sizes.next().await;
        sizes.printed();
        tokio::time::timeout(Duration::from_hours(1), sizes.next())
            .await
            .unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn the_newest_size_wins_at_any_moment() {
        let (size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx);
        size_tx.send(size(90, 30)).unwrap();
        assert_eq!(sizes.next().await, size(90, 30));
        size_tx.send(size(91, 30)).unwrap();
        size_tx.send(size(100, 40)).unwrap();
        assert_eq!(sizes.next().await, size(100, 40));
        assert_eq!(
            sizes.next().await,
            size(100, 39),
            "the nudge is of the newest size"
        );
        assert_eq!(sizes.next().await, size(100, 40));
    }
}

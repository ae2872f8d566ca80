//! When to tell the server a size, so that the right one counts and the first prompt shows.

use std::{future, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::size::Size;

/// The tries to make a silent shell draw its prompt. One that is given little of a processor needs a
/// longer one.
const TRIES: [Try; 3] = [
    Try::new(200, 100),
    Try::new(1000, 300),
    Try::new(3000, 1000),
];

/// A try to make a shell draw its prompt again.
#[derive(Clone, Copy, Debug)]
struct Try {
    /// How long it may be silent before.
    patience: Duration,
    /// Between the two sizes. The kernel merges changes that follow each other at once into one, and
    /// a shell that then finds the old size draws nothing.
    apart: Duration,
}

impl Try {
    const fn new(patience: u64, apart: u64) -> Self {
        Self {
            patience: Duration::from_millis(patience),
            apart: Duration::from_millis(apart),
        }
    }
}

/// Between two changes that the user makes: whoever drags a window makes hundreds in a second, and
/// each makes the program in the container draw its screen.
const CHANGES_APART: Duration = Duration::from_millis(50);

/// How often the size is told again although it is the same. Kubelets and runtimes cut a stream that
/// carries nothing for four hours (`streamingConnectionIdleTimeout`), and do not see the pings, which
/// end at the API server. The same size makes no program draw anything.
const TOLD_AGAIN: Duration = Duration::from_hours(1);

/// Gives out the sizes to send.
///
/// What a container wrote before we were attached is lost, its first prompt too. So a shell that
/// stays silent is given a slightly different size, and then the right one again: it draws its
/// line anew. A shell that prints anything is left alone; one that does not is tried a few times.
///
/// Where something was drawn before, because the container ran, the connection was lost or we were stopped,
/// this is done at once, whatever is printed. The same size told again asks for it, too.
#[derive(Debug)]
pub(super) struct Sizes {
    user_rx: watch::Receiver<Size>,
    step: Step,
    /// How often it was tried to hear something.
    tries: usize,
    /// Whether something was printed since the last try.
    heard: bool,
    /// What was told last, and when.
    told: Option<(Size, Instant)>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The size has not been sent yet.
    First { redraw: bool },
    /// Sent; if nothing is printed until then, nudge.
    Silent { until: Instant },
    /// Nudged; then, send the right size again.
    Nudged { until: Instant },
    /// Only changes are sent from now on.
    Settled,
}

impl Sizes {
    /// Begins with the size as it is; `redraw` where something was drawn before.
    pub(super) fn new(mut user_rx: watch::Receiver<Size>, redraw: bool) -> Self {
        user_rx.mark_changed();
        Self {
            user_rx,
            step: Step::First { redraw },
            tries: 0,
            heard: false,
            told: None,
        }
    }

    /// Hears that the container printed something: no nudge is needed.
    pub(super) fn printed(&mut self) {
        self.heard = true;
        if let Step::Silent { .. } = self.step {
            self.step = Step::Settled;
        }
    }

    /// Waits for the next size to send. May be dropped and called again at any time.
    pub(super) async fn next(&mut self) -> Size {
        let due = match self.step {
            Step::First { .. } => None,
            Step::Settled => self.told.map(|(_, at)| at + TOLD_AGAIN),
            Step::Silent { until } | Step::Nudged { until } => Some(until),
        };
        let not_before = self.told.map(|(_, at)| at + CHANGES_APART);
        let size = tokio::select! {
            biased;
            () = due_at(due) => self.after_the_pause(),
            size = changed(&mut self.user_rx, not_before) => self.after_a_change(size),
        };
        self.told = Some((size, Instant::now()));
        size
    }

    fn after_a_change(&mut self, size: Size) -> Size {
        let same = self.told.is_some_and(|(told, _)| told == size);
        match self.step {
            Step::First { redraw: true } => self.nudge(size),
            Step::First { redraw: false } => {
                self.listen();
                size
            }
            Step::Settled if same => {
                self.tries = 0;
                self.nudge(size)
            }
            Step::Settled | Step::Silent { .. } | Step::Nudged { .. } => size,
        }
    }

    fn after_the_pause(&mut self) -> Size {
        let size = *self.user_rx.borrow_and_update();
        if let Step::Silent { .. } = self.step {
            self.nudge(size)
        } else {
            self.listen();
            size
        }
    }

    fn listen(&mut self) {
        self.step = match TRIES.get(self.tries) {
            Some(next) if !self.heard => Step::Silent {
                until: Instant::now() + next.patience,
            },
            Some(_) | None => Step::Settled,
        };
    }

    fn nudge(&mut self, size: Size) -> Size {
        let Some(Try { apart, .. }) = TRIES.get(self.tries) else {
            self.step = Step::Settled;
            return size;
        };
        self.tries += 1;
        self.heard = false;
        self.step = Step::Nudged {
            until: Instant::now() + *apart,
        };
        size.nudged()
    }
}

async fn due_at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => future::pending().await,
    }
}

/// Waits for a change, and at least until that moment: then the newest size counts.
async fn changed(user_rx: &mut watch::Receiver<Size>, not_before: Option<Instant>) -> Size {
    if let Some(not_before) = not_before {
        sleep_until(not_before).await;
    }
    match user_rx.changed().await {
        Ok(()) => *user_rx.borrow_and_update(),
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
    async fn a_silent_shell_is_nudged_a_few_times() {
        let (_size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx, false);
        let start = Instant::now();
        assert_eq!(sizes.next().await, size(80, 24));
        assert_eq!(start.elapsed(), Duration::ZERO);
        let mut then = Duration::ZERO;
        for Try { patience, apart } in TRIES {
            assert_eq!(sizes.next().await, size(80, 23));
            assert_eq!(sizes.next().await, size(80, 24));
            then += patience + apart;
            assert_eq!(start.elapsed(), then);
        }
        tokio::time::timeout(Duration::from_mins(59), sizes.next())
            .await
            .unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn a_shell_that_draws_its_prompt_is_nudged_no_more() {
        let (_size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx, false);
        for expected in [size(80, 24), size(80, 23), size(80, 24), size(80, 23)] {
            assert_eq!(sizes.next().await, expected);
        }
        sizes.printed();
        assert_eq!(sizes.next().await, size(80, 24), "the right size counts");
        tokio::time::timeout(Duration::from_mins(59), sizes.next())
            .await
            .unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn row_53_the_same_size_is_told_each_hour_so_that_no_idle_stream_is_cut() {
        let (_size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx, false);
        sizes.next().await;
        sizes.printed();
        let start = Instant::now();
        for hour in 1..=10 {
            assert_eq!(sizes.next().await, size(80, 24), "not a nudge");
            assert_eq!(start.elapsed(), Duration::from_hours(hour));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn row_74_of_ten_thousand_changes_the_last_one_is_told_last() {
        let (size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx, false);
        let changing = async {
            for number in 1..=10_000_u16 {
                size_tx
                    .send(size(1 + number % 500, 1 + number % 99))
                    .unwrap();
                if number % 10 == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        };
        let sending = async {
            let mut told = Vec::new();
            let quiet = Duration::from_mins(1);
            while let Ok(size) = tokio::time::timeout(quiet, sizes.next()).await {
                told.push(size);
            }
            told
        };
        let ((), told) = tokio::join!(changing, sending);
        assert_eq!(told.last(), Some(&size(1, 1 + 10_000 % 99)));
        // A second of dragging, and at most one in 50 ms; seven more for the first prompt.
        assert!(told.len() <= 28, "{}", told.len());
    }

    #[tokio::test(start_paused = true)]
    async fn a_shell_that_prints_is_left_alone() {
        let (_size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx, false);
        sizes.next().await;
        sizes.printed();
        tokio::time::timeout(Duration::from_mins(59), sizes.next())
            .await
            .unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn the_newest_size_wins_at_any_moment() {
        let (size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx, false);
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

    #[tokio::test(start_paused = true)]
    async fn a_screen_that_was_seen_before_is_drawn_anew_at_once() {
        let (_size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx, true);
        let start = Instant::now();
        assert_eq!(sizes.next().await, size(80, 23));
        assert_eq!(start.elapsed(), Duration::ZERO);
        // What is printed meanwhile may be anything.
        sizes.printed();
        assert_eq!(sizes.next().await, size(80, 24));
        assert_eq!(start.elapsed(), TRIES[0].apart);
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_size_again_means_to_draw_anew() {
        let (size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx, false);
        sizes.next().await;
        sizes.printed();
        size_tx.send(size(80, 24)).unwrap();
        assert_eq!(sizes.next().await, size(80, 23));
        assert_eq!(sizes.next().await, size(80, 24));
    }

    #[tokio::test(start_paused = true)]
    async fn row_74_of_many_changes_few_are_sent_and_the_last_one_is() {
        let (size_tx, size_rx) = watch::channel(size(80, 24));
        let mut sizes = Sizes::new(size_rx, false);
        sizes.next().await;
        sizes.printed();
        let changing = async {
            for columns in 1..=1000 {
                size_tx.send(size(columns, 24)).unwrap();
                // The clock of tests has no smaller step.
                if columns % 10 == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        };
        let sending = async {
            let mut sent = 0;
            while sizes.next().await != size(1000, 24) {
                sent += 1;
            }
            sent
        };
        let ((), sent) = tokio::join!(changing, sending);
        assert!(sent <= 3, "{sent} messages in 100 ms");
    }
}

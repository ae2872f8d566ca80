//! What is said of a connection while it is new, at most once.

use std::{cell::Cell, time::Duration};

use tokio::time::Instant;

use super::outage::Outage;
use crate::{cli::SessionArgs, report::Reporter};

/// A connection that lasts this long without a word from the container is good enough to say so.
pub(super) const SILENT_AND_WELL: Duration = Duration::from_secs(3);
/// How long a user looks at an empty screen before being told why.
const SILENT_AND_ODD: Duration = Duration::from_secs(1);

/// What is said of a new connection.
pub(super) struct Greeting<'a> {
    text: Cell<Option<String>>,
    /// When it is said although the container is silent.
    due_at: Instant,
    /// Whether it is of no use once the container was heard.
    of_silence: bool,
    heard: Cell<bool>,
    report: &'a Reporter,
}

impl<'a> Greeting<'a> {
    /// Says of the first connection that nothing comes over it, if nothing does.
    pub(super) fn of_the_first(rules: &SessionArgs, report: &'a Reporter) -> Self {
        let mut text = "the container has printed nothing yet".to_owned();
        if let Some(key) = rules.escape_char.name() {
            text.push_str("; Enter, then ");
            text.push_str(&key);
            text.push_str(". ends the session");
        }
        Self {
            text: Cell::new(Some(text)),
            due_at: Instant::now() + SILENT_AND_ODD,
            of_silence: true,
            heard: Cell::new(false),
            report,
        }
    }

    /// Says that the connection is back, once that is proved.
    pub(super) fn after(outage: &Outage, report: &'a Reporter) -> Self {
        Self {
            text: Cell::new(outage.greeting()),
            due_at: Instant::now() + SILENT_AND_WELL,
            of_silence: false,
            heard: Cell::new(false),
            report,
        }
    }

    /// The container prints; what we say comes before that.
    pub(super) fn heard(&self) {
        self.heard.set(true);
        if self.of_silence {
            self.text.take();
        }
        self.tell();
    }

    pub(super) fn was_heard(&self) -> bool {
        self.heard.get()
    }

    /// Returns when to tell it, if it was not told.
    pub(super) fn due_at(&self) -> Option<Instant> {
        let text = self.text.take();
        let is_left = text.is_some();
        self.text.set(text);
        is_left.then_some(self.due_at)
    }

    /// Tells that the connection is back, where that would harm what is shown later.
    pub(super) fn tell_early(&self) {
        if !self.of_silence {
            self.tell();
        }
    }

    pub(super) fn tell(&self) {
        if let Some(text) = self.text.take() {
            self.report.aside(&text);
        }
    }
}

//! A trouble that was met, and how often.

use std::time::Duration;

use super::{Finding, Kind};

/// The kubelet's pause before a second pull; it doubles up to the longest.
const FIRST_BACK_OFF: Duration = Duration::from_secs(10);
const LONGEST_BACK_OFF: Duration = Duration::from_mins(5);

/// A trouble, and how often it was met. Status and events tell the same failures, the status later:
/// whichever counts more is right.
#[derive(Clone, Debug)]
pub(super) struct Known {
    finding: Finding,
    by_status: u32,
    /// Names of events, with how often each says that it was so.
    by_event: Vec<(String, u32)>,
    /// When it was met last, since the wait began.
    at: Duration,
}

impl Known {
    pub(super) fn new(finding: Finding, now: Duration) -> Self {
        Self {
            finding,
            by_status: 0,
            by_event: Vec::new(),
            at: now,
        }
    }

    /// Returns the same trouble in newer words.
    pub(super) fn with(self, finding: Finding) -> Self {
        Self { finding, ..self }
    }

    pub(super) fn finding(&self) -> &Finding {
        &self.finding
    }

    pub(super) fn is_like(&self, finding: &Finding) -> bool {
        self.finding.kind == finding.kind
    }

    pub(super) fn is_about_an_image(&self) -> bool {
        self.finding.kind == Kind::Image
    }

    /// Counts a report of the status.
    pub(super) fn by_status(&mut self) {
        self.by_status += 1;
    }

    /// Counts an event; told twice, as after a watch that began anew, it counts once.
    pub(super) fn by_event(&mut self, name: String, times: u32, now: Duration) {
        self.at = now;
        match self.by_event.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = times.max(*known),
            None => self.by_event.push((name, times)),
        }
    }

    pub(super) fn times(&self) -> u32 {
        let by_event = self.by_event.iter().map(|(_, times)| times);
        by_event
            .fold(0, |sum: u32, times| sum.saturating_add(*times))
            .max(self.by_status)
    }

    /// Returns when a kubelet pulls the image again, about.
    pub(super) fn next_pull(&self) -> Duration {
        let doublings = self.times().saturating_sub(1).min(10);
        self.at + LONGEST_BACK_OFF.min(FIRST_BACK_OFF * (1 << doublings))
    }
}

//! A stay in a running container, until it ends.

mod attached;
pub(super) mod ending;
mod gated;
mod greeting;
mod logged;
mod outage;
mod piped;
mod recording;
mod rest;
mod sink;
mod strain;
mod visit;

pub(super) use attached::attached;
pub(super) use gated::gated;
pub(super) use logged::logged;
use piped::piped;
pub(super) use recording::{Blank, only_sessions, only_terminals};
pub(super) use sink::Shelf;

use crate::{
    cluster::{Cluster, Streams},
    container::{Gate, Passage},
    error::Error,
    progress::Wording,
    report::Reporter,
    shell, terminal,
};

/// A container in a pod, and how we are joined to it.
#[derive(Clone)]
pub(super) struct Place<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) pod: String,
    pub(super) container: String,
    pub(super) streams: Streams,
    /// Whether it was added by this run, so that all it writes is for this user.
    pub(super) is_new: bool,
    /// What holds its command, if something does.
    pub(super) gate: Option<Gate>,
    /// How the user said what it is like; of one that is gone back to nobody knows.
    pub(super) wording: Wording,
    /// Where the output is kept, if it is not passed on.
    pub(super) shelf: Option<Shelf>,
    /// Where what is shown is recorded, if it is.
    pub(super) tape: Option<recording::Tape>,
}

impl Place<'_> {
    /// Returns the command line that comes back here.
    pub(super) fn return_line(&self) -> String {
        shell::line_back(&self.pod, &self.container, self.cluster.there())
    }

    /// Tells whether nothing is lost if a stream was open for a moment, and another one is opened. A
    /// terminal stays open, and what holds a command that reads nothing lets it go in any case; a pipe
    /// has seen an end of input.
    fn may_be_joined_twice(&self) -> bool {
        let held = self.gate.as_ref().map(Gate::passage);
        self.streams == Streams::Terminal || held == Some(Passage::Output)
    }
}

/// Finds out whether a stay is possible, before anything is added to a pod.
pub(super) fn possible(streams: Streams) -> Result<(), Error> {
    match streams {
        Streams::Output => Ok(()),
        Streams::Pipe => terminal::input_can_be_read().map_err(|source| Error::Input {
            source: source.into(),
        }),
        Streams::Terminal => terminal::is_ours().map_err(Error::terminal),
    }
}

/// Tells how to come back, if we are stopped by a signal before anybody else could.
pub(super) struct StaysBehind<'a> {
    line: Option<String>,
    report: &'a Reporter,
}

impl<'a> StaysBehind<'a> {
    pub(super) fn new(place: &Place<'_>, report: &'a Reporter) -> Self {
        Self {
            line: Some(place.return_line()),
            report,
        }
    }

    /// Nothing is left to tell: the stay came to an end of its own.
    pub(super) fn is_told(&mut self) {
        self.line = None;
    }
}

impl Drop for StaysBehind<'_> {
    fn drop(&mut self) {
        if let Some(line) = &self.line {
            terminal::begin_line();
            self.report.hint(&format!(
                "the container stays in the pod; `{line}` goes back to it"
            ));
        }
    }
}

//! Rounds in which every program has its turn, so that whatever else happens on the machine meets all.

use std::{
    io,
    time::{Duration, Instant},
};

use crate::client::Client;

/// A series of rounds.
pub(crate) struct Series {
    pub(crate) what: &'static str,
    /// How many count.
    pub(crate) runs: usize,
    /// Rounds that do not count: the first fill the caches, of the programs and of the machine.
    pub(crate) warm_ups: usize,
    /// No round begins after it.
    pub(crate) limit: Duration,
}

/// What was seen of one program.
pub(crate) struct Runs<T> {
    pub(crate) seen: Vec<T>,
    pub(crate) failed: usize,
}

impl Series {
    /// How many runs there are for each program, counted or not.
    pub(crate) fn rounds(&self) -> usize {
        self.warm_ups + self.runs
    }

    /// Plays the rounds, as many as the time allows; the results are in the order of the programs.
    pub(crate) fn play<T>(
        &self,
        clients: &[Client],
        mut visit: impl FnMut(&Client) -> io::Result<T>,
    ) -> Vec<Runs<T>> {
        let Self {
            what,
            runs,
            warm_ups,
            limit,
        } = *self;
        crate::note(&format!(
            "{what}: {runs} rounds after {warm_ups} that do not count"
        ));
        let begun = Instant::now();
        let mut results: Vec<_> = clients.iter().map(|_| Runs::new()).collect();
        for round in 0..self.rounds() {
            if begun.elapsed() > limit {
                let counted = round.saturating_sub(warm_ups);
                crate::note(&format!(
                    "note: {what}: no time for more than {counted} rounds"
                ));
                break;
            }
            // The first turn may be a better or a worse one, so each has it in its turn.
            for turn in 0..clients.len() {
                let index = (round + turn) % clients.len();
                let seen = visit(&clients[index]);
                if round >= warm_ups {
                    results[index].add(seen);
                }
            }
        }
        results
    }
}

impl<T> Runs<T> {
    fn new() -> Self {
        Self {
            seen: Vec::new(),
            failed: 0,
        }
    }

    fn add(&mut self, seen: io::Result<T>) {
        match seen {
            Ok(seen) => self.seen.push(seen),
            Err(error) => {
                // One is enough to see what is wrong.
                if self.failed == 0 {
                    crate::note(&format!("note: {error}"));
                }
                self.failed += 1;
            }
        }
    }
}

//! Rounds in which every program has its turn, so that whatever else happens on the machine meets all.

use std::{
    io,
    time::{Duration, Instant},
};

use crate::{client::Client, visit::Seen};

/// Rounds that do not count: the first fill the caches, of the programs and of the machine.
pub(crate) const WARM_UPS: usize = 2;

/// What was seen of one program.
#[derive(Default)]
pub(crate) struct Runs {
    pub(crate) seen: Vec<Seen>,
    pub(crate) failed: usize,
}

/// Plays the rounds, as many as the time allows; the results are in the order of the programs.
pub(crate) fn play(
    what: &str,
    clients: &[Client],
    runs: usize,
    limit: Duration,
    mut visit: impl FnMut(&Client) -> io::Result<Seen>,
) -> Vec<Runs> {
    crate::note(&format!(
        "{what}: {runs} rounds after {WARM_UPS} that do not count"
    ));
    let begun = Instant::now();
    let mut results: Vec<Runs> = clients.iter().map(|_| Runs::default()).collect();
    for round in 0..WARM_UPS + runs {
        if begun.elapsed() > limit {
            let counted = round.saturating_sub(WARM_UPS);
            crate::note(&format!(
                "note: {what}: no time for more than {counted} rounds"
            ));
            break;
        }
        // The first turn may be a better or a worse one, so each has it in its turn.
        for turn in 0..clients.len() {
            let index = (round + turn) % clients.len();
            let seen = visit(&clients[index]);
            if round >= WARM_UPS {
                results[index].add(seen);
            }
        }
    }
    results
}

impl Runs {
    fn add(&mut self, seen: io::Result<Seen>) {
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

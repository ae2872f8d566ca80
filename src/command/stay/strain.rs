//! What of a log is for the user: not the marks of a gate, and not what came over a stream before.

use bytes::Bytes;

use crate::{
    container::Gate,
    session::{Passing, Piece, Scanner, Tally},
};

/// Takes out of a log what is not for the user.
pub(super) struct Strain {
    scanner: Option<Scanner>,
    passing: Passing,
}

impl Strain {
    /// `came` is what the user has already.
    pub(super) fn new(gate: Option<&Gate>, came: Tally) -> Self {
        Self {
            scanner: gate.map(|gate| Scanner::new(&gate.token())),
            passing: Passing::new(came),
        }
    }

    /// Takes the next bytes of the log, and returns those for the user.
    pub(super) fn take(&mut self, bytes: Bytes) -> Vec<Bytes> {
        let pieces = match &mut self.scanner {
            Some(scanner) => scanner.take(bytes),
            None => vec![Piece::Output(bytes)],
        };
        let output = pieces.into_iter().filter_map(|piece| match piece {
            Piece::Output(bytes) => Some(self.passing.take(bytes)),
            Piece::Mark(_) => None,
        });
        output.filter(|bytes| !bytes.is_empty()).collect()
    }

    /// Returns what was held back, at the end of the log.
    pub(super) fn rest(&mut self) -> Bytes {
        let held = self.scanner.as_mut().map(Scanner::rest);
        self.passing.take(held.unwrap_or_default())
    }

    /// Tells whether what was passed over is what the user has.
    pub(super) fn is_exact(&self) -> bool {
        self.passing.is_exact()
    }
}

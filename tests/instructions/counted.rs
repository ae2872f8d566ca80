//! How many million instructions were counted last; `make instructions` writes this file anew.

use crate::callgrind::Counts;

/// How many times as many pass. What is beyond has a reason, which the commit with the new counts tells, or is a
/// mistake.
pub(crate) const ROOM: f64 = 1.10;

/// Of the binary beside the program that asks.
pub(crate) const LAST: Counts = if cfg!(debug_assertions) {
    DEBUG
} else {
    RELEASE
};

/// Of the binary that `make test` builds.
const DEBUG: Counts = Counts {
    help: 5.27,
    command: 17.5,
    mebibyte: 26.0,
};

/// Of the binary that is shipped.
const RELEASE: Counts = Counts {
    help: 3.08,
    command: 11.0,
    mebibyte: 9.0,
};

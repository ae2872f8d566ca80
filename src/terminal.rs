//! The user's terminal: raw mode, the keys typed, the bytes shown, the size.
//!
//! Nothing here knows a network. Reading and writing have threads of their own, because neither
//! can be cancelled once the operating system has it; but not of a terminal, or of a pipe that is written to, which
//! can be opened again.

mod input;
mod jobs;
mod modes;
mod output;
mod pick;
mod raw_mode;
mod screen;
#[cfg(unix)]
mod unix;
#[cfg(any(windows, test))]
mod utf16;
#[cfg(windows)]
mod windows;

// The one place in which the systems differ: two modules with the same names in them.
#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub use input::{Reading, drop_typed, read_keys, read_stdin};
pub use jobs::Job;
pub use modes::Modes;
pub use output::{Output, Target};
pub use pick::pick;
pub use raw_mode::{RawMode, restore_on_panic};
pub use screen::{begin_line, is_full_screen};
pub use system::{
    END_OF_INPUT, Jobs, NOT_SUSPENDED, current_size, input_can_be_read, is_ours, silence_stderr,
    understand_sequences, watch_size,
};

use std::io::{self, IsTerminal};

/// Which of the standard streams are terminals.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Terminals {
    /// Standard input is one.
    pub stdin: bool,
    /// Standard output is one.
    pub stdout: bool,
    /// Standard error is one.
    pub stderr: bool,
}

/// Looks which of the standard streams are terminals.
pub fn terminals() -> Terminals {
    Terminals {
        stdin: io::stdin().is_terminal(),
        stdout: io::stdout().is_terminal(),
        stderr: io::stderr().is_terminal(),
    }
}

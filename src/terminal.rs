//! The user's terminal: raw mode, the keys typed, the bytes shown, the size.
//!
//! Nothing here knows a network. Reading and writing have threads of their own, because neither
//! can be cancelled once the operating system has it; but not of a terminal that can be opened again.

mod input;
mod jobs;
mod modes;
mod output;
mod own;
mod pick;
mod raw_mode;
mod screen;
mod sizes;

pub use input::{Reading, drop_typed, read_keys, read_stdin};
pub use jobs::{Job, Jobs};
pub use modes::Modes;
pub use output::{Output, Target};
pub use pick::pick;
pub use raw_mode::{RawMode, is_ours, restore_on_panic};
pub use screen::{begin_line, is_full_screen};
pub use sizes::{current_size, watch_size};

use std::{
    fs::File,
    io::{self, IsTerminal},
    os::fd::AsFd,
};

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

/// Tells whether standard input is something that can be read from.
pub fn input_can_be_read() -> io::Result<()> {
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    if input.metadata()?.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    Ok(())
}

/// Looks which of the standard streams are terminals.
pub fn terminals() -> Terminals {
    Terminals {
        stdin: io::stdin().is_terminal(),
        stdout: io::stdout().is_terminal(),
        stderr: io::stderr().is_terminal(),
    }
}

/// Sends standard error of this process, and of what it starts, nowhere.
pub fn silence_stderr() -> io::Result<()> {
    let nowhere = File::options().write(true).open("/dev/null")?;
    Ok(rustix::stdio::dup2_stderr(nowhere)?)
}

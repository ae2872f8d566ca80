//! The terminal of Unix systems: termios, signals, file descriptors.

mod input;
mod jobs;
mod own;
mod settings;
mod sizes;
mod writer;

pub(super) use input::{Stopper, drop_keys, read_until_stopped, stopping};
pub use jobs::Jobs;
pub(super) use jobs::{can_be_continued, stop};
pub(super) use own::{OwnInput, OwnOutput, is_passing};
pub(super) use settings::Settings;
pub use settings::is_ours;
pub use sizes::{current_size, watch_size};
pub(super) use writer::Writer;

use std::{fs::File, io, os::fd::AsFd};

/// What ends the input from a terminal.
pub const END_OF_INPUT: &str = "Ctrl-D on a line of its own";
/// Why the escape that suspends may do nothing.
pub const NOT_SUSPENDED: &str = "there is no shell here that could continue it";

/// Tells whether standard input is something that can be read from.
pub fn input_can_be_read() -> io::Result<()> {
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    if input.metadata()?.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    Ok(())
}

/// Sends standard error of this process, and of what it starts, nowhere.
pub fn silence_stderr() -> io::Result<()> {
    let nowhere = File::options().write(true).open("/dev/null")?;
    Ok(rustix::stdio::dup2_stderr(nowhere)?)
}

/// Terminals understand the sequences that change colors by themselves.
pub fn understand_sequences() {}

//! The terminal of Windows: a console, or something that plays one.
//!
//! All that is unsafe stands in `console`. What is read and written is UTF-16 there, so that no code
//! page matters and none is changed (`docs/decisions/0022-windows.md`).

mod console;
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
pub use settings::{is_ours, understand_sequences};
pub use sizes::{current_size, watch_size};
pub(super) use writer::Writer;

use std::{
    fs::File,
    io,
    os::windows::io::{AsHandle, AsRawHandle},
};

/// What ends the input from a terminal.
pub const END_OF_INPUT: &str = "Ctrl-Z and Enter on a line of its own";
/// Why the escape that suspends does nothing.
pub const NOT_SUSPENDED: &str = "Windows has no way to suspend a program";

/// Tells whether standard input is something that can be read from.
pub fn input_can_be_read() -> io::Result<()> {
    let stdin = io::stdin();
    if stdin.as_raw_handle().is_null() {
        return Err(io::Error::other("it is closed"));
    }
    stdin.as_handle().try_clone_to_owned().map(drop)
}

/// Sends standard error of this process, and of what it starts, nowhere.
pub fn silence_stderr() -> io::Result<()> {
    let nowhere = File::options().write(true).open("NUL")?;
    console::set_stderr(nowhere.into())
}

//! The modes of a console.

use std::io;

use windows_sys::Win32::System::Console::{
    DISABLE_NEWLINE_AUTO_RETURN, ENABLE_ECHO_INPUT, ENABLE_LINE_INPUT, ENABLE_MOUSE_INPUT,
    ENABLE_PROCESSED_INPUT, ENABLE_PROCESSED_OUTPUT, ENABLE_VIRTUAL_TERMINAL_INPUT,
    ENABLE_VIRTUAL_TERMINAL_PROCESSING, ENABLE_WINDOW_INPUT,
};

use super::console;
use crate::terminal::raw_mode::Kind;

/// How the console treats what is typed and shown.
#[derive(Debug)]
pub(in crate::terminal) struct Settings {
    input: u32,
    /// Nothing, where standard output goes elsewhere.
    output: Option<u32>,
}

impl Settings {
    /// Reads those of now.
    pub(in crate::terminal) fn read() -> io::Result<Self> {
        Ok(Self {
            input: console::mode(io::stdin())?,
            output: console::mode(io::stdout()).ok(),
        })
    }

    /// Returns these, made raw. Keys that are no characters come as the sequences of a VT100, and
    /// those of the output are understood.
    pub(in crate::terminal) fn as_raw(&self, kind: Kind) -> Self {
        let single_keys = self.input & !(ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT);
        let no_signals = ENABLE_PROCESSED_INPUT | ENABLE_MOUSE_INPUT | ENABLE_WINDOW_INPUT;
        let understood = ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING;
        match kind {
            Kind::Session => Self {
                input: single_keys & !no_signals | ENABLE_VIRTUAL_TERMINAL_INPUT,
                output: self
                    .output
                    .map(|mode| mode | understood | DISABLE_NEWLINE_AUTO_RETURN),
            },
            Kind::Waiting => Self {
                input: single_keys | ENABLE_VIRTUAL_TERMINAL_INPUT,
                output: self.output,
            },
        }
    }

    /// Sets them.
    pub(in crate::terminal) fn apply(&self) -> io::Result<()> {
        console::set_mode(io::stdin(), self.input)?;
        self.output
            .map_or(Ok(()), |mode| console::set_mode(io::stdout(), mode))
    }
}

/// Tells whether the terminal on standard input can be used by this process. Those of Git Bash and
/// Cygwin are pipes, of which the standard library knows that they are terminals; their size and
/// modes cannot be reached.
pub fn is_ours() -> io::Result<()> {
    match console::mode(io::stdin()) {
        Ok(_) => Ok(()),
        Err(_) => Err(io::Error::other(
            "it is no console of Windows; in Git Bash or Cygwin, put `winpty` before the command",
        )),
    }
}

/// Makes the console understand the sequences that change colors and go back in a line. Older ones
/// cannot, and show them.
pub fn understand_sequences() {
    let understood = ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING;
    if let Ok(mode) = console::mode(io::stdout()) {
        console::set_mode(io::stdout(), mode | understood).ok();
    }
    if let Ok(mode) = console::mode(io::stderr()) {
        console::set_mode(io::stderr(), mode | understood).ok();
    }
}

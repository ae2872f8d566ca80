//! The settings of the terminal on standard input.

use std::io;

use nix::{
    errno::Errno,
    unistd::{getpgrp, tcgetpgrp},
};
use rustix::{
    stdio::stdin,
    termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios},
};

use crate::terminal::raw_mode::Kind;

/// How the terminal treats what is typed and shown.
#[derive(Debug)]
pub(in crate::terminal) struct Settings(Termios);

impl Settings {
    /// Reads those of now.
    pub(in crate::terminal) fn read() -> io::Result<Self> {
        Ok(Self(termios::tcgetattr(stdin())?))
    }

    /// Returns these, made raw.
    pub(in crate::terminal) fn as_raw(&self, kind: Kind) -> Self {
        let mut raw = self.0.clone();
        match kind {
            Kind::Session => raw.make_raw(),
            Kind::Waiting => {
                raw.local_modes &= !(LocalModes::ICANON | LocalModes::ECHO);
                raw.special_codes[SpecialCodeIndex::VMIN] = 1;
                raw.special_codes[SpecialCodeIndex::VTIME] = 0;
            }
        }
        Self(raw)
    }

    /// Sets them.
    pub(in crate::terminal) fn apply(&self) -> io::Result<()> {
        Ok(termios::tcsetattr(stdin(), OptionalActions::Now, &self.0)?)
    }
}

/// Tells whether the terminal on standard input can be used by this process. Both groups are 0 if
/// they are of another PID namespace, and then we cannot tell one from the other.
pub fn is_ours() -> io::Result<()> {
    let other_job = "it belongs to another job; bring this one to the foreground";
    match tcgetpgrp(stdin()) {
        Ok(group) if group == getpgrp() => Ok(()),
        Ok(_) => Err(io::Error::other(other_job)),
        // It is a terminal, and not the one that this session has.
        Err(Errno::ENOTTY) if termios::isatty(stdin()) => Err(io::Error::other(
            "it does not control this session; run this in a terminal of its own",
        )),
        Err(error) => Err(error.into()),
    }
}

//! The signals that ask us to stop.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::next;
#[cfg(windows)]
pub use windows::next;

/// A signal that asks us to stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signal {
    /// The terminal was closed.
    Hangup,
    /// Ctrl-C, while the terminal is not raw.
    Interrupt,
    /// Ctrl-\, while the terminal is not raw.
    Quit,
    /// Somebody wants us to end.
    Terminate,
}

impl Signal {
    /// Returns the number that POSIX gives it.
    pub fn number(self) -> u8 {
        match self {
            Self::Hangup => 1,
            Self::Interrupt => 2,
            Self::Quit => 3,
            Self::Terminate => 15,
        }
    }
}

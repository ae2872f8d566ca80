//! The signals that ask us to stop.

use tokio::signal::unix::{SignalKind, signal};

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

/// Waits for the next signal that asks us to stop.
pub async fn next() -> Signal {
    tokio::select! {
        () = arrival(SignalKind::hangup()) => Signal::Hangup,
        () = arrival(SignalKind::interrupt()) => Signal::Interrupt,
        () = arrival(SignalKind::quit()) => Signal::Quit,
        () = arrival(SignalKind::terminate()) => Signal::Terminate,
    }
}

async fn arrival(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        // Without a handler the default action ends the program, as it would have anyway.
        Err(_) => std::future::pending().await,
    }
}

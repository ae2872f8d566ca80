//! The signals of Unix.

use tokio::signal::unix::{SignalKind, signal};

use super::Signal;

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

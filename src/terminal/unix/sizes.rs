//! The size of the user's terminal, and its changes.

use rustix::{
    fd::AsFd,
    process::Signal,
    stdio::{stderr, stdin, stdout},
    termios,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::size::Size;

/// Asks the terminal for its size: the one that shows the output, else the one typed into, else the one that shows errors.
pub fn current_size() -> Option<Size> {
    size_of(stdout())
        .or_else(|| size_of(stdin()))
        .or_else(|| size_of(stderr()))
}

/// Follows the size from now on. The newest one wins: nobody needs the ones in between.
///
/// Returns nothing where the size cannot be told, or its changes cannot be followed.
pub fn watch_size() -> Option<watch::Receiver<Size>> {
    // First the handler, then the look: a change in between is not lost.
    let mut changes = signal(SignalKind::window_change()).ok()?;
    // While we were stopped, others wrote on the screen: the same size told again means to draw it.
    let mut continued = signal(SignalKind::from_raw(Signal::CONT.as_raw())).ok()?;
    let (size_tx, size_rx) = watch::channel(current_size()?);
    tokio::spawn(async move {
        while let Some(()) = tokio::select! {
            told = changes.recv() => told,
            told = continued.recv() => told,
        } {
            if let Some(size) = current_size()
                && size_tx.send(size).is_err()
            {
                break;
            }
        }
    });
    Some(size_rx)
}

fn size_of(terminal: impl AsFd) -> Option<Size> {
    let size = termios::tcgetwinsize(terminal).ok()?;
    Size::new(size.ws_col, size.ws_row)
}

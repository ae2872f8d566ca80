//! What a console of Windows tells its programs, taken for the signals that mean the same.

use std::io;

use tokio::signal::windows;

use super::Signal;

/// Waits for the next thing that asks us to stop.
pub async fn next() -> Signal {
    tokio::select! {
        () = arrival(windows::ctrl_c(), async |heard| heard.recv().await) => Signal::Interrupt,
        () = arrival(windows::ctrl_break(), async |heard| heard.recv().await) => Signal::Interrupt,
        () = arrival(windows::ctrl_close(), async |heard| heard.recv().await) => Signal::Hangup,
        () = arrival(windows::ctrl_logoff(), async |heard| heard.recv().await) => Signal::Terminate,
        () = arrival(windows::ctrl_shutdown(), async |heard| heard.recv().await) => Signal::Terminate,
    }
}

async fn arrival<T>(listener: io::Result<T>, next: impl AsyncFnOnce(&mut T) -> Option<()>) {
    match listener {
        Ok(mut listener) => {
            next(&mut listener).await;
        }
        // Without a handler the default action ends the program, as it would have anyway.
        Err(_) => std::future::pending().await,
    }
}

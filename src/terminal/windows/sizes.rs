//! The size of the console, and its changes, of which nobody tells us.

use std::{io, time::Duration};

use tokio::{sync::watch, time};

use super::console;
use crate::size::Size;

/// How often it is looked at, as kubectl does.
const LOOKS: Duration = Duration::from_millis(250);

/// Asks the console for its size: the one that shows the output, else the one that shows errors.
pub fn current_size() -> Option<Size> {
    let shown = console::size(io::stdout()).or_else(|_| console::size(io::stderr()));
    let (columns, rows) = shown.ok()?;
    Size::new(columns, rows)
}

/// Follows the size from now on. The newest one wins: nobody needs the ones in between.
///
/// Returns nothing where the size cannot be told.
pub fn watch_size() -> Option<watch::Receiver<Size>> {
    let (size_tx, size_rx) = watch::channel(current_size()?);
    tokio::spawn(async move {
        while !size_tx.is_closed() {
            time::sleep(LOOKS).await;
            if let Some(size) = current_size() {
                size_tx.send_if_modified(|told| {
                    let is_new = *told != size;
                    *told = size;
                    is_new
                });
            }
        }
    });
    Some(size_rx)
}

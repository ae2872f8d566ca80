//! What comes in on standard input.

use std::{convert::Infallible, io, sync::mpsc as sync_mpsc, thread, time::Duration};

use bytes::Bytes;
use tokio::{sync::mpsc, task::AbortHandle};

use super::{
    RawMode,
    system::{self, OwnInput},
};

/// How much is read at once; a key is a few bytes, a paste fills it.
const CHUNK: usize = 16 * 1024;
/// How many chunks may wait for the network: few, so that a fast source is made to wait.
const WAITING: usize = 4;

/// How long the thread may take to stop. It waits only where a read hangs although there was
/// something to read, as on a disk that is far away.
const STOPS_WITHIN: Duration = Duration::from_millis(200);

/// Somebody who reads standard input. It has stopped when this is dropped: what is typed from then
/// on is for whoever has the terminal next.
///
/// It must be dropped while the terminal is raw, and after the channel: a read that begins in raw
/// mode and waits in the usual one takes the next program's line.
#[must_use = "reading stops as soon as this is dropped"]
#[derive(Debug)]
pub struct Reading(Reader);

#[derive(Debug)]
enum Reader {
    Thread {
        /// The thread stops once this is dropped.
        stopper: Option<system::Stopper>,
        /// Closes once the thread has stopped.
        stopped_rx: sync_mpsc::Receiver<Infallible>,
    },
    /// It reads only while the one thread of the runtime runs it.
    Task(AbortHandle),
}

impl Drop for Reading {
    fn drop(&mut self) {
        match &mut self.0 {
            Reader::Thread {
                stopper,
                stopped_rx,
            } => {
                drop(stopper.take());
                // It closes, or takes too long; there is nothing to be received.
                stopped_rx.recv_timeout(STOPS_WITHIN).ok();
            }
            Reader::Task(task) => task.abort(),
        }
    }
}

/// Starts to read the keys of a terminal on standard input: as [`read_stdin`] does, but without a
/// thread where the terminal can be opened again.
pub fn read_keys() -> io::Result<(mpsc::Receiver<Bytes>, Reading)> {
    let Some(terminal) = OwnInput::open() else {
        return read_stdin();
    };
    let (input_tx, input_rx) = mpsc::channel(WAITING);
    let task = tokio::spawn(async move {
        let mut buffer = vec![0; CHUNK];
        // The end of input, a terminal that is gone, or nobody who takes what is read.
        while let Ok(length @ 1..) = terminal.read(&mut buffer).await {
            let chunk = Bytes::copy_from_slice(&buffer[..length]);
            if input_tx.send(chunk).await.is_err() {
                break;
            }
        }
    });
    Ok((input_rx, Reading(Reader::Task(task.abort_handle()))))
}

/// Starts to read standard input on a thread of its own, because a read cannot be cancelled.
///
/// The channel closes at the end of input. It is short, so that a source which is faster than the
/// network is made to wait.
pub fn read_stdin() -> io::Result<(mpsc::Receiver<Bytes>, Reading)> {
    let (stop, stopper) = system::stopping()?;
    let (input_tx, input_rx) = mpsc::channel(WAITING);
    let (stopped_tx, stopped_rx) = sync_mpsc::channel();
    thread::spawn(move || {
        system::read_until_stopped(&stop, |bytes| {
            let chunk = Bytes::copy_from_slice(bytes);
            input_tx.blocking_send(chunk).is_ok()
        });
        drop(stopped_tx);
    });
    let reader = Reader::Thread {
        stopper: Some(stopper),
        stopped_rx,
    };
    Ok((input_rx, Reading(reader)))
}

/// Drops what was typed and not read yet. Returns whether there was anything.
pub fn drop_typed() -> io::Result<bool> {
    // In the usual mode, what has no newline yet cannot be seen.
    let _single_keys = RawMode::wait()?;
    system::drop_keys()
}

//! Where the bytes that a container writes go: to our own output, or into a record.

use std::{
    io, mem,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use tokio::{sync::mpsc, task::JoinHandle};

use super::Place;
use crate::{
    report::Kept,
    terminal::{Output, Target},
};

/// How many chunks may wait for the one who keeps them.
const WAITING: usize = 16;

/// What a container wrote, kept for the record.
#[derive(Clone, Debug, Default)]
pub(in crate::command) struct Shelf {
    stdout: Arc<Mutex<Kept>>,
    stderr: Arc<Mutex<Kept>>,
}

impl Shelf {
    /// Takes what was kept: of standard output, and of standard error.
    pub(in crate::command) fn take(&self) -> (Kept, Kept) {
        let take = |kept: &Mutex<Kept>| {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            mem::take(&mut *kept)
        };
        (take(&self.stdout), take(&self.stderr))
    }
}

/// Takes the bytes of one stream, in order.
#[derive(Debug)]
pub(super) enum Sink {
    /// They are written at once.
    Written(Output),
    /// They are kept.
    Kept {
        bytes_tx: mpsc::Sender<Bytes>,
        keeping: JoinHandle<()>,
    },
}

impl Sink {
    /// Begins to take what would go to that target.
    pub(super) fn start(target: Target, place: &Place<'_>) -> Self {
        let Some(shelf) = &place.shelf else {
            return Self::Written(match (&place.tape, target) {
                (Some(tape), Target::Screen) => Output::start_with_copy(target, tape.recorder()),
                (Some(tape), Target::Stdout) => Output::start_with_copy(target, tape.of_log()),
                (Some(_), Target::Stderr) | (None, _) => Output::start(target),
            });
        };
        let kept = match target {
            Target::Stdout | Target::Screen => Arc::clone(&shelf.stdout),
            Target::Stderr => Arc::clone(&shelf.stderr),
        };
        let (bytes_tx, bytes_rx) = mpsc::channel(WAITING);
        let keeping = tokio::spawn(keep(bytes_rx, kept));
        Self::Kept { bytes_tx, keeping }
    }

    /// Returns an end to send bytes to; it fails once nobody takes them any more.
    pub(super) fn sender(&self) -> mpsc::Sender<Bytes> {
        match self {
            Self::Written(output) => output.sender(),
            Self::Kept { bytes_tx, .. } => bytes_tx.clone(),
        }
    }

    /// Waits until all that was sent is where it belongs. Every sender must be dropped by now.
    pub(super) async fn finish(self) -> io::Result<()> {
        match self {
            Self::Written(output) => output.finish().await,
            Self::Kept { bytes_tx, keeping } => {
                drop(bytes_tx);
                keeping.await.map_err(io::Error::other)
            }
        }
    }
}

async fn keep(mut bytes_rx: mpsc::Receiver<Bytes>, kept: Arc<Mutex<Kept>>) {
    while let Some(bytes) = bytes_rx.recv().await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.add(&bytes);
    }
}

//! What the container writes, on its way to standard output and standard error.

use std::{io, thread};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::{
    screen,
    system::{OwnOutput, Writer},
};

/// How many chunks may wait for a slow reader before the network is made to wait: the server sends
/// at most 32 KiB in one, so this is half a MiB.
const WAITING: usize = 16;

/// Where bytes go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// Standard output, of a terminal session: what is left on there is undone at its end.
    Screen,
    /// Standard error.
    Stderr,
}

/// Somebody who writes what is sent, in order: a thread, or a task for a terminal or a pipe that can be opened again.
#[derive(Debug)]
pub struct Output {
    bytes_tx: mpsc::Sender<Bytes>,
    written_rx: oneshot::Receiver<io::Result<()>>,
}

impl Output {
    /// Starts to write.
    pub fn start(target: Target) -> Self {
        match OwnOutput::open(target) {
            Some(own) => Self::start_task(target, own),
            None => Self::start_with_copy(target, drop),
        }
    }

    /// Starts a thread that writes, and hands on each chunk that it has written; `copy` may wait.
    pub fn start_with_copy(target: Target, copy: impl FnMut(Bytes) + Send + 'static) -> Self {
        let (output, bytes_rx, written_tx) = Self::new();
        thread::spawn(move || {
            let written = match target {
                Target::Stdout => {
                    write_until_closed(bytes_rx, Writer::stdout(), Writer::write_all, copy)
                }
                Target::Screen => {
                    write_until_closed(bytes_rx, Writer::stdout(), screen::write, copy)
                }
                Target::Stderr => {
                    write_until_closed(bytes_rx, Writer::stderr(), Writer::write_all, copy)
                }
            };
            // Nobody listens any more if a signal ended the session.
            written_tx.send(written).ok();
        });
        output
    }

    fn start_task(target: Target, own: OwnOutput) -> Self {
        let (output, bytes_rx, written_tx) = Self::new();
        tokio::spawn(async move {
            let written = match target {
                Target::Screen => show_until_closed(bytes_rx, own).await,
                Target::Stdout | Target::Stderr => pass_until_closed(bytes_rx, own).await,
            };
            written_tx.send(written).ok();
        });
        output
    }

    fn new() -> (Self, mpsc::Receiver<Bytes>, oneshot::Sender<io::Result<()>>) {
        let (bytes_tx, bytes_rx) = mpsc::channel(WAITING);
        let (written_tx, written_rx) = oneshot::channel();
        let output = Self {
            bytes_tx,
            written_rx,
        };
        (output, bytes_rx, written_tx)
    }

    /// Returns an end to send bytes to; it fails once the reader on the other side is gone.
    pub fn sender(&self) -> mpsc::Sender<Bytes> {
        self.bytes_tx.clone()
    }

    /// Waits until everything that was sent is written. Every sender must be dropped by now.
    pub async fn finish(self) -> io::Result<()> {
        drop(self.bytes_tx);
        match self.written_rx.await {
            Ok(written) => written,
            Err(_) => Err(io::Error::other("the writing ended early")),
        }
    }
}

async fn show_until_closed(
    mut bytes_rx: mpsc::Receiver<Bytes>,
    terminal: OwnOutput,
) -> io::Result<()> {
    while let Some(bytes) = bytes_rx.recv().await {
        screen::show_all(&terminal, &bytes).await?;
    }
    Ok(())
}

async fn pass_until_closed(
    mut bytes_rx: mpsc::Receiver<Bytes>,
    mut pipe: OwnOutput,
) -> io::Result<()> {
    while let Some(bytes) = bytes_rx.recv().await {
        pipe.write_all(&bytes).await?;
    }
    Ok(())
}

fn write_until_closed(
    mut bytes_rx: mpsc::Receiver<Bytes>,
    mut writer: Writer,
    write: impl Fn(&mut Writer, &[u8]) -> io::Result<()>,
    mut copy: impl FnMut(Bytes),
) -> io::Result<()> {
    while let Some(bytes) = bytes_rx.blocking_recv() {
        write(&mut writer, &bytes)?;
        copy(bytes);
    }
    Ok(())
}

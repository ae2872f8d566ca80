//! Carries the streams of a process to every client that is attached, and theirs to the process.

mod echo;
mod late;

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

use super::log::Log;
use super::process::{Process, Reader, Writer};
use crate::lock;

pub(crate) use self::late::Lag;

/// The largest frame to a client, its channel byte included.
const FRAME: usize = 32 * 1024;
/// How many frames may wait for a slow client before the process has to.
const WAITING: usize = 16;

pub(crate) const STDOUT: u8 = 1;
pub(crate) const STDERR: u8 = 2;

/// What a client sends to the process.
#[derive(Debug)]
pub(crate) enum Input {
    Bytes(Bytes),
    Close,
}

#[derive(Debug)]
struct Client {
    frames: mpsc::Sender<Bytes>,
    stdout: bool,
    stderr: bool,
}

/// The streams of one running process.
#[derive(Debug)]
pub(crate) struct Streams {
    clients: Mutex<Option<Vec<Client>>>,
    input: Option<mpsc::Sender<Input>>,
    terminal: Mutex<Option<OwnedFd>>,
}

/// Reads and writes for a process until it has closed its output.
pub(crate) struct Pumps {
    readers: Vec<(u8, Reader)>,
    streams: Arc<Streams>,
    log: Option<Arc<Log>>,
    lag: Option<Lag>,
}

impl Streams {
    /// Takes the streams out of a process; the pumps are to be run.
    pub(crate) fn of(process: &mut Process, log: Option<Arc<Log>>) -> (Arc<Self>, Pumps) {
        let input = process.stdin.take().map(|writer| {
            let (sender, receiver) = mpsc::channel(4);
            tokio::spawn(write(writer, receiver));
            sender
        });
        let streams = Arc::new(Self {
            clients: Mutex::new(Some(Vec::new())),
            input,
            terminal: Mutex::new(process.terminal.take()),
        });
        let nothing: Reader = Box::new(tokio::io::empty());
        let mut readers = vec![(STDOUT, std::mem::replace(&mut process.stdout, nothing))];
        if let Some(stderr) = process.stderr.take() {
            readers.push((STDERR, stderr));
        }
        let pumps = Pumps {
            readers,
            streams: Arc::clone(&streams),
            log,
            lag: None,
        };
        (streams, pumps)
    }

    /// No streams at all: of a command that could not be started.
    pub(crate) fn none() -> (Arc<Self>, mpsc::Receiver<Bytes>) {
        let streams = Self {
            clients: Mutex::new(None),
            input: None,
            terminal: Mutex::new(None),
        };
        let (_, frames) = mpsc::channel(1);
        (Arc::new(streams), frames)
    }

    /// Attaches: frames (channel byte and payload) from now on; `None` if the process has ended.
    pub(crate) fn attach(&self, stdout: bool, stderr: bool) -> Option<mpsc::Receiver<Bytes>> {
        let (frames, receiver) = mpsc::channel(WAITING);
        lock(&self.clients).as_mut()?.push(Client {
            frames,
            stdout,
            stderr,
        });
        Some(receiver)
    }

    /// Sends to the process; waits while it does not read. It is lost if nobody reads any more.
    pub(crate) async fn send(&self, input: Input) {
        if let Some(sender) = &self.input {
            sender.send(input).await.ok();
        }
    }

    /// Sets the size of the terminal, if there is one.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        if let Some(terminal) = lock(&self.terminal).as_ref() {
            let size = rustix::termios::Winsize {
                ws_row: rows,
                ws_col: columns,
                ws_xpixel: 0,
                ws_ypixel: 0,
            };
            rustix::termios::tcsetwinsize(terminal, size).ok();
        }
    }

    /// Sends every client the end of its stream and lets nobody attach any more.
    pub(crate) fn close(&self) {
        lock(&self.clients).take();
        lock(&self.terminal).take();
    }

    /// Those who are attached now and want this channel.
    fn attached(&self, channel: u8) -> Vec<mpsc::Sender<Bytes>> {
        lock(&self.clients)
            .iter()
            .flatten()
            .filter(|client| match channel {
                STDERR => client.stderr,
                _ => client.stdout,
            })
            .map(|client| client.frames.clone())
            .collect()
    }

    async fn send_to(&self, wanted: Vec<mpsc::Sender<Bytes>>, frame: &Bytes) {
        let mut gone = false;
        for client in wanted {
            gone |= client.send(frame.clone()).await.is_err();
        }
        if gone && let Some(clients) = lock(&self.clients).as_mut() {
            clients.retain(|client| !client.frames.is_closed());
        }
    }
}

impl Pumps {
    /// Lets output be late, and be lost when the process ends.
    #[must_use]
    pub(crate) fn late(mut self, lag: Lag) -> Self {
        self.lag = Some(lag);
        self
    }

    /// Runs until the process, and all that share its output, have closed it.
    pub(crate) async fn run(self) {
        let Self {
            readers,
            streams,
            log,
            lag,
        } = self;
        let pumps = readers
            .into_iter()
            .map(|(channel, reader)| pump(channel, reader, &streams, log.as_deref(), lag.as_ref()));
        futures_util::future::join_all(pumps).await;
    }
}

/// Where the output of a stream goes first.
enum Out<'a> {
    Clients(&'a Streams),
    Way(late::Way),
}

impl Out<'_> {
    async fn send(&mut self, attached: Vec<mpsc::Sender<Bytes>>, frame: Bytes) {
        match self {
            Self::Clients(streams) => streams.send_to(attached, &frame).await,
            Self::Way(way) => way.send((attached, frame)).await,
        }
    }
}

async fn pump(
    channel: u8,
    reader: Reader,
    streams: &Streams,
    log: Option<&Log>,
    lag: Option<&Lag>,
) {
    let Some(lag) = lag else {
        read(channel, reader, streams, log, Out::Clients(streams)).await;
        return;
    };
    let (way, mut exit) = late::Way::new(lag);
    let sending = async {
        while let Some((attached, frame)) = exit.next().await {
            streams.send_to(attached, &frame).await;
        }
        // What is still written is for the log alone.
        exit.discard().await;
    };
    tokio::join!(read(channel, reader, streams, log, Out::Way(way)), sending);
}

async fn read(
    channel: u8,
    mut reader: Reader,
    streams: &Streams,
    log: Option<&Log>,
    mut out: Out<'_>,
) {
    let mut buffer = BytesMut::with_capacity(FRAME);
    buffer.resize(FRAME, 0);
    buffer[0] = channel;
    loop {
        let length = match reader.read(&mut buffer[1..]).await {
            // A terminal whose last process has gone answers with an error.
            Ok(0) | Err(_) => return,
            Ok(length) => length,
        };
        let frame = Bytes::copy_from_slice(&buffer[..=length]);
        // Before the log has it, so that who has read it there is not sent it again.
        let attached = streams.attached(channel);
        if let Some(log) = log {
            log.append(channel == STDERR, frame.slice(1..));
        }
        out.send(attached, frame).await;
    }
}

async fn write(mut writer: Writer, mut inputs: mpsc::Receiver<Input>) -> io::Result<()> {
    while let Some(input) = inputs.recv().await {
        match input {
            Input::Bytes(bytes) => writer.write_all(&bytes).await?,
            Input::Close => return Ok(()),
        }
    }
    Ok(())
}

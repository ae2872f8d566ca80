//! The pump: two directions over one WebSocket, of which neither ever waits for the other.

use std::{cell::Cell, future, io, time::Duration};

use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{Notify, mpsc, oneshot, watch},
    time::{self, MissedTickBehavior},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error as SocketError, Message,
        error::ProtocolError,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{
    channel::{self, LARGEST_INPUT, Protocol, Received},
    redraw::Sizes,
};
use crate::size::Size;

/// How often the server is asked for a sign of life. Load balancers cut idle connections after 20
/// seconds and more.
const PING_EVERY: Duration = Duration::from_secs(10);
/// How long a server that is asked every ten seconds may be silent.
const SILENCE: Duration = Duration::from_secs(35);
/// How long a stream may stay open and silent after its container has ended: a process that was
/// left behind in it can hold it open for ever.
const DRAIN: Duration = Duration::from_secs(5);
/// Input the server may hold back without a sign of life. While a process does not read, a server
/// does not answer pings either, and must not be taken for dead.
const UNREAD: usize = 4 * 1024;

/// The user's side of a session.
#[derive(Debug)]
pub struct Near {
    /// What is typed or piped in.
    pub input: Input,
    /// The size of the user's terminal, if the container has one too.
    pub sizes: Option<watch::Receiver<Size>>,
    /// Where the container's output goes.
    pub stdout: mpsc::Sender<Bytes>,
    /// Where the container's errors go.
    pub stderr: mpsc::Sender<Bytes>,
    /// Told once the container has ended: what is still on its way is waited for, but not for ever.
    pub ended_rx: oneshot::Receiver<()>,
}

/// What comes from the user.
#[derive(Debug)]
pub enum Input {
    /// Nothing.
    None,
    /// Keys: the end of them does not end what runs in the container.
    Keys(mpsc::Receiver<Bytes>),
    /// A pipe, whose end is passed on.
    Pipe(mpsc::Receiver<Bytes>),
}

/// Why a session's stream ended. Only the pod's status tells how the container did.
#[derive(Debug, Eq, PartialEq)]
pub enum SessionEnd {
    /// The server said that all is done.
    Finished,
    /// The server said that the stream failed, in its words.
    Failed(String),
    /// The stream ended without a word from the server: how, as far as can be told.
    Lost(String),
    /// Whoever read our output went away.
    OutputClosed,
}

/// Carries bytes and sizes over the stream until it ends.
///
/// Everything that was received is handed to `near` by then; it may not be written yet.
pub async fn run<S>(stream: S, protocol: Protocol, near: Near) -> SessionEnd
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Nothing is held back for a fuller frame, and what cannot be sent does not pile up.
    let config = WebSocketConfig::default()
        .write_buffer_size(0)
        .max_write_buffer_size(4 * LARGEST_INPUT);
    let socket = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await;
    let (writer, reader) = socket.split();
    let pulse = Pulse::default();
    let down = Down {
        stdout: near.stdout,
        stderr: near.stderr,
        container: Container::MayRun(near.ended_rx),
        pulse: &pulse,
    };
    let up = Up {
        writer,
        protocol,
        pulse: &pulse,
    };
    tokio::select! {
        end = down.run(reader) => end,
        never = up.run(near.input, near.sizes) => match never {},
    }
}

/// What both directions know of each other.
#[derive(Debug, Default)]
struct Pulse {
    /// How much input was sent since the server was last heard.
    unread: Cell<usize>,
    /// Whether the container has printed anything.
    printed: Cell<bool>,
    /// Told at the first print.
    first_print: Notify,
}

impl Pulse {
    fn printed(&self) {
        if !self.printed.replace(true) {
            self.first_print.notify_one();
        }
    }
}

/// From the server to the user.
struct Down<'a> {
    stdout: mpsc::Sender<Bytes>,
    stderr: mpsc::Sender<Bytes>,
    container: Container,
    pulse: &'a Pulse,
}

/// What is known of the container at the far end of the stream.
enum Container {
    /// It may run; whoever watches it tells its end.
    MayRun(oneshot::Receiver<()>),
    /// It may run, and nobody watches it any more.
    Unwatched,
    /// It has ended.
    Ended,
}

impl Container {
    /// Waits until more is known of it.
    async fn news(&mut self) -> Self {
        let Self::MayRun(ended_rx) = self else {
            return future::pending().await;
        };
        match ended_rx.await {
            Ok(()) => Self::Ended,
            Err(_) => Self::Unwatched,
        }
    }
}

/// What comes of waiting for a message.
enum Heard {
    Message(Message),
    End(SessionEnd),
}

impl Down<'_> {
    async fn run(
        mut self,
        mut reader: impl Stream<Item = Result<Message, SocketError>> + Unpin,
    ) -> SessionEnd {
        let mut told = None;
        loop {
            let data = match self.hear(&mut reader).await {
                Heard::Message(Message::Binary(data)) => data,
                Heard::Message(Message::Text(text)) => text.into(),
                Heard::Message(Message::Close(_)) => return told.unwrap_or_else(closed),
                Heard::Message(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
                // What the server said counts for more than how the connection broke then.
                Heard::End(end) => return told.unwrap_or(end),
            };
            let handed_on = match channel::received(data) {
                Received::Stdout(bytes) => self.hand_on(&self.stdout, bytes).await,
                Received::Stderr(bytes) => self.hand_on(&self.stderr, bytes).await,
                Received::Status(status) => {
                    told = Some(end_told(&status));
                    true
                }
                Received::Nothing => true,
            };
            if !handed_on {
                return SessionEnd::OutputClosed;
            }
        }
    }

    /// Waits for the next message, or for a reason not to.
    async fn hear(
        &mut self,
        reader: &mut (impl Stream<Item = Result<Message, SocketError>> + Unpin),
    ) -> Heard {
        loop {
            let ended = matches!(self.container, Container::Ended);
            let patience = if ended { DRAIN } else { SILENCE };
            tokio::select! {
                biased;
                message = reader.next() => {
                    self.pulse.unread.set(0);
                    return match message {
                        Some(Ok(message)) => Heard::Message(message),
                        Some(Err(error)) => Heard::End(SessionEnd::Lost(why(&error))),
                        None => Heard::End(closed()),
                    };
                }
                news = self.container.news() => self.container = news,
                () = time::sleep(patience) => {
                    if ended {
                        return Heard::End(SessionEnd::Finished);
                    }
                    if self.pulse.unread.get() <= UNREAD {
                        let seconds = SILENCE.as_secs();
                        return Heard::End(SessionEnd::Lost(format!("nothing heard for {seconds} seconds")));
                    }
                }
            }
        }
    }

    async fn hand_on(&self, output_tx: &mpsc::Sender<Bytes>, bytes: Bytes) -> bool {
        self.pulse.printed();
        output_tx.send(bytes).await.is_ok()
    }
}

/// From the user to the server.
struct Up<'a, W> {
    writer: W,
    protocol: Protocol,
    pulse: &'a Pulse,
}

/// A value that cannot be: sending never ends a session, since only the other direction hears how
/// it ended.
enum Never {}

impl<W: Sink<Message, Error = SocketError> + Unpin> Up<'_, W> {
    async fn run(mut self, input: Input, sizes: Option<watch::Receiver<Size>>) -> Never {
        let (mut input_rx, tell_the_end) = match input {
            Input::None => (None, false),
            Input::Keys(keys_rx) => (Some(keys_rx), false),
            Input::Pipe(pipe_rx) => (Some(pipe_rx), self.protocol == Protocol::V5),
        };
        let mut sizes = sizes.map(Sizes::new);
        let mut pings = time::interval(PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pings.reset();
        loop {
            let sent = tokio::select! {
                biased;
                size = next_size(&mut sizes) => self.send(channel::resize(size)).await,
                _ = pings.tick() => self.writer.send(Message::Ping(Bytes::new())).await,
                () = self.pulse.first_print.notified() => {
                    if let Some(sizes) = &mut sizes {
                        sizes.printed();
                    }
                    Ok(())
                }
                chunk = next_chunk(&mut input_rx) => match chunk {
                    Some(chunk) => self.send_input(&chunk).await,
                    None => {
                        input_rx = None;
                        if tell_the_end { self.send(channel::end_of_input()).await } else { Ok(()) }
                    }
                },
            };
            if sent.is_err() {
                return future::pending().await;
            }
        }
    }

    async fn send(&mut self, message: Bytes) -> Result<(), SocketError> {
        self.writer.send(Message::Binary(message)).await
    }

    async fn send_input(&mut self, typed: &[u8]) -> Result<(), SocketError> {
        for part in typed.chunks(LARGEST_INPUT) {
            self.pulse.unread.set(self.pulse.unread.get() + part.len());
            self.send(channel::stdin(part)).await?;
        }
        Ok(())
    }
}

async fn next_size(sizes: &mut Option<Sizes>) -> Size {
    match sizes {
        Some(sizes) => sizes.next().await,
        None => future::pending().await,
    }
}

async fn next_chunk(input_rx: &mut Option<mpsc::Receiver<Bytes>>) -> Option<Bytes> {
    match input_rx {
        Some(input_rx) => input_rx.recv().await,
        None => future::pending().await,
    }
}

/// Reads the status that the server ends a stream with.
fn end_told(status: &[u8]) -> SessionEnd {
    let Ok(status) = serde_json::from_slice::<serde_json::Value>(status) else {
        return SessionEnd::Failed(
            "the server ended it with a status that cannot be read".to_owned(),
        );
    };
    if status["status"] == "Success" {
        return SessionEnd::Finished;
    }
    let message = status["message"]
        .as_str()
        .unwrap_or("the server gave no reason");
    SessionEnd::Failed(message.to_owned())
}

fn closed() -> SessionEnd {
    SessionEnd::Lost("the server closed the connection".to_owned())
}

/// Says in a few words how a connection broke.
fn why(error: &SocketError) -> String {
    let cut = matches!(
        error,
        SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake)
    );
    let kind = if let SocketError::Io(error) = error {
        Some(error.kind())
    } else {
        None
    };
    match kind {
        Some(io::ErrorKind::ConnectionReset) => "the connection was reset".to_owned(),
        Some(io::ErrorKind::UnexpectedEof) => "the connection was cut".to_owned(),
        _ if cut => "the connection was cut".to_owned(),
        _ => format!("the connection broke: {error}"),
    }
}

#[cfg(test)]
mod tests;

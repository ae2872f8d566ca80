//! The pump: two directions over one WebSocket, of which neither ever waits for the other.

mod down;
mod up;

use std::{cell::Cell, time::Duration};

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{Notify, mpsc, oneshot, watch},
    time::Instant,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::protocol::{Role, WebSocketConfig},
};

use self::{
    down::{Container, Down},
    up::Up,
};
use super::{
    Keyboard,
    channel::{LARGEST_INPUT, Protocol},
    redraw::Sizes,
};
use crate::size::Size;

/// What one read of the stream yields at most, since it is what one record of TLS holds. A buffer is filled
/// with zeroes before each read: a larger one costs more than what comes into it.
const RECORD: usize = 16 * 1024;

/// The user's side of a session.
pub struct Near<'a> {
    /// What is typed or piped in.
    pub input: Input<'a>,
    /// The size of the user's terminal, if the container has one too.
    pub sizes: Option<watch::Receiver<Size>>,
    /// Whether what runs in the container has drawn its screen before, and must do so again.
    pub redraw: bool,
    /// Where the container's output goes.
    pub stdout: mpsc::Sender<Bytes>,
    /// Where the container's errors go.
    pub stderr: mpsc::Sender<Bytes>,
    /// Told once the container has ended: what is still on its way is waited for, but not for ever.
    pub ended_rx: oneshot::Receiver<()>,
    /// Called before the first output is handed on: that it comes is the only proof that the
    /// server has joined us to the container.
    pub on_first_output: &'a dyn Fn(),
}

/// What comes from the user.
#[derive(Debug)]
pub enum Input<'a> {
    /// Nothing.
    None,
    /// Keys: the end of them does not end what runs in the container.
    Keys(&'a mut Keyboard),
    /// A pipe, whose end is passed on where the protocol can.
    Pipe(mpsc::Receiver<Bytes>),
    /// A pipe at whose end we close the stream, where nothing else could tell it.
    ClosingPipe(mpsc::Receiver<Bytes>),
}

/// Why a session's stream ended. Only the pod's status tells how the container did.
#[derive(Debug, Eq, PartialEq)]
pub enum SessionEnd {
    /// The server said that all is done.
    Finished,
    /// The container ended, and the stream stayed open without a word: output may be missing.
    Outlived,
    /// The input has ended, and we closed the stream to tell it. The server has answered that, so it has read
    /// all of the input; of the output it sends no more.
    Closed,
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
pub async fn run<S>(stream: S, protocol: Protocol, near: Near<'_>) -> SessionEnd
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Nothing is held back for a fuller frame, and what cannot be sent does not pile up.
    let config = WebSocketConfig::default()
        .read_buffer_size(RECORD)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * LARGEST_INPUT);
    let socket = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await;
    let (writer, reader) = socket.split();
    let pulse = Pulse::new(near.on_first_output);
    let down = Down {
        stdout: near.stdout,
        stderr: near.stderr,
        container: Container::MayRun(near.ended_rx),
        pulse: &pulse,
    };
    let redraw = near.redraw;
    let sizes = near.sizes.map(|sizes_rx| Sizes::new(sizes_rx, redraw));
    let up = Up {
        writer,
        protocol,
        pulse: &pulse,
    };
    tokio::select! {
        end = down.run(reader) => end,
        never = up.run(near.input, sizes) => match never {},
    }
}

/// What both directions know of each other.
struct Pulse<'a> {
    /// How much input was sent since the server was last heard.
    unread: Cell<usize>,
    /// Whether we have closed the stream.
    closed: Cell<bool>,
    /// When the server was asked for a sign of life that it has not given yet.
    asked: Cell<Option<Instant>>,
    /// Whether the container has printed anything.
    printed: Cell<bool>,
    /// Told at the first print.
    first_print: Notify,
    on_first_print: &'a dyn Fn(),
}

impl<'a> Pulse<'a> {
    fn new(on_first_print: &'a dyn Fn()) -> Self {
        Self {
            unread: Cell::default(),
            closed: Cell::default(),
            asked: Cell::default(),
            printed: Cell::default(),
            first_print: Notify::new(),
            on_first_print,
        }
    }

    /// The server is asked for a sign of life.
    fn asked(&self) {
        if self.asked.get().is_none() {
            self.asked.set(Some(Instant::now()));
        }
    }

    /// The server gave a sign of life.
    fn heard(&self) {
        self.unread.set(0);
        self.asked.set(None);
    }

    /// Tells whether the server owes a sign of life for that long.
    fn owes_since(&self, time: Duration) -> bool {
        self.asked
            .get()
            .is_some_and(|asked| asked.elapsed() >= time)
    }

    fn printed(&self) {
        if !self.printed.replace(true) {
            (self.on_first_print)();
            self.first_print.notify_one();
        }
    }
}

#[cfg(test)]
mod tests;

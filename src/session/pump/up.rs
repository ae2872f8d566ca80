//! From the user to the server: input, sizes, and the questions whether it still lives.

use std::{future, time::Duration};

use bytes::Bytes;
use futures_util::{Sink, SinkExt};
use tokio::time::{self, MissedTickBehavior};
use tokio_tungstenite::tungstenite::{
    Error as SocketError, Message, Utf8Bytes,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use super::{
    super::{
        channel::{self, LARGEST_INPUT, Protocol},
        redraw::Sizes,
    },
    Input, Pulse,
};
use crate::size::Size;

/// How often the server is asked for a sign of life. Load balancers cut idle connections after 20
/// seconds and more.
const PING_EVERY: Duration = Duration::from_secs(10);
/// How often a stream that carries no sizes carries an empty message. API servers, kubelets and runtimes
/// cut one over which no message has come for four hours, and pings are none (Kubernetes, `wsstream`,
/// `Conn.handle`). An empty one is passed over there.
const WORDLESS_EVERY: Duration = Duration::from_hours(1);

/// From the user to the server.
pub(super) struct Up<'a, W> {
    pub(super) writer: W,
    pub(super) protocol: Protocol,
    pub(super) pulse: &'a Pulse<'a>,
}

/// A value that cannot be: sending never ends a session, since only the other direction hears how
/// it ended.
pub(super) enum Never {}

impl<W: Sink<Message, Error = SocketError> + Unpin> Up<'_, W> {
    /// Sends input, sizes and signs of life, for as long as somebody lets it.
    pub(super) async fn run(mut self, mut input: Input<'_>, mut sizes: Option<Sizes>) -> Never {
        let protocol = self.protocol;
        let mut pings = time::interval(PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pings.reset();
        let mut wordless = time::interval(WORDLESS_EVERY);
        wordless.reset();
        loop {
            let sent = tokio::select! {
                biased;
                size = next_size(&mut sizes) => self.send(channel::resize(size)).await,
                _ = pings.tick() => {
                    self.pulse.asked();
                    self.writer.send(Message::Ping(Bytes::new())).await
                }
                _ = wordless.tick(), if sizes.is_none() => self.send(Bytes::new()).await,
                () = self.pulse.first_print.notified() => {
                    if let Some(sizes) = &mut sizes {
                        sizes.printed();
                    }
                    Ok(())
                }
                chunk = next_chunk(&mut input) => match chunk {
                    Some(chunk) => self.send_input(&chunk).await,
                    None => match (std::mem::replace(&mut input, Input::None), protocol) {
                        (Input::Pipe(_), Protocol::V5) => self.send(channel::end_of_input()).await,
                        (Input::ClosingPipe(_), _) => self.close().await,
                        (Input::Pipe(_), Protocol::V4) | (Input::Keys(_) | Input::None, _) => Ok(()),
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

    /// Closes the stream behind all that was sent. What comes from the server meanwhile is still read: were
    /// the connection cut instead, input on its way could be lost.
    async fn close(&mut self) -> Result<(), SocketError> {
        self.pulse.closed.set(true);
        let close = CloseFrame {
            code: CloseCode::Normal,
            reason: Utf8Bytes::default(),
        };
        self.writer.send(Message::Close(Some(close))).await
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

async fn next_chunk(input: &mut Input<'_>) -> Option<Bytes> {
    match input {
        Input::Keys(keyboard) => keyboard.text().await,
        Input::Pipe(pipe_rx) | Input::ClosingPipe(pipe_rx) => pipe_rx.recv().await,
        Input::None => future::pending().await,
    }
}

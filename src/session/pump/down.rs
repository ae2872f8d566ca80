//! From the server to the user: output, and the signs of how the stream ends.

use std::{future, io, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::{
    sync::{mpsc, oneshot},
    time,
};
use tokio_tungstenite::tungstenite::{Error as SocketError, Message, error::ProtocolError};

use super::{
    super::channel::{self, Received},
    Pulse, SessionEnd,
};
use crate::error::in_words;

/// How long a server that is asked every ten seconds may be silent.
pub(super) const SILENCE: Duration = Duration::from_secs(35);
/// How long it may owe an answer.
const OWED: Duration = Duration::from_secs(20);
/// How long a stream may stay open and silent after its container has ended: a process that was
/// left behind in it can hold it open for ever.
pub(super) const DRAIN: Duration = Duration::from_secs(5);
/// Input the server may hold back without a sign of life. While a process does not read, a server
/// does not answer pings either, and must not be taken for dead.
pub(super) const UNREAD: usize = 4 * 1024;

const CUT: &str = "the connection was cut";

/// From the server to the user.
pub(super) struct Down<'a> {
    pub(super) stdout: mpsc::Sender<Bytes>,
    pub(super) stderr: mpsc::Sender<Bytes>,
    pub(super) container: Container,
    pub(super) pulse: &'a Pulse<'a>,
}

/// What is known of the container at the far end of the stream.
pub(super) enum Container {
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
    /// Hands on all that the server sends, until the stream ends.
    pub(super) async fn run(
        mut self,
        mut reader: impl Stream<Item = Result<Message, SocketError>> + Unpin,
    ) -> SessionEnd {
        let mut told = None;
        loop {
            let data = match self.hear(&mut reader).await {
                Heard::Message(Message::Binary(data)) => data,
                Heard::Message(Message::Close(_)) => {
                    return told.unwrap_or_else(|| self.closed());
                }
                // Text is of older protocols, which nobody asked for.
                Heard::Message(
                    Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
                ) => continue,
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

    /// The server has closed the stream: in answer to us, or of its own accord.
    fn closed(&self) -> SessionEnd {
        if self.pulse.closed.get() {
            SessionEnd::Closed
        } else {
            closed()
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
                    self.pulse.heard();
                    return match message {
                        Some(Ok(message)) => Heard::Message(message),
                        Some(Err(error)) => Heard::End(SessionEnd::Lost(why(&error))),
                        None => Heard::End(closed()),
                    };
                }
                news = self.container.news() => self.container = news,
                () = time::sleep(patience) => {
                    if ended {
                        return Heard::End(SessionEnd::Outlived);
                    }
                    // After we were stopped, nobody has asked for long.
                    if self.pulse.unread.get() <= UNREAD && self.pulse.owes_since(OWED) {
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
    if let SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) = error {
        return CUT.to_owned();
    }
    let SocketError::Io(error) = error else {
        return format!("the connection broke: {error}");
    };
    let kind = error.kind();
    if kind == io::ErrorKind::ConnectionReset {
        "the connection was reset".to_owned()
    } else if kind == io::ErrorKind::UnexpectedEof || kind == io::ErrorKind::ConnectionAborted {
        CUT.to_owned()
    } else {
        format!("the connection broke: {}", in_words(error))
    }
}

#[cfg(test)]
mod tests;

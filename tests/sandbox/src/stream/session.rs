//! One attached client: its frames to the process, the process's to it, and how that ends.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use super::negotiation::Protocol;
use crate::kubelet::output::{Input, Streams};

const STDIN: u8 = 0;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
const CLOSE: u8 = 255;
/// The largest message from a client.
const LARGEST: usize = 32 * 1024 * 1024;

/// How long a client may take to say goodbye.
const PATIENCE: Duration = Duration::from_secs(5);

/// The streams of a process as one client uses them.
pub(crate) struct Session {
    pub(crate) protocol: Protocol,
    pub(crate) streams: Arc<Streams>,
    pub(crate) frames: mpsc::Receiver<Bytes>,
    /// Whether the client asked for stdin, and the container has one.
    pub(crate) stdin: bool,
    pub(crate) tty: bool,
    /// Whether the end of this client's stdin is the end of the container's, and not of the session.
    pub(crate) closes_stdin: bool,
}

/// Why the reading side of a session ended.
enum Left {
    /// Its stdin ended; the client is still there.
    StdinEnded,
    Gone,
}

impl Session {
    /// Runs the session; `read` has been read already, and `status` is asked for what channel 3 says in the end.
    pub(crate) async fn run<S>(self, io: S, read: &[u8], status: impl Future<Output = String>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Self {
            protocol,
            streams,
            mut frames,
            stdin,
            tty,
            closes_stdin,
        } = self;
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST))
            .max_frame_size(Some(LARGEST));
        let read = read.to_vec();
        let socket =
            WebSocketStream::from_partially_read(io, read, Role::Server, Some(config)).await;
        let (mut sink, stream) = socket.split();
        let mut reader = ClientReader {
            stream,
            streams: &streams,
            protocol: &protocol,
            stdin,
            closes_stdin: closes_stdin && !tty,
            resizes: tty,
        };
        let mut writer = ClientWriter {
            sink: &mut sink,
            is_base64: protocol.is_base64,
        };
        // A real server says that it is there before anything else.
        if writer.send(Bytes::from_static(&[1])).await.is_err() {
            return;
        }
        let left = tokio::select! {
            _ = writer.forward(&mut frames) => None,
            left = reader.run() => Some(left),
        };
        if let Some(Left::Gone) = left {
            // The closing handshake, if there is one, has been answered by reading it.
            drop(frames);
            tokio::time::timeout(PATIENCE, writer.sink.close())
                .await
                .ok();
            return;
        }
        // What is already there is sent; the client does not wait for more.
        frames.close();
        let finish = async {
            writer.forward(&mut frames).await?;
            let status = status.await;
            let mut frame = Vec::with_capacity(status.len() + 1);
            frame.push(STATUS);
            frame.extend_from_slice(status.as_bytes());
            writer.send(Bytes::from(frame)).await?;
            let close = CloseFrame {
                code: CloseCode::Normal,
                reason: "".into(),
            };
            writer.sink.send(Message::Close(Some(close))).await
        };
        if finish.await.is_ok() {
            reader.wait_for_close().await;
        }
    }
}

struct ClientReader<'a, S> {
    stream: SplitStream<WebSocketStream<S>>,
    streams: &'a Streams,
    protocol: &'a Protocol,
    stdin: bool,
    closes_stdin: bool,
    resizes: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ClientReader<'_, S> {
    async fn run(&mut self) -> Left {
        loop {
            let Some(Ok(message)) = self.stream.next().await else {
                break;
            };
            let bytes = match message {
                Message::Binary(bytes) => bytes,
                Message::Text(text) => Bytes::from(text),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
                Message::Close(_) => break,
            };
            let Some((channel, payload)) = self.decode(&bytes) else {
                continue;
            };
            match channel {
                STDIN if self.stdin => self.streams.send(Input::Bytes(payload)).await,
                RESIZE => self.resize(&payload),
                CLOSE if self.ends_stdin(&payload) => {
                    if !self.closes_stdin {
                        return Left::StdinEnded;
                    }
                    self.streams.send(Input::Close).await;
                }
                _ => {}
            }
        }
        if self.stdin && self.closes_stdin {
            self.streams.send(Input::Close).await;
        }
        Left::Gone
    }

    fn ends_stdin(&self, payload: &[u8]) -> bool {
        self.protocol.has_close && self.stdin && payload == [STDIN]
    }

    fn decode(&self, bytes: &Bytes) -> Option<(u8, Bytes)> {
        let channel = *bytes.first()?;
        if self.protocol.is_base64 {
            let payload = STANDARD.decode(&bytes[1..]).ok()?;
            return Some((channel.wrapping_sub(b'0'), Bytes::from(payload)));
        }
        Some((channel, bytes.slice(1..)))
    }

    /// A size below 1 is ignored, and one that cannot be read is the last.
    fn resize(&mut self, payload: &[u8]) {
        if !self.resizes {
            return;
        }
        let Ok(size) = serde_json::from_slice::<Value>(payload) else {
            self.resizes = false;
            return;
        };
        let extent = |name: &str| {
            size[name]
                .as_u64()
                .and_then(|extent| u16::try_from(extent).ok())
        };
        if let (Some(width @ 1..), Some(height @ 1..)) = (extent("Width"), extent("Height")) {
            self.streams.resize(width, height);
        }
    }

    async fn wait_for_close(&mut self) {
        let closed = async { while let Some(Ok(_)) = self.stream.next().await {} };
        tokio::time::timeout(PATIENCE, closed).await.ok();
    }
}

struct ClientWriter<'a, S> {
    sink: &'a mut SplitSink<WebSocketStream<S>, Message>,
    is_base64: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ClientWriter<'_, S> {
    async fn send(&mut self, frame: Bytes) -> Result<(), tungstenite::Error> {
        let message = self.message(frame);
        self.sink.send(message).await
    }

    /// Sends frames until there are no more; what is ready goes out together.
    async fn forward(
        &mut self,
        frames: &mut mpsc::Receiver<Bytes>,
    ) -> Result<(), tungstenite::Error> {
        while let Some(frame) = frames.recv().await {
            let message = self.message(frame);
            self.sink.feed(message).await?;
            while let Ok(frame) = frames.try_recv() {
                let message = self.message(frame);
                self.sink.feed(message).await?;
            }
            self.sink.flush().await?;
        }
        Ok(())
    }

    fn message(&self, frame: Bytes) -> Message {
        if self.is_base64
            && let Some((channel, payload)) = frame.split_first()
        {
            let text = format!("{channel}{}", STANDARD.encode(payload));
            return Message::Text(text.into());
        }
        Message::Binary(frame)
    }
}

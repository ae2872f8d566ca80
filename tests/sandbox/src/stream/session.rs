//! One attached client: its frames to the process, the process's to it, and how that ends.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use super::SUCCESS;
use super::negotiation::Protocol;
use super::runtime::AtHalfClose;
use crate::faults::plan::Lie;
use crate::faults::wire::Line;
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
    pub(crate) at_half_close: AtHalfClose,
    pub(crate) line: Arc<Line>,
    pub(crate) lie: Option<Lie>,
}

/// Why a session ends.
enum Left {
    /// The process has closed its output.
    OutputEnded,
    /// The client's stdin ended, and with it the session; the client is still there.
    StdinEnded,
    Gone,
    /// Somebody between the client and the container gives up, and says `Success`.
    GivenUp,
}

impl Session {
    /// Runs the session; `read` has been read already, `status` is asked for what channel 3 says in the
    /// end, and `given_up` ends the session while the process runs.
    pub(crate) async fn run<S>(
        self,
        io: S,
        read: &[u8],
        status: impl Future<Output = String>,
        given_up: impl Future<Output = ()>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match self.lie {
            None => self.join(io, read, status, given_up, None).await,
            Some(Lie::SuccessAfter(bytes)) => {
                self.join(io, read, status, given_up, Some(bytes)).await;
            }
            Some(Lie::Says(ref messages)) => self.say(messages, io, read).await,
        }
    }

    /// Joins the client to the process.
    async fn join<S>(
        self,
        io: S,
        read: &[u8],
        status: impl Future<Output = String>,
        given_up: impl Future<Output = ()>,
        lies_after: Option<usize>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Self {
            protocol,
            streams,
            mut frames,
            stdin,
            tty,
            at_half_close,
            line,
            lie: _,
        } = self;
        let (mut sink, stream) = open(io, read).await.split();
        let mut reader = ClientReader {
            stream,
            streams: &streams,
            protocol: &protocol,
            stdin,
            at_half_close,
            resizes: tty,
        };
        let mut writer = ClientWriter {
            sink: &mut sink,
            is_base64: protocol.is_base64,
            has_status: protocol.has_status,
        };
        // A real server says that it is there before anything else.
        if writer.send(Bytes::from_static(&[1])).await.is_err() {
            return;
        }
        let left = tokio::select! {
            left = writer.forward(&mut frames, lies_after) => left.unwrap_or(Left::Gone),
            left = reader.run() => left,
            () = line.ended() => Left::Gone,
            () = given_up => Left::GivenUp,
        };
        let is_lost = matches!(left, Left::Gone | Left::GivenUp);
        if is_lost && stdin && at_half_close == AtHalfClose::ClosesStdin {
            let streams = Arc::clone(&streams);
            // Not waited for: the process may not read, and the client has gone.
            tokio::spawn(async move { streams.send(Input::Close).await });
        }
        if let Left::Gone = left {
            // The closing handshake, if there is one, has been answered by reading it.
            drop(frames);
            let close = writer.sink.close();
            tokio::time::timeout(PATIENCE, close).await.ok();
            return hang_up(reader.stream, sink).await;
        }
        // What is already there is sent; the client does not wait for more.
        frames.close();
        let finish = async {
            let status = if let Left::GivenUp = left {
                SUCCESS.to_owned()
            } else {
                writer.forward(&mut frames, None).await?;
                status.await
            };
            writer.finish(&status).await
        };
        if finish.await.is_ok() {
            reader.wait_for_close().await;
        }
        hang_up(reader.stream, sink).await;
    }
}

impl Session {
    /// Says what is scripted, and that it is over; nothing reaches the process.
    async fn say<S>(&self, messages: &[Bytes], io: S, read: &[u8])
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut sink, mut stream) = open(io, read).await.split();
        let mut writer = ClientWriter {
            sink: &mut sink,
            is_base64: self.protocol.is_base64,
            has_status: false,
        };
        for message in messages {
            if writer.send(message.clone()).await.is_err() {
                return;
            }
        }
        if writer.finish("").await.is_ok() {
            let closed = async { while let Some(Ok(_)) = stream.next().await {} };
            tokio::time::timeout(PATIENCE, closed).await.ok();
        }
        hang_up(stream, sink).await;
    }
}

/// Says goodbye below the WebSocket too, so that its end is not taken for a broken connection.
async fn hang_up<S>(
    stream: SplitStream<WebSocketStream<S>>,
    sink: SplitSink<WebSocketStream<S>, Message>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if let Ok(mut socket) = stream.reunite(sink) {
        let shutdown = socket.get_mut().shutdown();
        tokio::time::timeout(PATIENCE, shutdown).await.ok();
    }
}

/// A WebSocket over what was upgraded to one.
async fn open<S>(io: S, read: &[u8]) -> WebSocketStream<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST));
    WebSocketStream::from_partially_read(io, read.to_vec(), Role::Server, Some(config)).await
}

struct ClientReader<'a, S> {
    stream: SplitStream<WebSocketStream<S>>,
    streams: &'a Streams,
    protocol: &'a Protocol,
    stdin: bool,
    at_half_close: AtHalfClose,
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
                CLOSE if self.ends_stdin(&payload) => match self.at_half_close {
                    AtHalfClose::ClosesStdin => self.streams.send(Input::Close).await,
                    AtHalfClose::EndsSession => return Left::StdinEnded,
                    AtHalfClose::Nothing => self.stdin = false,
                },
                _ => {}
            }
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
    has_status: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ClientWriter<'_, S> {
    async fn send(&mut self, frame: Bytes) -> Result<(), tungstenite::Error> {
        let message = self.message(frame);
        self.sink.send(message).await
    }

    /// Sends frames until there are no more, or, if it is to lie, until so many bytes have gone; what is
    /// ready goes out together.
    async fn forward(
        &mut self,
        frames: &mut mpsc::Receiver<Bytes>,
        lies_after: Option<usize>,
    ) -> Result<Left, tungstenite::Error> {
        let mut left = lies_after.unwrap_or(usize::MAX);
        while left > 0 {
            let Some(frame) = frames.recv().await else {
                return Ok(Left::OutputEnded);
            };
            let mut next = Some(frame);
            while let Some(frame) = next {
                left = left.saturating_sub(frame.len() - 1);
                let message = self.message(frame);
                self.sink.feed(message).await?;
                next = frames.try_recv().ok().filter(|_| left > 0);
            }
            self.sink.flush().await?;
        }
        Ok(Left::GivenUp)
    }

    /// The last two frames: the status, and that it is over.
    async fn finish(&mut self, status: &str) -> Result<(), tungstenite::Error> {
        if self.has_status {
            let frame = [&[STATUS], status.as_bytes()].concat();
            self.send(Bytes::from(frame)).await?;
        }
        let close = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        self.sink.send(Message::Close(Some(close))).await
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

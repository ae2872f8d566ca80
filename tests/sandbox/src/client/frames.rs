//! WebSocket frames, one by one.

use std::{fmt, io};

use super::{Answer, Client};

/// A frame as it came; nothing is put together or answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    pub opcode: u8,
    pub payload: Vec<u8>,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:\"{}\"", self.opcode, self.payload.escape_ascii())
    }
}

impl Frame {
    pub const TEXT: u8 = 1;
    pub const BINARY: u8 = 2;
    pub const CLOSE: u8 = 8;
    pub const PING: u8 = 9;
    pub const PONG: u8 = 10;

    pub fn new(opcode: u8, payload: &[u8]) -> Self {
        Self {
            opcode,
            payload: payload.to_vec(),
        }
    }

    /// Bytes on a channel.
    pub fn data(channel: u8, payload: &[u8]) -> Self {
        Self::new(Self::BINARY, &[&[channel], payload].concat())
    }

    /// A normal end.
    pub fn close() -> Self {
        Self::new(Self::CLOSE, &1000_u16.to_be_bytes())
    }

    /// The channel of a data frame.
    pub fn channel(&self) -> Option<u8> {
        let is_data = matches!(self.opcode, Self::TEXT | Self::BINARY);
        self.payload.first().copied().filter(|_| is_data)
    }

    /// The code of a close frame.
    pub fn code(&self) -> Option<u16> {
        let code = self.payload.first_chunk()?;
        (self.opcode == Self::CLOSE).then(|| u16::from_be_bytes(*code))
    }
}

impl Client {
    /// Asks for an upgrade with one protocol; the head of the answer.
    pub fn upgrade(&mut self, path: &str, protocol: &str) -> io::Result<Answer> {
        let headers = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Protocol", protocol),
        ];
        self.request("GET", path, &headers, "")?;
        self.head()
    }

    /// The next frame.
    pub fn frame(&mut self) -> io::Result<Frame> {
        let head = self.take(2)?;
        let length = match head[1] & 0x7F {
            126 => self.take(2)?,
            127 => self.take(8)?,
            short => vec![short],
        };
        let length = length
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        let payload = self.take(length)?;
        Ok(Frame::new(head[0] & 0x0F, &payload))
    }

    /// Sends a frame, masked as a client has to.
    pub fn send(&mut self, frame: &Frame) -> io::Result<()> {
        let key = [1, 2, 3, 4];
        let length = frame.payload.len();
        let mut bytes = vec![0x80 | frame.opcode];
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ ..126), _) => bytes.push(0x80 | short),
            (_, Ok(length)) => {
                bytes.push(0xFE);
                bytes.extend(length.to_be_bytes());
            }
            (_, Err(_)) => {
                bytes.push(0xFF);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend(key);
        let masked = frame.payload.iter().zip(key.iter().cycle());
        bytes.extend(masked.map(|(byte, key)| byte ^ key));
        self.write(&bytes)
    }

    /// Reads frames until the bytes of a channel end like this; all of that channel's bytes.
    pub fn channel_until(&mut self, channel: u8, end: &[u8]) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(end) {
            let frame = self.frame()?;
            if frame.opcode == Frame::CLOSE {
                return Err(io::Error::other(format!("closed after {bytes:?}")));
            }
            if frame.channel() == Some(channel) {
                bytes.extend_from_slice(&frame.payload[1..]);
            }
        }
        Ok(bytes)
    }
}

//! Keeps what a container printed, within bounds, and reads it back as a kubelet does.

use std::collections::VecDeque;
use std::sync::Mutex;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use tokio::sync::watch;

use crate::lock;

/// How much is kept; the oldest is dropped.
const LIMIT: usize = 8 * 1024 * 1024;
/// What a kept piece costs besides its bytes.
const OVERHEAD: usize = 64;

#[derive(Debug, Clone)]
struct Piece {
    time: Timestamp,
    stderr: bool,
    bytes: Bytes,
}

#[derive(Debug, Default)]
struct Inner {
    pieces: VecDeque<Piece>,
    /// How many pieces were dropped at the front.
    dropped: u64,
    size: usize,
    ended: bool,
}

/// The log of one run of a container.
#[derive(Debug)]
pub(crate) struct Log {
    inner: Mutex<Inner>,
    changed: watch::Sender<()>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            inner: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }

    /// Adds output as it came; lines are only looked for when somebody reads.
    pub(crate) fn append(&self, stderr: bool, bytes: Bytes) {
        let mut inner = lock(&self.inner);
        inner.size += bytes.len() + OVERHEAD;
        inner.pieces.push_back(Piece {
            time: Timestamp::now(),
            stderr,
            bytes,
        });
        while inner.size > LIMIT
            && let Some(oldest) = inner.pieces.pop_front()
        {
            inner.size -= oldest.bytes.len() + OVERHEAD;
            inner.dropped += 1;
        }
        drop(inner);
        self.changed.send_replace(());
    }

    /// Nothing more will come.
    pub(crate) fn end(&self) {
        lock(&self.inner).ended = true;
        self.changed.send_replace(());
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

/// A line with the time of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) time: Timestamp,
    /// With its newline, unless it is the last and has none.
    pub(crate) text: Bytes,
}

/// Reads a log from its start, as far as there are whole lines.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    next: u64,
    partial: [BytesMut; 2],
    ended: bool,
}

impl Reader {
    /// The lines that are new since the last call.
    pub(crate) fn read(&mut self, log: &Log) -> Vec<Line> {
        let inner = lock(&log.inner);
        let skip = usize::try_from(self.next.saturating_sub(inner.dropped)).unwrap_or(usize::MAX);
        let pieces: Vec<Piece> = inner.pieces.iter().skip(skip).cloned().collect();
        self.next = inner.dropped + inner.pieces.len() as u64;
        let ended = inner.ended;
        drop(inner);

        let mut lines = Vec::new();
        for piece in &pieces {
            split(
                &mut self.partial[usize::from(piece.stderr)],
                piece,
                &mut lines,
            );
        }
        if ended && !self.ended {
            self.ended = true;
            for partial in &mut self.partial {
                if !partial.is_empty() {
                    lines.push(Line {
                        time: Timestamp::now(),
                        text: partial.split().freeze(),
                    });
                }
            }
        }
        lines
    }

    /// Whether everything has been read and nothing more will come.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }
}

fn split(partial: &mut BytesMut, piece: &Piece, lines: &mut Vec<Line>) {
    for part in piece.bytes.split_inclusive(|byte| *byte == b'\n') {
        partial.extend_from_slice(part);
        if part.ends_with(b"\n") {
            // The runtime's logger loses the carriage return before a newline.
            let mut end = partial.len() - 1;
            while end > 0 && partial[end - 1] == b'\r' {
                end -= 1;
            }
            partial.truncate(end);
            partial.extend_from_slice(b"\n");
            lines.push(Line {
                time: piece.time,
                text: partial.split().freeze(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[Line]) -> Vec<&[u8]> {
        lines.iter().map(|line| line.text.as_ref()).collect()
    }

    #[test]
    fn lines_are_whole_and_lose_their_carriage_return() {
        let log = Log::new();
        let mut reader = Reader::default();
        log.append(false, Bytes::from_static(b"a\r\nb\x01\xffc"));
        assert_eq!(texts(&reader.read(&log)), [b"a\n"]);
        log.append(true, Bytes::from_static(b"err\n"));
        log.append(false, Bytes::from_static(b"d\n/ # "));
        assert_eq!(texts(&reader.read(&log)), [&b"err\n"[..], b"b\x01\xffcd\n"]);
        log.end();
        assert_eq!(texts(&reader.read(&log)), [b"/ # "]);
        assert!(reader.has_ended());
    }

    #[test]
    fn the_oldest_output_is_dropped() {
        let log = Log::new();
        let piece = Bytes::from(vec![b'x'; 1024 * 1024]);
        for _ in 0..20 {
            log.append(false, piece.clone());
        }
        log.append(false, Bytes::from_static(b"\n"));
        let line = Reader::default().read(&log).remove(0);
        assert!(line.text.len() <= LIMIT, "{}", line.text.len());
    }
}

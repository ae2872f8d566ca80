//! Output that takes its time to reach clients, and is lost to them when the process ends before.
//!
//! A runtime of old reads a pipe that nobody holds up, and stops sending when the process has gone. Here the
//! first 64 KiB of a stream go at once, and each later piece when it has been under way for a fixed time.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// How much of a stream is never late.
const AT_ONCE: usize = 64 * 1024;
/// How many pieces may be under way before the process has to wait.
const UNDER_WAY: usize = 64;

/// How late output is, and whether the process has ended.
#[derive(Debug, Clone)]
pub(crate) struct Lag {
    pub(crate) time: Duration,
    pub(crate) ended: watch::Receiver<bool>,
}

/// A piece of output for those who were attached when it was written.
pub(super) type Piece = (Vec<mpsc::Sender<Bytes>>, Bytes);

/// The way of one stream to its clients.
pub(super) struct Way {
    at_once: usize,
    time: Duration,
    entry: mpsc::Sender<(Instant, Piece)>,
}

impl Way {
    pub(super) fn new(lag: &Lag) -> (Self, Exit) {
        let (entry, exit) = mpsc::channel(UNDER_WAY);
        let way = Self {
            at_once: AT_ONCE,
            time: lag.time,
            entry,
        };
        let exit = Exit {
            exit,
            ended: lag.ended.clone(),
        };
        (way, exit)
    }

    pub(super) async fn send(&mut self, piece: Piece) {
        let now = Instant::now();
        let is_late = self.at_once == 0;
        self.at_once = self.at_once.saturating_sub(piece.1.len());
        let due = if is_late { now + self.time } else { now };
        self.entry.send((due, piece)).await.ok();
    }
}

pub(super) struct Exit {
    exit: mpsc::Receiver<(Instant, Piece)>,
    ended: watch::Receiver<bool>,
}

impl Exit {
    /// Lets what comes yet go nowhere.
    pub(super) async fn discard(&mut self) {
        while self.exit.recv().await.is_some() {}
    }

    /// The next piece that arrives; `None` after the last, or when what is under way is lost.
    pub(super) async fn next(&mut self) -> Option<Piece> {
        let (due, piece) = self.exit.recv().await?;
        if due <= Instant::now() {
            return Some(piece);
        }
        tokio::select! {
            biased;
            _ = self.ended.wait_for(|ended| *ended) => None,
            () = tokio::time::sleep_until(due) => Some(piece),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(time: Duration) -> (Way, Exit, watch::Sender<bool>) {
        let (end, ended) = watch::channel(false);
        let (way, exit) = Way::new(&Lag { time, ended });
        (way, exit, end)
    }

    fn piece() -> Piece {
        (Vec::new(), Bytes::from(vec![0; AT_ONCE]))
    }

    #[tokio::test]
    async fn what_is_late_arrives_while_the_process_lives() {
        let (mut way, mut exit, _end) = way(Duration::from_millis(20));
        way.send(piece()).await;
        way.send(piece()).await;
        drop(way);
        assert!(exit.next().await.is_some());
        assert!(exit.next().await.is_some());
        assert!(exit.next().await.is_none());
    }

    #[tokio::test]
    async fn what_is_late_is_lost_when_the_process_ends() {
        let (mut way, mut exit, end) = way(Duration::from_hours(1));
        way.send(piece()).await;
        way.send(piece()).await;
        end.send_replace(true);
        assert!(exit.next().await.is_some());
        assert!(exit.next().await.is_none());
    }
}

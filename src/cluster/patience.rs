//! When a request that failed is sent again: what passes by itself, a few times, not for long.

use std::{error::Error as StdError, io, time::Duration};

use http::{HeaderMap, StatusCode, header};
use tokio::time::Instant;

use super::refusal;

/// How long one request is tried in all.
const IN_ALL: Duration = Duration::from_secs(15);
/// How long where nobody has answered yet: most likely nobody will.
const UNKNOWN_SERVER: Duration = Duration::from_secs(2);
/// The first pause; it doubles up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What is left of the will to try again.
pub(super) struct Patience {
    begin: Instant,
    in_all: Duration,
    pause: Duration,
    told: Option<String>,
}

impl Patience {
    /// Begins to count; a limit of the user's may be shorter than ours, and zero is none.
    pub(super) fn new(limit: Option<Duration>) -> Self {
        let limit = limit.filter(|limit| !limit.is_zero());
        Self {
            begin: Instant::now(),
            in_all: limit.map_or(IN_ALL, |limit| limit.min(IN_ALL)),
            pause: SHORTEST_PAUSE,
            told: None,
        }
    }

    /// Returns how long to wait before the next try, or nothing if this was the last.
    ///
    /// What the server asks for is kept; whether that is too long is known at once.
    pub(super) fn next(&mut self, wish: Option<Duration>, known_server: bool) -> Option<Duration> {
        let jitter = 0.5 + fastrand::f64() / 2.0;
        let pause = wish.unwrap_or_else(|| self.pause.mul_f64(jitter));
        self.pause = LONGEST_PAUSE.min(self.pause * 2);
        let in_all = if known_server {
            self.in_all
        } else {
            self.in_all.min(UNKNOWN_SERVER)
        };
        (self.begin.elapsed() + pause <= in_all).then_some(pause)
    }

    /// Tells whether a cause is news.
    pub(super) fn is_new(&mut self, cause: &str) -> bool {
        let new = self.told.as_deref() != Some(cause);
        self.told = Some(cause.to_owned());
        new
    }
}

/// Tells whether an answer means that another try may do better.
///
/// A fault of the server itself does not pass, unless the server says when.
pub(super) fn is_passing(status: StatusCode, wish: Option<Duration>) -> bool {
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        return wish.is_some();
    }
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// Returns how long the server wants to be left alone. It says so in seconds.
pub(super) fn wish(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// What became of a request that has no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Broken {
    /// Nobody listens: it was not sent.
    Refused,
    /// The connection broke: it may have been done.
    Lost,
    /// Something else, which will be the same next time.
    Else,
}

/// Finds out what became of a request from the error that it ended with.
pub(super) fn broken(error: &(dyn StdError + 'static)) -> Broken {
    let mut next = Some(error);
    while let Some(error) = next {
        match error.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => return Broken::Refused,
            Some(
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof,
            ) => return Broken::Lost,
            _ => {}
        }
        let incomplete = error.downcast_ref::<hyper::Error>();
        if incomplete.is_some_and(hyper::Error::is_incomplete_message) {
            return Broken::Lost;
        }
        next = refusal::below(error);
    }
    Broken::Else
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_request_is_tried_for_fifteen_seconds_in_all() {
        let mut patience = Patience::new(None);
        let begin = Instant::now();
        let mut pauses = Vec::new();
        while let Some(pause) = patience.next(None, true) {
            tokio::time::sleep(pause).await;
            pauses.push(pause);
        }
        assert!(begin.elapsed() <= IN_ALL);
        assert!((8..24).contains(&pauses.len()), "{pauses:?}");
        assert!(pauses.iter().all(|pause| *pause <= LONGEST_PAUSE));
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_asks_for_is_kept_or_given_up_at_once() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(Patience::new(None).next(seconds(3), true), seconds(3));
        assert_eq!(Patience::new(None).next(seconds(3600), true), None);
        assert_eq!(Patience::new(seconds(1)).next(seconds(3), true), None);
        assert_eq!(Patience::new(seconds(0)).next(seconds(3), true), seconds(3));
        assert_eq!(Patience::new(None).next(seconds(3), false), None);
    }

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for (kind, expected) in [
            (io::ErrorKind::ConnectionRefused, Broken::Refused),
            (io::ErrorKind::ConnectionReset, Broken::Lost),
            (io::ErrorKind::NotFound, Broken::Else),
        ] {
            let error = io::Error::other(io::Error::from(kind));
            assert_eq!(broken(&error), expected, "{kind}");
        }
        let soon = Some(Duration::from_secs(1));
        assert!(is_passing(StatusCode::SERVICE_UNAVAILABLE, None));
        assert!(!is_passing(StatusCode::INTERNAL_SERVER_ERROR, None));
        assert!(is_passing(StatusCode::INTERNAL_SERVER_ERROR, soon));
        assert!(!is_passing(StatusCode::FORBIDDEN, soon));
    }
}

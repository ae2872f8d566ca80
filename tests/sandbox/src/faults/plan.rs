//! What happens to one request, as data.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Response, header};

use super::answer::Answer;

/// What becomes of a request instead of, or after, its answer.
#[derive(Debug, Clone, Default)]
pub(crate) enum Outcome {
    #[default]
    Answered,
    /// Something else is answered, and nothing is done.
    Instead(Answer),
    /// Refused in the words of RBAC.
    Forbidden,
    Reset,
    ApplyThenReset,
    /// Done, and something else is answered.
    ApplyThenInstead(Answer),
    /// Done after somebody else has added containers of the same names.
    Overtaken,
    Silence,
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// RST: what is on its way may be lost, in both directions.
    Reset,
    /// FIN, with no word of TLS, HTTP or WebSocket: all that was sent arrives.
    Cut,
    /// It stays open, and nothing more is read or sent, until the client gives it up.
    Silence,
}

/// What happens to the bytes of an answer and of the stream after it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bytes {
    /// How many go into one write.
    pub(crate) slice: Option<usize>,
    /// The wait after each write.
    pub(crate) pause: Duration,
    /// After how many bytes, the head of the answer not counted, it ends and how.
    pub(crate) end: Option<(usize, End)>,
    /// Reset when none has gone either way for so long.
    pub(crate) idle: Option<Duration>,
    pub(crate) ignores_pings: bool,
}

impl Bytes {
    pub(crate) fn is_faulty(&self) -> bool {
        self.slice.is_some()
            || !self.pause.is_zero()
            || self.end.is_some()
            || self.idle.is_some()
            || self.ignores_pings
    }
}

/// A header of the answer: another value, or none at all.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub(crate) name: HeaderName,
    pub(crate) value: Option<HeaderValue>,
}

/// What a stream says that is not so.
#[derive(Debug, Clone)]
pub(crate) enum Lie {
    /// `Success` after so many bytes of output, while its container runs.
    SuccessAfter(usize),
    /// These messages, and that it is over, without being joined to the container at all.
    Says(Vec<bytes::Bytes>),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) outcome: Outcome,
    pub(crate) strips_upgrade: bool,
    pub(crate) headers: Vec<Header>,
    pub(crate) bytes: Bytes,
    pub(crate) lie: Option<Lie>,
}

impl Plan {
    /// Adds another plan; where both say something, the other counts.
    pub(super) fn add(&mut self, other: &Self) {
        let other = other.clone();
        self.delay += other.delay;
        if !matches!(other.outcome, Outcome::Answered) {
            self.outcome = other.outcome;
        }
        self.strips_upgrade |= other.strips_upgrade;
        self.headers.extend(other.headers);
        self.lie = other.lie.or(self.lie.take());
        let (bytes, other) = (&mut self.bytes, other.bytes);
        bytes.slice = other.slice.or(bytes.slice);
        bytes.pause += other.pause;
        bytes.end = other.end.or(bytes.end);
        bytes.idle = other.idle.or(bytes.idle);
        bytes.ignores_pings |= other.ignores_pings;
    }

    /// What a proxy in between does to the request.
    pub(crate) fn strip<B>(&self, request: &mut http::Request<B>) {
        if self.strips_upgrade {
            request.headers_mut().remove(header::UPGRADE);
            request.headers_mut().remove(header::CONNECTION);
        }
    }

    pub(crate) fn rewrite<B>(&self, response: &mut Response<B>) {
        for Header { name, value } in &self.headers {
            match value {
                Some(value) => response.headers_mut().insert(name, value.clone()),
                None => response.headers_mut().remove(name),
            };
        }
    }
}

//! The words in which a test says what happens.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode, header};

use super::Rule;
use super::answer::Answer;
use super::plan::{End, Header, Lie, Outcome, Plan};
use crate::lock;

/// What happens to the requests that were named; each call adds to it.
#[derive(Debug, Clone)]
pub struct Script {
    rule: Arc<Mutex<Rule>>,
}

impl Script {
    pub(super) fn new(rule: Arc<Mutex<Rule>>) -> Self {
        Self { rule }
    }

    fn plan(self, change: impl FnOnce(&mut Plan)) -> Self {
        change(&mut lock(&self.rule).plan);
        self
    }

    fn outcome(self, outcome: Outcome) -> Self {
        self.plan(|plan| plan.outcome = outcome)
    }

    /// How often it has happened.
    pub fn hits(&self) -> usize {
        lock(&self.rule).hits
    }

    // Instead of an answer, or after one.

    /// The request is looked at only after this time.
    pub fn delay(self, time: Duration) -> Self {
        self.plan(|plan| plan.delay = time)
    }

    /// Answers with this status and does nothing; the body is a `Status`, unless [`body`](Self::body) says otherwise.
    pub fn answer(self, code: u16) -> Self {
        let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.outcome(Outcome::Instead(Answer::status(code)))
    }

    /// The body of what [`answer`](Self::answer) answers.
    pub fn body(self, content_type: &str, body: &str) -> Self {
        self.plan(|plan| {
            if let Outcome::Instead(answer) | Outcome::ApplyThenInstead(answer) = &mut plan.outcome
            {
                answer.set_body(content_type, body);
            }
        })
    }

    /// A page of HTML, as a proxy writes it.
    pub fn html(self, body: &str) -> Self {
        self.body("text/html", body)
    }

    /// A header of the answer, be it a scripted or the real one.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.set_header(name, HeaderValue::from_str(value).ok())
    }

    /// The answer without this header.
    pub fn without_header(self, name: &str) -> Self {
        self.set_header(name, None)
    }

    fn set_header(self, name: &str, value: Option<HeaderValue>) -> Self {
        self.plan(|plan| {
            let Ok(name) = name.parse::<HeaderName>() else {
                return;
            };
            match (&mut plan.outcome, value) {
                (Outcome::Instead(answer), Some(value)) => answer.add_header(name, value),
                (_, value) => plan.headers.push(Header { name, value }),
            }
        })
    }

    /// 401, as for a token that has expired.
    pub fn unauthorized(self) -> Self {
        self.answer(401)
    }

    /// 403 in the words of RBAC.
    pub fn forbidden(self) -> Self {
        self.outcome(Outcome::Forbidden)
    }

    /// The connection is reset; nothing is done.
    pub fn reset(self) -> Self {
        self.outcome(Outcome::Reset)
    }

    /// What was asked for is done, and the connection is reset instead of an answer.
    pub fn apply_then_reset(self) -> Self {
        self.outcome(Outcome::ApplyThenReset)
    }

    /// What was asked for is done, and this status is answered nonetheless, as by a proxy that lost patience.
    pub fn apply_then_answer(self, code: u16) -> Self {
        let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.outcome(Outcome::ApplyThenInstead(Answer::status(code)))
    }

    /// A moment before, somebody else adds ephemeral containers of the same names and another image.
    pub fn overtaken(self) -> Self {
        self.outcome(Outcome::Overtaken)
    }

    /// The connection stays open, and nothing more is read or sent.
    pub fn half_open(self) -> Self {
        self.outcome(Outcome::Silence)
    }

    // The bytes of the answer and of the stream after it.

    /// One byte goes into each write.
    pub fn sliced(self) -> Self {
        self.plan(|plan| plan.bytes.slice = Some(1))
    }

    /// So many bytes at most go into each write, and so long is the wait after it.
    pub fn slowed(self, bytes: usize, pause: Duration) -> Self {
        self.plan(|plan| {
            plan.bytes.slice = Some(bytes.max(1));
            plan.bytes.pause = pause;
        })
    }

    /// The connection is closed without a word after `n` bytes from the server, the answer's head not counted.
    pub fn cut_after(self, n: usize) -> Self {
        self.plan(|plan| plan.bytes.end = Some((n, End::Cut)))
    }

    /// As [`cut_after`](Self::cut_after), with a reset, which may overtake what was sent.
    pub fn reset_after(self, n: usize) -> Self {
        self.plan(|plan| plan.bytes.end = Some((n, End::Reset)))
    }

    /// As [`cut_after`](Self::cut_after), but the connection stays open and is silent. What the container writes waits for
    /// it, and so do all others who are attached, until the client gives it up.
    pub fn half_open_after(self, n: usize) -> Self {
        self.plan(|plan| plan.bytes.end = Some((n, End::Silence)))
    }

    /// The connection is reset when no byte has gone either way for this time, as by a load balancer.
    pub fn cut_when_idle(self, time: Duration) -> Self {
        self.plan(|plan| plan.bytes.idle = Some(time))
    }

    // Watches.

    /// The watch has one event: 410, the version is too old.
    pub fn expired(self) -> Self {
        self.outcome(Outcome::Instead(Answer::expired_watch()))
    }

    /// The watch ends before anything is told.
    pub fn ends_at_once(self) -> Self {
        self.outcome(Outcome::Instead(Answer::empty_watch()))
    }

    // Attach and exec.

    /// A proxy in between does not pass `Upgrade` on.
    pub fn strip_upgrade(self) -> Self {
        self.plan(|plan| plan.strips_upgrade = true)
    }

    /// The upgrade is confirmed for another key than the client's.
    pub fn wrong_accept_key(self) -> Self {
        self.header(
            header::SEC_WEBSOCKET_ACCEPT.as_str(),
            "AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        )
    }

    /// The answer names this protocol, whatever is spoken.
    pub fn wrong_subprotocol(self, name: &str) -> Self {
        self.header(header::SEC_WEBSOCKET_PROTOCOL.as_str(), name)
    }

    /// Pings are not answered.
    pub fn no_pongs(self) -> Self {
        self.plan(|plan| plan.bytes.ignores_pings = true)
    }

    /// The stream ends with `Success` after `n` bytes of output at the least, while the container runs on.
    pub fn lie_after(self, n: usize) -> Self {
        self.plan(|plan| plan.lie = Some(Lie::SuccessAfter(n)))
    }

    /// The stream is opened and joined to nothing: it carries these messages, each beginning with its
    /// channel, and is closed.
    pub fn says(self, messages: &[&[u8]]) -> Self {
        let copied = messages.iter().map(|message| message.to_vec().into());
        let lie = Lie::Says(copied.collect());
        self.plan(|plan| plan.lie = Some(lie))
    }
}

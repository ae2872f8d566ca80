//! Where in an escape sequence the next byte is.

use memchr::{memchr, memchr3};

const ESCAPE: u8 = 0x1b;
const CANCEL: u8 = 0x18;
const SUBSTITUTE: u8 = 0x1a;
const BELL: u8 = 0x07;
/// No sequence that is looked at is longer.
const LONGEST: usize = 64;

/// An escape sequence, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    state: State,
    /// What followed `ESC`, or `ESC [`.
    body: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    #[default]
    Text,
    Escape,
    Control,
    /// A title, an image and the like, up to its end.
    Words,
}

/// What a byte was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// A part of a sequence that is still open, or that means nothing here.
    Open,
    /// Text, or a single control character.
    Text,
    /// The end of an escape sequence.
    Escape,
    /// The end of a control sequence.
    Control,
}

impl Sequence {
    /// Tells whether what is written next would be part of a sequence.
    pub(super) fn is_open(&self) -> bool {
        self.state != State::Text
    }

    /// Returns what the last sequence consists of, its end included.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns how many bytes certainly do not end a sequence of words.
    pub(super) fn skip(&self, bytes: &[u8]) -> Option<usize> {
        (self.state == State::Words).then(|| {
            let end = memchr3(ESCAPE, BELL, CANCEL, bytes).unwrap_or(bytes.len());
            memchr(SUBSTITUTE, &bytes[..end]).unwrap_or(end)
        })
    }

    /// Reads a byte.
    pub(super) fn step(&mut self, byte: u8) -> Step {
        match byte {
            ESCAPE => {
                self.begin(State::Escape);
                return Step::Open;
            }
            CANCEL | SUBSTITUTE if self.is_open() => {
                self.begin(State::Text);
                return Step::Open;
            }
            _ => {}
        }
        match self.state {
            State::Text => Step::Text,
            State::Words => {
                if byte == BELL {
                    self.begin(State::Text);
                }
                Step::Open
            }
            // A control character within a sequence acts as if it stood before it.
            State::Escape | State::Control if byte < b' ' => Step::Open,
            State::Escape => self.escape(byte),
            State::Control => self.control(byte),
        }
    }

    fn begin(&mut self, state: State) {
        self.state = state;
        self.body.clear();
    }

    fn escape(&mut self, byte: u8) -> Step {
        if self.body.is_empty() {
            match byte {
                b'[' => {
                    self.begin(State::Control);
                    return Step::Open;
                }
                b']' | b'P' | b'X' | b'^' | b'_' => {
                    self.begin(State::Words);
                    return Step::Open;
                }
                _ => {}
            }
        }
        self.push(byte);
        if matches!(byte, b' '..=b'/') {
            return Step::Open;
        }
        self.state = State::Text;
        Step::Escape
    }

    fn control(&mut self, byte: u8) -> Step {
        let is_whole = self.body.len() < LONGEST;
        self.push(byte);
        if matches!(byte, b' '..=b'?') {
            return Step::Open;
        }
        self.state = State::Text;
        if is_whole { Step::Control } else { Step::Open }
    }

    fn push(&mut self, byte: u8) {
        if self.body.len() < LONGEST {
            self.body.push(byte);
        }
    }
}

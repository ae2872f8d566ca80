//! What is typed, told apart: text for the container, and what is meant for us.
//!
//! The rules are those of ssh and docker. Nothing here waits: a key is passed on at once, but for
//! the escape key at the start of a line, which is held until the next key says what it meant.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::keys::{DetachKeys, EscapeKey};

const SUSPEND: u8 = 0x1a;
/// What a terminal puts before and after a paste, if the program in it wants to know.
const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// What the user wants of us.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// Leave; the container goes on.
    Detach,
    /// End the session, dead or alive.
    Disconnect,
    /// Stop this program for a while.
    Suspend,
    /// Tell which escapes there are.
    Help,
}

/// A piece of what was typed.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Typed {
    Text(Bytes),
    Order(Order),
}

/// Where the next key will be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum At {
    LineBegin,
    /// After the escape key at the start of a line: what that means is still open.
    Escape,
    Line,
    Paste,
}

/// Tells text from orders, whichever way the keys are spread over reads.
#[derive(Debug)]
pub(super) struct Escapes {
    escape: Option<u8>,
    detach: DetachKeys,
    /// The last keys, one fewer than make up the detach keys.
    recent: VecDeque<u8>,
    at: At,
    /// How much of the mark around a paste was typed.
    mark: usize,
    /// Whether the user has left; nothing that follows counts.
    left: bool,
}

impl Escapes {
    pub(super) fn new(escape: EscapeKey, detach: DetachKeys) -> Self {
        Self {
            escape: escape.byte(),
            detach,
            recent: VecDeque::new(),
            at: At::LineBegin,
            mark: 0,
            left: false,
        }
    }

    /// Takes what was typed, and adds what it is to `typed`.
    pub(super) fn take(&mut self, chunk: &Bytes, typed: &mut VecDeque<Typed>) {
        // Text from here on is not told yet.
        let mut begin = 0;
        for (at, key) in chunk.iter().copied().enumerate() {
            if self.left {
                return;
            }
            let told = match self.key(key) {
                Meaning::Text => continue,
                Meaning::Held => None,
                Meaning::TextAfterAll(escape) => {
                    typed.push_back(Typed::Text(Bytes::copy_from_slice(&[escape])));
                    continue;
                }
                Meaning::Order(order) => {
                    self.left = matches!(order, Order::Detach | Order::Disconnect);
                    Some(Typed::Order(order))
                }
            };
            push_text(chunk, begin, at, typed);
            typed.extend(told);
            begin = at + 1;
        }
        if !self.left {
            push_text(chunk, begin, chunk.len(), typed);
        }
    }

    /// Gives out what is still held, since no key comes any more.
    pub(super) fn finish(&mut self, typed: &mut VecDeque<Typed>) {
        if let Some(escape) = self.escape
            && self.at == At::Escape
            && !self.left
        {
            self.at = At::Line;
            typed.push_back(Typed::Text(Bytes::copy_from_slice(&[escape])));
        }
    }

    fn key(&mut self, key: u8) -> Meaning {
        let detaches = self.completes_the_detach_keys(key);
        if self.at == At::Paste {
            if self.completes(PASTE_ENDS, key) {
                self.at = At::Line;
            }
            return Meaning::Text;
        }
        let before = self.at;
        self.at = match key {
            _ if self.completes(PASTE_BEGINS, key) => At::Paste,
            b'\r' | b'\n' => At::LineBegin,
            _ => At::Line,
        };
        if detaches {
            return Meaning::Order(Order::Detach);
        }
        let Some(escape) = self.escape else {
            return Meaning::Text;
        };
        match before {
            At::LineBegin if key == escape => {
                self.at = At::Escape;
                Meaning::Held
            }
            At::Escape => self.after_the_escape_key(escape, key),
            At::LineBegin | At::Line | At::Paste => Meaning::Text,
        }
    }

    fn after_the_escape_key(&mut self, escape: u8, key: u8) -> Meaning {
        let order = match key {
            b'.' => Order::Disconnect,
            b'?' => Order::Help,
            SUSPEND => Order::Suspend,
            _ if key == escape => return Meaning::Text,
            _ => return Meaning::TextAfterAll(escape),
        };
        self.at = At::LineBegin;
        Meaning::Order(order)
    }

    fn completes_the_detach_keys(&mut self, key: u8) -> bool {
        let Some((last, before)) = self.detach.bytes().split_last() else {
            return false;
        };
        if key == *last && self.recent.iter().eq(before) {
            return true;
        }
        self.recent.push_back(key);
        if self.recent.len() > before.len() {
            self.recent.pop_front();
        }
        false
    }

    /// Tells whether a key is the last one of a mark. An escape character begins each mark and
    /// stands nowhere else in it.
    fn completes(&mut self, mark: &[u8], key: u8) -> bool {
        self.mark = match mark.get(self.mark) {
            Some(expected) if *expected == key => self.mark + 1,
            _ => usize::from(key == mark[0]),
        };
        if self.mark < mark.len() {
            return false;
        }
        self.mark = 0;
        true
    }
}

/// What one key means.
enum Meaning {
    Text,
    /// It is not passed on as long as its meaning is open.
    Held,
    /// It is text, and so was this one before it.
    TextAfterAll(u8),
    Order(Order),
}

fn push_text(chunk: &Bytes, begin: usize, end: usize, typed: &mut VecDeque<Typed>) {
    if begin < end {
        typed.push_back(Typed::Text(chunk.slice(begin..end)));
    }
}

#[cfg(test)]
mod tests;

//! What a program in the container has made of the user's terminal, told from what it wrote.
//!
//! A program that ends well undoes all this by itself. One whose connection is lost, or that is
//! killed, does not: then exactly what it left on is undone, and what it still counts on is done
//! again once it is back. A terminal on which nothing was left on gets nothing.
//!
//! The sequences are those of xterm (ctlseqs) and of kitty's keyboard protocol.

mod sequence;

use memchr::{memchr3, memrchr};

use self::sequence::{Sequence, Step};

const ESCAPE: u8 = 0x1b;
const SHIFT_OUT: u8 = 0x0e;
const SHIFT_IN: u8 = 0x0f;

/// Private modes that are off until a program sets them: cursor keys, reverse video, origin,
/// keypad, margins, mouse, focus, paste, synchronized output, colour scheme, size.
const OFF_AT_FIRST: [u16; 19] = [
    1, 5, 6, 9, 66, 69, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 2031,
    2048,
];
/// Private modes that are on until a program resets them: wrapping lines, the cursor.
const ON_AT_FIRST: [u16; 2] = [7, 25];
/// Each switches to the other screen.
const OTHER_SCREEN: [u16; 3] = [47, 1047, 1049];
const SYNCHRONIZED: u16 = 2026;
const KEYPAD: u16 = 66;

/// What a program can leave besides private modes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Left {
    /// Text has a colour or the like.
    Styled,
    /// Only a part of the screen scrolls.
    Region,
    /// What is written is inserted.
    Inserting,
    /// A newline is a carriage return too.
    NewLine,
    /// Letters are lines and corners: those of the first set, or by shift-out.
    LineDrawing,
    ShiftedOut,
}

/// The modes of a terminal, as far as they are not as at first.
#[derive(Debug, Default)]
pub struct Modes {
    sequence: Sequence,
    /// Private modes that are not as at first, in the order in which they came to be so.
    changed: Vec<u16>,
    /// Which mode switched to the other screen.
    other_screen: Option<u16>,
    /// What else is not as at first.
    left: Vec<Left>,
    /// The shape of the cursor.
    cursor_shape: Option<Vec<u8>>,
    /// kitty's keyboard: the flags that were pushed, on the first and on the other screen.
    keyboard: [Vec<Vec<u8>>; 2],
    /// xterm's `modifyOtherKeys`.
    other_keys: Option<Vec<u8>>,
    /// Whether something stands on the line of the cursor; on the first screen and on the other.
    line_used: [bool; 2],
}

impl Modes {
    /// Reads what is written to the terminal.
    pub fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if !self.sequence.is_open() {
                let end = memchr3(ESCAPE, SHIFT_OUT, SHIFT_IN, bytes).unwrap_or(bytes.len());
                let (text, rest) = bytes.split_at(end);
                self.read_text(text);
                bytes = rest;
            } else if let Some(skipped) = self.sequence.skip(bytes) {
                bytes = &bytes[skipped..];
            }
            let Some((byte, rest)) = bytes.split_first() else {
                return;
            };
            bytes = rest;
            match self.sequence.step(*byte) {
                Step::Open => {}
                Step::Text => self.leave(Left::ShiftedOut, *byte == SHIFT_OUT),
                Step::Escape => self.escape(),
                Step::Control => self.control(),
            }
        }
    }

    /// Tells whether a program has the whole screen.
    pub fn is_other_screen(&self) -> bool {
        self.other_screen.is_some()
    }

    /// Tells whether something stands on the line of the cursor, once all is undone.
    pub fn line_used(&self) -> bool {
        self.line_used[0]
    }

    /// Hears that the cursor is on an empty line.
    pub fn line_begins(&mut self) {
        self.line_used[0] = false;
    }

    /// Returns what undoes all that was left on; nothing where nothing was.
    pub fn undo(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.sequence.is_open() {
            out.extend(b"\x1b\\");
        }
        if self.changed.contains(&SYNCHRONIZED) {
            out.extend(b"\x1b[?2026l");
        }
        if let Some(mode) = self.other_screen {
            pop(&mut out, self.keyboard[1].len());
            if self.left.contains(&Left::Region) {
                out.extend(b"\x1b[r");
            }
            out.extend(format!("\x1b[?{mode}l").bytes());
        } else if self.left.contains(&Left::Region) {
            // Without a region the cursor goes home; it is put back.
            out.extend(b"\x1b7\x1b[r\x1b8");
        }
        for mode in self.changed.iter().filter(|mode| **mode != SYNCHRONIZED) {
            set(&mut out, *mode, ON_AT_FIRST.contains(mode));
        }
        pop(&mut out, self.keyboard[0].len());
        if self.other_keys.is_some() {
            out.extend(b"\x1b[>4m");
        }
        for left in &self.left {
            out.extend(match left {
                Left::Styled => &b"\x1b[0m"[..],
                Left::Region => b"",
                Left::Inserting => b"\x1b[4l",
                Left::NewLine => b"\x1b[20l",
                Left::LineDrawing => b"\x1b(B",
                Left::ShiftedOut => b"\x0f",
            });
        }
        if self.cursor_shape.is_some() {
            out.extend(b"\x1b[0 q");
        }
        out
    }

    /// Returns what sets again the modes that a program counts on. What it draws it draws anew.
    pub fn redo(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(mode) = self.other_screen {
            out.extend(format!("\x1b[?{mode}h").bytes());
        }
        for mode in self.changed.iter().filter(|mode| **mode != SYNCHRONIZED) {
            set(&mut out, *mode, !ON_AT_FIRST.contains(mode));
        }
        for flags in &self.keyboard[usize::from(self.is_other_screen())] {
            out.extend([b"\x1b[>", flags.as_slice(), b"u"].concat());
        }
        if let Some(keys) = &self.other_keys {
            out.extend([b"\x1b[>", keys.as_slice(), b"m"].concat());
        }
        if let Some(shape) = &self.cursor_shape {
            out.extend([b"\x1b[", shape.as_slice(), b" q"].concat());
        }
        out
    }

    fn read_text(&mut self, text: &[u8]) {
        let used = &mut self.line_used[usize::from(self.other_screen.is_some())];
        let line = match memrchr(b'\n', text) {
            Some(end) => {
                *used = false;
                &text[end + 1..]
            }
            None => text,
        };
        *used |= line.iter().any(|byte| *byte >= b' ');
    }

    /// An escape sequence that is no control sequence has ended.
    fn escape(&mut self) {
        match self.sequence.body() {
            b"=" => self.change(KEYPAD, true),
            b">" => self.change(KEYPAD, false),
            b"(0" => self.leave(Left::LineDrawing, true),
            b"(B" => self.leave(Left::LineDrawing, false),
            b"c" => *self = Self::default(),
            _ => {}
        }
    }

    /// A control sequence has ended.
    fn control(&mut self) {
        let body = self.sequence.body();
        let Some((end, parameters)) = body.split_last() else {
            return;
        };
        let (end, parameters) = (*end, parameters.to_vec());
        match (parameters.as_slice(), end) {
            ([b'?', modes @ ..], b'h' | b'l') => {
                for mode in numbers(modes) {
                    self.change(mode, end == b'h');
                }
            }
            ([b'>', flags @ ..], b'u') => self.pushed(flags),
            ([b'<', count @ ..], b'u') => self.popped(count),
            ([b'>', b'4', level @ ..], b'm') => {
                let is_on = !matches!(level, b"" | b";" | b";0");
                self.other_keys = is_on.then(|| parameters[1..].to_vec());
            }
            ([shape @ .., b' '], b'q') => {
                self.cursor_shape = (!matches!(shape, b"" | b"0")).then(|| shape.to_vec());
            }
            (b"!", b'p') => self.reset_softly(),
            (b"4", b'h' | b'l') => self.leave(Left::Inserting, end == b'h'),
            (b"20", b'h' | b'l') => self.leave(Left::NewLine, end == b'h'),
            (part, b'r') if is_plain(part) => self.leave(Left::Region, !part.is_empty()),
            (styles, b'm') if is_plain(styles) => {
                let before = self.left.contains(&Left::Styled);
                self.leave(Left::Styled, is_styled(styles, before));
            }
            _ => {}
        }
    }

    fn change(&mut self, mode: u16, on: bool) {
        if OTHER_SCREEN.contains(&mode) {
            if on && self.other_screen.is_none() {
                self.line_used[1] = false;
            }
            self.other_screen = on.then_some(mode);
            return;
        }
        let at_first = ON_AT_FIRST.contains(&mode);
        if !at_first && !OFF_AT_FIRST.contains(&mode) {
            return;
        }
        self.changed.retain(|other| *other != mode);
        if on != at_first {
            self.changed.push(mode);
        }
    }

    fn leave(&mut self, what: Left, on: bool) {
        self.left.retain(|other| *other != what);
        if on {
            self.left.push(what);
        }
    }

    fn pushed(&mut self, flags: &[u8]) {
        let stack = &mut self.keyboard[usize::from(self.other_screen.is_some())];
        // kitty's own stack is no deeper than this order of magnitude.
        if stack.len() < 16 {
            stack.push(flags.to_vec());
        }
    }

    fn popped(&mut self, count: &[u8]) {
        let count = numbers(count).next().unwrap_or(1).max(1);
        let stack = &mut self.keyboard[usize::from(self.other_screen.is_some())];
        stack.truncate(stack.len().saturating_sub(usize::from(count)));
    }

    /// DECSTR: what concerns cursor and text is as at first; screen, mouse and paste stay.
    fn reset_softly(&mut self) {
        self.changed
            .retain(|mode| !matches!(*mode, 1 | 6 | 7 | 25 | KEYPAD));
        self.left.retain(|left| *left == Left::NewLine);
    }
}

fn set(out: &mut Vec<u8>, mode: u16, on: bool) {
    match (mode, on) {
        // More terminals know the older form of these.
        (KEYPAD, true) => out.extend(b"\x1b="),
        (KEYPAD, false) => out.extend(b"\x1b>"),
        (_, true) => out.extend(format!("\x1b[?{mode}h").bytes()),
        (_, false) => out.extend(format!("\x1b[?{mode}l").bytes()),
    }
}

fn pop(out: &mut Vec<u8>, count: usize) {
    if count > 0 {
        out.extend(format!("\x1b[<{count}u").bytes());
    }
}

/// Tells whether parameters are numbers and nothing else.
fn is_plain(parameters: &[u8]) -> bool {
    parameters
        .iter()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b':'))
}

/// Reads numbers with semicolons between them; one that is left out, or too large, is 0.
fn numbers(parameters: &[u8]) -> impl Iterator<Item = u16> {
    parameters.split(|byte| *byte == b';').map(|number| {
        let text = str::from_utf8(number).unwrap_or_default();
        text.parse().unwrap_or_default()
    })
}

/// Tells whether text is styled after some styles were set.
fn is_styled(styles: &[u8], before: bool) -> bool {
    let mut result = before;
    let mut styles = styles.split(|byte| *byte == b';');
    while let Some(style) = styles.next() {
        match style {
            b"" | b"0" | b"00" => result = false,
            // What follows is a colour, and a 0 in it is none of the above.
            b"38" | b"48" | b"58" => {
                let parts = match styles.next() {
                    Some(b"5") => 1,
                    Some(b"2") => 3,
                    Some(_) | None => 0,
                };
                styles.by_ref().take(parts).for_each(drop);
                result = true;
            }
            _ => result = true,
        }
    }
    result
}

#[cfg(test)]
mod tests;

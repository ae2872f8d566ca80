//! From the bytes that a terminal sends to keys.

/// A key that means something to a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Key {
    /// A letter is typed.
    Letter(char),
    /// The last letter goes.
    Erase,
    /// All letters go.
    Clear,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Enter,
    /// Esc, Ctrl-C, Ctrl-D: no more of this.
    Leave,
}

const ESCAPE: u8 = 0x1b;

/// Puts keys together from bytes, which may come in pieces.
#[derive(Debug, Default)]
pub struct Keys {
    /// The beginning of a sequence.
    begun: Vec<u8>,
}

impl Keys {
    /// Returns the keys that are complete with these bytes.
    pub fn read(&mut self, bytes: &[u8]) -> Vec<Key> {
        bytes.iter().filter_map(|byte| self.next(*byte)).collect()
    }

    /// Tells whether Esc may have been pressed: the next bytes show whether it begins a sequence.
    pub fn may_be_escape(&self) -> bool {
        !self.begun.is_empty()
    }

    /// Nothing followed: it was the key Esc.
    pub fn nothing_followed(&mut self) -> Option<Key> {
        let was_escape = self.begun == [ESCAPE];
        self.begun.clear();
        was_escape.then_some(Key::Leave)
    }

    fn next(&mut self, byte: u8) -> Option<Key> {
        if self.begun.is_empty() {
            return self.plain(byte);
        }
        let is_second = self.begun.len() == 1;
        match byte {
            // Esc twice.
            ESCAPE => self.nothing_followed(),
            b'[' | b'O' if is_second => {
                self.begun.push(byte);
                None
            }
            // Alt and a letter.
            _ if is_second => {
                self.begun.clear();
                None
            }
            // Numbers in between; nobody needs many.
            b'0'..=b'?' if self.begun.len() < 16 => {
                self.begun.push(byte);
                None
            }
            _ => {
                let numbers = self.begun.get(2..).unwrap_or_default().to_vec();
                self.begun.clear();
                named(&numbers, byte)
            }
        }
    }

    fn plain(&mut self, byte: u8) -> Option<Key> {
        match byte {
            ESCAPE => {
                self.begun.push(byte);
                None
            }
            b'\r' | b'\n' => Some(Key::Enter),
            // Ctrl-C and Ctrl-D.
            0x03 | 0x04 => Some(Key::Leave),
            // Backspace, Ctrl-H.
            0x7f | 0x08 => Some(Key::Erase),
            // Ctrl-U and Ctrl-W.
            0x15 | 0x17 => Some(Key::Clear),
            // Ctrl-P, Ctrl-N.
            0x10 => Some(Key::Up),
            0x0e => Some(Key::Down),
            b' '..=b'~' => Some(Key::Letter(char::from(byte))),
            _ => None,
        }
    }
}

/// Names a sequence by its numbers and its last letter, as xterm and its heirs send them.
fn named(numbers: &[u8], last: u8) -> Option<Key> {
    match (numbers, last) {
        (_, b'A') => Some(Key::Up),
        (_, b'B') => Some(Key::Down),
        (_, b'H') | (b"1" | b"7", b'~') => Some(Key::First),
        (_, b'F') | (b"4" | b"8", b'~') => Some(Key::Last),
        (b"5", b'~') => Some(Key::PageUp),
        (b"6", b'~') => Some(Key::PageDown),
        _ => None,
    }
}

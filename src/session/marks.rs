//! Finds the marks of a gate in what a command writes, wherever the bytes are cut.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem::Finder;

/// The longest word of a mark, with the blank before it and the newline after it.
const LONGEST_WORD: usize = 6;

/// What a gate says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mark {
    /// The command runs from here on.
    Go,
    /// The command could not be executed.
    None,
    /// The command has written all it had.
    End,
    /// The same, and how it ended.
    Code(u8),
}

/// A part of a stream.
#[derive(Debug, Eq, PartialEq)]
pub enum Piece {
    /// What the command wrote; never empty.
    Output(Bytes),
    /// What its gate wrote.
    Mark(Mark),
}

/// Takes a stream apart. At most the length of one mark is held back.
#[derive(Debug)]
pub struct Scanner {
    token: Finder<'static>,
    held: Bytes,
}

/// What there is next in some bytes.
enum Found {
    /// A mark: where, how long, and which.
    Mark(usize, usize, Mark),
    /// Perhaps the beginning of one.
    Perhaps(usize),
    Nothing,
}

/// What follows a token.
enum Word {
    Mark(usize, Mark),
    /// It is not all there yet.
    Short,
    /// Then the token is none.
    Else,
}

impl Scanner {
    /// Looks for marks that begin with a token.
    pub fn new(token: &str) -> Self {
        Self {
            token: Finder::new(token).into_owned(),
            held: Bytes::new(),
        }
    }

    /// Takes the next bytes of the stream.
    pub fn take(&mut self, bytes: Bytes) -> Vec<Piece> {
        let mut rest = if self.held.is_empty() {
            bytes
        } else {
            let mut joined = BytesMut::from(&self.held[..]);
            joined.extend_from_slice(&bytes);
            self.held = Bytes::new();
            joined.freeze()
        };
        let mut pieces = Vec::new();
        loop {
            match self.find(&rest) {
                Found::Mark(at, length, mark) => {
                    let output = rest.split_to(at);
                    rest.advance(length);
                    pieces.extend(piece(output));
                    pieces.push(Piece::Mark(mark));
                }
                Found::Perhaps(at) => {
                    self.held = rest.split_off(at);
                    pieces.extend(piece(rest));
                    return pieces;
                }
                Found::Nothing => {
                    pieces.extend(piece(rest));
                    return pieces;
                }
            }
        }
    }

    /// Returns what is held back, at the end of the stream.
    pub fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.held)
    }

    fn find(&self, bytes: &[u8]) -> Found {
        let token = self.token.needle();
        let mut from = 0;
        while let Some(at) = self.token.find(&bytes[from..]) {
            let at = from + at;
            match word(&bytes[at + token.len()..]) {
                Word::Mark(length, mark) => return Found::Mark(at, token.len() + length, mark),
                Word::Short => return Found::Perhaps(at),
                Word::Else => from = at + 1,
            }
        }
        let last = bytes.len().saturating_sub(token.len() - 1).max(from);
        (last..bytes.len())
            .find(|at| token.starts_with(&bytes[*at..]))
            .map_or(Found::Nothing, Found::Perhaps)
    }
}

fn piece(output: Bytes) -> Option<Piece> {
    (!output.is_empty()).then_some(Piece::Output(output))
}

fn word(after: &[u8]) -> Word {
    if after.first().is_some_and(|first| *first != b' ') {
        return Word::Else;
    }
    let Some(newline) = after
        .iter()
        .take(LONGEST_WORD)
        .position(|byte| *byte == b'\n')
    else {
        return if after.len() < LONGEST_WORD {
            Word::Short
        } else {
            Word::Else
        };
    };
    let mark = match &after[1..newline] {
        b"go" => Some(Mark::Go),
        b"none" => Some(Mark::None),
        b"end" => Some(Mark::End),
        code => str::from_utf8(code).ok().and_then(mark_of_code),
    };
    mark.map_or(Word::Else, |mark| Word::Mark(newline + 1, mark))
}

/// Reads a code as a shell writes it, and in no other form.
fn mark_of_code(text: &str) -> Option<Mark> {
    let code = text.parse::<u8>().ok()?;
    (code.to_string() == text).then_some(Mark::Code(code))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::properties;

    const TOKEN: &str = "ab:abc";

    /// Takes chunks, and joins what was output between two marks.
    fn taken<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> (Vec<(Vec<u8>, Mark)>, Vec<u8>) {
        let mut scanner = Scanner::new(TOKEN);
        let (mut found, mut output) = (Vec::new(), Vec::new());
        for chunk in chunks {
            for piece in scanner.take(Bytes::copy_from_slice(chunk)) {
                match piece {
                    Piece::Output(bytes) => output.extend_from_slice(&bytes),
                    Piece::Mark(mark) => found.push((std::mem::take(&mut output), mark)),
                }
            }
            assert!(scanner.held.len() < TOKEN.len() + LONGEST_WORD);
        }
        output.extend_from_slice(&scanner.rest());
        (found, output)
    }

    /// Marks, and much that is nearly one.
    const STREAM: &[u8] = b"ab:abc go\n\x00\xff\r\nab:ab:abc none\nab:abc xab:abcab:abc 256\n\nab:abc end\nab:abc 137\nab:abc  12\nab:a";

    #[test]
    fn marks_are_found_and_all_else_is_output() {
        let (found, rest) = taken([STREAM]);
        let expected: [(&[u8], Mark); 4] = [
            (b"", Mark::Go),
            (b"\x00\xff\r\nab:", Mark::None),
            (b"ab:abc xab:abcab:abc 256\n\n", Mark::End),
            (b"", Mark::Code(137)),
        ];
        let expected = expected.map(|(output, mark)| (output.to_vec(), mark));
        assert_eq!(found, expected);
        assert_eq!(rest, b"ab:abc  12\nab:a");
    }

    #[test]
    fn it_does_not_matter_where_the_bytes_are_cut() {
        let whole = taken([STREAM]);
        for size in 1..STREAM.len() {
            assert_eq!(taken(STREAM.chunks(size)), whole, "{size} at once");
        }
        for first in 0..STREAM.len() {
            for second in first..STREAM.len() {
                let chunks = [&STREAM[..first], &STREAM[first..second], &STREAM[second..]];
                assert_eq!(taken(chunks), whole, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn output_without_marks_is_not_held_back() {
        let mut scanner = Scanner::new(TOKEN);
        for text in [&b"/ # "[..], b"no newline", b"ab:abx", b"\n"] {
            let bytes = Bytes::from_static(text);
            assert_eq!(scanner.take(bytes.clone()), [Piece::Output(bytes)]);
        }
    }
    /// All marks as a gate writes them.
    fn marks() -> Vec<(String, Mark)> {
        let words = [("go", Mark::Go), ("none", Mark::None), ("end", Mark::End)];
        let words = words.map(|(word, mark)| (word.to_owned(), mark));
        let codes = (0..=u8::MAX).map(|code| (code.to_string(), Mark::Code(code)));
        let marks = words.into_iter().chain(codes);
        marks
            .map(|(word, mark)| (format!("{TOKEN} {word}\n"), mark))
            .collect()
    }

    /// Finds marks by looking for each of them at each place.
    fn sought(stream: &[u8]) -> (Vec<(Vec<u8>, Mark)>, Vec<u8>) {
        let marks = marks();
        let (mut found, mut output, mut rest) = (Vec::new(), Vec::new(), stream);
        while let Some((first, after)) = rest.split_first() {
            let here = marks
                .iter()
                .find(|(text, _)| rest.starts_with(text.as_bytes()));
            if let Some((text, mark)) = here {
                found.push((std::mem::take(&mut output), *mark));
                rest = &rest[text.len()..];
            } else {
                output.push(*first);
                rest = after;
            }
        }
        (found, output)
    }

    proptest! {
        #![proptest_config(properties::config())]

        #[test]
        fn every_mark_is_found_and_nothing_else_wherever_the_stream_is_cut(
            (stream, length) in properties::bytes_of(&[
                "ab:abc", "ab:abc ", "ab:", "ab", " ", "go\n", " go\n", " none\n", " end\n", "0\n", " 7\n", " 255\n", " 256\n",
                " 007\n", " +7\n", "\n",
            ]),
        ) {
            let expected = sought(&stream);
            prop_assert_eq!(taken([&stream[..]]), expected.clone());
            prop_assert_eq!(taken(stream.chunks(length)), expected);
        }
    }
}

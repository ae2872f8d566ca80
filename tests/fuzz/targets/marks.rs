//! A gate's marks are found, and nothing else is taken for one, wherever the stream is cut.

#![no_main]

use bytes::Bytes;
use kubectl_ephemeral::session::{Mark, Piece, Scanner};
use libfuzzer_sys::fuzz_target;

/// It begins like itself, as no true one does, so that more can go wrong.
const TOKEN: &str = "ab:abc";

fuzz_target!(|input: (u8, &[u8])| {
    let (length, bytes) = input;
    let expected = sought(bytes);
    assert_eq!(taken(bytes, bytes.len().max(1)), expected);
    assert_eq!(taken(bytes, usize::from(length) + 1), expected);
});

/// What is output and what is a mark, with the output in one piece between two marks.
#[derive(Debug, Default, Eq, PartialEq)]
struct Taken {
    marks: Vec<(Vec<u8>, Mark)>,
    output: Vec<u8>,
}

impl Taken {
    fn mark(&mut self, mark: Mark) {
        self.marks.push((std::mem::take(&mut self.output), mark));
    }
}

fn taken(bytes: &[u8], length: usize) -> Taken {
    let mut scanner = Scanner::new(TOKEN);
    let mut taken = Taken::default();
    for chunk in bytes.chunks(length) {
        for piece in scanner.take(Bytes::copy_from_slice(chunk)) {
            match piece {
                Piece::Output(bytes) => {
                    assert!(!bytes.is_empty());
                    taken.output.extend_from_slice(&bytes);
                }
                Piece::Mark(mark) => taken.mark(mark),
            }
        }
    }
    let rest = scanner.rest();
    assert!(rest.len() < TOKEN.len() + " none\n".len());
    taken.output.extend_from_slice(&rest);
    taken
}

/// Finds marks by looking for each of them at each place.
fn sought(mut rest: &[u8]) -> Taken {
    let mut taken = Taken::default();
    while let Some((first, after)) = rest.split_first() {
        match rest.strip_prefix(TOKEN.as_bytes()).and_then(mark) {
            Some((mark, after)) => {
                taken.mark(mark);
                rest = after;
            }
            None => {
                taken.output.push(*first);
                rest = after;
            }
        }
    }
    taken
}

fn mark(after: &[u8]) -> Option<(Mark, &[u8])> {
    let words = [("go", Mark::Go), ("none", Mark::None), ("end", Mark::End)];
    let words = words.map(|(word, mark)| (word.to_owned(), mark));
    let codes = (0..=u8::MAX).map(|code| (code.to_string(), Mark::Code(code)));
    words.into_iter().chain(codes).find_map(|(word, mark)| {
        let rest = after.strip_prefix(format!(" {word}\n").as_bytes())?;
        Some((mark, rest))
    })
}

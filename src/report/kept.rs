//! Output that is kept for a record, up to a limit.

use base64::{Engine, engine::general_purpose::STANDARD};

/// How much of one stream is kept: what fits into a log that a person may still read, and far more
/// than a runbook passes on.
const MOST: usize = 16 * 1024 * 1024;

/// What was kept of one stream.
#[derive(Debug, Default)]
pub struct Kept {
    bytes: Vec<u8>,
    /// Whether there was more.
    truncated: bool,
}

/// Bytes as JSON can hold them.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Written {
    /// They are UTF-8.
    Text(String),
    /// They are not; in base64 (RFC 4648, with padding).
    Base64(String),
}

impl Kept {
    /// Adds bytes; those beyond the limit are forgotten.
    pub fn add(&mut self, bytes: &[u8]) {
        let room = MOST - self.bytes.len();
        self.truncated |= bytes.len() > room;
        self.bytes
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    pub(super) fn is_truncated(&self) -> bool {
        self.truncated
    }

    pub(super) fn written(mut self) -> Written {
        // The limit may have cut a character in two.
        if self.truncated
            && let Err(error) = str::from_utf8(&self.bytes)
            && error.error_len().is_none()
        {
            self.bytes.truncate(error.valid_up_to());
        }
        match String::from_utf8(self.bytes) {
            Ok(text) => Written::Text(text),
            Err(error) => Written::Base64(STANDARD.encode(error.as_bytes())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(chunks: &[&[u8]]) -> Kept {
        let mut kept = Kept::default();
        for chunk in chunks {
            kept.add(chunk);
        }
        kept
    }

    #[test]
    fn text_stays_text_and_other_bytes_become_base64() {
        assert_eq!(kept(&[]).written(), Written::Text(String::new()));
        // A character may come in two chunks.
        let split = kept(&[b"\xc3", b"\xa4\n"]);
        assert_eq!(split.written(), Written::Text("ä\n".to_owned()));
        let binary = kept(&[b"\x7fELF\xff"]);
        assert_eq!(binary.written(), Written::Base64("f0VMRv8=".to_owned()));
        // An unfinished character at the end is no text either, unless it was the limit that cut it.
        let unfinished = kept(&[b"a\xc3"]);
        assert_eq!(unfinished.written(), Written::Base64("YcM=".to_owned()));
    }

    #[test]
    fn what_is_beyond_the_limit_is_forgotten_and_that_is_known() {
        let full = kept(&[&vec![b'x'; MOST]]);
        assert!(!full.is_truncated());
        let more = kept(&[&vec![b'x'; MOST], b"y"]);
        assert!(more.is_truncated());
        assert_eq!(more.bytes.len(), MOST);
        let cut = kept(&[&vec![b'x'; MOST - 1], "ä".as_bytes(), b"more"]);
        assert!(cut.is_truncated());
        let Written::Text(text) = cut.written() else {
            panic!("it is text")
        };
        assert_eq!(text.len(), MOST - 1);
    }
}

//! A recording of a session in a form that players know: asciicast, version 2 or 3.
//!
//! The form is that of <https://docs.asciinema.org/manual/asciicast/v3/>: a header, then one line of
//! JSON for each event. Only what was shown is recorded, never what was typed.

use std::{mem, time::Duration};

use serde_json::json;

use crate::{cli::CastForm, size::Size};

/// Turns what happens in a session into the lines of a recording.
#[derive(Debug)]
pub struct Asciicast {
    form: CastForm,
    /// The time of the last event, in microseconds since the beginning.
    last: u128,
    size: Size,
    /// The first bytes of a character whose others have not come yet; at most three.
    held: Vec<u8>,
}

impl Asciicast {
    /// Begins a recording. Returns its first line as well; `began` is in seconds since 1970.
    pub fn begin(form: CastForm, size: Size, began: i64, title: &str) -> (Self, String) {
        let (columns, rows) = (size.columns(), size.rows());
        let header = match form {
            CastForm::AsciicastV3 => json!({
                "version": 3,
                "term": { "cols": columns, "rows": rows },
                "timestamp": began,
                "title": title,
            }),
            CastForm::AsciicastV2 => json!({
                "version": 2,
                "width": columns,
                "height": rows,
                "timestamp": began,
                "title": title,
            }),
        };
        let cast = Self {
            form,
            last: 0,
            size,
            held: Vec::new(),
        };
        (cast, format!("{header}\n"))
    }

    /// Returns the line for bytes that were shown so long after the beginning; empty, if they
    /// are but a part of a character.
    ///
    /// The form knows text only: what is no UTF-8 becomes U+FFFD, as in asciinema.
    pub fn output(&mut self, at: Duration, bytes: &[u8]) -> String {
        let mut joined = mem::take(&mut self.held);
        joined.extend_from_slice(bytes);
        let mut text = String::with_capacity(joined.len());
        let mut chunks = joined.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            let is_begun = str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if is_begun && chunks.peek().is_none() {
                self.held = invalid.to_vec();
            } else if !invalid.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        if text.is_empty() {
            return String::new();
        }
        self.event(at, "o", &text)
    }

    /// Returns the line for a new size of the user's terminal; empty, if it is the old one.
    pub fn resized(&mut self, at: Duration, size: Size) -> String {
        if size == self.size {
            return String::new();
        }
        self.size = size;
        let (columns, rows) = (size.columns(), size.rows());
        self.event(at, "r", &format!("{columns}x{rows}"))
    }

    /// Returns the last lines: what was held, and the exit code, where there is one and the form has
    /// a place for it.
    pub fn end(mut self, at: Duration, code: Option<i32>) -> String {
        let mut lines = String::new();
        if !self.held.is_empty() {
            lines = self.event(at, "o", &char::REPLACEMENT_CHARACTER.to_string());
        }
        if let (CastForm::AsciicastV3, Some(code)) = (self.form, code) {
            lines += &self.event(at, "x", &code.to_string());
        }
        lines
    }

    fn event(&mut self, at: Duration, kind: &str, text: &str) -> String {
        // Differences of whole microseconds add up without an error.
        let now = at.as_micros().max(self.last);
        let time = match self.form {
            CastForm::AsciicastV3 => now - self.last,
            CastForm::AsciicastV2 => now,
        };
        self.last = now;
        let (seconds, micros) = (time / 1_000_000, time % 1_000_000);
        let text = json!(text);
        format!("[{seconds}.{micros:06}, \"{kind}\", {text}]\n")
    }
}

#[cfg(test)]
mod tests;

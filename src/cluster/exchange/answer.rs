//! What the server answers.

use bytes::Bytes;
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::error::{Error, Source};

/// An answer that is no refusal.
pub(in crate::cluster) struct Answer {
    pub(in crate::cluster) headers: HeaderMap,
    pub(in crate::cluster) body: Bytes,
}

impl Answer {
    /// Reads the body as what the API promises it to be.
    ///
    /// As text, like each line of a watch: reading bytes would be a second copy of the code that
    /// reads a pod, half a megabyte of it.
    pub(in crate::cluster) fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let unreadable = |source: Source| Error::Unexpected {
            what: "the server's answer cannot be read".to_owned(),
            source: Some(source),
        };
        let text = str::from_utf8(&self.body).map_err(|error| unreadable(error.into()))?;
        serde_json::from_str(text).map_err(|error| unreadable(error.into()))
    }

    /// Returns the texts of the `Warning` headers, each once.
    ///
    /// A header is `299 - "text"`, with quotes and backslashes in the text escaped (RFC 9111).
    pub(in crate::cluster) fn warnings(&self) -> Vec<String> {
        let headers = self.headers.get_all(header::WARNING).iter();
        let mut texts = Vec::new();
        for header in headers {
            // Letters of other alphabets are sent as they are.
            let header = String::from_utf8_lossy(header.as_bytes());
            let Some(text) = warning_text(&header) else {
                continue;
            };
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }
}

fn warning_text(header: &str) -> Option<String> {
    let quoted = header.split_once('"')?.1;
    let mut text = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return Some(text),
            '\\' => text.push(characters.next()?),
            character => text.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_warning_is_unquoted() {
        assert_eq!(
            warning_text(r#"299 - "a \"b\" c""#).as_deref(),
            Some(r#"a "b" c"#)
        );
        assert_eq!(
            warning_text(r#"299 - "a" "Fri, 20 Nov 2026 07:42:56 GMT""#).as_deref(),
            Some("a")
        );
        assert_eq!(warning_text("299 - nothing quoted"), None);
        assert_eq!(warning_text(r#"299 - "never ends"#), None);
    }
}

//! Results that have parts, as JSON or YAML.
//!
//! What a terminal would obey is escaped in both.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_saphyr::DoubleQuoted;

use super::{Reporter, harmless::is_harmful};
use crate::{
    cli::DocumentForm,
    error::{Error, Source},
};

impl Reporter {
    /// Writes a value with parts to stdout, in kubectl's indentation. A reader may have enough of it.
    pub fn formatted(&self, value: &impl Serialize, form: DocumentForm) -> Result<(), Error> {
        let text = match form {
            DocumentForm::Json => json(value),
            DocumentForm::Yaml => yaml(value),
        };
        self.written(&text?)
    }
}

/// Writes a value as YAML. It ends with a new line.
///
/// By way of a JSON value, so that keys stand in order, as kubectl has them.
pub fn yaml(value: &impl Serialize) -> Result<String, Error> {
    let value = serde_json::to_value(value).map_err(unwritable)?;
    // Nothing is folded: who reads it should find each line as it was.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let text = serde_saphyr::to_string_with_options(&Quoted(&value), options);
    Ok(escaped(&text.map_err(unwritable)?))
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    let mut text = Vec::new();
    let pretty = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, pretty);
    value.serialize(&mut serializer).map_err(unwritable)?;
    text.push(b'\n');
    let text = String::from_utf8(text).map_err(unwritable)?;
    Ok(escaped(&text))
}

/// Escapes what a terminal would obey, which can only stand in strings.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut units = [0; 2];
    for character in text.chars() {
        if is_harmful(character) {
            for unit in character.encode_utf16(&mut units) {
                // A String takes everything.
                write!(escaped, "\\u{unit:04x}").ok();
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// A value for the writer of YAML, which lets pass what is no control character and moves text all the same. In
/// double quotes that can be escaped afterwards.
struct Quoted<'a>(&'a Value);

impl Serialize for Quoted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::String(text) if text.contains(is_harmful) => {
                DoubleQuoted(text.as_str()).serialize(serializer)
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Quoted)),
            Value::Object(fields) => {
                serializer.collect_map(fields.iter().map(|(name, value)| (name, Quoted(value))))
            }
            value @ (Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_)) => {
                value.serialize(serializer)
            }
        }
    }
}

fn unwritable(error: impl Into<Source>) -> Error {
    Error::Output {
        source: error.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Strings that a reader could take for something else, or that are hard to write.
    const STRINGS: &[&str] = &[
        "",
        " ",
        "plain",
        "yes",
        "no",
        "on",
        "y",
        "null",
        "~",
        "1",
        "1.0",
        "0x1F",
        "1e3",
        "12:30:00",
        "2026-11-20",
        "- a",
        "a: b",
        "a #b",
        "#",
        "&a",
        "*a",
        "!t",
        "%",
        "@",
        "`",
        "'",
        "\"",
        "\\",
        "{a}",
        "[a]",
        "a\nb",
        "a\nb\n",
        "a\n\n\n",
        "\n",
        " lead\nmore\n",
        "tab\there",
        "trail ",
        "\u{1b}[0m",
        "ünï 日本",
        "\u{feff}x",
        "\u{85}",
        "a\r\nb",
        "---",
        "...",
        "? a",
        "| a",
        "> a",
        "=",
        "<<",
        ".inf",
        ".nan",
    ];

    #[test]
    fn yaml_gives_back_every_string() {
        let long = "word ".repeat(60);
        let value =
            json!({"list": STRINGS, "long": long, "empty": {}, "none": [], "on": true, "n": -1.5});
        let text = yaml(&value).unwrap();
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read, value, "{text}");
    }

    #[test]
    fn the_forms_are_those_of_kubectl() {
        let value = json!({"spec": {"command": ["sh", "-c", "a\nb"]}, "kind": "Pod"});
        assert_eq!(
            yaml(&value).unwrap(),
            "kind: Pod\nspec:\n  command:\n  - sh\n  - -c\n  - |-\n    a\n    b\n"
        );
        assert_eq!(
            json(&json!({"a": [1]})).unwrap(),
            "{\n    \"a\": [\n        1\n    ]\n}\n"
        );
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        let value = json!({"a": "\u{1b}[2J\u{9b}1m\u{202e}x\u{feff}", "b": ["\u{2066}"]});
        let text = json(&value).unwrap();
        assert!(!text.contains(|c| c != '\n' && is_harmful(c)), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        let text = yaml(&value).unwrap();
        assert!(!text.contains(|c| c != '\n' && is_harmful(c)), "{text}");
        assert_eq!(serde_saphyr::from_str::<Value>(&text).unwrap(), value);
    }
}

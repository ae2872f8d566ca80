//! Results that have parts, as JSON or YAML.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::Value;

use super::Reporter;
use crate::{container::RecordFormat, error::Error};

impl Reporter {
    /// Writes a value with parts to stdout, in kubectl's indentation.
    pub fn formatted(&self, value: &impl Serialize, format: RecordFormat) -> Result<(), Error> {
        self.clear_line();
        let mut stdout = BufWriter::new(io::stdout().lock());
        let written = match format {
            RecordFormat::Json => json(&mut stdout, value),
            RecordFormat::Yaml => yaml(&mut stdout, value),
        };
        written
            .and_then(|()| stdout.flush())
            .map_err(|error| Error::Output {
                source: error.into(),
            })
    }
}

fn json(stdout: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let pretty = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut *stdout, pretty);
    value.serialize(&mut serializer)?;
    stdout.write_all(b"\n")
}

/// By way of a JSON value, so that keys stand in order, as kubectl has them.
fn yaml(stdout: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let value: Value = serde_json::to_value(value)?;
    // Nothing is folded: who reads it should find each line as it was.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let text = serde_saphyr::to_string_with_options(&value, options).map_err(io::Error::other)?;
    stdout.write_all(text.as_bytes())
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
        let mut written = Vec::new();
        yaml(&mut written, &value).unwrap();
        let text = String::from_utf8(written).unwrap();
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read, value, "{text}");
    }

    #[test]
    fn the_forms_are_those_of_kubectl() {
        let value = json!({"spec": {"command": ["sh", "-c", "a\nb"]}, "kind": "Pod"});
        let mut written = Vec::new();
        yaml(&mut written, &value).unwrap();
        assert_eq!(
            String::from_utf8(written).unwrap(),
            "kind: Pod\nspec:\n  command:\n  - sh\n  - -c\n  - |-\n    a\n    b\n"
        );
        let mut written = Vec::new();
        json(&mut written, &json!({"a": [1]})).unwrap();
        assert_eq!(
            String::from_utf8(written).unwrap(),
            "{\n    \"a\": [\n        1\n    ]\n}\n"
        );
    }
}

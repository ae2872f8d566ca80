//! Documents for programs: JSON, and YAML.
//!
//! Both say the same. Strings that a terminal would obey, and all that YAML could take for something else, are
//! written in double quotes with escapes, which means the same text to whoever reads them.

use std::fmt::Write as _;

use serde_json::Value;

/// Two spaces for each level, as kubectl does it in YAML.
const INDENT: usize = 2;

/// Writes a value as JSON over several lines; the last one has no end.
pub fn json(value: &Value) -> String {
    // Outside of strings there is nothing that needs it.
    escaped(&format!("{value:#}"))
}

/// Writes a value as YAML; the last line has no end.
pub fn yaml(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text.trim_start_matches('\n').to_owned()
}

/// Writes what follows a key or stands alone: a scalar behind a space, anything larger below.
fn block(value: &Value, level: usize, text: &mut String) {
    let indent = " ".repeat(level * INDENT);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                // A String takes everything.
                write!(text, "\n{indent}{}:", string(key)).ok();
                // A list stands as deep as its key.
                let deeper = usize::from(!value.is_array());
                after_key(value, level + deeper, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let mut inner = String::new();
                block(item, level + 1, &mut inner);
                write!(text, "\n{indent}- {}", inner.trim_start()).ok();
            }
        }
        Value::String(content) => text.push_str(&string(content)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) | Value::Array(_) => {
            text.push_str(&value.to_string());
        }
    }
}

fn after_key(value: &Value, level: usize, text: &mut String) {
    let mut inner = String::new();
    block(value, level, &mut inner);
    if !inner.starts_with('\n') {
        text.push(' ');
    }
    text.push_str(&inner);
}

/// Writes a string bare where nobody can mistake it, else as JSON does.
fn string(content: &str) -> String {
    if is_plain(content) {
        content.to_owned()
    } else {
        escaped(&Value::from(content).to_string())
    }
}

/// Tells whether YAML, of whatever version, reads these characters as the string that they are.
fn is_plain(content: &str) -> bool {
    // `y`, `off` and the like are truth values to readers of YAML 1.1, of which kubectl has one.
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let mut characters = content.chars();
    let begins_well = characters.next().is_some_and(|c| c.is_ascii_alphabetic());
    let goes_on_well = characters.all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    begins_well && goes_on_well && !WORDS.contains(&content.to_lowercase().as_str())
}

/// Escapes, in a text whose strings are JSON's, what a terminal would obey.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut units = [0; 2];
    for character in text.chars() {
        if super::harmless::is_harmful(character) {
            for unit in character.encode_utf16(&mut units) {
                write!(escaped, "\\u{unit:04x}").ok();
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_is_written_as_kubectl_writes_it() {
        let value = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "labels": {}},
            "spec": {"ephemeralContainers": [
                {"name": "d", "command": ["sh", "-c", "exit 3"], "tty": true, "securityContext": {"runAsUser": 0}},
                {"name": "e", "args": [["a", "b"], []]},
            ]},
            "nothing": null,
        });
        assert_eq!(
            yaml(&value),
            "apiVersion: v1\n\
             kind: Pod\n\
             metadata:\n\
             \x20 labels: {}\n\
             \x20 name: web\n\
             nothing: null\n\
             spec:\n\
             \x20 ephemeralContainers:\n\
             \x20 - command:\n\
             \x20   - sh\n\
             \x20   - \"-c\"\n\
             \x20   - \"exit 3\"\n\
             \x20   name: d\n\
             \x20   securityContext:\n\
             \x20     runAsUser: 0\n\
             \x20   tty: true\n\
             \x20 - args:\n\
             \x20   - - a\n\
             \x20     - b\n\
             \x20   - []\n\
             \x20   name: e"
        );
        assert_eq!(yaml(&json!([])), "[]");
        assert_eq!(yaml(&json!("web")), "web");
    }

    #[test]
    fn a_string_stays_the_string_it_is() {
        for (content, written) in [
            ("web-1.shop/x_y", "web-1.shop/x_y"),
            ("", "\"\""),
            ("No", "\"No\""),
            ("y", "\"y\""),
            ("null", "\"null\""),
            ("~", "\"~\""),
            ("1e3", "\"1e3\""),
            (".inf", "\".inf\""),
            ("2026-11-20", "\"2026-11-20\""),
            ("a: b", "\"a: b\""),
            ("- a", "\"- a\""),
            ("a\nb\"c\\", "\"a\\nb\\\"c\\\\\""),
            ("a #b", "\"a #b\""),
            ("\u{1b}[2J\u{9b}\u{202e}", "\"\\u001b[2J\\u009b\\u202e\""),
        ] {
            assert_eq!(yaml(&json!(content)), written);
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_means_the_same() {
        let value = json!({"message": "a\u{9b}\u{202e}b\u{7f}"});
        let text = json(&value);
        assert_eq!(text, "{\n  \"message\": \"a\\u009b\\u202eb\\u007f\"\n}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}

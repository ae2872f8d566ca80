//! From the bytes of a file to a tree of values. YAML, and with it JSON.

use serde_json::Value;
use serde_saphyr::Error as YamlError;

/// Reads one document. What is wrong is told with line and column, and without the file's text,
/// which may hold secrets.
pub(in crate::container) fn parse(bytes: &[u8]) -> Result<Value, String> {
    let text = str::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'))
        .ok_or("it is no text in UTF-8")?;
    let tree = match serde_saphyr::from_str(text) {
        Ok(tree) => tree,
        Err(error) if holds_several(&error) => the_only_one(text)?,
        Err(error) => return Err(told(&error)),
    };
    match tree {
        Value::Null => Err("it is empty".to_owned()),
        Value::Object(_) => Ok(tree),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(format!("it holds {}, and no fields", kind(&tree)))
        }
    }
}

fn holds_several(error: &YamlError) -> bool {
    matches!(error.without_snippet(), YamlError::MultipleDocuments { .. })
}

/// Separators around one document are common in manifests that were put together by programs.
fn the_only_one(text: &str) -> Result<Value, String> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| told(&error))?;
    let mut documents = documents.into_iter().filter(|document| !document.is_null());
    match (documents.next(), documents.count()) {
        (first, 0) => Ok(first.unwrap_or_default()),
        (_, others) => Err(format!(
            "it holds {} documents, and must hold one",
            others + 1
        )),
    }
}

fn told(error: &YamlError) -> String {
    let at = error.location().map_or_else(String::new, |location| {
        format!(" at line {}, column {}", location.line(), location.column())
    });
    let error = error.without_snippet();
    if let YamlError::DuplicateMappingKey { key: Some(key), .. } = error {
        format!("the field `{key}` stands there twice{at}")
    } else if is_too_much(error) {
        format!("its aliases or nesting grow too large{at}")
    } else {
        error.to_string()
    }
}

/// Tells what only hostile files do.
fn is_too_much(error: &YamlError) -> bool {
    let text = error.to_string();
    [
        "budget breached",
        "limit exceeded",
        "recursive references",
        "alias replay",
    ]
    .iter()
    .any(|words| text.contains(words))
}

/// Names the kind of a value, with its article.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_and_json_are_read() {
        let expected = json!({"name": "a", "args": ["x", "1"], "tty": true});
        for text in [
            "name: a\nargs: [x, '1']\ntty: true\n",
            "---\nname: a\nargs:\n- x\n- \"1\"\ntty: true\n---\n# nothing more\n",
            "{\n\t\"name\": \"a\",\n\t\"args\": [\"x\", \"1\"],\n\t\"tty\": true\n}\n",
            "\u{feff}name: a\r\nargs: [x, '1']\r\ntty: true\r\n",
            "args: &args [x, '1']\nname: a\ntty: true\n",
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn what_grows_without_bounds_is_refused() {
        let mut bomb = "a0: &a0 [lol,lol,lol]\n".to_owned();
        for level in 1..10 {
            let items = vec![format!("*a{}", level - 1); 9].join(",");
            bomb = format!("{bomb}a{level}: &a{level} [{items}]\n");
        }
        let deep = "[".repeat(100_000);
        for (text, place) in [
            (bomb.as_str(), "line 6, column 42"),
            (&deep, "line 1, column 256"),
            ("a: &a [*a]\n", "line 1, column 8"),
        ] {
            let expected = format!("its aliases or nesting grow too large at {place}");
            assert_eq!(parse(text.as_bytes()).unwrap_err(), expected);
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place_and_without_its_text() {
        for (text, expected) in [
            ("", "it is empty"),
            ("# only a comment\n---\n", "it is empty"),
            ("just words", "it holds a string, and no fields"),
            ("- a\n- b\n", "it holds a list, and no fields"),
            (
                "a: 1\n---\nb: 2\n---\nc: 3\n",
                "it holds 3 documents, and must hold one",
            ),
            (
                "a: 1\nb: 2\na: SECRET\n",
                "the field `a` stands there twice at line 3, column 1",
            ),
            (
                "{\"a\": 1, \"a\": 2}",
                "the field `a` stands there twice at line 1, column 10",
            ),
            (
                "a:\n\tb: SECRET\n",
                "tabs disallowed within this context (block indentation) at line 2, column 2",
            ),
            (
                "a:\n- b: SECRET\n c: d\n",
                "while parsing a block mapping, did not find expected key at line 3, column 2",
            ),
            ("{\"a\": \"SECRET", "unclosed quote at line 1, column 7"),
            (
                "a: *nope\n",
                "alias references unknown anchor at line 1, column 4",
            ),
            ("a\0b: SECRET", "it is no text in UTF-8"),
        ] {
            let told = parse(text.as_bytes()).unwrap_err();
            assert_eq!(
                told,
                expected,
                "{:?}",
                text.chars().take(30).collect::<String>()
            );
        }
        assert_eq!(
            parse(b"\xff\xfe{\0}\0").unwrap_err(),
            "it is no text in UTF-8"
        );
    }
}

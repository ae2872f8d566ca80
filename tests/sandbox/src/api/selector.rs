//! Field and label selectors.

mod grammar;

use serde_json::Value;

pub(crate) use self::grammar::check;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Equals(String),
    Differs(String),
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Missing,
}

impl Test {
    fn holds(&self, value: Option<&str>) -> bool {
        match self {
            Self::Equals(wanted) => value == Some(wanted),
            Self::Differs(other) => value != Some(other),
            Self::In(list) => value.is_some_and(|value| list.iter().any(|item| item == value)),
            Self::NotIn(list) => !value.is_some_and(|value| list.iter().any(|item| item == value)),
            Self::Exists => value.is_some(),
            Self::Missing => value.is_none(),
        }
    }
}

/// Which objects a list or a watch is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    fields: Vec<(String, Test)>,
    labels: Vec<(String, Test)>,
}

impl Selector {
    pub(crate) fn parse(fields: Option<&str>, labels: Option<&str>) -> Self {
        Self {
            fields: requirements(fields.unwrap_or_default()),
            labels: requirements(labels.unwrap_or_default()),
        }
    }

    /// The one name the fields ask for, if they do.
    pub(crate) fn name(&self) -> Option<&str> {
        self.fields.iter().find_map(|(field, test)| match test {
            Test::Equals(name) if field == "metadata.name" => Some(name.as_str()),
            Test::Equals(_)
            | Test::Differs(_)
            | Test::In(_)
            | Test::NotIn(_)
            | Test::Exists
            | Test::Missing => None,
        })
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        let field = |path: &str| {
            let value = path.split('.').fold(object, |value, part| &value[part]);
            // Kubernetes compares a field that is missing as an empty string.
            Some(value.as_str().unwrap_or_default())
        };
        let label = |name: &str| object["metadata"]["labels"][name].as_str();
        self.fields
            .iter()
            .all(|(path, test)| test.holds(field(path)))
            && self
                .labels
                .iter()
                .all(|(name, test)| test.holds(label(name)))
    }
}

fn requirements(text: &str) -> Vec<(String, Test)> {
    split(text)
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(requirement)
        .collect()
}

/// Splits at commas outside of parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    text.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

fn requirement(text: &str) -> (String, Test) {
    let pair = |(name, value): (&str, &str)| (name.trim().to_owned(), value.trim().to_owned());
    let list = |text: &str| {
        text.trim()
            .trim_matches(['(', ')'])
            .split(',')
            .map(|item| item.trim().to_owned())
            .collect()
    };
    if let Some((name, value)) = text.split_once("!=").map(pair) {
        (name, Test::Differs(value))
    } else if let Some((name, value)) = text.split_once("==").or(text.split_once('=')).map(pair) {
        (name, Test::Equals(value))
    } else if let Some((name, items)) = text.split_once(" notin ") {
        (name.trim().to_owned(), Test::NotIn(list(items)))
    } else if let Some((name, items)) = text.split_once(" in ") {
        (name.trim().to_owned(), Test::In(list(items)))
    } else if let Some(name) = text.strip_prefix('!') {
        (name.trim().to_owned(), Test::Missing)
    } else {
        (text.to_owned(), Test::Exists)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_selected_by_fields_and_labels() {
        let pod = json!({
            "metadata": {"name": "app", "labels": {"app": "web", "tier": "front"}},
            "status": {"phase": "Running"},
        });
        let cases = [
            (Some("metadata.name=app,status.phase!=Failed"), None, true),
            (Some("metadata.name=other"), None, false),
            (Some("spec.nodeName="), None, true),
            (None, Some("app=web,tier in (front, back)"), true),
            (None, Some("app notin (web)"), false),
            (None, Some("!missing,tier"), true),
            (None, Some("missing"), false),
        ];
        for (fields, labels, expected) in cases {
            let selector = Selector::parse(fields, labels);
            assert_eq!(selector.matches(&pod), expected, "{fields:?} {labels:?}");
        }
        assert_eq!(
            Selector::parse(Some("metadata.name=app"), None).name(),
            Some("app")
        );
    }
}

//! How the running of one command went, as one record. `docs/reference/json-record.md` describes it.

use jiff::Timestamp;
use serde::Serialize;

use super::kept::{Kept, Written};
use crate::error::Error;

/// The version of the record's form.
const API_VERSION: &str = "kubectl-ephemeral/v1";
const KIND: &str = "DebugRecord";

/// How the running of one command went. The fields are part of the contract with scripts.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    api_version: &'static str,
    kind: &'static str,
    pub namespace: String,
    pub pod: String,
    pub uid: Option<String>,
    pub node: Option<String>,
    pub container: String,
    pub image: Option<String>,
    #[serde(rename = "imageID")]
    pub image_id: Option<String>,
    pub target: Option<String>,
    pub profile: Option<String>,
    pub user: Option<i64>,
    pub phases: Phases,
    stdout: Option<String>,
    stdout_base64: Option<String>,
    stderr: Option<String>,
    stderr_base64: Option<String>,
    truncated: bool,
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
    pub reason: Option<String>,
    error: Option<Failure>,
}

/// When what happened. The first two by our clock, the others by that of the node, in seconds.
#[derive(Debug, Default, Serialize)]
pub struct Phases {
    pub requested: Option<Timestamp>,
    pub added: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub finished: Option<Timestamp>,
}

/// Why it did not go to its end.
#[derive(Debug, Serialize)]
struct Failure {
    message: String,
    details: Option<String>,
    hint: Option<String>,
}

impl Record {
    /// Begins a record.
    pub fn new() -> Self {
        Self {
            api_version: API_VERSION,
            kind: KIND,
            ..Self::default()
        }
    }

    /// Enters what the container wrote.
    pub fn output(&mut self, stdout: Kept, stderr: Kept) {
        self.truncated = stdout.is_truncated() || stderr.is_truncated();
        (self.stdout, self.stdout_base64) = fields(stdout);
        (self.stderr, self.stderr_base64) = fields(stderr);
    }

    /// Enters what went wrong.
    pub fn failed(&mut self, error: &Error) {
        let details = error.details();
        self.error = Some(Failure {
            message: error.with_causes(),
            details: (!details.is_empty()).then(|| details.join("\n")),
            hint: error.hint(),
        });
    }
}

fn fields(kept: Kept) -> (Option<String>, Option<String>) {
    match kept.written() {
        Written::Text(text) => (Some(text), None),
        Written::Base64(text) => (None, Some(text)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const DESCRIBED: &str = include_str!("../../docs/reference/json-record.md");

    /// Returns the names of all fields, those of objects within as `object.field`.
    fn names(value: &Value, before: &str) -> Vec<String> {
        let fields = value.as_object().into_iter().flatten();
        fields
            .flat_map(|(name, value)| {
                let name = format!("{before}{name}");
                let mut names = names(value, &format!("{name}."));
                names.push(name);
                names
            })
            .collect()
    }

    #[test]
    fn the_description_names_each_field_and_no_other() {
        let mut record = Record::new();
        record.failed(&Error::usage("x"));
        let mut written = names(&serde_json::to_value(&record).unwrap(), "");
        written.sort();
        let rows = DESCRIBED.lines().filter_map(|line| {
            let (name, _) = line.strip_prefix("| `")?.split_once('`')?;
            Some(name.to_owned())
        });
        let mut described: Vec<_> = rows.collect();
        described.sort();
        assert_eq!(written, described);
    }

    #[test]
    fn times_are_written_by_rfc_3339() {
        let phases = Phases {
            started: Some("2026-11-20T07:53:23Z".parse().unwrap()),
            ..Phases::default()
        };
        assert_eq!(
            serde_json::to_string(&phases).unwrap(),
            r#"{"requested":null,"added":null,"started":"2026-11-20T07:53:23Z","finished":null}"#
        );
    }
}

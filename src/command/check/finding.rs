//! What was found out, and how it is told.

use serde::Serialize;
use serde_json::Value;

use crate::{
    error::Error,
    report,
    rights::{self, Right},
};

/// An answer to one question.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Answer {
    Yes,
    No,
    /// It cannot be told.
    Unknown,
}

/// One thing that was looked at. The names of its fields are what scripts rely on (`docs/reference/check.md`).
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) check: String,
    pub(super) result: Answer,
    /// Whether nothing can be done where the answer is no.
    pub(super) needed: bool,
    pub(super) remark: Option<String>,
    /// What to do about it.
    pub(super) cure: Option<String>,
}

/// All that was found out.
pub(super) struct Findings {
    pub(super) namespace: String,
    pub(super) pod: Option<String>,
    pub(super) items: Vec<Finding>,
    /// The rights that we do not have.
    pub(super) missing: Vec<Right>,
}

/// All of it as a document (`docs/reference/check.md`).
#[derive(Serialize)]
pub(super) struct Document<'a> {
    kind: &'static str,
    #[serde(rename = "apiVersion")]
    version: &'static str,
    namespace: &'a str,
    pod: Option<&'a str>,
    works: bool,
    items: &'a [Finding],
    role: Option<Value>,
}

impl Finding {
    pub(super) fn new(check: impl Into<String>, result: Answer) -> Self {
        Self {
            check: check.into(),
            result,
            needed: false,
            remark: None,
            cure: None,
        }
    }

    /// Says what an error says: no, or that it cannot be told.
    pub(super) fn failed(check: impl Into<String>, result: Answer, error: &Error) -> Self {
        Self {
            remark: Some(error.to_string()),
            cure: error.hint(),
            ..Self::new(check, result)
        }
    }

    pub(super) fn needed(self) -> Self {
        Self {
            needed: true,
            ..self
        }
    }

    pub(super) fn remark(self, remark: impl Into<String>) -> Self {
        Self {
            remark: Some(remark.into()),
            ..self
        }
    }
}

impl Answer {
    fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

impl From<bool> for Answer {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl Findings {
    /// Tells whether the main job would work: whether all that it needs is there, as far as can be told.
    pub(super) fn works(&self) -> bool {
        let mut needed = self.items.iter().filter(|finding| finding.needed);
        needed.all(|finding| finding.result == Answer::Yes)
    }

    /// Returns the Role with the rights that are missing, if any are.
    fn role(&self) -> Option<Value> {
        let missing = &self.missing;
        (!missing.is_empty()).then(|| rights::role(&self.namespace, missing))
    }

    /// Returns the document that `-o json` and `-o yaml` write.
    pub(super) fn document(&self) -> Document<'_> {
        Document {
            kind: "EphemeralContainerCheck",
            version: "kubectl-ephemeral/v1",
            namespace: &self.namespace,
            pod: self.pod.as_deref(),
            works: self.works(),
            items: &self.items,
            role: self.role(),
        }
    }

    /// Writes a line for each finding, beneath it the cure, and at the end the Role that is missing.
    pub(super) fn table(&self) -> Result<String, Error> {
        let rows = self.items.iter().map(|finding| {
            let needed = if finding.needed { "needed" } else { "" };
            let remark = finding.remark.clone().unwrap_or_default();
            vec![
                finding.check.clone(),
                finding.result.as_str().to_owned(),
                needed.to_owned(),
                remark,
            ]
        });
        let table = report::table(Some(&["CHECK", "RESULT", "NEEDED", "REMARK"]), rows);
        let mut lines: Vec<String> = Vec::new();
        let cures = self.items.iter().map(|finding| finding.cure.as_ref());
        for (line, cure) in table.lines().zip([None].into_iter().chain(cures)) {
            lines.push(line.trim_end().to_owned());
            lines.extend(cure.map(|cure| format!("  -> {}", report::harmless(cure))));
        }
        if let Some(role) = self.role() {
            lines.push(String::new());
            lines
                .push("# The rights that are missing; `kubectl apply -f -` takes this.".to_owned());
            lines.push(report::yaml(&role)?.trim_end().to_owned());
        }
        Ok(lines.join("\n"))
    }
}

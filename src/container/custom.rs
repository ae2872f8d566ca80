//! `--custom`: a partial container that is merged over the one that was built, last.

mod merge;

use k8s_openapi::api::core::v1::EphemeralContainer;
use serde_json::Value;

use super::manifest::{strict, text};
use crate::error::Error;

/// What must come from elsewhere, and where from: kubectl's list, and what kubectl passes over.
const FIXED: [(&str, &str); 6] = [
    ("name", "; --container names it"),
    ("command", "; it follows `--` on the command line"),
    ("image", "; --image names it"),
    ("lifecycle", ""),
    ("volumeDevices", ""),
    ("targetContainerName", "; --target names it"),
];

/// A partial container.
#[derive(Clone, Debug, PartialEq)]
pub struct Custom(Value);

impl Custom {
    /// Reads a file. What is empty in it says nothing, as in kubectl; a `false` is said.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, Error> {
        let mut tree = text::parse(bytes).map_err(|told| {
            Error::usage(format!(
                "{file} does not contain a valid container spec: {told}"
            ))
        })?;
        let mut faults = Vec::new();
        if let Some(fields) = tree.as_object_mut() {
            for (field, cure) in FIXED {
                if fields.remove(field).is_some_and(|value| !is_empty(&value)) {
                    faults.push(format!("{field}: not modifiable via custom profile{cure}"));
                }
            }
        }
        faults.extend(strict::container(&tree, "").err().unwrap_or_default());
        if !faults.is_empty() {
            return Err(Error::Invalid {
                what: format!("{file} is not valid"),
                faults,
            });
        }
        if let Some(fields) = tree.as_object_mut() {
            fields.retain(|_, value| !is_empty(value));
        }
        Ok(Self(tree))
    }

    /// Merges it over a container, by the rules of a strategic merge.
    pub fn over(&self, container: &EphemeralContainer) -> Result<EphemeralContainer, Error> {
        let unreadable = |error: serde_json::Error| Error::Unexpected {
            what: "the custom container cannot be merged".to_owned(),
            source: Some(error.into()),
        };
        let built = serde_json::to_value(container).map_err(unreadable)?;
        let merged = merge::merged(built, &self.0);
        serde_json::from_str(&merged.to_string()).map_err(unreadable)
    }

    /// Tells whether it says something about privileges and users.
    pub fn has_security_context(&self) -> bool {
        self.0.get("securityContext").is_some()
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests;

//! How the user names a pod.

use super::name;
use crate::error::Error;

/// Says how a pod is named, to be shown where one is not.
pub(super) const ACCEPTED: &str = "a pod is named as NAME or pod/NAME, and one of the pods of a deployment, \
     replicaset, statefulset, daemonset, job, cronjob or service as TYPE/NAME";

/// Words that may be verbs one day. A pod of such a name is written `pod/NAME`.
const LATER_VERBS: [&str; 4] = ["container", "cp", "run", "stop"];

/// Refuses a name that no object of a kind can have.
pub(super) fn unnamed(kind: &str, name: &str) -> Error {
    let message = if name.is_empty() {
        format!("the name of the {kind} is empty")
    } else {
        format!("`{name}` cannot be the name of a {kind}")
    };
    Error::Usage {
        message,
        hint: Some(ACCEPTED.to_owned()),
    }
}

/// The name of a pod, as it can stand in a URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PodName(String);

impl PodName {
    /// Reads a name that stands alone.
    pub fn parse(name: &str) -> Result<Self, Error> {
        if LATER_VERBS.contains(&name) {
            return Err(Error::Usage {
                message: format!("this version has no verb `{name}`"),
                hint: Some(format!("a pod of that name is written `pod/{name}`")),
            });
        }
        Self::after_slash(name)
    }

    /// Reads a name that cannot be taken for a verb, as in `pod/NAME`.
    pub fn after_slash(name: &str) -> Result<Self, Error> {
        if name::is_subdomain(name) {
            return Ok(Self(name.to_owned()));
        }
        Err(unnamed("pod", name))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

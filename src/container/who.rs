//! Who is debugged, as the user names it: a pod, or one of those of a workload.

use std::fmt;

use super::{
    PodName, name,
    pod_name::{ACCEPTED, unnamed},
};
use crate::{
    cli::{Kind, WorkloadKind},
    error::Error,
    nearest::nearest,
};

/// Who is debugged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Who {
    /// This pod.
    Pod(PodName),
    /// One of the pods of this workload.
    Workload(Workload),
}

/// Something that has pods. Its text is as a sentence has it: ``deployment `shop` ``.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Workload {
    kind: WorkloadKind,
    name: String,
}

impl Who {
    /// Reads `NAME`, `pod/NAME` or `TYPE/NAME`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let Some((word, name)) = text.split_once('/') else {
            return PodName::parse(text).map(Self::Pod);
        };
        match Kind::of_word(word) {
            Some(Kind::Pod) => PodName::after_slash(name).map(Self::Pod),
            Some(Kind::Workload(kind)) => Workload::new(kind, name).map(Self::Workload),
            Some(Kind::Node) => Err(Error::Usage {
                message: format!("`{text}` is a node, and ephemeral containers are for pods"),
                hint: Some(format!("`kubectl debug node/{name}` debugs a node")),
            }),
            None => Err(unknown_word(word, text)),
        }
    }
}

impl Workload {
    fn new(kind: WorkloadKind, name: &str) -> Result<Self, Error> {
        if name::is_subdomain(name) {
            let name = name.to_owned();
            return Ok(Self { kind, name });
        }
        Err(unnamed(kind.singular(), name))
    }

    /// Returns the kind.
    pub fn kind(&self) -> WorkloadKind {
        self.kind
    }

    /// Returns the name, which can stand in a URL.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns how it is named on a command line: `deployment/shop`.
    pub fn word(&self) -> String {
        format!("{}/{}", self.kind.singular(), self.name)
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(text, "{} `{}`", self.kind.singular(), self.name)
    }
}

fn unknown_word(word: &str, text: &str) -> Error {
    let words = Kind::all_words();
    let near = nearest(word, &words).filter(|_| !word.is_empty());
    let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    Error::Usage {
        message: format!("`{word}` in `{text}` is no kind of object that has pods"),
        hint: Some(format!("{near}{ACCEPTED}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_or_a_workload_is_named_as_in_kubectl() {
        for (text, expected) in [
            ("web", "web"),
            ("pod/web", "web"),
            ("pods/web", "web"),
            ("po/attach", "attach"),
        ] {
            let Who::Pod(pod) = Who::parse(text).unwrap() else {
                panic!("{text} is a pod");
            };
            assert_eq!(pod.as_str(), expected);
        }
        for (text, expected) in [
            ("deploy/shop", "deployment `shop`"),
            ("deployments.apps/shop", "deployment `shop`"),
            ("sts/db", "statefulset `db`"),
            ("cj/nightly", "cronjob `nightly`"),
            ("svc/shop", "service `shop`"),
        ] {
            let Who::Workload(workload) = Who::parse(text).unwrap() else {
                panic!("{text} is a workload");
            };
            assert_eq!(workload.to_string(), expected);
        }
    }

    #[test]
    fn what_names_nothing_is_refused_with_what_would() {
        for (text, message, hint) in [
            (
                "node/n1",
                "`node/n1` is a node, and ephemeral containers are for pods",
                "`kubectl debug node/n1` debugs a node",
            ),
            (
                "deploymnt/shop",
                "`deploymnt` in `deploymnt/shop` is no kind of object that has pods",
                "did you mean `deployment`? a pod is named as NAME or pod/NAME, and one of the pods of a deployment, replicaset, statefulset, daemonset, job, cronjob or service as TYPE/NAME",
            ),
            (
                "/x",
                "`` in `/x` is no kind of object that has pods",
                ACCEPTED,
            ),
            ("deploy/", "the name of the deployment is empty", ACCEPTED),
            (
                "deploy/a/b",
                "`a/b` cannot be the name of a deployment",
                ACCEPTED,
            ),
        ] {
            let error = Who::parse(text).unwrap_err();
            assert_eq!(error.to_string(), message, "{text}");
            assert_eq!(error.hint().as_deref(), Some(hint), "{text}");
            assert_eq!(error.exit_status().code(), 2);
        }
    }
}

//! What the user can do about each thing that went wrong.

use super::{Action, Error, listed};

impl Error {
    /// Returns what the user can do about it, where we know.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. }
            | Self::Kubeconfig { hint, .. }
            | Self::NeverStarts { hint, .. } => hint.clone(),
            Self::Unreachable { .. } | Self::NoAnswer { .. } => Some(
                "is the cluster up, and is this the right context? `kubectl config current-context` tells"
                    .to_owned(),
            ),
            Self::Untrusted { hint, .. } | Self::NoPod { hint, .. } => Some(hint.clone()),
            Self::Unauthorized { .. } => {
                Some("log in again; the credentials in the kubeconfig are not accepted".to_owned())
            }
            Self::Forbidden { action, .. } => Some(missing_rule(action)),
            Self::NotFound {
                resource,
                namespace,
                meant,
                ..
            } => Some(format!(
                "{meant}`kubectl get {resource} -n {namespace}` lists the {resource} of that namespace"
            )),
            Self::NotServed => Some(
                "ephemeral containers are there from Kubernetes 1.23 on (1.25: always)".to_owned(),
            ),
            Self::Refused { .. }
            | Self::Unexpected { .. }
            | Self::ExitCodeUnknown { .. }
            | Self::Terminal { .. }
            | Self::Output { .. } => None,
            Self::PodUnfit { hint, .. } => Some((*hint).to_owned()),
            Self::NoSuchContainer { known, .. } => Some(format!("it has {}", listed(known))),
            Self::NothingRuns { pod } => Some(format!("`kubectl ephemeral {pod}` adds one")),
            Self::NameTaken { pod, container } => Some(format!(
                "choose another name, or go to that one: `kubectl ephemeral attach {pod} -c {container}`"
            )),
            Self::StartedTooLate { return_with, .. } => Some(format!(
                "an ephemeral container cannot be removed; once it runs, `{return_with}` goes to it"
            )),
            Self::NoTerminal { container } => Some(format!(
                "attach from a terminal; `kubectl logs POD -c {container}` shows what it has written"
            )),
            Self::PodGone { .. } => {
                Some("`kubectl get pods` shows what took its place".to_owned())
            }
            Self::SessionLost { return_with, .. } => return_with
                .as_ref()
                .map(|line| format!("the container may still run; `{line}` goes back to it")),
        }
    }
}

fn missing_rule(action: &Action) -> String {
    // An upgrade is a GET, and since 1.35 it needs `create` besides.
    let verbs = if action.resource == "pods/attach" {
        "get\", \"create"
    } else {
        action.verb
    };
    format!(
        "a Role in namespace `{}` must hold this rule: {{apiGroups: [\"{}\"], resources: [\"{}\"], verbs: [\"{verbs}\"]}}",
        action.namespace, action.group, action.resource
    )
}

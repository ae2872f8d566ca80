//! What the user can do about each thing that went wrong.

use super::{Error, grant, listed};
use crate::{nearest::nearest, shell::line_back};

const NOT_SERVED: &str = "they are there from Kubernetes 1.25 on, in 1.23 and 1.24 unless switched off, and from 1.16 \
                          on where the feature gate EphemeralContainers is on";

impl Error {
    /// Returns what the user can do about it, where we know.
    #[expect(
        clippy::too_many_lines,
        reason = "one table: each variant decides, and none is passed over"
    )]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. }
            | Self::Kubeconfig { hint, .. }
            | Self::NeverStarts { hint, .. } => hint.clone(),
            Self::Unreachable { .. } | Self::NoAnswer { .. } => Some(
                "is the cluster up, and is this the right context? `kubectl config current-context` tells"
                    .to_owned(),
            ),
            Self::Untrusted { hint, .. }
            | Self::NoPod { hint, .. }
            | Self::TargetUnfit { hint, .. }
            | Self::PolicyRefused { hint, .. }
            | Self::StartNeedsYou { hint, .. } => Some(hint.clone()),
            Self::IdentityRefused { .. } => Some(
                "has it expired, or is it another cluster's? log in again, or name one with --client-certificate"
                    .to_owned(),
            ),
            Self::LoginNotRenewed { .. } => Some(
                "log in again, as you did the first time; that writes new tokens into the kubeconfig".to_owned(),
            ),
            Self::Unauthorized { .. } => {
                Some("log in again; the credentials in the kubeconfig are not accepted".to_owned())
            }
            Self::Forbidden { action, message } => Some(grant::how_to_give(action, message)),
            Self::Refused { reason, .. } => on_refusal(reason),
            Self::NotFound {
                resource,
                namespace,
                meant,
                ..
            } => Some(format!(
                "{meant}`kubectl get {resource} -n {namespace}` lists the {resource} of that namespace"
            )),
            Self::NotServed { .. } => Some(NOT_SERVED.to_owned()),
            Self::NoNamespace { near, .. } => Some(match near {
                Some(near) => format!("did you mean `-n {near}`?"),
                None => "`kubectl get namespaces` lists what is there".to_owned(),
            }),
            Self::AllThere {
                pod, containers, ..
            } => {
                let last = containers.last().map_or("NAME", String::as_str);
                Some(format!(
                    "`kubectl ephemeral attach {pod} -c {last}` goes to one of them; a container of another name is added"
                ))
            }
            Self::Invalid { .. }
            | Self::Unexpected { .. }
            | Self::ExitCodeUnknown { .. }
            | Self::Terminal { .. }
            | Self::Input { .. }
            | Self::Output { .. } => None,
            Self::Recording { hint, .. } => hint.map(str::to_owned),
            Self::PodUnfit { hint, .. } | Self::TooOld { hint, .. } => Some((*hint).to_owned()),
            Self::NoSuchContainer {
                container, known, ..
            } => {
                let near = nearest(container, known);
                let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                Some(format!("{near}it has {}", listed(known)))
            }
            Self::TargetUserUnknown { .. } => Some(
                "neither its pod nor its kubelet says so; name the user with --run-as UID[:GID]".to_owned(),
            ),
            Self::NothingRuns { pod } => Some(format!("`kubectl ephemeral {pod}` adds one")),
            Self::NameTaken {
                pod,
                container,
                known,
                ephemeral,
            } => {
                let other = format!("it has {}; choose another name", listed(known));
                Some(if *ephemeral {
                    format!("{other}, or go to that one: `kubectl ephemeral attach {pod} -c {container}`")
                } else {
                    other
                })
            }
            Self::PerhapsAdded {
                pod,
                container,
                namespace,
                ..
            } => Some(format!(
                "if it was, `{}` goes to it",
                line_back(pod, container, namespace)
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

fn on_refusal(reason: &str) -> Option<String> {
    let hint = match reason {
        "Conflict" => "somebody else changes the pod all the time; the same line again may do",
        "TooManyRequests" => "the server has too much to do; the same line later may do",
        _ => return None,
    };
    Some(hint.to_owned())
}

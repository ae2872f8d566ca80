//! What the user can do about each thing that went wrong.

use super::{Error, grant, listed};
use crate::{
    nearest::nearest,
    shell::{line_back, line_of_log, quoted},
};

/// How many containers are named where a name is not the right one.
const SHOWN: usize = 6;

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
            | Self::PodUnfit { hint, .. }
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
            Self::LeftBehind { error, line } => {
                let back = format!("the container stays in the pod; `{line}` goes back to it");
                Some(match error.hint() {
                    Some(hint) => format!("{hint}\n{back}"),
                    None => back,
                })
            }
            Self::Forbidden { action, message } => Some(grant::how_to_give(action, message)),
            Self::Refused { reason, .. } => on_refusal(reason),
            Self::NotFound {
                resource,
                there,
                meant,
                ..
            } => Some(format!(
                "{meant}`kubectl get {resource} {there}` lists the {resource} of that namespace"
            )),
            Self::NotServed { .. } => Some(NOT_SERVED.to_owned()),
            Self::NoNamespace { near, there, .. } => Some(match near {
                Some(near) => format!("did you mean `-n {near}`?"),
                None => format!("`kubectl get namespaces{}` lists those there are", there.cluster_words()),
            }),
            Self::AllThere {
                pod,
                containers,
                there,
                ..
            } => {
                let last = containers.last().map_or("NAME", String::as_str);
                Some(format!(
                    "`{}` goes to one of them; a container of another name is added",
                    line_back(pod, last, there)
                ))
            }
            Self::Invalid { .. }
            | Self::Unexpected { .. }
            | Self::Terminal { .. }
            | Self::Input { .. }
            | Self::Output { .. } => None,
            Self::Recording { hint, .. } => hint.map(str::to_owned),
            Self::TooOld { hint, .. } => Some((*hint).to_owned()),
            Self::NoSuchContainer {
                container, known, ..
            } => {
                let near = nearest(container, known);
                let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                Some(format!("{near}it has {}", some_of(known)))
            }
            Self::TargetUserUnknown { .. } => Some(
                "neither its pod nor its kubelet says so; name the user with --run-as UID[:GID]".to_owned(),
            ),
            Self::NothingRuns { pod, there } => {
                Some(format!("`kubectl ephemeral pod/{} {there}` adds one", quoted(pod)))
            }
            Self::NameTaken {
                pod,
                container,
                known,
                ephemeral,
                there,
            } => {
                let other = format!("it has {}; choose another name", some_of(known));
                Some(if *ephemeral {
                    let line = line_back(pod, container, there);
                    format!("{other}, or go to that one: `{line}`")
                } else {
                    other
                })
            }
            Self::PerhapsAdded {
                pod,
                container,
                there,
                ..
            } => Some(format!(
                "if it was, `{}` goes to it",
                line_back(pod, container, there)
            )),
            Self::StartedTooLate { return_with, .. } => Some(format!(
                "an ephemeral container cannot be removed; once it runs, `{return_with}` goes to it"
            )),
            Self::NoTerminal {
                pod,
                container,
                there,
            } => Some(format!(
                "attach from a terminal; `{}` shows what it has written",
                line_of_log(pod, container, there)
            )),
            Self::ExitCodeUnknown { pod, there, .. } => Some(format!(
                "`kubectl ephemeral list pod/{} {there}` shows it, once the node has told",
                quoted(pod)
            )),
            Self::PodGone { there, .. } => {
                Some(format!("`kubectl get pods {there}` shows what took its place"))
            }
            Self::SessionLost { return_with, .. } => return_with
                .as_ref()
                .map(|line| format!("the container may still run; `{line}` goes back to it")),
        }
    }
}

/// Names containers, of which a pod that is debugged often has many: the newest are the first of the list.
fn some_of(names: &[String]) -> String {
    match names.len().checked_sub(SHOWN) {
        None | Some(0..=2) => listed(names),
        Some(more) => format!("{} and {more} more", listed(&names[..SHOWN])),
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

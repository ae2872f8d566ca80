//! Whose processes the new container sees.

use k8s_openapi::api::core::v1::{Container, ContainerState, Pod};

use super::{parts, request::TargetWish};
use crate::error::{Error, listed};

/// The annotation with which a pod names its main container.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// Sidecars that service meshes and the like put beside the container that people mean.
const SIDECARS: [&str; 15] = [
    "cloud-sql-proxy",
    "cloudsql-proxy",
    "config-reloader",
    "consul-dataplane",
    "daprd",
    "envoy",
    "envoy-sidecar",
    "gke-gcsfuse-sidecar",
    "istio-proxy",
    "kube-rbac-proxy",
    "kuma-sidecar",
    "linkerd-proxy",
    "oauth2-proxy",
    "queue-proxy",
    "vault-agent",
];

/// The container whose processes are seen, and how it came to be that one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// The user named it.
    Named(String),
    /// It is the pod's main container.
    Main(String),
    /// The whole pod shares its processes, so none is needed.
    Shared,
    /// The pod sees the processes of its node, so none is needed.
    OfNode,
    /// The main container does not run, so its processes cannot be joined.
    NotRunning(String),
    /// None was wanted, or there are none to join: containers of Windows cannot.
    None,
}

impl Target {
    /// Returns the name that goes into the container, if any.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) | Self::Main(name) => Some(name),
            Self::Shared | Self::OfNode | Self::NotRunning(_) | Self::None => None,
        }
    }
}

/// Returns the container that a target stands for: where it needs no name, the pod's main one.
pub(super) fn of_whom<'a>(target: &'a Target, pod: &'a Pod) -> Option<&'a Container> {
    let name = match target {
        Target::Named(name) | Target::Main(name) | Target::NotRunning(name) => name,
        Target::Shared | Target::OfNode => main_container(pod)?,
        Target::None => return None,
    };
    parts::ordinary(pod).find(|container| container.name == name)
}

/// Chooses the target in a pod.
pub fn choose_target(wish: &TargetWish, pod: &Pod) -> Result<Target, Error> {
    let spec = pod.spec.as_ref();
    let shared = spec.and_then(|spec| spec.share_process_namespace) == Some(true);
    let of_node = spec.and_then(|spec| spec.host_pid) == Some(true);
    match wish {
        TargetWish::None => Ok(Target::None),
        TargetWish::Named(name) => named(name, pod),
        TargetWish::Main if of_node => Ok(Target::OfNode),
        TargetWish::Main if shared => Ok(Target::Shared),
        TargetWish::Main if parts::is_windows(pod) => Ok(Target::None),
        TargetWish::Main => Ok(match main_container(pod) {
            Some(name) if runs(pod, name) => Target::Main(name.to_owned()),
            Some(name) => Target::NotRunning(name.to_owned()),
            None => Target::None,
        }),
    }
}

/// The kubelet starts no container whose target does not run: it says `unable to find target
/// container`, and containerd wants a running one.
fn named(name: &str, pod: &Pod) -> Result<Target, Error> {
    let known: Vec<_> = parts::ordinary(pod)
        .map(|container| container.name.clone())
        .collect();
    let unfit = |reason: String, hint: String| Error::TargetUnfit {
        container: name.to_owned(),
        reason,
        hint,
    };
    if parts::ephemeral_of_name(pod, name).is_some() {
        return Err(unfit(
            "it is an ephemeral container itself".to_owned(),
            format!(
                "the pod's own containers are {}; `kubectl ephemeral attach` goes to an ephemeral one",
                listed(&known)
            ),
        ));
    }
    if !known.iter().any(|other| other == name) {
        return Err(Error::NoSuchContainer {
            pod: parts::name(pod).to_owned(),
            what: "container",
            container: name.to_owned(),
            known,
        });
    }
    if runs(pod, name) || not_started(pod) {
        return Ok(Target::Named(name.to_owned()));
    }
    let others: Vec<_> = known.into_iter().filter(|other| runs(pod, other)).collect();
    let hint = if others.is_empty() {
        "try again while it runs; `--target=\"\"` goes on without its processes".to_owned()
    } else {
        format!(
            "try again while it runs, or name one that does: {}; `--target=\"\"` goes on without",
            listed(&others)
        )
    };
    Err(unfit(why_not(pod, name), hint))
}

/// Returns the container that people mean when they name only the pod.
fn main_container(pod: &Pod) -> Option<&str> {
    let containers = &pod.spec.as_ref()?.containers;
    let annotations = pod.metadata.annotations.as_ref();
    let annotated = annotations.and_then(|annotations| annotations.get(DEFAULT_CONTAINER));
    let is = |container: &&Container| Some(&container.name) == annotated;
    // An init container can be the main one: a sidecar that runs as long as the pod.
    let main = parts::ordinary(pod)
        .find(is)
        .or_else(|| {
            containers
                .iter()
                .find(|container| !SIDECARS.contains(&container.name.as_str()))
        })
        .or_else(|| containers.first())?;
    Some(&main.name)
}

/// A pod that no node has taken yet has no running container, and may have one by the time ours starts.
fn not_started(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    status.is_none_or(|status| status.container_statuses.is_none())
}

fn runs(pod: &Pod, name: &str) -> bool {
    state(pod, name).is_some_and(|state| state.running.is_some())
}

fn why_not(pod: &Pod, name: &str) -> String {
    let state = state(pod, name);
    let ended = state.and_then(|state| state.terminated.as_ref());
    let waiting = state.and_then(|state| state.waiting.as_ref());
    let reason = |reason: Option<&String>| {
        let reason = reason.filter(|reason| !reason.is_empty());
        reason.map_or_else(String::new, |reason| format!(" ({reason})"))
    };
    match ended {
        Some(ended) => format!("it has ended{}", reason(ended.reason.as_ref())),
        None => format!(
            "it does not run{}",
            reason(waiting.and_then(|waiting| waiting.reason.as_ref()))
        ),
    }
}

fn state<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerState> {
    parts::ordinary_status(pod, name)?.state.as_ref()
}

#[cfg(test)]
mod tests;

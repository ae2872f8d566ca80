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
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(containers: &[&str], running: &[&str], extra: &Value) -> Pod {
        let status = |name: &&str| {
            let state = if running.contains(name) {
                json!({"running": {}})
            } else {
                json!({"waiting": {"reason": "CrashLoopBackOff"}})
            };
            json!({"name": name, "state": state, "ready": true, "restartCount": 0, "image": "", "imageID": ""})
        };
        let mut pod = json!({
            "metadata": {"name": "web", "annotations": extra["annotations"]},
            "spec": {"containers": containers.iter().map(|name| json!({"name": name})).collect::<Vec<_>>()},
            "status": {"containerStatuses": containers.iter().map(status).collect::<Vec<_>>()},
        });
        if extra["shared"] == true {
            pod["spec"]["shareProcessNamespace"] = json!(true);
        }
        serde_json::from_value(pod).unwrap()
    }

    fn main(containers: &[&str], running: &[&str], extra: &Value) -> Target {
        choose_target(&TargetWish::Main, &pod(containers, running, extra)).unwrap()
    }

    #[test]
    fn the_main_container_is_the_annotated_else_the_first_that_is_no_sidecar() {
        let none = Value::Null;
        assert_eq!(
            main(&["api"], &["api"], &none),
            Target::Main("api".to_owned())
        );
        assert_eq!(
            main(&["istio-proxy", "api"], &["istio-proxy", "api"], &none),
            Target::Main("api".to_owned())
        );
        assert_eq!(
            main(&["istio-proxy"], &["istio-proxy"], &none),
            Target::Main("istio-proxy".to_owned())
        );
        let annotated = json!({"annotations": {DEFAULT_CONTAINER: "two"}});
        assert_eq!(
            main(&["one", "two"], &["one", "two"], &annotated),
            Target::Main("two".to_owned())
        );
        let wrong = json!({"annotations": {DEFAULT_CONTAINER: "gone"}});
        assert_eq!(
            main(&["one", "two"], &["one", "two"], &wrong),
            Target::Main("one".to_owned())
        );
    }

    #[test]
    fn a_main_container_that_does_not_run_is_not_joined() {
        assert_eq!(
            main(&["api"], &[], &Value::Null),
            Target::NotRunning("api".to_owned())
        );
    }

    #[test]
    fn a_pod_that_shares_its_processes_needs_no_target() {
        assert_eq!(
            main(&["api"], &["api"], &json!({"shared": true})),
            Target::Shared
        );
    }

    #[test]
    fn a_named_target_must_be_there_and_run() {
        let pod = pod(&["api", "db"], &["api"], &Value::Null);
        let named = |name: &str| choose_target(&TargetWish::Named(name.to_owned()), &pod);
        assert_eq!(named("api").unwrap(), Target::Named("api".to_owned()));
        let error = named("db").unwrap_err();
        assert_eq!(
            error.to_string(),
            "container `db` cannot be the target: it does not run (CrashLoopBackOff)"
        );
        assert_eq!(
            error.hint().as_deref(),
            Some(
                "try again while it runs, or name one that does: `api`; `--target=\"\"` goes on without"
            )
        );
        let error = named("nope").unwrap_err();
        assert_eq!(error.to_string(), "pod `web` has no container `nope`");
        assert_eq!(error.hint().as_deref(), Some("it has `api`, `db`"));
    }

    /// A pod with a main container, init containers that run, wait or have ended, and an ephemeral one.
    fn with_init_containers() -> Pod {
        let status = |name: &str, state: Value| json!({"name": name, "state": state, "ready": true, "restartCount": 0, "image": "", "imageID": ""});
        serde_json::from_value(json!({
            "metadata": {"name": "web", "annotations": {}},
            "spec": {
                "containers": [{"name": "api"}],
                "initContainers": [{"name": "mesh", "restartPolicy": "Always"}, {"name": "migrate"}, {"name": "later"}],
                "ephemeralContainers": [{"name": "debugger-1"}],
            },
            "status": {
                "containerStatuses": [status("api", json!({"running": {}}))],
                "initContainerStatuses": [
                    status("mesh", json!({"running": {}})),
                    status("migrate", json!({"terminated": {"exitCode": 0, "reason": "Completed"}})),
                    status("later", json!({"waiting": {}})),
                ],
            },
        }))
        .unwrap()
    }

    #[test]
    fn an_init_container_that_runs_can_be_the_target() {
        let mut pod = with_init_containers();
        let named = |name: &str| choose_target(&TargetWish::Named(name.to_owned()), &pod);
        assert_eq!(named("mesh").unwrap(), Target::Named("mesh".to_owned()));
        for (name, expected) in [
            (
                "migrate",
                "container `migrate` cannot be the target: it has ended (Completed)",
            ),
            (
                "later",
                "container `later` cannot be the target: it does not run",
            ),
            (
                "debugger-1",
                "container `debugger-1` cannot be the target: it is an ephemeral container itself",
            ),
            ("mehs", "pod `web` has no container `mehs`"),
        ] {
            assert_eq!(named(name).unwrap_err().to_string(), expected);
        }
        assert_eq!(
            named("mash").unwrap_err().hint().as_deref(),
            Some("did you mean `mesh`? it has `api`, `mesh`, `migrate`, `later`")
        );
        // It is the main one only where the pod says so.
        let main = |pod: &Pod| choose_target(&TargetWish::Main, pod).unwrap();
        assert_eq!(main(&pod), Target::Main("api".to_owned()));
        let annotations = pod.metadata.annotations.as_mut().unwrap();
        annotations.insert(DEFAULT_CONTAINER.to_owned(), "mesh".to_owned());
        assert_eq!(main(&pod), Target::Main("mesh".to_owned()));
    }

    #[test]
    fn a_target_is_named_for_a_pod_that_has_not_started() {
        let pod =
            json!({"spec": {"containers": [{"name": "api"}]}, "status": {"phase": "Pending"}});
        let pod = serde_json::from_value(pod).unwrap();
        let named = choose_target(&TargetWish::Named("api".to_owned()), &pod);
        assert_eq!(named.unwrap(), Target::Named("api".to_owned()));
        let main = choose_target(&TargetWish::Main, &pod);
        assert_eq!(main.unwrap(), Target::NotRunning("api".to_owned()));
    }

    #[test]
    fn where_no_target_has_an_effect_there_is_none() {
        for (spec, expected) in [
            (json!({"hostPID": true}), Target::OfNode),
            (json!({"shareProcessNamespace": true}), Target::Shared),
            (json!({"os": {"name": "windows"}}), Target::None),
            (
                json!({"os": {"name": "linux"}}),
                Target::NotRunning("api".to_owned()),
            ),
        ] {
            let mut spec = spec;
            spec["containers"] = json!([{"name": "api"}]);
            let pod = serde_json::from_value(json!({"spec": spec})).unwrap();
            let main = choose_target(&TargetWish::Main, &pod).unwrap();
            assert_eq!(main, expected, "{spec}");
            assert_eq!(
                choose_target(&TargetWish::None, &pod).unwrap(),
                Target::None
            );
        }
    }
}

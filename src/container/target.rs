//! Whose processes the new container sees.

use k8s_openapi::api::core::v1::{Container, Pod};

use super::request::TargetWish;
use crate::error::Error;

/// The annotation with which a pod names its main container.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// Sidecars that service meshes and the like put beside the container that people mean.
const SIDECARS: [&str; 7] = [
    "istio-proxy",
    "linkerd-proxy",
    "envoy",
    "vault-agent",
    "cloud-sql-proxy",
    "daprd",
    "consul-dataplane",
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
    /// The main container does not run, so its processes cannot be joined.
    NotRunning(String),
    /// None was wanted.
    None,
}

impl Target {
    /// Returns the name that goes into the container, if any.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) | Self::Main(name) => Some(name),
            Self::Shared | Self::NotRunning(_) | Self::None => None,
        }
    }
}

/// Chooses the target in a pod.
pub fn choose_target(wish: &TargetWish, pod: &Pod) -> Result<Target, Error> {
    let shared = pod
        .spec
        .as_ref()
        .and_then(|spec| spec.share_process_namespace)
        == Some(true);
    match wish {
        TargetWish::None => Ok(Target::None),
        TargetWish::Named(name) => named(name, pod),
        TargetWish::Main if shared => Ok(Target::Shared),
        TargetWish::Main => Ok(match main_container(pod) {
            Some(name) if is_running(pod, name) => Target::Main(name.to_owned()),
            Some(name) => Target::NotRunning(name.to_owned()),
            None => Target::None,
        }),
    }
}

/// Returns the container that a target stands for: in a pod that shares its processes, the main one.
pub(super) fn of_whom<'a>(target: &'a Target, pod: &'a Pod) -> Option<&'a Container> {
    let name = match target {
        Target::Named(name) | Target::Main(name) | Target::NotRunning(name) => name,
        Target::Shared => main_container(pod)?,
        Target::None => return None,
    };
    all_containers(pod).find(|container| container.name == name)
}

fn named(name: &str, pod: &Pod) -> Result<Target, Error> {
    let known: Vec<_> = all_containers(pod)
        .map(|container| container.name.clone())
        .collect();
    if !known.iter().any(|other| other == name) {
        return Err(Error::NoSuchContainer {
            pod: pod.metadata.name.clone().unwrap_or_default(),
            container: name.to_owned(),
            known,
        });
    }
    if is_running(pod, name) || not_started(pod) {
        return Ok(Target::Named(name.to_owned()));
    }
    Err(Error::Refused {
        reason: "TargetNotRunning".to_owned(),
        message: format!(
            "the target container `{name}` does not run, so its processes cannot be joined"
        ),
    })
}

/// Returns the container that people mean when they name only the pod.
fn main_container(pod: &Pod) -> Option<&str> {
    let containers = &pod.spec.as_ref()?.containers;
    let annotations = pod.metadata.annotations.as_ref();
    let annotated = annotations.and_then(|annotations| annotations.get(DEFAULT_CONTAINER));
    let is = |name: &&Container| Some(&name.name) == annotated;
    let main = containers
        .iter()
        .find(is)
        .or_else(|| {
            containers
                .iter()
                .find(|container| !SIDECARS.contains(&container.name.as_str()))
        })
        .or_else(|| containers.first())?;
    Some(&main.name)
}

fn all_containers(pod: &Pod) -> impl Iterator<Item = &Container> {
    let spec = pod.spec.iter();
    spec.flat_map(|spec| {
        spec.containers
            .iter()
            .chain(spec.init_containers.iter().flatten())
    })
}

/// A pod that no node has taken yet has no running container, and may have one by the time ours starts.
fn not_started(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    status.is_none_or(|status| status.container_statuses.is_none())
}

fn is_running(pod: &Pod, name: &str) -> bool {
    let statuses = pod.status.iter().flat_map(|status| {
        let containers = status.container_statuses.iter().flatten();
        containers.chain(status.init_container_statuses.iter().flatten())
    });
    let mut named = statuses.filter(|status| status.name == name);
    named.any(|status| {
        status
            .state
            .as_ref()
            .is_some_and(|state| state.running.is_some())
    })
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
        assert!(
            named("db")
                .unwrap_err()
                .to_string()
                .contains("`db` does not run")
        );
        let error = named("nope").unwrap_err();
        assert_eq!(error.to_string(), "pod `web` has no container `nope`");
        assert_eq!(error.hint().as_deref(), Some("it has `api`, `db`"));
    }
}

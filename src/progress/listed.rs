//! What a pod tells of the ephemeral containers that it was ever given, as far as a list shows it.

use k8s_openapi::api::core::v1::Pod;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::container::Gate;
use crate::error::Error;

/// When a node does not know a time, it writes this one.
const NO_TIME: &str = "1970-01-01T00:00:00Z";

/// An ephemeral container in a list. The names of its fields, written as in JSON, are what scripts rely on
/// (`docs/reference/list.md`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    pub namespace: String,
    pub pod: String,
    #[serde(rename = "podUID")]
    pub pod_uid: String,
    /// The node that the pod is on, once one has taken it.
    pub node: Option<String>,
    pub container: String,
    pub state: ListedState,
    /// Why it is in that state: `ErrImagePull`, `Completed`, `OOMKilled` and the like.
    pub reason: Option<String>,
    /// What the node had to say about it.
    pub message: Option<String>,
    /// The exit code of a container that has ended.
    pub exit_code: Option<i32>,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    /// The image as it was asked for.
    pub image: Option<String>,
    /// The image that was found for it.
    #[serde(rename = "imageID")]
    pub image_id: Option<String>,
    /// The container whose processes it sees.
    pub target: Option<String>,
    pub command: Vec<String>,
    pub args: Vec<String>,
    pub stdin: bool,
    pub tty: bool,
    /// The user it runs as: as the node has it, else as it was asked for.
    pub user: Option<i64>,
    pub added_by: Option<AddedBy>,
}

/// Who added a container, as the API server noted it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct AddedBy {
    /// The program, as it named itself.
    pub manager: String,
    /// When the program last changed the pod's ephemeral containers: not earlier than it added this one.
    pub time: Option<String>,
}

/// The state of a container, in the words of the API.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum ListedState {
    /// It does not run yet, or never will. Also where the node has said nothing.
    Waiting,
    Running,
    /// It has ended. It is never restarted.
    Terminated,
}

impl ListedState {
    /// Returns the API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Running => "Running",
            Self::Terminated => "Terminated",
        }
    }
}

/// A pod, of which only what a list shows is read: there may be thousands.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListedPod {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    name: String,
    namespace: String,
    uid: String,
    managed_fields: Vec<Manager>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Manager {
    #[serde(rename = "manager")]
    name: String,
    time: Option<String>,
    #[serde(rename = "fieldsV1")]
    fields: Fields,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(rename = "f:spec")]
    spec: SpecFields,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SpecFields {
    /// By keys such as `k:{"name":"debugger"}`.
    #[serde(rename = "f:ephemeralContainers")]
    ephemeral_containers: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    node_name: Option<String>,
    security_context: SecurityContext,
    ephemeral_containers: Vec<Container>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SecurityContext {
    run_as_user: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Container {
    name: String,
    image: Option<String>,
    command: Vec<String>,
    args: Vec<String>,
    stdin: bool,
    tty: bool,
    target_container_name: Option<String>,
    security_context: SecurityContext,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    ephemeral_container_statuses: Vec<ContainerStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerStatus {
    name: String,
    #[serde(rename = "imageID")]
    image_id: String,
    state: State,
    user: User,
}

/// Since Kubernetes 1.31.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct User {
    linux: LinuxUser,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LinuxUser {
    uid: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct State {
    running: Option<Details>,
    terminated: Option<Details>,
    waiting: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Details {
    reason: Option<String>,
    message: Option<String>,
    exit_code: Option<i32>,
    started_at: Option<String>,
    finished_at: Option<String>,
}

impl ListedPod {
    /// Takes from a pod what a list shows.
    pub fn of(pod: &Pod) -> Result<Self, Error> {
        let value = serde_json::to_value(pod).and_then(serde_json::from_value);
        value.map_err(|error| Error::Unexpected {
            what: "the pod cannot be read".to_owned(),
            source: Some(error.into()),
        })
    }

    /// Returns the ephemeral containers, in the order in which the pod has them.
    pub fn into_containers(self) -> Vec<Listed> {
        let Self {
            metadata,
            spec,
            mut status,
        } = self;
        let statuses = &mut status.ephemeral_container_statuses;
        let listed = spec.ephemeral_containers.into_iter().map(|container| {
            let known = statuses.iter().position(|one| one.name == container.name);
            let status = known.map(|at| statuses.swap_remove(at)).unwrap_or_default();
            let (state, details) = status.state.into_details();
            let asked = container.security_context.run_as_user;
            let (command, stdin) = Gate::lifted(container.command, container.stdin);
            Listed {
                namespace: metadata.namespace.clone(),
                pod: metadata.name.clone(),
                pod_uid: metadata.uid.clone(),
                node: spec.node_name.clone(),
                state,
                reason: details.reason,
                message: details.message,
                exit_code: details.exit_code,
                started_at: details.started_at.filter(|time| time != NO_TIME),
                finished_at: details.finished_at.filter(|time| time != NO_TIME),
                image: container.image,
                image_id: Some(status.image_id).filter(|id| !id.is_empty()),
                target: container.target_container_name,
                command,
                args: container.args,
                stdin,
                tty: container.tty,
                user: (status.user.linux.uid)
                    .or(asked)
                    .or(spec.security_context.run_as_user),
                added_by: owner(&metadata.managed_fields, &container.name),
                container: container.name,
            }
        });
        listed.collect()
    }
}

impl State {
    fn into_details(self) -> (ListedState, Details) {
        if let Some(details) = self.terminated {
            return (ListedState::Terminated, details);
        }
        if let Some(details) = self.running {
            return (ListedState::Running, details);
        }
        (ListedState::Waiting, self.waiting.unwrap_or_default())
    }
}

/// Returns who added a container of a pod, if the API server has noted it. That is the name of a program:
/// which person used it, only the server's audit log knows.
pub fn added_by(pod: &Pod, container: &str) -> Option<AddedBy> {
    let listed = ListedPod::of(pod).ok()?.into_containers();
    let ours = listed.into_iter().find(|one| one.container == container)?;
    ours.added_by
}

fn owner(managers: &[Manager], container: &str) -> Option<AddedBy> {
    let key = format!("k:{{\"name\":\"{container}\"}}");
    let owns = |manager: &&Manager| {
        let owned = &manager.fields.spec.ephemeral_containers;
        owned.contains_key(&key)
    };
    let manager = managers.iter().find(owns)?;
    Some(AddedBy {
        manager: manager.name.clone(),
        time: manager.time.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listed(pod: Value) -> Vec<Listed> {
        let pod: ListedPod = serde_json::from_value(pod).unwrap();
        pod.into_containers()
    }

    #[test]
    fn each_state_is_told_as_the_pod_has_it() {
        let started = "2026-11-20T08:06:48Z";
        for (status, state, reason, code, begin) in [
            (json!([]), ListedState::Waiting, None, None, None),
            (
                json!([{"name": "d", "state": {}}]),
                ListedState::Waiting,
                None,
                None,
                None,
            ),
            (
                json!([{"name": "d", "state": {"waiting": {"reason": "ErrImagePull"}}}]),
                ListedState::Waiting,
                Some("ErrImagePull"),
                None,
                None,
            ),
            (
                json!([{"name": "other", "state": {}}, {"name": "d", "state": {"running": {"startedAt": started}}}]),
                ListedState::Running,
                None,
                None,
                Some(started),
            ),
            (
                json!([{"name": "d", "state": {"terminated":
                    {"exitCode": 128, "reason": "StartError", "startedAt": NO_TIME, "finishedAt": started}}}]),
                ListedState::Terminated,
                Some("StartError"),
                Some(128),
                None,
            ),
        ] {
            let pod = json!({
                "spec": {"ephemeralContainers": [{"name": "d"}]},
                "status": {"ephemeralContainerStatuses": status},
            });
            let [one] = <[Listed; 1]>::try_from(listed(pod)).unwrap();
            assert_eq!(one.state, state, "{status}");
            assert_eq!(one.reason.as_deref(), reason, "{status}");
            assert_eq!(one.exit_code, code, "{status}");
            assert_eq!(one.started_at.as_deref(), begin, "{status}");
        }
    }

    #[test]
    fn the_user_is_the_one_it_has_else_the_one_that_was_asked_for() {
        for (real, own, of_pod, expected) in [
            (json!({"linux": {"uid": 0}}), json!(1), json!(2), Some(0)),
            (json!({}), json!(1), json!(2), Some(1)),
            (json!({}), json!(null), json!(2), Some(2)),
            (json!({}), json!(null), json!(null), None),
        ] {
            let pod = json!({
                "spec": {
                    "securityContext": {"runAsUser": of_pod},
                    "ephemeralContainers": [{"name": "d", "securityContext": {"runAsUser": own}}],
                },
                "status": {"ephemeralContainerStatuses": [{"name": "d", "user": real}]},
            });
            assert_eq!(listed(pod)[0].user, expected);
        }
    }

    #[test]
    fn who_added_it_is_who_owns_it() {
        let owned = |names: &[&str]| {
            let keys = names
                .iter()
                .map(|name| (format!("k:{{\"name\":\"{name}\"}}"), json!({".": {}})));
            let keys: Map<_, _> = keys.chain([(".".to_owned(), json!({}))]).collect();
            json!({"f:spec": {"f:ephemeralContainers": keys}})
        };
        let pod = json!({
            "metadata": {"managedFields": [
                {"manager": "kubelet", "fieldsV1": {"f:status": {"f:phase": {}}}},
                {"manager": "kubectl-debug", "time": "2026-11-20T08:07:00Z", "fieldsV1": owned(&["a", "b"])},
                {"manager": "kubectl-ephemeral", "time": "2026-11-20T08:08:00Z", "fieldsV1": owned(&["c"])},
                {"manager": "old"},
            ]},
            "spec": {"ephemeralContainers": [{"name": "a"}, {"name": "c"}, {"name": "lost"}]},
        });
        let by = listed(pod).into_iter().map(|one| one.added_by);
        let by: Vec<_> = by.map(|by| by.map(|by| (by.manager, by.time))).collect();
        let at = |time: &str| Some(time.to_owned());
        assert_eq!(
            by,
            [
                Some(("kubectl-debug".to_owned(), at("2026-11-20T08:07:00Z"))),
                Some(("kubectl-ephemeral".to_owned(), at("2026-11-20T08:08:00Z"))),
                None,
            ]
        );
    }

    #[test]
    fn a_pod_without_any_lists_nothing() {
        assert_eq!(listed(json!({"metadata": {"name": "web"}})), []);
    }
}

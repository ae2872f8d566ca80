//! What a pod tells of the ephemeral containers that it was ever given, as far as a list shows it.

mod pod;

use k8s_openapi::api::core::v1::Pod;
use serde::Serialize;

use crate::{container::Gate, error::Error};

pub use pod::ListedPod;

use pod::Manager;

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
mod tests;

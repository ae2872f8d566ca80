//! A pod, as far as a list shows it: what is read of each of thousands.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::ListedState;

/// A pod, of which only what a list shows is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListedPod {
    pub(super) metadata: Metadata,
    pub(super) spec: Spec,
    pub(super) status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) uid: String,
    pub(super) managed_fields: Vec<Manager>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Manager {
    #[serde(rename = "manager")]
    pub(super) name: String,
    pub(super) time: Option<String>,
    #[serde(rename = "fieldsV1")]
    pub(super) fields: Fields,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    #[serde(rename = "f:spec")]
    pub(super) spec: SpecFields,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SpecFields {
    /// By keys such as `k:{"name":"debugger"}`.
    #[serde(rename = "f:ephemeralContainers")]
    pub(super) ephemeral_containers: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Spec {
    pub(super) node_name: Option<String>,
    pub(super) security_context: SecurityContext,
    pub(super) ephemeral_containers: Vec<Container>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SecurityContext {
    pub(super) run_as_user: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: Option<String>,
    pub(super) command: Vec<String>,
    pub(super) args: Vec<String>,
    pub(super) stdin: bool,
    pub(super) tty: bool,
    pub(super) target_container_name: Option<String>,
    pub(super) security_context: SecurityContext,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) ephemeral_container_statuses: Vec<ContainerStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContainerStatus {
    pub(super) name: String,
    #[serde(rename = "imageID")]
    pub(super) image_id: String,
    pub(super) state: State,
    pub(super) user: User,
}

/// Since Kubernetes 1.31.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub(super) linux: LinuxUser,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LinuxUser {
    pub(super) uid: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct State {
    pub(super) running: Option<Details>,
    pub(super) terminated: Option<Details>,
    pub(super) waiting: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Details {
    pub(super) reason: Option<String>,
    pub(super) message: Option<String>,
    pub(super) exit_code: Option<i32>,
    pub(super) started_at: Option<String>,
    pub(super) finished_at: Option<String>,
}

impl State {
    /// Returns what is so now, with what is told of it.
    pub(super) fn into_details(self) -> (ListedState, Details) {
        if let Some(details) = self.terminated {
            return (ListedState::Terminated, details);
        }
        if let Some(details) = self.running {
            return (ListedState::Running, details);
        }
        (ListedState::Waiting, self.waiting.unwrap_or_default())
    }
}

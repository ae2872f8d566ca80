//! The status of a pod as the kubelet writes it: pure rules over the stored object.

use serde_json::{Value, json};

use super::user;
use crate::image;

/// Which of the lists of containers one is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Init,
    Ordinary,
    Ephemeral,
}

impl Kind {
    pub(crate) fn spec_field(self) -> &'static str {
        match self {
            Self::Init => "initContainers",
            Self::Ordinary => "containers",
            Self::Ephemeral => "ephemeralContainers",
        }
    }

    pub(crate) fn status_field(self) -> &'static str {
        match self {
            Self::Init => "initContainerStatuses",
            Self::Ordinary => "containerStatuses",
            Self::Ephemeral => "ephemeralContainerStatuses",
        }
    }
}

/// The status of a pod that was just bound to the node.
pub(crate) fn initial(pod: &mut Value, ip: &str, now: &str) {
    let conditions: Vec<Value> = [
        ("PodReadyToStartContainers", "True"),
        ("Initialized", "True"),
        ("Ready", "False"),
        ("ContainersReady", "False"),
        ("PodScheduled", "True"),
    ]
    .iter()
    .map(|(kind, status)| {
        json!({"type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": now})
    })
    .collect();
    pod["status"] = json!({
        "phase": "Pending",
        "conditions": conditions,
        "hostIP": "10.99.0.1",
        "hostIPs": [{"ip": "10.99.0.1"}],
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "startTime": now,
        "qosClass": "BestEffort",
        "resources": {},
    });
}

/// A container before it has run.
pub(crate) fn waiting(kind: Kind, spec: &Value, reason: &str, message: Option<&str>) -> Value {
    let mut state = json!({"reason": reason});
    if let Some(message) = message {
        state["message"] = json!(message);
    }
    let mut status = json!({
        "name": spec["name"],
        "state": {"waiting": state},
        "lastState": {},
        "ready": false,
        "restartCount": 0,
        "image": spec["image"],
        "imageID": "",
    });
    if kind != Kind::Ephemeral {
        status["started"] = json!(false);
    }
    status
}

/// Adds what is known once the runtime has the container.
pub(crate) fn created(
    kind: Kind,
    pod: &Value,
    spec: &Value,
    container_id: &str,
    state: &Value,
) -> Value {
    let name = spec["image"].as_str().unwrap_or_default();
    let is_running = state["running"].is_object();
    let mut status = json!({
        "name": spec["name"],
        "state": state,
        "lastState": {},
        "ready": is_ready(kind, spec, state),
        "restartCount": 0,
        "image": image::full_name(name),
        "imageID": image_id(name),
        "containerID": format!("containerd://{container_id}"),
        "resources": {},
        "user": {"linux": user::of(pod, spec)},
    });
    if kind != Kind::Ephemeral {
        status["started"] = json!(is_running);
    }
    if let Some(mounts) = spec["volumeMounts"].as_array() {
        status["volumeMounts"] = json!(mounts);
    }
    status
}

/// An init container is ready once it has done its work.
fn is_ready(kind: Kind, spec: &Value, state: &Value) -> bool {
    match kind {
        Kind::Init if spec["restartPolicy"] != "Always" => state["terminated"]["exitCode"] == 0,
        Kind::Init | Kind::Ordinary => state["running"].is_object(),
        Kind::Ephemeral => false,
    }
}

pub(crate) fn running(started: &str) -> Value {
    json!({"running": {"startedAt": started}})
}

pub(crate) fn terminated(code: i32, started: &str, finished: &str, container_id: &str) -> Value {
    json!({"terminated": {
        "exitCode": code,
        "reason": if code == 0 { "Completed" } else { "Error" },
        "startedAt": started,
        "finishedAt": finished,
        "containerID": format!("containerd://{container_id}"),
    }})
}

/// The end of what runc could not start.
pub(crate) fn start_error(message: &str, finished: &str, container_id: &str) -> Value {
    json!({"terminated": {
        "exitCode": 128,
        "reason": "StartError",
        "message": message,
        "startedAt": "1970-01-01T00:00:00Z",
        "finishedAt": finished,
        "containerID": format!("containerd://{container_id}"),
    }})
}

/// The same id for the same image, as if it were the digest of its content.
fn image_id(name: &str) -> String {
    use std::fmt::Write as _;
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut digest = String::from("sha256:");
    for part in 0..4 {
        let mut hasher = DefaultHasher::new();
        (name, part).hash(&mut hasher);
        write!(digest, "{:016x}", hasher.finish()).ok();
    }
    digest
}

/// Puts a container's status in its place; the list is sorted by name, of init containers in their order.
pub(crate) fn put(pod: &mut Value, kind: Kind, status: Value) {
    let list = &mut pod["status"][kind.status_field()];
    if !list.is_array() {
        *list = json!([]);
    }
    let Some(list) = list.as_array_mut() else {
        return;
    };
    if let Some(old) = list.iter_mut().find(|old| old["name"] == status["name"]) {
        *old = status;
        return;
    }
    let name = status["name"].as_str().unwrap_or_default();
    let place = match kind {
        Kind::Init => list.len(),
        Kind::Ordinary | Kind::Ephemeral => {
            list.partition_point(|other| other["name"].as_str() < Some(name))
        }
    };
    list.insert(place, status);
}

/// The condition `Initialized`: whether all init containers have done their work.
pub(crate) fn set_initialized(pod: &mut Value, is_initialized: bool, now: &str) {
    let incomplete: Vec<&str> = pod["status"]["initContainerStatuses"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|status| status["ready"] != true)
        .filter_map(|status| status["name"].as_str())
        .collect();
    let message = format!(
        "containers with incomplete status: [{}]",
        incomplete.join(" ")
    );
    let conditions = pod["status"]["conditions"].as_array_mut();
    let condition = conditions
        .into_iter()
        .flatten()
        .find(|condition| condition["type"] == "Initialized");
    let Some(condition) = condition else { return };
    let status = if is_initialized { "True" } else { "False" };
    if condition["status"] != status {
        condition["status"] = json!(status);
        condition["lastTransitionTime"] = json!(now);
    }
    if is_initialized {
        if let Some(condition) = condition.as_object_mut() {
            condition.remove("reason");
            condition.remove("message");
        }
    } else {
        condition["reason"] = json!("ContainersNotInitialized");
        condition["message"] = json!(message);
    }
}

/// Who of a pod's containers is started again.
pub(crate) fn policy(pod: &Value) -> &str {
    pod["spec"]["restartPolicy"].as_str().unwrap_or("Always")
}

/// The status of one container, if it has one.
pub(crate) fn of<'a>(pod: &'a Value, kind: Kind, name: &str) -> Option<&'a Value> {
    pod["status"][kind.status_field()]
        .as_array()?
        .iter()
        .find(|status| status["name"] == name)
}

/// Phase, conditions and the generation that was seen.
pub(crate) fn refresh(pod: &mut Value, now: &str) {
    let generation = pod["metadata"]["generation"].clone();
    let none = Vec::new();
    let statuses = pod["status"]["containerStatuses"]
        .as_array()
        .unwrap_or(&none);
    let unready: Vec<&str> = statuses
        .iter()
        .filter(|status| status["ready"] != true)
        .filter_map(|status| status["name"].as_str())
        .collect();
    let unready = (!unready.is_empty())
        .then(|| format!("containers with unready status: [{}]", unready.join(" ")));
    let policy = pod["spec"]["restartPolicy"].as_str();
    let init = pod["status"]["initContainerStatuses"].as_array();
    let phase = match policy {
        Some("Never") if init.is_some_and(|init| init.iter().any(has_failed)) => "Failed",
        _ => phase(policy, statuses),
    };
    if let Some(conditions) = pod["status"]["conditions"].as_array_mut() {
        for condition in conditions {
            condition["observedGeneration"] = generation.clone();
            if condition["type"] == "Ready" || condition["type"] == "ContainersReady" {
                set_ready(condition, unready.as_deref(), phase, now);
            }
        }
    }
    pod["status"]["observedGeneration"] = generation;
    pod["status"]["phase"] = json!(phase);
}

fn set_ready(condition: &mut Value, unready: Option<&str>, phase: &str, now: &str) {
    let status = if unready.is_some() { "False" } else { "True" };
    if condition["status"] != status {
        condition["status"] = json!(status);
        condition["lastTransitionTime"] = json!(now);
    }
    let Some(condition) = condition.as_object_mut() else {
        return;
    };
    condition.remove("reason");
    condition.remove("message");
    if let Some(unready) = unready {
        let reason = match phase {
            "Succeeded" => "PodCompleted",
            "Failed" => "PodFailed",
            _ => "ContainersNotReady",
        };
        condition.insert("reason".to_owned(), json!(reason));
        if reason == "ContainersNotReady" {
            condition.insert("message".to_owned(), json!(unready));
        }
    }
}

fn has_failed(status: &Value) -> bool {
    let code = status["state"]["terminated"]["exitCode"].as_i64();
    code.is_some_and(|code| code != 0)
}

fn phase(restart_policy: Option<&str>, statuses: &[Value]) -> &'static str {
    let ended = |status: &&Value| status["state"]["terminated"].is_object();
    let failed = |status: &Value| status["state"]["terminated"]["exitCode"] != 0;
    let has_run = |status: &Value| {
        status["state"]["waiting"].is_null() || status["lastState"]["terminated"].is_object()
    };
    if statuses.is_empty() || !statuses.iter().any(has_run) {
        return "Pending";
    }
    let all_ended = statuses.iter().filter(ended).count() == statuses.len();
    let failures = statuses.iter().any(failed);
    match restart_policy {
        Some("Never") if all_ended && failures => "Failed",
        Some("Never" | "OnFailure") if all_ended && !failures => "Succeeded",
        _ => "Running",
    }
}

#[cfg(test)]
mod tests;

//! The clusters as they were when they were recorded.

use std::time::Duration;

use sandbox::{Image, Sandbox, Server, Timing, World};
use serde_json::{Value, json};

use crate::exchange::Exchange;

/// A cluster with the users of the recordings, and pods as they were recorded.
pub(crate) fn world(server: Server, pods: &[Value]) -> World {
    let ephemeral = ["pods/ephemeralcontainers"];
    let world = World::new()
        .server(server)
        // How long the kubelet lags makes no difference to what is answered in the end.
        .timing(Timing::default())
        .no_rules()
        .role(
            "lab-viewer",
            "viewers",
            &["get", "list", "watch"],
            &["pods"],
        )
        .role("lab-dev", "devs", &["get", "list", "watch"], &["pods"])
        .role("lab-dev", "devs", &["get", "update", "patch"], &ephemeral)
        .role("lab-dev", "devs", &["create", "get"], &["pods/attach"])
        .role("lab-dev", "devs", &["get"], &["pods/log"])
        .role("lab-dev", "devs", &["list"], &["events"])
        .account("patch-only", "patch-only", "patch-only")
        .account("get-ec", "get-ec", "get-ec")
        .account("only-get", "only-get", "only-get")
        .account("only-create", "only-create", "only-create")
        .rule("patch-only", true, &["patch"], &ephemeral)
        .rule("get-ec", true, &["get"], &ephemeral)
        .rule("only-get", true, &["get"], &["pods/attach"])
        .rule("only-create", true, &["create"], &["pods/attach"])
        .image("nosuch:1", Image::not_found())
        .image("slow:1795164535", Image::shell());
    pods.iter().cloned().fold(world, World::pod)
}

/// What a client once sent to make a recorded pod; what was added to it later is left out.
pub(crate) fn manifest(pod: &Value) -> Value {
    let mut spec = pod["spec"].clone();
    if let Some(spec) = spec.as_object_mut() {
        spec.remove("ephemeralContainers");
        spec.remove("nodeName");
    }
    let metadata = &pod["metadata"];
    let mut made = json!({"metadata": {"name": metadata["name"]}, "spec": spec});
    for field in ["labels", "annotations"] {
        if !metadata[field].is_null() {
            made["metadata"][field] = metadata[field].clone();
        }
    }
    made
}

/// The pods that the exchanges of a folder are about.
pub(crate) fn pods(version: &str) -> Vec<Value> {
    if version == "1.21" {
        let list = Exchange::read(version, "list-pods");
        return list.answer()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(manifest)
            .collect();
    }
    if version == "1.28-c2" {
        let pod = Exchange::read(version, "get-pod-after-tty-exit-3");
        return vec![manifest(pod.answer())];
    }
    let mut pods = vec![manifest(Exchange::read(version, "get-pod").answer())];
    if version != "1.21-off" {
        pods.push(manifest(
            Exchange::read(version, "get-pod-with-many-ephemeral").answer(),
        ));
        pods.push(
            json!({"metadata": {"name": "two", "labels": {"app": "two"}}, "spec": {"containers": [
            {"name": "web", "image": "distroless-app:1"},
            {"name": "side", "image": "busybox:1", "command": ["sleep", "1000000"]}]}}),
        );
    }
    pods
}

fn status<'a>(pod: &'a Value, name: &Value) -> &'a Value {
    let statuses = pod["status"]["ephemeralContainerStatuses"].as_array();
    let mut statuses = statuses.into_iter().flatten();
    statuses
        .find(|status| status["name"] == *name)
        .unwrap_or(&Value::Null)
}

/// The pod with commands that bring its containers to where they were, and with those once they are there.
pub(crate) fn in_state(server: Server, recorded: &Value) -> Sandbox {
    let mut pod = manifest(recorded);
    let mut list = recorded["spec"]["ephemeralContainers"].clone();
    for container in list.as_array_mut().into_iter().flatten() {
        let terminated = &status(recorded, &container["name"])["state"]["terminated"];
        container["command"] = match terminated["exitCode"].as_i64() {
            Some(code) => json!(["sh", "-c", format!("exit {code}")]),
            None => json!(["sh", "-c", "sleep 1000"]),
        };
    }
    pod["spec"]["ephemeralContainers"] = list.clone();
    let sandbox = Sandbox::start(world(server, &[pod])).unwrap();
    let name = recorded["metadata"]["name"].as_str().unwrap();
    let kind = |status: &Value| {
        status["state"]
            .as_object()
            .and_then(|state| state.keys().next().cloned())
    };
    let is_there = sandbox.wait_until("default", name, |pod| {
        let list = list.as_array().into_iter().flatten();
        list.map(|container| &container["name"])
            .all(|name| kind(status(pod, name)) == kind(status(recorded, name)))
    });
    assert!(is_there, "{recorded}\n{:?}", sandbox.pod("default", name));
    sandbox
}

/// A pod with containers that have written what was recorded of their logs, a shell, and one that waits.
pub(crate) fn with_logs(server: Server, version: &str) -> Sandbox {
    let container = |name: &str, script: String| json!({"name": name, "image": "busybox:1", "command": ["sh", "-c", script], "stdin": true});
    // With containerd 2 no logs were recorded.
    let version = version.trim_end_matches("-c2");
    let terminal = Exchange::read(version, "log-ephemeral");
    let quoted = terminal.text().replace('\'', "'\\''");
    let lines = Exchange::read(version, "log-notty");
    let lines = lines.text().lines().map(|line| {
        let to = if line == "err" { 2 } else { 1 };
        format!("echo {line} >&{to}; sleep 0.1; ")
    });
    let app = json!({"metadata": {"name": "app"}, "spec": {
    "containers": [{"name": "app", "image": "distroless-app:1"}],
    "ephemeralContainers": [
        container("c3", lines.collect()),
        container("tty-log", format!("printf %s '{quoted}'")),
        container("proto", "cat".to_owned()),
    ]}});
    let slow = Image::shell().pulled_in(Duration::from_mins(1));
    let sandbox = Sandbox::start(world(server, &[app]).image("slow:1", slow)).unwrap();
    let reaches = |name: &str, state: &str| {
        sandbox.wait_until("default", "app", |pod| {
            status(pod, &json!(name))["state"][state].is_object()
        })
    };
    assert!(reaches("c3", "terminated") && reaches("tty-log", "terminated"));
    // In the form of every generation at once.
    let waiting = json!([{"name": "waiting", "image": "slow:1"}]);
    let body = json!({"ephemeralContainers": waiting, "spec": {"ephemeralContainers": waiting}});
    let mut client = sandbox.connect("admin").unwrap();
    let path = "/api/v1/namespaces/default/pods/app/ephemeralcontainers";
    let media = ("Content-Type", "application/strategic-merge-patch+json");
    client
        .request("PATCH", path, &[media], &body.to_string())
        .unwrap();
    assert_eq!(client.answer().unwrap().status, 200);
    assert!(reaches("waiting", "waiting"));
    sandbox
}

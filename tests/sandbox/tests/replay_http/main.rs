//! Sends what was recorded from a real Kubernetes 1.36 to a sandbox, and compares the answers.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be read or sent fails the test"
)]

mod client;
mod exchange;
mod normal;
mod order;
mod profiles;
mod unrecorded;
mod world;

use std::collections::HashMap;

use bytes::Bytes;
use sandbox::{Image, Sandbox};
use serde_json::{Value, json};

use self::client::Client;
use self::exchange::Exchange;
use self::normal::Pods;

/// Replays exchanges, one after the other, and collects what differs.
struct Replay {
    client: Client,
    known: HashMap<String, Value>,
    differences: Vec<String>,
}

impl Replay {
    fn on(sandbox: &Sandbox) -> Self {
        Self {
            client: Client::new(sandbox),
            known: HashMap::new(),
            differences: Vec::new(),
        }
    }

    async fn all(&mut self, names: &[&str], pods: Pods) {
        for name in names {
            let exchange = Exchange::read(name);
            let found = exchange.replay(&self.client, pods, &mut self.known).await;
            self.differences.extend(found);
        }
    }

    fn end(self) {
        let count = self.differences.len();
        assert_eq!(count, 0, "\n{}\n", self.differences.join("\n"));
    }
}

#[test]
fn every_exchange_is_replayed_or_left_out_with_a_reason() {
    let mut files: Vec<String> = std::fs::read_dir(exchange::folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let left_out: Vec<&str> = order::LEFT_OUT.iter().map(|(name, _)| *name).collect();
    let mut known = [
        order::BEFORE,
        order::PATCHES,
        order::AFTER,
        order::STREAMS,
        order::STATES,
        &left_out,
    ]
    .concat();
    known.sort_unstable();
    assert_eq!(files, known);
    assert!(left_out.len() <= 2);
    let (all, left_out) = (files.len(), left_out.len());
    println!(
        "{} of {all} exchanges are replayed, {left_out} left out",
        all - left_out
    );
    for (name, part, reason) in order::PARTLY {
        println!("  in part: {name}, without {part}: {reason}");
    }
}

#[tokio::test]
async fn what_is_read_written_and_refused() {
    let sandbox = Sandbox::start(world::world()).unwrap();
    let mut replay = Replay::on(&sandbox);
    world::create_all(&replay.client).await;
    replay.all(order::BEFORE, Pods::Still).await;
    replay.all(order::PATCHES, Pods::Moving).await;
    let all = |pods: &[Value]| {
        let app = pods.iter().find(|pod| pod["metadata"]["name"] == "app");
        app.is_some_and(world::runs)
    };
    replay.client.wait_for_pods("default", all).await;
    replay.all(order::AFTER, Pods::Moving).await;
    replay.end();
}

/// Adds ephemeral containers to a pod, the last of the list first, as a client that adds one at a time.
async fn add(client: &Client, pod: &str, containers: &[Value]) {
    for container in containers.iter().rev() {
        let patch = json!({"spec": {"ephemeralContainers": [container]}});
        let request = http::Request::patch(format!(
            "/api/v1/namespaces/default/pods/{pod}/ephemeralcontainers"
        ))
        .header("content-type", "application/strategic-merge-patch+json")
        .header("user-agent", "lab")
        .body(Bytes::from(patch.to_string()))
        .unwrap();
        let answer = client.send("admin", request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn streams_that_are_none_logs_and_the_end_of_a_pod() {
    let log = Exchange::read("log-ephemeral").text();
    let shell = Image::shell().program("sh", ["printf", "%s", &log].map(String::from).to_vec());
    let world = world::world().image("session:1", shell);
    let sandbox = Sandbox::start(world).unwrap();
    let mut replay = Replay::on(&sandbox);
    let client = &replay.client;
    world::create(client, Exchange::read("get-pod").answer()).await;
    world::create(client, Exchange::read("get-pod-two").answer()).await;
    let plain = Exchange::read("delete-pod");
    world::create(client, plain.answer()).await;
    let container = |name: &str, image: &str| json!({"name": name, "image": image, "command": ["sh"], "stdin": true});
    let session = [
        container("tty-v5", "session:1"),
        container("waiting", "nosuch:1"),
    ];
    add(client, "app", &session).await;
    add(client, "app", &[container("proto", "busybox:1")]).await;
    let containers = plain.answer()["spec"]["ephemeralContainers"].as_array();
    add(client, "plain", containers.unwrap()).await;
    let settled = |pods: &[Value]| {
        let state = |pod: &str, name: &str| -> Value {
            let pod = pods.iter().find(|other| other["metadata"]["name"] == pod);
            let statuses = pod.map_or(Value::Null, |pod| {
                pod["status"]["ephemeralContainerStatuses"].clone()
            });
            let statuses = statuses.as_array().cloned().unwrap_or_default();
            let status = statuses.iter().find(|status| status["name"] == name);
            status.map_or(Value::Null, |status| status["state"].clone())
        };
        state("app", "tty-v5")["terminated"].is_object()
            && state("app", "waiting")["waiting"]["reason"] == "ImagePullBackOff"
            && state("app", "proto")["running"].is_object()
            && state("plain", "podgone")["running"].is_object()
    };
    client.wait_for_pods("default", settled).await;
    replay.all(order::STREAMS, Pods::Still).await;
    replay.end();
}

/// The states of a pod's ephemeral containers, in short.
fn states(pod: &Value) -> Vec<String> {
    let statuses = pod["status"]["ephemeralContainerStatuses"].as_array();
    let statuses = statuses.into_iter().flatten();
    statuses
        .map(|status| {
            let state = status["state"].as_object().unwrap();
            let (kind, state) = state.iter().next().unwrap();
            let reason = state["reason"].as_str().unwrap_or_default();
            format!("{}: {kind} {reason}", status["name"])
        })
        .collect()
}

#[tokio::test]
async fn every_state_of_an_ephemeral_container() {
    let world = world::world().image("busybox:1", world::first_process());
    let sandbox = Sandbox::start(world).unwrap();
    let mut replay = Replay::on(&sandbox);
    let recorded = Exchange::read("get-pod-ephemeral-states");
    world::create(&replay.client, recorded.answer()).await;
    replay.client.wait_for_pods("default", world::all_run).await;
    let containers = recorded.answer()["spec"]["ephemeralContainers"].as_array();
    add(&replay.client, "app", containers.unwrap()).await;
    let wanted = states(recorded.answer());
    // Recorded after the waits for images had begun, and between two of them.
    let wanted: Vec<String> = wanted
        .iter()
        .map(|state| state.replace("ErrImagePull", "ImagePullBackOff"))
        .collect();
    let reached = |pods: &[Value]| pods.iter().any(|pod| states(pod) == wanted);
    replay.client.wait_for_pods("default", reached).await;
    replay.all(order::STATES, Pods::Still).await;
    replay.end();
}

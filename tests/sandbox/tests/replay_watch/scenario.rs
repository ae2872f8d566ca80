//! Brings about on a sandbox what was recorded, and records that in the same way.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use sandbox::{Image, Sandbox, Server, Timing, World};
use serde_json::{Value, json};

use crate::client::{Client, Watch};
use crate::transcript::{Line, Transcript};

const PATIENCE: Duration = Duration::from_secs(30);

/// Where transcripts are from.
#[derive(Debug, Clone)]
pub(crate) struct From {
    pub(crate) folder: PathBuf,
    pub(crate) server: Server,
    /// The image that was slow to pull there.
    pub(crate) slow: &'static str,
}

pub(crate) struct Scenario {
    pub(crate) recorded: Transcript,
    pub(crate) events: Vec<Line>,
    sandbox: Sandbox,
    client: Client,
}

impl Scenario {
    /// Starts a sandbox with the pod as it was before the recording.
    pub(crate) async fn prepare(from: &From, name: &str, timing: Timing) -> Self {
        let recorded = Transcript::read_from(&from.folder, name);
        let before = recorded.first();
        let mut spec = before["spec"].clone();
        let added = spec["ephemeralContainers"].take();
        spec.as_object_mut().unwrap().remove("ephemeralContainers");
        let namespace = before["metadata"]["namespace"].as_str().unwrap();
        let metadata = json!({"name": before["metadata"]["name"], "namespace": namespace});
        let slow = Image::shell().pulled_in(Duration::from_millis(150));
        let world = World::new()
            .server(from.server)
            .timing(timing)
            .image(from.slow, slow)
            .image("denied/tool:1", Image::denied())
            .image("broken/tool:1", Image::unreachable())
            .namespace(
                "restricted-ns",
                &[("pod-security.kubernetes.io/enforce", "restricted")],
            )
            .pod(json!({"metadata": metadata, "spec": spec}));
        let sandbox = Sandbox::start(world).unwrap();
        let client = Client::new(&sandbox);
        let scenario = Self {
            events: Transcript::events_from(&from.folder, name),
            recorded,
            sandbox,
            client,
        };
        scenario.add_what_was_there(&added).await;
        scenario.wait_until_as_before().await;
        scenario
    }

    fn path(&self) -> String {
        let metadata = &self.recorded.first()["metadata"];
        let text = |field: &str| metadata[field].as_str().unwrap();
        format!(
            "/api/v1/namespaces/{}/pods/{}",
            text("namespace"),
            text("name")
        )
    }

    fn pod(&self) -> Value {
        let metadata = &self.recorded.first()["metadata"];
        let text = |field: &str| metadata[field].as_str().unwrap();
        self.sandbox.pod(text("namespace"), text("name")).unwrap()
    }

    /// Adds the ephemeral containers that were in the pod, and have the status that they had.
    async fn add_what_was_there(&self, added: &Value) {
        let before = &self.recorded.first()["status"]["ephemeralContainerStatuses"];
        for container in added.as_array().into_iter().flatten().rev() {
            let known = before.as_array().into_iter().flatten();
            let mut known = known.filter(|status| status["name"] == container["name"]);
            let Some(status) = known.next() else { continue };
            let mut container = container.clone();
            if let Some(code) = status["state"]["terminated"]["exitCode"].as_i64() {
                container["command"] = json!(["sh", "-c", format!("exit {code}")]);
            }
            let list = json!([container]);
            // In the form of every generation at once.
            self.patch(
                &json!({"spec": {"ephemeralContainers": list}, "ephemeralContainers": list}),
            )
            .await;
        }
    }

    async fn wait_until_as_before(&self) {
        let wanted = outline(self.recorded.first());
        let all = format!("{}?watch=true", self.path());
        let mut watch = self.client.watch(&all).await;
        let found = async {
            while let Some(event) = watch.next().await {
                if outline(&event["object"]) == wanted {
                    return;
                }
            }
            panic!("the watch ended");
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        assert!(found.is_ok(), "{wanted}\n{}", outline(&self.pod()));
    }

    async fn patch(&self, body: &Value) {
        let request = http::Request::patch(format!("{}/ephemeralcontainers", self.path()))
            .header("content-type", "application/strategic-merge-patch+json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let response = self.client.open(request).await;
        assert_eq!(response.status(), 200);
    }

    /// Sends a request as an old transcript has it.
    async fn send(&self, recorded: &Value) {
        let mut request = http::Request::builder()
            .method(recorded["method"].as_str().unwrap())
            .uri(recorded["path"].as_str().unwrap());
        for (name, value) in recorded["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        let body = Bytes::from(recorded["body"]["json"].to_string());
        let response = self.client.open(request.body(body).unwrap()).await;
        assert_eq!(response.status(), 200);
    }

    /// Does what was done then, and records as many events as were recorded.
    pub(crate) async fn play(&self) -> (Vec<Value>, Vec<Value>) {
        let (pods, events) = self.watches().await;
        let meta = &self.recorded.meta;
        let body = &meta["patchBody"];
        if body.is_object() {
            self.patch(body).await;
        } else if meta["request"].is_object() {
            self.send(&meta["request"]).await;
        } else {
            let request = http::Request::delete(self.path())
                .body(Bytes::new())
                .unwrap();
            assert_eq!(self.client.open(request).await.status(), 200);
        }
        tokio::join!(
            record(pods, self.recorded.lines.len()),
            record(events, self.events.len())
        )
    }

    async fn watches(&self) -> (Watch, Watch) {
        let namespace = self.pod()["metadata"]["namespace"]
            .as_str()
            .unwrap()
            .to_owned();
        let name = self.pod()["metadata"]["name"].as_str().unwrap().to_owned();
        let all = format!("/api/v1/namespaces/{namespace}");
        let list = self.client.get(&format!("{all}/pods")).await;
        let version = list["metadata"]["resourceVersion"].as_str().unwrap();
        let watch = |resource: &str, field: &str| {
            format!(
                "{all}/{resource}?watch=1&fieldSelector={field}%3D{name}&resourceVersion={version}"
            )
        };
        (
            self.client.watch(&watch("pods", "metadata.name")).await,
            self.client
                .watch(&watch("events", "involvedObject.name"))
                .await,
        )
    }
}

/// What must be so before it begins: how each container is, and how often it was started.
fn outline(pod: &Value) -> Value {
    let containers = |field: &str| -> Vec<Value> {
        let list = pod["status"][field].as_array().into_iter().flatten();
        list.map(|status| {
            let state = status["state"].as_object().unwrap();
            let states: Vec<(&String, &Value)> = state
                .iter()
                .map(|(kind, state)| (kind, &state["reason"]))
                .collect();
            json!([status["name"], states, status["restartCount"]])
        })
        .collect()
    };
    json!([
        containers("containerStatuses"),
        containers("ephemeralContainerStatuses")
    ])
}

async fn record(mut watch: Watch, count: usize) -> Vec<Value> {
    let mut recorded = Vec::new();
    let all = async {
        while recorded.len() < count
            && let Some(event) = watch.next().await
        {
            recorded.push(event);
        }
    };
    // What has come by then is compared, and what is missing shows.
    tokio::time::timeout(PATIENCE, all).await.ok();
    recorded
}

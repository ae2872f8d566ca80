use std::time::Duration;

use serde_json::{Value, json};

use super::*;

mod order;

const PATIENCE: Duration = Duration::from_secs(20);

struct Node {
    store: Arc<Store>,
    kubelet: Arc<Kubelet>,
    _folder: tempfile::TempDir,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kubelet.kill_all();
    }
}

impl Node {
    fn new() -> Self {
        Self::with(Timing::default())
    }

    fn with(timing: Timing) -> Self {
        let folder = tempfile::tempdir().expect("can be made");
        let store = Arc::new(Store::new());
        let root = folder
            .path()
            .canonicalize()
            .expect("exists")
            .join("containers");
        let kubelet = Kubelet::new(Arc::clone(&store), timing, &root, BTreeMap::new());
        Self {
            store,
            kubelet,
            _folder: folder,
        }
    }

    fn key() -> Key {
        Key::new("pods", "default", "app")
    }

    /// Runs a pod with one service.
    fn pod(&self, spec: &Value) {
        let metadata = json!({"name": "app", "namespace": "default"});
        let pod = json!({"kind": "Pod", "metadata": metadata, "spec": spec});
        crate::api::install(&self.store, &self.kubelet, pod);
    }

    fn service(&self) {
        self.pod(&json!({"terminationGracePeriodSeconds": 1,
            "containers": [{"name": "app", "image": "distroless-app:1"}]}));
    }

    fn add(&self, mut container: Value) {
        container["name"] = json!("d");
        let update = self.store.update(&Self::key(), |pod| {
            pod["spec"]["ephemeralContainers"] = json!([container]);
            pod["metadata"]["generation"] = json!(2);
            Ok::<(), Infallible>(())
        });
        let pod = update.expect("cannot fail").expect("exists");
        self.kubelet.sync(&pod);
    }

    fn statuses<'a>(pod: &'a Value, kind: status::Kind, name: &str) -> &'a Value {
        status::of(pod, kind, name).unwrap_or(&Value::Null)
    }

    /// Waits until the status of the ephemeral container is as wanted.
    async fn ephemeral(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let kind = status::Kind::Ephemeral;
        let pod = self
            .until(|pod| wanted(Self::statuses(pod, kind, "d")))
            .await;
        Self::statuses(&pod, kind, "d").clone()
    }

    async fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut versions = self.store.subscribe();
        let found = async {
            loop {
                if let Some(pod) = self.store.get(&Self::key())
                    && wanted(&pod)
                {
                    return Value::clone(&pod);
                }
                versions.changed().await.expect("goes on");
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        found.unwrap_or_else(|_| panic!("{:#?}", self.store.get(&Self::key())))
    }

    /// What the states of the ephemeral container were, one after the other.
    fn states(&self) -> Vec<String> {
        let (_, changes) = self.store.changes("pods", 100).expect("is kept");
        let mut states: Vec<String> = changes
            .iter()
            .filter_map(|change| status::of(&change.object, status::Kind::Ephemeral, "d"))
            .map(
                |status| match status["state"]["waiting"]["reason"].as_str() {
                    Some(reason) => reason.to_owned(),
                    None if status["state"]["running"].is_object() => "running".to_owned(),
                    None => format!("exit {}", status["state"]["terminated"]["exitCode"]),
                },
            )
            .collect();
        states.dedup();
        states
    }

    fn events(&self) -> Vec<String> {
        let (_, events) = self.store.list("events", Some("default"));
        events
            .iter()
            .filter(|event| event["involvedObject"]["fieldPath"] == "spec.ephemeralContainers{d}")
            .map(|event| event["reason"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

fn has_ended(status: &Value) -> bool {
    status["state"]["terminated"].is_object()
}

#[tokio::test]
async fn a_container_runs_and_ends_with_its_exit_code() {
    let node = Node::new();
    node.service();
    node.add(json!({"image": "busybox:1", "command": ["sh", "-c", "echo hi; exit 3"]}));
    let status = node.ephemeral(has_ended).await;
    assert_eq!(status["state"]["terminated"]["exitCode"], 3);
    assert_eq!(status["state"]["terminated"]["reason"], "Error");
    assert_eq!(node.states(), ["ContainerCreating", "running", "exit 3"]);
    assert_eq!(node.events(), ["Pulled", "Created", "Started"]);
    let pod = node.store.get(&Node::key()).expect("exists");
    assert_eq!(pod["status"]["observedGeneration"], 2);
    let uid = pod["metadata"]["uid"].as_str().expect("has one");
    let log = node.kubelet.log(uid, "d", false).expect("is kept");
    let lines = log::Reader::default().read(&log);
    assert_eq!(lines[0].text.as_ref(), b"hi\n");
}

#[tokio::test]
async fn an_older_kubelet_never_sees_what_ends_at_once_running() {
    let node = Node::with(Timing {
        status_lag: Duration::from_millis(300),
        ..Timing::before_1_36()
    });
    node.service();
    node.add(json!({"image": "busybox:1", "command": ["true"]}));
    node.ephemeral(has_ended).await;
    assert_eq!(node.states(), ["ContainerCreating", "exit 0"]);
}

#[tokio::test]
async fn an_image_that_is_not_found_is_tried_again_and_backed_off_from() {
    let node = Node::new();
    node.service();
    node.add(json!({"image": "nosuch:1"}));
    let reason = |status: &Value| {
        status["state"]["waiting"]["reason"]
            .as_str()
            .map(str::to_owned)
    };
    let status = node
        .ephemeral(|status| reason(status).as_deref() == Some("ImagePullBackOff"))
        .await;
    assert_eq!(
        status["state"]["waiting"]["message"],
        "Back-off pulling image \"nosuch:1\": ErrImagePull: rpc error: code = NotFound desc = failed to \
         pull and unpack image \"docker.io/library/nosuch:1\": failed to resolve image: \
         docker.io/library/nosuch:1: not found"
    );
    assert_eq!(
        node.states(),
        ["ContainerCreating", "ErrImagePull", "ImagePullBackOff"]
    );
    assert_eq!(
        node.events(),
        ["Pulling", "Failed", "Failed", "BackOff", "Failed"]
    );
}

#[tokio::test]
async fn a_command_that_is_not_in_the_image_is_never_tried_again() {
    let node = Node::new();
    node.service();
    node.add(json!({"image": "distroless-app:1", "command": ["sh"]}));
    let status = node
        .ephemeral(|status| status["lastState"]["terminated"].is_object())
        .await;
    assert_eq!(status["state"]["waiting"]["reason"], "RunContainerError");
    assert_eq!(status["lastState"]["terminated"]["exitCode"], 128);
    assert_eq!(status["lastState"]["terminated"]["reason"], "StartError");
    assert_eq!(node.events(), ["Pulled", "Created", "Failed"]);
}

#[tokio::test]
async fn a_terminal_has_no_size_until_it_is_given_one() {
    let node = Node::new();
    node.service();
    let script = "read x; stty size; read x; stty size";
    node.add(
        json!({"image": "busybox:1", "command": ["sh", "-c", script],
        "stdin": true, "tty": true}),
    );
    node.ephemeral(|status| status["state"]["running"].is_object())
        .await;
    let pod = node.store.get(&Node::key()).expect("exists");
    let uid = pod["metadata"]["uid"].as_str().expect("has one");
    let running = node.kubelet.running(uid, "d").expect("runs");
    let mut frames = running.streams.attach(true, false).expect("runs");
    let enter = || output::Input::Bytes(bytes::Bytes::from_static(b"\n"));
    running.streams.send(enter()).await;
    let mut text = Vec::new();
    while !text.ends_with(b"0 0\r\n") {
        text.extend_from_slice(&frames.recv().await.expect("goes on")[1..]);
    }
    running.streams.resize(100, 30);
    running.streams.send(enter()).await;
    while let Some(frame) = frames.recv().await {
        assert_eq!(frame[0], output::STDOUT);
        text.extend_from_slice(&frame[1..]);
    }
    assert!(
        text.ends_with(b"30 100\r\n"),
        "{:?}",
        String::from_utf8_lossy(&text)
    );
}

#[tokio::test]
async fn a_crashing_container_is_restarted_with_longer_and_longer_waits() {
    let node = Node::new();
    node.pod(&json!({"containers": [
        {"name": "app", "image": "distroless-app:1", "args": ["crash"]}]}));
    let pod = node
        .until(|pod| {
            let status = Node::statuses(pod, status::Kind::Ordinary, "app");
            status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        })
        .await;
    let status = Node::statuses(&pod, status::Kind::Ordinary, "app");
    assert_eq!(status["restartCount"], 1);
    assert_eq!(status["lastState"]["terminated"]["exitCode"], 1);
    let message = status["state"]["waiting"]["message"]
        .as_str()
        .expect("is told");
    assert!(
        message.starts_with("back-off 10s restarting failed container=app pod=app_default("),
        "{message}"
    );
}

#[tokio::test]
async fn nothing_of_a_container_outlives_it() {
    let node = Node::new();
    node.service();
    // One that stays in the group, and one that leaves group and session.
    let script = "sleep 4242 & setsid sleep 4242 & exit 0";
    node.add(json!({"image": "busybox:1", "command": ["sh", "-c", script]}));
    node.ephemeral(has_ended).await;
    let uid = node.store.get(&Node::key()).expect("exists")["metadata"]["uid"].clone();
    let root = node
        .kubelet
        .folder
        .join(uid.as_str().expect("has one"))
        .join("d");
    assert_eq!(process::count_of(&root), 0);
}

#[tokio::test]
async fn a_deleted_pod_ends_with_its_last_status() {
    let node = Node::new();
    node.service();
    node.add(json!({"image": "busybox:1", "command": ["sh"], "stdin": true, "tty": true}));
    node.ephemeral(|status| status["state"]["running"].is_object())
        .await;
    crate::api::mark_deleted(&node.store, &node.kubelet, &Node::key(), None);
    let mut versions = node.store.subscribe();
    while node.store.get(&Node::key()).is_some() {
        let changed = tokio::time::timeout(PATIENCE, versions.changed()).await;
        changed.expect("ends").expect("goes on");
    }
    let (_, changes) = node.store.changes("pods", 100).expect("is kept");
    let last = changes.last().expect("was deleted");
    assert!(last.deleted);
    assert_eq!(last.object["status"]["phase"], "Failed");
    assert_eq!(last.object["metadata"]["deletionGracePeriodSeconds"], 0);
    let status = Node::statuses(&last.object, status::Kind::Ephemeral, "d");
    assert_eq!(status["state"]["terminated"]["exitCode"], 137);
    assert_eq!(process::count_of(&node.kubelet.folder), 0);
}

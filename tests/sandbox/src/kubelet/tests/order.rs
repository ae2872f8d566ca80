//! What waits for what within a pod: init containers, sidecars, missing secrets, a pull that is given up.

use serde_json::{Value, json};

use super::*;
use crate::image::Image;

fn ordinary<'a>(pod: &'a Value, name: &str) -> &'a Value {
    Node::statuses(pod, status::Kind::Ordinary, name)
}

fn init<'a>(pod: &'a Value, name: &str) -> &'a Value {
    Node::statuses(pod, status::Kind::Init, name)
}

async fn gone(node: &Node) -> Value {
    let mut versions = node.store.subscribe();
    while node.store.get(&Node::key()).is_some() {
        let changed = tokio::time::timeout(PATIENCE, versions.changed()).await;
        changed.expect("ends").expect("goes on");
    }
    let (_, changes) = node.store.changes("pods", 100).expect("is kept");
    let last = changes.last().expect("was deleted");
    Value::clone(&last.object)
}

#[tokio::test]
async fn a_pod_deleted_during_a_pull_ends_without_starting_the_container() {
    let node = Node::new();
    let slow = Image::shell().pulled_in(Duration::from_mins(10));
    lock(&node.kubelet.images).insert("slow:1".to_owned(), slow);
    node.service();
    node.until(|pod| ordinary(pod, "app")["state"]["running"].is_object())
        .await;
    node.add(json!({"image": "slow:1", "command": ["sh"], "stdin": true}));
    node.ephemeral(|status| status["state"]["waiting"]["reason"] == "ContainerCreating")
        .await;
    let mut versions = node.store.subscribe();
    while !node.events().contains(&"Pulling".to_owned()) {
        versions.changed().await.expect("goes on");
    }
    crate::api::mark_deleted(&node.store, &node.kubelet, &Node::key(), None);
    let last = gone(&node).await;
    assert_eq!(last["status"]["phase"], "Failed");
    assert_eq!(node.states(), ["ContainerCreating"]);
    assert_eq!(node.events(), ["Pulling", "Failed", "Failed"]);
}

#[tokio::test]
async fn init_containers_run_one_after_the_other_before_the_rest() {
    let node = Node::new();
    let quick = |name: &str| json!({"name": name, "image": "busybox:1", "command": ["true"]});
    node.pod(&json!({
        "initContainers": [quick("b"), quick("a")],
        "containers": [{"name": "app", "image": "distroless-app:1"}],
    }));
    node.until(|pod| ordinary(pod, "app")["state"]["running"].is_object())
        .await;
    let (_, changes) = node.store.changes("pods", 100).expect("is kept");
    let states: Vec<Vec<String>> = changes
        .iter()
        .map(|change| {
            let word = |status: &Value| match &status["state"] {
                state if state["terminated"].is_object() => "done".to_owned(),
                state if state["running"].is_object() => "runs".to_owned(),
                state => state["waiting"]["reason"].as_str().unwrap_or("").to_owned(),
            };
            let pod = &change.object;
            [init(pod, "b"), init(pod, "a"), ordinary(pod, "app")]
                .map(word)
                .to_vec()
        })
        .collect();
    let first = ["PodInitializing", "PodInitializing", "PodInitializing"];
    assert!(states.iter().any(|state| *state == first), "{states:?}");
    for state in &states {
        let is_in_order = match [&*state[0], &*state[1], &*state[2]] {
            ["done", "done", _] => true,
            ["done", _, app] => app == "PodInitializing",
            [_, a, app] => app != "runs" && a != "runs" && a != "done",
        };
        assert!(is_in_order, "{states:?}");
    }
    let pod = node.store.get(&Node::key()).expect("exists");
    let names = pod["status"]["initContainerStatuses"].as_array();
    let names: Vec<_> = names
        .expect("are told")
        .iter()
        .map(|s| &s["name"])
        .collect();
    assert_eq!(names, ["b", "a"]);
    assert_eq!(pod["status"]["conditions"][1]["status"], "True");
}

#[tokio::test]
async fn a_failing_init_container_holds_the_pod_back() {
    let node = Node::new();
    node.pod(&json!({
        "initContainers": [{"name": "i", "image": "busybox:1", "command": ["false"]}],
        "containers": [{"name": "app", "image": "distroless-app:1"}],
    }));
    let pod = node
        .until(|pod| init(pod, "i")["state"]["waiting"]["reason"] == "CrashLoopBackOff")
        .await;
    assert_eq!(pod["status"]["phase"], "Pending");
    let reason = &ordinary(&pod, "app")["state"]["waiting"]["reason"];
    assert_eq!(reason, "PodInitializing");
    let condition = &pod["status"]["conditions"][1];
    assert_eq!(
        condition["message"],
        "containers with incomplete status: [i]"
    );
}

#[tokio::test]
async fn a_sidecar_runs_beside_the_rest() {
    let node = Node::new();
    node.pod(&json!({
        "terminationGracePeriodSeconds": 1,
        "initContainers": [{"name": "s", "image": "distroless-app:1", "restartPolicy": "Always"}],
        "containers": [{"name": "app", "image": "distroless-app:1"}],
    }));
    let pod = node.until(|pod| pod["status"]["phase"] == "Running").await;
    assert_eq!(init(&pod, "s")["ready"], true);
    assert_eq!(init(&pod, "s")["started"], true);
    crate::api::mark_deleted(&node.store, &node.kubelet, &Node::key(), None);
    let last = gone(&node).await;
    assert!(init(&last, "s")["state"]["terminated"].is_object());
}

#[tokio::test]
async fn a_missing_secret_is_a_trouble_of_the_configuration() {
    let node = Node::new();
    node.pod(
        &json!({"containers": [{"name": "app", "image": "busybox:1", "env": [
        {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]}),
    );
    let pod = node
        .until(|pod| ordinary(pod, "app")["state"]["waiting"]["message"].is_string())
        .await;
    let waiting = &ordinary(&pod, "app")["state"]["waiting"];
    assert_eq!(waiting["reason"], "CreateContainerConfigError");
    assert_eq!(waiting["message"], "secret \"s\" not found");
}

#[tokio::test]
async fn a_still_pod_runs_without_a_process_and_goes_on_when_it_is_changed() {
    let node = Node::new();
    let pod = json!({"kind": "Pod", "metadata": {"name": "app", "namespace": "default"},
        "spec": {"containers": [{"name": "app", "image": "pause:1"}]}});
    crate::api::install_still(&node.store, pod);
    let before = node.store.get(&Node::key()).expect("exists");
    assert_eq!(before["status"]["phase"], "Running");
    node.add(json!({"image": "pause:1", "targetContainerName": "app"}));
    node.ephemeral(|status| status["state"]["running"].is_object())
        .await;
    let after = node.store.get(&Node::key()).expect("exists");
    assert_eq!(ordinary(&after, "app"), ordinary(&before, "app"));
    assert_eq!(process::count_of(&node.kubelet.folder), 0);
}

#[tokio::test]
async fn a_pod_that_is_done_takes_its_ephemeral_containers_with_it() {
    let node = Node::new();
    node.pod(&json!({
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "app", "image": "busybox:1", "stdin": true, "command": ["cat"]}],
    }));
    node.until(|pod| ordinary(pod, "app")["state"]["running"].is_object())
        .await;
    node.add(json!({"image": "busybox:1", "command": ["sleep", "1000"]}));
    node.ephemeral(|status| status["state"]["running"].is_object())
        .await;
    let pod = node.store.get(&Node::key()).expect("exists");
    let uid = pod["metadata"]["uid"].as_str().expect("has one");
    let running = node.kubelet.running(uid, "app").expect("runs");
    running.streams.send(output::Input::Close).await;
    let status = node.ephemeral(has_ended).await;
    assert_eq!(status["state"]["terminated"]["exitCode"], 137);
    let pod = node.store.get(&Node::key()).expect("is still there");
    assert_eq!(pod["status"]["phase"], "Succeeded");
    assert!(node.events().contains(&"Killing".to_owned()));
}

#[tokio::test]
async fn a_pod_that_is_never_restarted_fails_with_its_init_container() {
    let node = Node::new();
    node.pod(&json!({
        "restartPolicy": "Never",
        "initContainers": [{"name": "i", "image": "busybox:1", "command": ["false"]}],
        "containers": [{"name": "app", "image": "distroless-app:1"}],
    }));
    let pod = node.until(|pod| pod["status"]["phase"] == "Failed").await;
    assert_eq!(init(&pod, "i")["state"]["terminated"]["exitCode"], 1);
    let reason = &ordinary(&pod, "app")["state"]["waiting"]["reason"];
    assert_eq!(reason, "PodInitializing");
}

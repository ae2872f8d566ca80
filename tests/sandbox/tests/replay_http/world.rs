//! The cluster as it was when the exchanges were recorded.

use std::time::Duration;

use sandbox::{Image, Timing, World};
use serde_json::{Value, json};

use crate::client::Client;
use crate::exchange::Exchange;

/// Users and roles of the recorded cluster, its namespaces, and an image that it may not have.
pub(crate) fn world() -> World {
    let attach = ["pods/attach"];
    World::new()
        .no_rules()
        .role(
            "lab-viewer",
            "viewers",
            &["get", "list", "watch"],
            &["pods"],
        )
        .role("lab-dev", "devs", &["get", "list", "watch"], &["pods"])
        .role("lab-dev", "devs", &["get"], &["pods/log"])
        .role("lab-dev", "devs", &["get", "create"], &attach)
        .role("lab-dev", "devs", &["patch"], &["pods/ephemeralcontainers"])
        .namespace(
            "restricted-ns",
            &[("pod-security.kubernetes.io/enforce", "restricted")],
        )
        .image("denied/tool:1", Image::denied())
        .timing(Timing {
            crash_back_off: Duration::from_secs(1),
            ..Timing::default()
        })
}

/// An image in whose shell nothing can kill the first process, as in a namespace of its own, and time is short.
/// What it writes as its termination message goes nowhere.
pub(crate) fn first_process() -> Image {
    const SHELL: &str = r#"
        kill() { :; }
        sleep() { :; }
        [ "$1" = -c ] || exec sh
        eval "$(printf %s "$2" | sed "s|/dev/termination-log|/dev/null|")"
    "#;
    let run = ["sh", "-c", SHELL, "sh"].map(String::from).to_vec();
    Image::shell().program("sh", run)
}

/// What a client sent to make a pod: what is recorded of it, without what the server and the kubelet added.
fn manifest(pod: &Value) -> (String, Value) {
    let creator = &pod["metadata"]["managedFields"].as_array().unwrap().iter();
    let creator = creator
        .clone()
        .find(|entry| entry["subresource"].is_null())
        .unwrap();
    let mut spec = json!({});
    for (field, value) in pod["spec"].as_object().unwrap() {
        if creator["fieldsV1"]["f:spec"]
            .get(format!("f:{field}"))
            .is_some()
        {
            spec[field] = value.clone();
        }
    }
    let mut metadata = json!({});
    for field in [
        "name",
        "generateName",
        "labels",
        "annotations",
        "ownerReferences",
    ] {
        if !pod["metadata"][field].is_null() {
            metadata[field] = pod["metadata"][field].clone();
        }
    }
    let manager = creator["manager"].as_str().unwrap().to_owned();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec});
    (manager, pod)
}

/// Makes a pod as it was made when it was recorded.
pub(crate) async fn create(client: &Client, recorded: &Value) {
    let (manager, pod) = manifest(recorded);
    let namespace = recorded["metadata"]["namespace"]
        .as_str()
        .unwrap_or("default");
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    client.create(&path, &manager, &pod).await;
}

/// Makes all the pods of the recorded list, and the strict one.
pub(crate) async fn create_all(client: &Client) {
    let list = Exchange::read("list-pods");
    let pods = list.answer()["items"].as_array().unwrap().iter();
    let (crash, others): (Vec<&Value>, Vec<&Value>) =
        pods.partition(|pod| pod["metadata"]["name"] == "crash");
    for pod in &others {
        create(client, pod).await;
    }
    let strict = Exchange::read("patch-podsecurity-restricted-ok");
    create(client, strict.answer()).await;
    client.wait_for_pods("restricted-ns", all_run).await;
    let count = others.len();
    let all = |pods: &[Value]| pods.len() == count && all_run(pods);
    client.wait_for_pods("default", all).await;
    // Last, since it does not stay as it was recorded: ended for the fourth time, and to be started again.
    create(client, crash[0]).await;
    let has_crashed = |pods: &[Value]| {
        pods.iter().any(|pod| {
            let status = &pod["status"]["containerStatuses"][0];
            status["restartCount"] == 3 && status["state"]["running"].is_null()
        })
    };
    client.wait_for_pods("default", has_crashed).await;
}

fn running(pod: &Value, kind: &str) -> usize {
    let statuses = pod["status"][kind].as_array().into_iter().flatten();
    statuses
        .filter(|status| status["state"]["running"].is_object())
        .count()
}

/// Whether all containers of a pod run, the ephemeral ones as well.
pub(crate) fn runs(pod: &Value) -> bool {
    let count = |list: &str| pod["spec"][list].as_array().map_or(0, Vec::len);
    running(pod, "containerStatuses") == count("containers")
        && running(pod, "ephemeralContainerStatuses") == count("ephemeralContainers")
}

pub(crate) fn all_run(pods: &[Value]) -> bool {
    !pods.is_empty() && pods.iter().all(runs)
}

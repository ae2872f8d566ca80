//! What no recording has: a webhook that denies, lists in pieces, and the end of many pods at once.

use bytes::Bytes;
use sandbox::{Denial, Sandbox, World};
use serde_json::{Value, json};

use crate::client::{Answer, Client};

async fn patch(client: &Client, image: &str) -> Answer {
    let container = json!({"name": "d", "image": image});
    let patch = json!({"spec": {"ephemeralContainers": [container]}});
    let request = http::Request::patch("/api/v1/namespaces/default/pods/app/ephemeralcontainers")
        .header("content-type", "application/strategic-merge-patch+json")
        .body(Bytes::from(patch.to_string()))
        .unwrap();
    client.send("admin", request).await
}

async fn get(client: &Client, path: &str) -> Value {
    let request = http::Request::get(path).body(Bytes::new()).unwrap();
    client.send("admin", request).await.json()
}

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| item["metadata"]["name"].as_str().unwrap())
        .collect()
}

fn only_ours(pod: &Value) -> Option<Denial> {
    let image = pod["spec"]["ephemeralContainers"][0]["image"].as_str()?;
    (!image.starts_with("ours/")).then(|| Denial::forbidden(format!("{image} is not ours")))
}

#[tokio::test]
async fn a_webhook_denies_and_nothing_is_stored() {
    let world = World::plain().webhook("images.example.com", only_ours);
    let sandbox = Sandbox::start(world).unwrap();
    let client = Client::new(&sandbox);
    let answer = patch(&client, "busybox:1").await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.json(),
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": "admission webhook \"images.example.com\" denied the request: busybox:1 is not ours",
            "reason": "Forbidden", "code": 403})
    );
    let pod = sandbox.pod("default", "app").unwrap();
    assert!(pod["spec"]["ephemeralContainers"].is_null());
    assert_eq!(patch(&client, "ours/tool:1").await.status, 200);
}

#[tokio::test]
async fn a_namespace_is_listed_in_pieces_and_emptied() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let client = Client::new(&sandbox);
    let path = "/api/v1/namespaces/default/pods";
    let first = get(&client, &format!("{path}?limit=1")).await;
    assert_eq!(names(&first), ["app"]);
    let token = first["metadata"]["continue"].as_str().unwrap();
    let rest = get(&client, &format!("{path}?limit=1&continue={token}")).await;
    assert_eq!(names(&rest), ["two"]);

    let request = http::Request::delete(format!("{path}?labelSelector=app%3Dtwo"))
        .body(Bytes::new())
        .unwrap();
    let deleted = client.send("admin", request).await.json();
    assert_eq!(deleted["kind"], "PodList");
    assert_eq!(names(&deleted), ["two"]);
    let is_gone = |_: &[Value]| sandbox.pod("default", "two").is_none();
    client.wait_for_pods("default", is_gone).await;
    assert!(sandbox.pod("default", "app").is_some());
}

//! What two kubectls send for each `--profile`, in a plain and in a strict namespace, and whether it is let in.

use bytes::Bytes;
use sandbox::Sandbox;
use serde_json::Value;

use crate::client::Client;
use crate::exchange::Exchange;
use crate::world;

#[tokio::test]
async fn each_profile_of_kubectl_is_let_in_or_refused_in_the_same_words() {
    let sandbox = Sandbox::start(world::world()).unwrap();
    let client = Client::new(&sandbox);
    let strict = Exchange::read("patch-podsecurity-restricted-ok");
    world::create(&client, strict.answer()).await;
    let list = Exchange::read("list-pods");
    let pods = list.answer()["items"].as_array().unwrap();
    let shared = pods.iter().find(|pod| pod["metadata"]["name"] == "shared");
    world::create(&client, shared.unwrap()).await;

    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/transcripts/kubectl-profiles.json"
    );
    let runs: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut sent = 0;
    for run in runs.iter().filter(|run| run["patchBody"].is_object()) {
        let text = |field: &str| run[field].as_str().unwrap();
        let path = format!(
            "/api/v1/namespaces/{}/pods/{}/ephemeralcontainers",
            text("namespace"),
            text("pod")
        );
        let request = http::Request::patch(path)
            .header("content-type", "application/strategic-merge-patch+json")
            .body(Bytes::from(run["patchBody"].to_string()))
            .unwrap();
        let answer = client.send("admin", request).await;
        let refusal = run["messages"].as_array().unwrap().iter().find_map(|line| {
            let line = line.as_str().unwrap();
            line.strip_prefix("Error from server (Forbidden): ")
        });
        let what = format!("{} {}", text("client"), text("profile"));
        assert_eq!(
            answer.status,
            if refusal.is_some() { 403 } else { 200 },
            "{what}"
        );
        assert_eq!(answer.json()["message"].as_str(), refusal, "{what}");
        sent += 1;
    }
    assert_eq!(sent, 24);
}

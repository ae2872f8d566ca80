//! How far an old kubelet's status lags behind: at least as far as it did at its quickest when it was recorded.

use std::time::{Duration, Instant};

use sandbox::{Client, Frame, Sandbox, Server, World};
use serde_json::{Value, json};

use crate::exchange::folder;

/// The least of what was measured in the runs of `lag.json`.
fn least(version: &str, of: impl Fn(&Value) -> Option<u64>) -> Duration {
    let text = std::fs::read_to_string(folder(version).join("lag.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let runs = file["runs"].as_array().unwrap();
    Duration::from_millis(runs.iter().filter_map(of).min().unwrap())
}

fn state(sandbox: &Sandbox, is: &str) -> bool {
    sandbox.wait_until("default", "app", |pod| {
        pod["status"]["ephemeralContainerStatuses"][0]["state"][is].is_object()
    })
}

/// Tries until it is not refused any more; each refusal is the kubelet's.
fn attach(sandbox: &Sandbox) -> Client {
    let path =
        "/api/v1/namespaces/default/pods/app/attach?container=d&stdin=true&stdout=true&tty=true";
    let headers = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Protocol", "v4.channel.k8s.io"),
    ];
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let mut client = sandbox.connect("admin").unwrap();
        client.request("GET", path, &headers, "").unwrap();
        let head = client.head().unwrap();
        if head.status == 101 {
            return client;
        }
        assert_eq!(head.status, 500);
        assert!(Instant::now() < until);
    }
}

fn lags(version: &str, server: Server) {
    let sandbox = Sandbox::start(World::plain().server(server)).unwrap();
    let list =
        json!([{"name": "d", "image": "busybox:1", "command": ["sh"], "stdin": true, "tty": true}]);
    let body = json!({"ephemeralContainers": list, "spec": {"ephemeralContainers": list}});
    let path = "/api/v1/namespaces/default/pods/app/ephemeralcontainers";
    let media = ("Content-Type", "application/strategic-merge-patch+json");
    let mut client = sandbox.connect("admin").unwrap();
    client
        .request("PATCH", path, &[media], &body.to_string())
        .unwrap();
    assert_eq!(client.answer().unwrap().status, 200);

    let mut client = attach(&sandbox);
    let attached = Instant::now();
    assert!(state(&sandbox, "running"));
    let recorded = least(version, |run| {
        run["statusRunning"]
            .as_u64()?
            .checked_sub(run["attached"].as_u64()?)
    });
    // The attempt that was not refused began before it was answered.
    assert!(attached.elapsed() + Duration::from_millis(50) > recorded);

    client.send(&Frame::data(0, b"exit 3\n")).unwrap();
    while client.frame().unwrap().channel() != Some(3) {}
    let ended = Instant::now();
    assert!(state(&sandbox, "terminated"));
    let recorded = least(version, |run| run["exitCodeAfterSessionEnd"].as_u64());
    assert!(ended.elapsed() > recorded);
}

#[test]
fn the_status_comes_long_after_the_container_and_its_exit_code_after_the_session() {
    lags("1.21", Server::V1_21);
    lags("1.23", Server::V1_23);
    lags("1.28", Server::V1_28);
    lags("1.28-c2", Server::V1_28Containerd2);
}

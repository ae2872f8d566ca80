//! Which versions are at work.

use std::fs;

use sandbox::{Sandbox, Server, World};
use serde_json::Value;

use crate::plugin::{Plugin, settled};

const OURS: &str = concat!("v", env!("CARGO_PKG_VERSION"));

#[test]
fn ours_and_the_servers() {
    for (server, version) in [(Server::V1_36, "v1.36.2"), (Server::V1_23, "v1.23")] {
        let sandbox = Sandbox::start(World::new().server(server)).unwrap();
        let ended = Plugin::on(&sandbox).args(["version"]).run();
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        let lines: Vec<_> = ended.stdout.lines().collect();
        assert_eq!(lines[0], format!("Client Version: {OURS}"));
        assert!(lines[1].starts_with("Client Commit: "), "{}", lines[1]);
        assert!(lines[2].starts_with("Client Platform: "), "{}", lines[2]);
        let last = format!("Server Version: {version}");
        assert!(lines[3].starts_with(&last), "{}", lines[3]);
        assert_eq!(lines.len(), 4);
    }
}

#[test]
fn documents_have_the_fields_of_kubectl_version() {
    let sandbox = Sandbox::start(World::new()).unwrap();
    let ended = Plugin::on(&sandbox).args(["version", "-o", "json"]).run();
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(json["clientVersion"]["gitVersion"], OURS);
    assert!(json["clientVersion"]["platform"].is_string());
    assert_eq!(json["serverVersion"]["gitVersion"], "v1.36.2");
    let yaml = Plugin::on(&sandbox)
        .args(["version", "-oyaml"])
        .run()
        .stdout;
    assert!(yaml.starts_with("clientVersion:\n"), "{yaml}");
    assert!(yaml.contains("\n  gitVersion: v1.36.2\n"), "{yaml}");
}

#[test]
fn ours_needs_no_cluster() {
    let ended = Plugin::nowhere().args(["version", "--client"]).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert!(!ended.stdout.contains("Server"), "{}", ended.stdout);
}

#[test]
fn ours_is_said_where_the_server_cannot_be_asked() {
    let sandbox = Sandbox::start(World::new()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("config");
    fs::copy(sandbox.kubeconfig(), &kubeconfig).unwrap();
    sandbox.stop_server();
    let ended = Plugin::with_kubeconfig(&kubeconfig).args(["version"]).run();
    assert!(
        ended
            .stdout
            .starts_with(&format!("Client Version: {OURS}\n")),
        "{}",
        ended.stdout
    );
    assert_eq!(ended.stdout.lines().count(), 3);
    assert_eq!(
        settled(&ended.stderr),
        "trying again: connection refused\n\
         error: cannot reach the server at https://127.0.0.1:PORT: connection refused\n\
         hint: is the cluster up, and is this the right context? `kubectl config current-context` tells\n"
    );
    assert_eq!(ended.code, 125);

    let ended = Plugin::nowhere().args(["version", "-o", "json"]).run();
    assert_eq!(ended.code, 125);
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(json["serverVersion"].is_null());
}

//! What nobody on the way may learn, what is not left behind, and what a server cannot make us say.

use std::{fs, net::TcpListener, os::unix::process::ExitStatusExt, process::Command};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    access::TOKEN,
    listener::{Listener, Role},
    plugin::{PLUGIN, Plugin},
};

/// A kubeconfig for a server without TLS.
fn without_tls(server: &Listener, user: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "clusters: [{{name: c, cluster: {{server: 'http://{}'}}}}]\n\
         users: [{{name: u, user: {{{user}}}}}]\n\
         contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\ncurrent-context: x\n",
        server.address()
    );
    fs::write(folder.path().join("config"), text).unwrap();
    folder
}

/// As kubectl has it; on a machine without authorities too, for none are needed.
#[test]
fn without_tls_nobody_is_told_a_secret_and_no_plugin_is_run() {
    let token = format!("token: {TOKEN}, as: ada");
    for user in [
        token.as_str(),
        "username: me, password: p, as: ada",
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: touch, args: [RAN], interactiveMode: Never}, as: ada",
    ] {
        let server = Listener::start(Role::NoPod, None, None);
        let ran = tempfile::tempdir().unwrap();
        let ran = ran.path().join("ran");
        let folder = without_tls(&server, &user.replace("RAN", &ran.display().to_string()));
        let ended = Plugin::with_kubeconfig(folder.path().join("config"))
            .variable("SSL_CERT_FILE", "/dev/null")
            .variable("SSL_CERT_DIR", "/nonexistent")
            .args(["app"])
            .run();
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (
                125,
                "Error from server (NotFound): pods \"app\" not found\n\
                 hint: `kubectl get namespaces` lists those there are\n"
            )
        );
        let head = server.seen()[0].to_lowercase();
        assert!(head.contains("impersonate-user: ada\r\n"), "{head}");
        assert!(!head.contains("authorization"), "{head}");
        assert!(!ran.exists(), "the plug-in was run");
    }
    let server = Listener::start(Role::NoPod, None, None);
    let address = format!("http://{}", server.address());
    Plugin::nowhere()
        .args(["app", "--server", &address, "--token", TOKEN])
        .run();
    let head = server.seen()[0].to_lowercase();
    assert!(!head.contains("authorization"), "{head}");
}

#[test]
fn nothing_that_is_in_memory_gets_into_a_core_dump() {
    // Most shells forbid cores; here one would be written.
    let (_, most) = getrlimit(Resource::RLIMIT_CORE).unwrap();
    setrlimit(Resource::RLIMIT_CORE, most, most).unwrap();
    let (server, folder) = (
        TcpListener::bind("127.0.0.1:0").unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let address = format!("http://{}", server.local_addr().unwrap());
    let mut plugin = Command::new(PLUGIN)
        .args(["app", "--server", &address])
        .env_clear()
        .env("HOME", folder.path())
        .current_dir(folder.path())
        .spawn()
        .unwrap();
    // It waits for an answer now.
    let _connection = server.accept().unwrap();
    kill_process(Pid::from_child(&plugin), Signal::ABORT).unwrap();
    let ended = plugin.wait().unwrap();
    assert_eq!((ended.signal(), ended.core_dumped()), (Some(6), false));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn forbidden(message: &str) -> String {
    let body = serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403,
        "reason": "Forbidden", "message": message, "details": {"name": "app", "kind": "pods"},
    })
    .to_string();
    format!(
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn the_words_of_a_server_can_be_told_from_ours_and_what_it_says_to_paste_is_harmless() {
    let server = Listener::start(
        Role::Http(|_| {
            forbidden(
                "User \"x\nEND\nreboot\" cannot get resource \"pods\"\nhint: `evil`\u{1b}\u{9b}2J",
            )
        }),
        None,
        None,
    );
    let address = format!("http://{}", server.address());
    let ended = Plugin::nowhere().args(["app", "--server", &address]).run();
    assert_eq!(ended.code, 125);
    let error = "Error from server (Forbidden): User \"x\n  END\n  reboot\" cannot get resource \"pods\"\n  hint: `evil`\\u{1b}\\u{9b}2J\n\
                 hint: somebody who may give rights gives all that are needed with\n";
    assert!(ended.stderr.contains(error), "{}", ended.stderr);
    let name =
        "- {apiGroup: rbac.authorization.k8s.io, kind: User, name: \"x\\nEND\\nreboot\"}\nEND\n";
    assert!(ended.stderr.ends_with(name), "{}", ended.stderr);
    assert!(
        !ended.stderr.contains(['\u{1b}', '\u{9b}']),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_plugin_that_lies_where_we_happen_to_be_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let text = "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n\
         users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: run, interactiveMode: Never}}}]\n\
         contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n";
    let config = folder.path().join("config");
    fs::write(&config, text).unwrap();
    // A program of this package, in whose folder tests run.
    let ended = Plugin::with_kubeconfig(&config)
        .variable("PATH", "/nonexistent:tests/fuzz")
        .args(["app"])
        .run();
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (
            125,
            "error: the credential plug-in `run` of user \"u\" lies in a folder of the PATH that depends on the current one, \
             and is not run\nhint: name it by its path in the kubeconfig, or its folder by its whole path\n"
        )
    );
}

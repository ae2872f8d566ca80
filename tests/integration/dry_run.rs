//! `--dry-run` and `-o`: what would be added, or was, in a form that can be handed in again.

use sandbox::{Sandbox, Server, World};
use serde_json::{Value, json};

use crate::{
    plugin::{Ended, Plugin, settled},
    screen::Screen,
};

const TARGET: &str = "the processes of container `app` are visible (--target names another one)\n";

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Ended {
    Plugin::on(sandbox).args(["app"]).args(args).run()
}

fn asked(sandbox: &Sandbox) -> Vec<String> {
    let requests = sandbox.requests();
    let asked = requests
        .iter()
        .map(|request| format!("{} {}", request.method, request.path));
    asked.collect()
}

fn added(sandbox: &Sandbox) -> usize {
    let pod = sandbox.pod("default", "app").unwrap();
    let list = pod["spec"]["ephemeralContainers"].as_array();
    list.map_or(0, Vec::len)
}

#[test]
fn a_client_asks_for_nothing_but_the_pod() {
    let sandbox = plain();
    let ended = run(&sandbox, &["--dry-run=client"]);
    assert_eq!(
        settled(&ended.stdout),
        "pod/app ephemeral container debugger-* added (dry run)\n"
    );
    assert_eq!((ended.code, ended.stderr.as_str()), (0, TARGET));
    assert_eq!(asked(&sandbox), ["GET /api/v1/namespaces/default/pods/app"]);
}

#[test]
fn a_server_checks_it_and_forgets_it() {
    let sandbox = plain();
    let ended = run(&sandbox, &["--dry-run=server", "--", "ls"]);
    assert_eq!(
        settled(&ended.stdout),
        "pod/app ephemeral container debugger-* added (server dry run)\n"
    );
    assert_eq!((ended.code, ended.stderr.as_str()), (0, TARGET));
    assert_eq!(
        asked(&sandbox),
        [
            "GET /api/v1/namespaces/default/pods/app",
            "PATCH /api/v1/namespaces/default/pods/app/ephemeralcontainers?fieldManager=kubectl-ephemeral&dryRun=All",
        ]
    );
    assert_eq!(added(&sandbox), 0);
}

#[test]
fn what_the_server_would_refuse_is_refused() {
    let world = World::plain().webhook("images.example.com", |_| {
        Some(sandbox::Denial::new("images come from ghcr.io"))
    });
    let sandbox = Sandbox::start(world).unwrap();
    let ended = run(&sandbox, &["-q", "--dry-run=server", "-o", "yaml"]);
    assert_eq!(
        ended.stderr,
        "Error from server: admission webhook \"images.example.com\" denied the request: images come from \
         ghcr.io\nhint: that is a rule of this cluster, not of Kubernetes; who runs the webhook \
         `images.example.com` knows what it lets pass\n"
    );
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
}

#[test]
fn yaml_is_a_manifest_with_our_container_alone() {
    let sandbox = plain();
    let args = [
        "-q",
        "-c",
        "dbg",
        "--dry-run=client",
        "-o",
        "yaml",
        "--",
        "sh",
        "-c",
        "yes\nno",
    ];
    let ended = run(&sandbox, &args);
    assert_eq!(
        ended.stdout,
        "apiVersion: v1\n\
         kind: Pod\n\
         metadata:\n\
         \x20 name: app\n\
         \x20 namespace: default\n\
         spec:\n\
         \x20 ephemeralContainers:\n\
         \x20 - command:\n\
         \x20   - sh\n\
         \x20   - -c\n\
         \x20   - |-\n\
         \x20     yes\n\
         \x20     no\n\
         \x20   image: busybox:1.37\n\
         \x20   name: dbg\n\
         \x20   securityContext:\n\
         \x20     capabilities:\n\
         \x20       add:\n\
         \x20       - SYS_PTRACE\n\
         \x20   targetContainerName: app\n\
         \x20   terminationMessagePolicy: File\n"
    );
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

#[test]
fn json_of_the_server_has_what_the_server_filled_in() {
    let sandbox = plain();
    let ended = run(
        &sandbox,
        &["-q", "-c", "dbg", "--dry-run=server", "-o", "json"],
    );
    let manifest: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        manifest,
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "app", "namespace": "default"},
            "spec": {"ephemeralContainers": [{
                "name": "dbg",
                "image": "busybox:1.37",
                "imagePullPolicy": "IfNotPresent",
                "resources": {},
                "stdin": true,
                "tty": true,
                "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}},
                "targetContainerName": "app",
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
            }]},
        })
    );
    assert_eq!((ended.code, added(&sandbox)), (0, 0));
}

#[test]
fn what_was_added_is_printed_from_the_answer() {
    let sandbox = plain();
    let ended = run(
        &sandbox,
        &["-q", "-c", "one", "--attach=false", "-o", "json"],
    );
    let manifest: Value = serde_json::from_str(&ended.stdout).unwrap();
    let pod = sandbox.pod("default", "app").unwrap();
    assert_eq!(
        manifest["spec"],
        json!({"ephemeralContainers": pod["spec"]["ephemeralContainers"]})
    );
    let ended = run(
        &sandbox,
        &["-q", "-c", "two", "--attach=false", "-o", "name"],
    );
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "pod/app\n"));
    assert_eq!(added(&sandbox), 2);
    let ended = run(
        &sandbox,
        &["-q", "-c", "three", "--dry-run=client", "-o", "name"],
    );
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "pod/app\n"));
    assert_eq!(added(&sandbox), 2);
}

#[test]
fn the_forms_that_kubectl_calls_deprecated_mean_what_they_mean_there() {
    let sandbox = plain();
    for (word, warning, sent) in [
        (
            "--dry-run",
            "warning: --dry-run is deprecated and can be replaced with --dry-run=client\n",
            0,
        ),
        (
            "--dry-run=true",
            "warning: --dry-run=true is deprecated and can be replaced with --dry-run=client\n",
            0,
        ),
        (
            "--dry-run=false",
            "warning: --dry-run=false is deprecated and can be replaced with --dry-run=none\n",
            1,
        ),
        ("--dry-run=none", "", 2),
    ] {
        let ended = run(&sandbox, &[word, "--attach=false"]);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(
            ended.stderr.starts_with(&format!("{warning}{TARGET}")),
            "{ended:?}"
        );
        assert_eq!(added(&sandbox), sent, "{word}");
    }
}

#[test]
fn words_that_mean_nothing_are_refused_before_anything_is_asked() {
    let sandbox = plain();
    for (args, stderr) in [
        (
            &["--dry-run=Client"][..],
            "error: invalid value 'Client' for '--dry-run[=<none|client|server>]': it must be `none`, `server` or \
             `client`\n",
        ),
        (
            &["-o", "wide"],
            "error: invalid value 'wide' for '--output <FORMAT>': the formats are `json`, `yaml` and `name`\n",
        ),
        (
            &["-o", "name", "--", "ls"],
            "error: `-o name` is for a container that is added and left\n\
             hint: add --attach=false, or --dry-run=client to add nothing at all\n",
        ),
    ] {
        let ended = run(&sandbox, args);
        assert!(ended.stderr.starts_with(stderr), "{}", ended.stderr);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    }
    assert_eq!(asked(&sandbox), [""; 0]);
}

#[test]
fn a_terminal_session_has_no_record() {
    let sandbox = plain();
    for args in [
        &["app", "-o", "json"][..],
        &["app", "-ojson", "-it", "--", "sh"],
    ] {
        let mut screen = Screen::of_plugin(&sandbox, args);
        assert_eq!(screen.wait_for_end(), 2);
        screen.wait_for("error: `-o` and a terminal session exclude each other");
        screen
            .wait_for("hint: name a command after `--`, or add --attach=false or --dry-run=client");
    }
    assert_eq!(asked(&sandbox), [""; 0]);
}

#[test]
fn a_historic_server_checks_it_too() {
    let sandbox = Sandbox::start(World::plain().server(Server::V1_21)).unwrap();
    let ended = run(&sandbox, &["-c", "dbg", "--dry-run=server", "-o", "json"]);
    let manifest: Value = serde_json::from_str(&ended.stdout).unwrap();
    let container = &manifest["spec"]["ephemeralContainers"][0];
    assert_eq!(container["name"], "dbg");
    assert_eq!(container["imagePullPolicy"], "IfNotPresent");
    assert_eq!(container["securityContext"], Value::Null);
    assert!(
        ended.stderr.contains("takes no security context"),
        "{ended:?}"
    );
    assert_eq!((ended.code, added(&sandbox)), (0, 0));
}

//! `-o json` with a command: one record of how it went, instead of its output.

use std::time::Duration;

use sandbox::{Image, Request, Sandbox, World};
use serde_json::{Value, json};

use crate::plugin::{Ended, Plugin};

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

fn run(sandbox: &Sandbox, args: &[&str]) -> (Ended, Value) {
    let ended = Plugin::on(sandbox)
        .args(["app", "-q", "-c", "dbg", "-o", "json"])
        .args(args)
        .run();
    let record = serde_json::from_str(&ended.stdout).unwrap_or_default();
    (ended, record)
}

/// Fails unless the record has these values in these fields.
fn assert_has(record: &Value, expected: &Value) {
    for (name, expected) in expected.as_object().unwrap() {
        assert_eq!(
            &record[name], expected,
            "{name}; error: {}",
            record["error"]
        );
    }
}

#[test]
fn a_command_is_told_with_its_output_its_end_and_its_times() {
    let sandbox = plain();
    let (ended, record) = run(&sandbox, &["--", "sh", "-c", "echo out; exit 3"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (3, ""));
    let pod = sandbox.pod("default", "app").unwrap();
    let status = &pod["status"]["ephemeralContainerStatuses"][0];
    let terminated = &status["state"]["terminated"];
    assert_has(
        &record,
        &json!({
            "apiVersion": "kubectl-ephemeral/v1",
            "kind": "DebugRecord",
            "namespace": "default",
            "pod": "app",
            "uid": pod["metadata"]["uid"],
            "node": "node-1",
            "container": "dbg",
            "image": "busybox:1.37",
            "imageID": status["imageID"],
            "target": "app",
            "profile": "general",
            "user": null,
            "stdout": "out\n",
            "stdoutBase64": null,
            "stderr": "",
            "stderrBase64": null,
            "truncated": false,
            "exitCode": 3,
            "signal": null,
            "reason": "Error",
            "error": null,
        }),
    );
    let phases = &record["phases"];
    assert_eq!(phases["started"], terminated["startedAt"]);
    assert_eq!(phases["finished"], terminated["finishedAt"]);
    let time = |name: &str| phases[name].as_str().unwrap().to_owned();
    assert!(time("requested") < time("added"), "{phases}");
    assert!(time("added").ends_with('Z'), "{phases}");
}

#[test]
fn a_signal_is_named_by_its_number() {
    let (ended, record) = run(&plain(), &["--", "sh", "-c", "kill -9 $$"]);
    assert_eq!(ended.code, 137);
    assert_has(&record, &json!({"exitCode": 137, "signal": 9}));
}

#[test]
fn bytes_that_are_no_text_come_in_base64() {
    let (ended, record) = run(&plain(), &["--", "printf", r"\377\001\n"]);
    assert_eq!(ended.code, 0);
    assert_has(&record, &json!({"stdout": null, "stdoutBase64": "/wEK"}));
}

#[test]
fn a_pipe_is_told_too_with_its_streams_apart() {
    let sandbox = plain();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-o", "json", "-i", "--"])
        .args(["sh", "-c", "cat; echo oops >&2; exit 9"])
        .input("in\n")
        .run();
    let record = serde_json::from_str(&ended.stdout).unwrap();
    assert_has(
        &record,
        &json!({"stdout": "in\n", "stderr": "oops\n", "exitCode": 9}),
    );
    assert_eq!((ended.code, ended.stderr.as_str()), (9, ""));
}

#[test]
fn yaml_has_the_same_fields() {
    let sandbox = plain();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-o", "yaml", "--", "echo", "hi"])
        .run();
    assert!(
        ended
            .stdout
            .starts_with("apiVersion: kubectl-ephemeral/v1\n"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("\nstdout: |\n  hi\n"),
        "{}",
        ended.stdout
    );
    assert_eq!(ended.code, 0);
}

#[test]
fn what_never_starts_is_told_with_the_reason() {
    let (ended, record) = run(&plain(), &["--image", "nosuch:1", "--", "true"]);
    assert_eq!(ended.code, 125);
    assert_has(
        &record,
        &json!({"exitCode": null, "reason": "ErrImagePull", "imageID": null, "stdout": ""}),
    );
    assert_eq!(
        record["error"]["message"],
        "container `dbg` cannot start: image `nosuch:1` was not found in its registry"
    );
    let details = record["error"]["details"].as_str().unwrap();
    assert!(
        details.starts_with("rpc error: code = NotFound"),
        "{details}"
    );
    assert_eq!(
        record["error"]["hint"],
        "is the name spelt right, with its tag? another image: `kubectl ephemeral pod/app -n default --image=IMAGE -- true`"
    );
    assert!(
        ended
            .stderr
            .starts_with("error: container `dbg` cannot start")
    );
}

#[test]
fn the_image_is_the_one_that_admission_left() {
    let sandbox = plain();
    let mut pod = sandbox.pod("default", "app").unwrap();
    pod["spec"]["ephemeralContainers"] = json!([{"name": "dbg", "image": "mirror/nosuch:1"}]);
    sandbox
        .on(Request::patch())
        .apply_then_answer(200)
        .body("application/json", &pod.to_string());
    let (ended, record) = run(&sandbox, &["--image", "nosuch:1", "--", "true"]);
    assert_eq!(record["image"], "mirror/nosuch:1");
    let said = "error: container `dbg` cannot start: image `mirror/nosuch:1` was not found in its registry\n";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn what_takes_too_long_is_told_too() {
    let world = World::plain().image("slow:1", Image::shell().pulled_in(Duration::from_hours(1)));
    let sandbox = Sandbox::start(world).unwrap();
    let (ended, record) = run(
        &sandbox,
        &["--image", "slow:1", "--timeout", "300ms", "--", "true"],
    );
    assert_eq!(ended.code, 124);
    assert_has(
        &record,
        &json!({"exitCode": null, "reason": "ContainerCreating"}),
    );
    assert_eq!(
        record["error"]["message"],
        "container `dbg` did not start within 300ms: pulling image `slow:1`"
    );
}

#[test]
fn output_that_cannot_be_had_is_told_while_the_command_runs() {
    let sandbox = plain();
    sandbox.on(Request::log()).forbidden();
    let (ended, record) = run(&sandbox, &["--arguments-only", "--", "sleep", "1000"]);
    assert_eq!(ended.code, 125);
    assert_has(
        &record,
        &json!({"exitCode": null, "reason": null, "stdout": ""}),
    );
    assert!(record["phases"]["started"].is_string(), "{record:#}");
    let error = &record["error"];
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("cannot get resource \"pods/log\""),
        "{message}"
    );
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("resources: [pods/log], verbs: [get]"),
        "{hint}"
    );
}

#[test]
fn a_long_output_is_cut_and_read_to_its_end() {
    // By a stream: the log of a container is rotated after 10 MiB.
    let script = "read -r _; dd if=/dev/zero bs=1M count=17 2>/dev/null | tr '\\0' x; exit 5";
    let ended = Plugin::on(&plain())
        .args(["app", "-q", "-o", "json", "-i", "--", "sh", "-c", script])
        .input("go\n")
        .run();
    let record: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert_has(&record, &json!({"truncated": true, "exitCode": 5}));
    assert_eq!(record["stdout"].as_str().unwrap().len(), 16 * 1024 * 1024);
}

#[test]
fn the_pod_is_read_once_more_for_it() {
    let sandbox = plain();
    run(&sandbox, &["--", "true"]);
    let requests = sandbox.requests();
    let reads = requests
        .iter()
        .filter(|request| request.method == "GET" && request.path.ends_with("/pods/app"));
    assert_eq!(reads.count(), 2);
}

#[test]
fn nothing_is_told_where_nothing_was_added() {
    let ended = Plugin::on(&plain())
        .args(["nope", "-o", "json", "--", "true"])
        .run();
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
}

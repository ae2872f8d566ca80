//! What can go wrong while a container is waited for, by the rows of the list of faults.

use std::{thread, time::Duration};

use sandbox::{Image, Request, Sandbox, Server, Timing, World};
use serde_json::{Value, json};

use crate::plugin::{Ended, Plugin, settled, wait_while};

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

/// A sandbox whose image `slow:1` takes so long to pull.
fn slow(time: Duration) -> Sandbox {
    let world = World::plain().image("slow:1", Image::shell().pulled_in(time));
    Sandbox::start(world).unwrap()
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Ended {
    Plugin::on(sandbox).args(["-q"]).args(args).run()
}

/// Fails unless a command in a container works, without a word besides its output.
fn assert_works(sandbox: &Sandbox, image: &str) {
    let ended = run(sandbox, &["app", "--image", image, "--", "echo", "hi"]);
    let said = (ended.code, ended.stdout.as_str(), ended.stderr.as_str());
    assert_eq!(said, (0, "hi\n", ""));
}

fn watches(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests();
    let watches = requests
        .iter()
        .filter(|request| request.path.contains("/pods?watch"));
    watches.count()
}

fn until_added(sandbox: &Sandbox, pod: &str) {
    wait_while(|| sandbox.pod("default", pod).unwrap()["spec"]["ephemeralContainers"].is_null());
}

#[test]
fn row_08_a_pod_without_a_node_is_waited_for() {
    let picky = json!({
        "metadata": {"name": "picky"},
        "spec": {"nodeSelector": {"disk": "ssd"}, "containers": [{"name": "app", "image": "distroless-app:1"}]},
    });
    let sandbox = Sandbox::start(World::new().pod(picky)).unwrap();
    let ended = run(&sandbox, &["picky", "--timeout", "300ms", "--", "true"]);
    assert_eq!(
        settled(&ended.stderr),
        "error: container `debugger-*` did not start within 300ms: no node takes the pod: 0/1 nodes are available: 1 \
         node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are \
         available: 1 Preemption is not helpful for scheduling.\n\
         hint: an ephemeral container cannot be removed; once it runs, `kubectl ephemeral attach pod/picky -c debugger-* \
         -n default` goes to it\n"
    );
    assert_eq!(ended.code, 124);
    let ended = thread::scope(|scope| {
        let waiting = scope.spawn(|| run(&sandbox, &["picky", "--", "echo", "hi"]));
        sandbox.wait_until("default", "picky", |pod| {
            pod["spec"]["ephemeralContainers"]
                .as_array()
                .is_some_and(|list| list.len() == 2)
        });
        sandbox.take_pod("default", "picky");
        waiting.join().unwrap()
    });
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "hi\n"),
        "{ended:?}"
    );
}

#[test]
fn row_17_what_the_container_refers_to_is_missing() {
    let pod = json!({
        "metadata": {"name": "crash"},
        "spec": {"containers": [{"name": "crash", "image": "distroless-app:1", "args": ["crash"]}]},
    });
    let timing = Timing {
        crash_back_off: Duration::from_hours(1),
        ..Timing::default()
    };
    let sandbox = Sandbox::start(World::new().timing(timing).pod(pod)).unwrap();
    // Somebody else's container, whose target had crashed before it could start.
    let container = json!({"name": "theirs", "image": "busybox:1", "targetContainerName": "crash"});
    let mut client = sandbox.connect("admin").unwrap();
    let path = "/api/v1/namespaces/default/pods/crash/ephemeralcontainers";
    let body = json!({"spec": {"ephemeralContainers": [container]}});
    sandbox.wait_until("default", "crash", |pod| {
        pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    });
    let kind = [("Content-Type", "application/strategic-merge-patch+json")];
    client
        .request("PATCH", path, &kind, &body.to_string())
        .unwrap();
    let patched = client.answer().unwrap();
    assert_eq!(patched.status, 200);
    let ended = run(&sandbox, &["attach", "crash", "-c", "theirs"]);
    let expected = "error: container `theirs` cannot start now: the container `crash` whose processes it should see does \
                    not run (CrashLoopBackOff)\n  \
                    failed to generate container \"";
    assert!(ended.stderr.starts_with(expected), "{}", ended.stderr);
    let hint = "hint: `kubectl ephemeral pod/crash -n default --image=busybox:1 --target=\"\"` adds one that sees its own \
                processes only\n\
                this one starts by itself once nothing is in its way; `kubectl ephemeral attach pod/crash -c theirs -n \
                default` goes to it\n";
    assert!(ended.stderr.ends_with(hint), "{}", ended.stderr);
    assert_eq!(ended.code, 125);
}

#[test]
fn row_18_a_kubelet_that_never_says_anything() {
    let world = World::plain().server(Server::V1_21KubeletWithoutFeature);
    let sandbox = Sandbox::start(world).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["app", "--timeout", "16s", "--", "true"])
        .run();
    let said = settled(&ended.stderr);
    let phases: Vec<_> = said
        .lines()
        .filter(|line| line.starts_with("waiting: "))
        .collect();
    let silent = "node `node-1` is ready and says nothing; its kubelet (v1.21.1) may have ephemeral containers switched off";
    assert_eq!(
        phases,
        [
            "waiting: the node has not answered yet",
            &format!("waiting: {silent}")
        ]
    );
    let end = format!(
        "error: container `debugger-*` did not start within 16s: {silent}\n\
         hint: an ephemeral container cannot be removed; once it runs, `kubectl ephemeral attach pod/app -c debugger-* \
         -n default` goes to it\n"
    );
    assert!(said.ends_with(&end), "{said}");
    assert_eq!(ended.code, 124);
}

#[test]
fn row_20_a_version_that_is_too_old_is_read_anew() {
    let sandbox = plain();
    sandbox.on(Request::watch().first()).expired();
    assert_works(&sandbox, "busybox:1");

    // Some servers say so before the stream begins.
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "too old resource version: 473 (634)", "reason": "Expired", "code": 410});
    let sandbox = plain();
    sandbox
        .on(Request::watch().path("/pods").first())
        .answer(410)
        .body("application/json", &status.to_string());
    assert_works(&sandbox, "busybox:1");
}

#[test]
fn row_21_watches_that_end_at_once_are_not_asked_for_without_pause() {
    let sandbox = slow(Duration::from_secs(3));
    sandbox.on(Request::watch().path("/pods")).ends_at_once();
    let ended = run(
        &sandbox,
        &["app", "--image", "slow:1", "--timeout", "2s", "--", "true"],
    );
    assert_eq!(ended.code, 124, "{ended:?}");
    assert!(
        (2..=6).contains(&watches(&sandbox)),
        "{}",
        watches(&sandbox)
    );
}

#[test]
fn row_22_who_may_not_watch_reads_at_growing_intervals() {
    let sandbox = slow(Duration::from_hours(1));
    sandbox.on(Request::watch()).forbidden();
    let args = ["app", "--image", "slow:1", "--timeout", "3s", "--", "true"];
    let ended = run(&sandbox, &args);
    assert_eq!(ended.code, 124, "{ended:?}");
    let requests = sandbox.requests();
    let reads = requests
        .iter()
        .filter(|request| request.method == "GET" && request.path.ends_with("/pods/app"));
    let reads = reads.count();
    assert!((3..=8).contains(&reads), "{reads}");
    assert_eq!(watches(&sandbox), 1, "asked once, and never again");
}

#[test]
fn row_22_without_events_the_status_is_enough() {
    let sandbox = plain();
    sandbox.on(Request::watch().path("/events")).forbidden();
    assert_works(&sandbox, "busybox:1");
    let ended = run(&sandbox, &["app", "--image", "nosuch:1", "--", "true"]);
    assert_eq!(ended.code, 125);
    let stderr = settled(&ended.stderr);
    let expected = "error: container `debugger-*` cannot start: image `nosuch:1` was not found in its registry\n  \
                    Back-off pulling image \"nosuch:1\": ErrImagePull: rpc error: code = NotFound";
    assert!(stderr.starts_with(expected), "{stderr}");
}

#[test]
fn row_23_lines_that_are_none_of_ours_are_passed_over() {
    let other = json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "other", "uid": "o", "resourceVersion": "9"}});
    let long = json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "other", "annotations": {"a": "x".repeat(2_000_000)}}});
    let bookmark =
        json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"resourceVersion": "99"}});
    let line =
        |kind: &str, object: &Value| format!("{}\n", json!({"type": kind, "object": object}));
    for lines in [
        line("MODIFIED", &other),
        line("DELETED", &other),
        line("MODIFIED", &long),
        line("BOOKMARK", &bookmark),
        line("SOMETHING", &other),
        "{\"type\":\"MODIFIED\",\"obj".to_owned(),
        "no JSON at all\n".to_owned(),
        "\n\n".to_owned(),
    ] {
        let sandbox = plain();
        sandbox
            .on(Request::watch().first())
            .answer(200)
            .body("application/json", &lines);
        sandbox
            .on(Request::watch().path("/events").first())
            .answer(200)
            .body("application/json", &lines);
        assert_works(&sandbox, "busybox:1");
    }
}

/// The container `said` with this state, as a watch tells of it.
fn told(sandbox: &Sandbox, state: &Value) -> String {
    told_as(sandbox, "ephemeralContainerStatuses", state)
}

fn told_as(sandbox: &Sandbox, list: &str, state: &Value) -> String {
    let mut pod = sandbox.pod("default", "app").unwrap();
    pod["status"][list] = json!([{
        "name": "said", "image": "busybox:1.37", "imageID": "", "ready": false, "restartCount": 0,
        "state": state,
    }]);
    format!("{}\n", json!({"type": "MODIFIED", "object": pod}))
}

#[test]
fn row_26_an_end_is_final_whatever_is_told_after_it() {
    let sandbox = plain();
    let ended = told(
        &sandbox,
        &json!({"terminated": {"exitCode": 3, "reason": "Error"}}),
    );
    let runs = told(
        &sandbox,
        &json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}}),
    );
    sandbox
        .on(Request::watch().path("/pods?"))
        .answer(200)
        .body("application/json", &format!("{ended}{runs}"));
    sandbox
        .on(Request::log())
        .answer(200)
        .body("text/plain", "once\n");
    let ended = run(&sandbox, &["app", "-c", "said", "--", "true"]);
    let said = (ended.code, ended.stdout.as_str(), ended.stderr.as_str());
    assert_eq!(said, (3, "once\n", ""));
}

#[test]
fn row_27_the_end_of_another_container_of_that_name_is_not_ours() {
    let sandbox = plain();
    let other = json!({"terminated": {"exitCode": 9, "reason": "Error"}});
    let other = told_as(&sandbox, "containerStatuses", &other);
    let ours = told(
        &sandbox,
        &json!({"terminated": {"exitCode": 3, "reason": "Error"}}),
    );
    sandbox
        .on(Request::watch().path("/pods?"))
        .answer(200)
        .body("application/json", &format!("{other}{ours}"));
    sandbox
        .on(Request::log())
        .answer(200)
        .body("text/plain", "ours\n");
    let ended = run(&sandbox, &["app", "-c", "said", "--", "true"]);
    let said = (ended.code, ended.stdout.as_str(), ended.stderr.as_str());
    assert_eq!(said, (3, "ours\n", ""));
}

#[test]
fn row_24_a_pod_that_another_one_took_the_name_of() {
    let sandbox = slow(Duration::from_hours(1));
    // The watch sees neither the end nor the deletion.
    sandbox.on(Request::watch().path("/pods")).ends_at_once();
    let ended = thread::scope(|scope| {
        let waiting = scope.spawn(|| run(&sandbox, &["app", "--image", "slow:1", "--", "true"]));
        until_added(&sandbox, "app");
        sandbox.replace_pod("default", "app");
        sandbox.compact();
        sandbox.on(Request::watch().path("/pods")).expired();
        waiting.join().unwrap()
    });
    assert_eq!(
        ended.stderr,
        "error: pod `app` was replaced by another one of the same name\n\
         hint: `kubectl get pods -n default` shows what took its place\n"
    );
    assert_eq!(ended.code, 125);
}

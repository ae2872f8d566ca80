//! One wish, one container: whatever becomes of the request that adds it.

use std::time::Duration;

use rustix::process::Signal;
use sandbox::{Request, Sandbox, World};
use serde_json::{Value, json};

use crate::plugin::{Ended, Plugin, settled};

const TARGET: &str = "the processes of container `app` are visible (--target names another one)\n";
const CURE: &str = "hint: somebody else changes the pod all the time; the same line again may do\n";
const ADDED: &str = "added container `debugger-*` to pod `app`\n";

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

fn added(sandbox: &Sandbox) -> Vec<Value> {
    let pod = sandbox.pod("default", "app").unwrap();
    let list = pod["spec"]["ephemeralContainers"].as_array();
    list.cloned().unwrap_or_default()
}

fn patches(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests();
    let patches = requests.iter().filter(|request| request.method == "PATCH");
    patches.count()
}

fn echo(sandbox: &Sandbox) -> Ended {
    Plugin::on(sandbox).args(["app", "--", "echo", "hi"]).run()
}

/// Fails unless the command ran in the one container that there is, after so many patches, and
/// this was said besides the usual.
fn assert_ran_once(sandbox: &Sandbox, said: &str, sent: usize) {
    let ended = echo(sandbox);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "hi\n"),
        "{ended:?}"
    );
    let stderr = settled(&ended.stderr);
    let expected = format!("{TARGET}{said}{ADDED}");
    assert!(stderr.starts_with(&expected), "{stderr}");
    assert_eq!((added(sandbox).len(), patches(sandbox)), (1, sent));
}

#[test]
fn row_13_an_answer_that_is_lost_on_its_way_is_looked_for_in_the_pod() {
    let sandbox = plain();
    sandbox.on(Request::patch().first()).apply_then_reset();
    assert_ran_once(&sandbox, "trying again: the connection broke\n", 1);

    let sandbox = plain();
    sandbox.on(Request::patch().first()).cut_after(100);
    assert_ran_once(&sandbox, "trying again: the connection broke\n", 1);
}

#[test]
fn a_proxy_that_gave_up_after_the_server_did_it_is_not_believed() {
    for (code, name) in [
        (502, "Bad Gateway"),
        (503, "Service Unavailable"),
        (504, "Gateway Timeout"),
    ] {
        let sandbox = plain();
        sandbox.on(Request::patch().first()).apply_then_answer(code);
        let said = format!("trying again: the server answered {code} {name}\n");
        assert_ran_once(&sandbox, &said, 1);
    }
    let sandbox = plain();
    sandbox.on(Request::patch().first()).apply_then_answer(500);
    assert_ran_once(&sandbox, "", 1);
}

#[test]
fn what_was_not_done_is_sent_again() {
    let sandbox = plain();
    sandbox.on(Request::patch().first()).reset();
    assert_ran_once(&sandbox, "trying again: the connection broke\n", 2);

    let sandbox = plain();
    sandbox.on(Request::patch().first()).answer(503);
    let said = "trying again: the server answered 503 Service Unavailable\n";
    assert_ran_once(&sandbox, said, 2);
}

#[test]
fn what_was_done_too_late_to_be_seen_is_found_by_its_name() {
    let sandbox = plain();
    let before = sandbox.pod("default", "app").unwrap().to_string();
    sandbox.on(Request::patch().first()).apply_then_reset();
    // The pod is looked at before the container is there.
    sandbox
        .on(Request::get().path("/pods/app").nth(2))
        .answer(200)
        .body("application/json", &before);
    // And a webhook has changed it, so that the same again is not the same any more.
    let name = "kept";
    let changed = format!(
        "Pod \"app\" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers \"{name}\" may \
         not be changed\n@@ -3,4"
    );
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": changed, "reason": "Invalid", "code": 422});
    sandbox
        .on(Request::patch().nth(2))
        .answer(422)
        .body("application/json", &status.to_string());
    let ended = Plugin::on(&sandbox)
        .args(["app", "-c", name, "--", "echo", "hi"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "hi\n"),
        "{ended:?}"
    );
    assert_eq!((added(&sandbox).len(), patches(&sandbox)), (1, 2));
}

#[test]
fn row_11_a_pod_that_changes_meanwhile_is_tried_again_without_a_word() {
    let sandbox = plain();
    sandbox.on(Request::patch().up_to(2)).answer(409);
    assert_ran_once(&sandbox, "", 3);

    let sandbox = plain();
    sandbox.on(Request::patch()).answer(409);
    let ended = echo(&sandbox);
    assert_eq!(
        settled(&ended.stderr),
        format!("{TARGET}Error from server (Conflict): the object has been modified\n{CURE}")
    );
    assert_eq!((ended.code, added(&sandbox).len()), (125, 0));
    assert_eq!(patches(&sandbox), 5);
}

#[test]
fn row_14_a_name_of_ours_that_is_taken_gets_another_end() {
    let sandbox = plain();
    sandbox.on(Request::patch().up_to(2)).overtaken();
    let ended = echo(&sandbox);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "hi\n"),
        "{ended:?}"
    );
    let stderr = settled(&ended.stderr);
    assert!(stderr.starts_with(&format!("{TARGET}{ADDED}")), "{stderr}");
    let images = added(&sandbox).into_iter().map(|one| one["image"].clone());
    let ours = images.filter(|image| image == "busybox:1.37");
    assert_eq!((ours.count(), added(&sandbox).len()), (1, 3));

    let sandbox = plain();
    sandbox.on(Request::patch()).overtaken();
    let ended = echo(&sandbox);
    assert_eq!((ended.code, patches(&sandbox)), (125, 3), "{ended:?}");
    assert!(
        ended
            .stderr
            .contains("already\nhint: it has `app`, `debugger-"),
        "{}",
        ended.stderr
    );
}

#[test]
fn row_14_a_name_of_theirs_that_is_taken_meanwhile_is_an_error() {
    let sandbox = plain();
    sandbox.on(Request::patch()).overtaken();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-c", "dbg", "--", "true"])
        .run();
    assert_eq!(
        ended.stderr,
        "error: pod `app` has a container `dbg` already\n\
         hint: it has `app`, `dbg`; choose another name, or go to that one: `kubectl ephemeral attach pod/app -c dbg -n default`\n"
    );
    assert_eq!((ended.code, added(&sandbox).len()), (125, 1));
}

#[test]
fn a_server_that_never_answers_leaves_it_open_whether_it_was_added() {
    let sandbox = plain();
    sandbox.on(Request::patch()).half_open();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "--request-timeout", "300ms", "--", "true"])
        .run();
    assert_eq!(
        settled(&ended.stderr),
        "error: container `debugger-*` may have been added to pod `app`, and may not: the server at \
         https://127.0.0.1:PORT did not answer within 300ms\n\
         hint: if it was, `kubectl ephemeral attach pod/app -c debugger-* -n default` goes to it\n"
    );
    assert_eq!((ended.code, patches(&sandbox)), (125, 1));

    let sandbox = plain();
    sandbox.on(Request::patch()).half_open_after(0);
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "--request-timeout", "2s", "--", "echo", "hi"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "hi\n"),
        "{ended:?}"
    );
    assert_eq!((added(&sandbox).len(), patches(&sandbox)), (1, 1));
}

#[test]
fn a_pod_that_took_the_name_of_the_one_that_was_read_is_left_alone() {
    let sandbox = plain();
    let mut gone = sandbox.pod("default", "app").unwrap();
    gone["metadata"]["uid"] = json!("00000000-0000-0000-0000-000000000000");
    sandbox
        .on(Request::get().path("/pods/app").first())
        .answer(200)
        .body("application/json", &gone.to_string());
    let ended = Plugin::on(&sandbox).args(["app", "-q", "--", "true"]).run();
    assert_eq!(
        ended.stderr,
        "error: pod `app` was replaced by another one of the same name\n\
         hint: `kubectl get pods -n default` shows what took its place\n"
    );
    assert_eq!((ended.code, added(&sandbox).len()), (125, 0));
}

#[test]
fn a_server_that_says_yes_and_adds_nothing_is_not_believed() {
    let sandbox = plain();
    let pod = sandbox.pod("default", "app").unwrap().to_string();
    sandbox
        .on(Request::patch())
        .answer(200)
        .body("application/json", &pod);
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-c", "dbg", "--", "true"])
        .run();
    assert_eq!(
        ended.stderr,
        "error: the server accepted container `dbg` and did not add it; admission may have taken it out\n"
    );
    assert_eq!(ended.code, 125);
}

#[test]
fn who_stops_it_while_the_server_works_is_told_what_may_be_there() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let sandbox = plain();
        sandbox.on(Request::patch()).delay(Duration::from_hours(1));
        let ended = Plugin::on(&sandbox)
            .args(["app", "--", "true"])
            .signalled_once(signal, || patches(&sandbox) == 1);
        assert_eq!(
            settled(&ended.stderr),
            format!(
                "{TARGET}hint: container `debugger-*` may have been added to pod `app`; if it was, \
                 `kubectl ephemeral attach pod/app -c debugger-* -n default` goes to it\n"
            )
        );
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""));
    }
}

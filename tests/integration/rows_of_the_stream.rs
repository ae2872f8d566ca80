//! What happens to a session while it lasts, by the rows of the list of faults.

use std::{os::fd::AsFd, process::Stdio, time::Duration};

use sandbox::{Request, Sandbox, World};
use serde_json::json;

use crate::{
    background::run,
    plugin::Plugin,
    reconnect::{assert_said, shell},
};

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

#[test]
fn row_45_the_reason_of_an_end_is_told_beside_its_code() {
    let sandbox = plain();
    let mut pod = sandbox.pod("default", "app").unwrap();
    pod["status"]["ephemeralContainerStatuses"] = json!([{
        "name": "big", "image": "busybox:1.37", "imageID": "", "ready": false, "restartCount": 0,
        "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
    }]);
    let event = json!({"type": "MODIFIED", "object": pod});
    sandbox
        .on(Request::watch().path("/pods?").first())
        .answer(200)
        .body("application/json", &format!("{event}\n"));
    sandbox
        .on(Request::log())
        .answer(200)
        .body("text/plain", "too much\n");
    let ended = Plugin::on(&sandbox)
        .args(["app", "-c", "big", "--", "true"])
        .run();
    assert_eq!((ended.code, ended.stdout.as_str()), (137, "too much\n"));
    let expected = "\nthe container ended: OOMKilled (exit code 137)\n";
    assert!(ended.stderr.ends_with(expected), "{}", ended.stderr);
}

#[test]
fn row_52_a_balancer_that_cuts_idle_connections_cuts_none_of_ours() {
    let sandbox = plain();
    let cut = sandbox
        .on(Request::attach())
        .cut_when_idle(Duration::from_secs(12));
    let mut screen = shell(&sandbox, &[]);
    assert_eq!(cut.hits(), 1);
    screen.type_keys("sleep 14; echo still he''re; exit 2\r");
    screen.wait_for_line("still here");
    assert_eq!(screen.wait_for_end(), 2);
    assert!(!screen.said().contains("connection lost"));
}

#[test]
fn row_78_a_terminal_that_is_gone_is_none() {
    let sandbox = plain();
    let (pty, pts) = pty_process::blocking::open().unwrap();
    let stdin = pts.as_fd().try_clone_to_owned().unwrap();
    drop((pty, pts));
    let (code, stdout, stderr) = run(
        &sandbox,
        "exec $P app -it -q -- sh -c 'cat; exit 6'",
        Stdio::from(stdin),
    );
    assert_eq!((code, stdout.as_str()), (6, ""), "{stderr}");
}

#[test]
fn that_a_session_stays_in_the_log_is_said() {
    let sandbox = plain();
    let screen = shell(&sandbox, &[]);
    assert_said(
        &screen,
        "\nthis session is kept in the container's log; for secrets, open a shell in it with `kubectl exec`\n",
    );
}

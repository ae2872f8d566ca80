//! What happens to a session while it lasts, by the rows of the list of faults.

use std::{fs, os::fd::AsFd, process::Stdio, time::Duration};

use sandbox::{Request, Sandbox, Timing, World};
use serde_json::json;

use crate::{
    background::run,
    plugin::{PLUGIN, Plugin, wait_while},
    reconnect::{PROMPT, assert_said, shell},
    rows_of_the_upgrade::failure,
    screen::Screen,
};

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

#[test]
fn row_41_messages_of_channels_that_we_do_not_know_show_nothing() {
    let sandbox = plain();
    let messages: [&[u8]; 6] = [
        b"\x07what",
        b"\x01",
        b"\x01se",
        b"\xffwhat",
        b"\x02",
        b"\x01en",
    ];
    sandbox.on(Request::attach().first()).says(&messages);
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-c", "shell"]);
    screen.wait_for("seen");
    screen.wait_for("connected again after");
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("exit 3\r");
    assert_eq!(screen.wait_for_end(), 3);
    screen.assert_restored();
    assert!(!screen.said().contains("what"), "{}", screen.said());
}

#[test]
fn row_43_a_stream_that_is_closed_without_a_status_is_opened_again() {
    let sandbox = plain();
    let closed = sandbox.on(Request::attach().first()).says(&[b"\x01first"]);
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-c", "shell"]);
    screen.wait_for("connected again after");
    screen.wait_for_prompt(PROMPT);
    assert_eq!(closed.hits(), 1);
    assert_said(
        &screen,
        "connection lost: the server closed the connection; trying for 5m to get it back (Ctrl-C gives up)\n",
    );
    screen.type_keys("exit 3\r");
    assert_eq!(screen.wait_for_end(), 3);
    screen.assert_restored();
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
fn row_26_a_pod_that_was_read_before_the_end_changes_nothing() {
    let sandbox = plain();
    // Nobody watches, so that the pod is read.
    sandbox.on(Request::watch()).forbidden();
    let mut screen = shell(&sandbox, &[]);
    let before = sandbox.pod("default", "app").unwrap().to_string();
    let late = sandbox.on(Request::get().path("/pods/app").first());
    let late = late.answer(200).body("application/json", &before);
    screen.type_keys("exit 5\r");
    assert_eq!(screen.wait_for_end(), 5, "{}", screen.said());
    screen.assert_restored();
    assert_eq!(late.hits(), 1);
    assert!(!screen.said().contains("connect"), "{}", screen.said());
}

#[test]
fn row_47_an_exit_code_that_nobody_tells_is_never_made_up() {
    let timing = Timing {
        exit_lag: Duration::from_hours(1),
        ..Timing::default()
    };
    let told = |sandbox: &Sandbox| {
        let mut screen = shell(sandbox, &[]);
        screen.type_keys("exit 0\r");
        assert_eq!(screen.wait_for_end(), 255, "{}", screen.said());
        screen.assert_restored();
        assert_said(
            &screen,
            "the exit code of container `shell` was never reported\n",
        );
        assert_said(
            &screen,
            " `kubectl ephemeral list pod/app -n default` shows it, once the node has told\n",
        );
    };
    // A server says that nothing runs before it opens the stream, or after.
    let world = World::plain().timing(timing);
    let before = Sandbox::start(world.clone()).unwrap();
    let after = Sandbox::start(world).unwrap();
    after
        .on(Request::attach().from(2))
        .says(&[&failure("container shell not found in pod app_default")]);
    std::thread::scope(|scope| {
        scope.spawn(|| told(&before));
        scope.spawn(|| told(&after));
    });
}

#[test]
fn row_50_a_connection_that_falls_silent_is_found_out_and_got_back() {
    let sandbox = plain();
    sandbox.on(Request::attach().first()).half_open_after(100);
    let mut screen = shell(&sandbox, &[]);
    screen.be_patient();
    screen.type_keys("kept=this; seq 1 100\r");
    screen.wait_for("connected again after");
    screen.wait_for_prompt(PROMPT);
    assert_said(
        &screen,
        "\nconnection lost: nothing heard for 35 seconds; trying for 5m to get it back (Ctrl-C gives up)\n",
    );
    screen.type_keys("echo it is $kept; exit 3\r");
    screen.wait_for_line("it is this");
    assert_eq!(screen.wait_for_end(), 3);
    screen.assert_restored();
}

/// A command that ends with code 6 once there is such a file.
fn until(file: &std::path::Path) -> String {
    format!(
        "until [ -e {} ]; do sleep 0.1; done; exit 6",
        file.display()
    )
}

const OUTLIVED: &str =
    "the stream stayed open after the container had ended: some of its output may be missing\n";

#[test]
fn row_58_a_terminal_that_is_left_open_is_left_and_told_of() {
    let sandbox = plain();
    sandbox.on(Request::attach()).half_open_after(0);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("go");
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-it", "--", "sh", "-c", &until(&file)]);
    screen.wait_until_raw(true);
    fs::write(&file, "").unwrap();
    assert_eq!(screen.wait_for_end(), 6, "{}", screen.said());
    screen.assert_restored();
    assert_said(&screen, OUTLIVED);
}

#[test]
fn row_58_a_pipe_that_is_left_open_is_left_and_told_of() {
    let sandbox = plain();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("go");
    let added = Plugin::on(&sandbox)
        .args([
            "app",
            "-c",
            "pipe",
            "-i",
            "--attach=false",
            "--",
            "sh",
            "-c",
        ])
        .args([until(&file)])
        .run();
    assert_eq!(added.code, 0, "{}", added.stderr);
    let attached = sandbox.on(Request::attach()).half_open_after(0);
    let ended = std::thread::scope(|scope| {
        let attach = Plugin::on(&sandbox).args(["attach", "app", "-c", "pipe"]);
        let attach = scope.spawn(|| attach.input("in\n").run());
        wait_while(|| attached.hits() == 0);
        fs::write(&file, "").unwrap();
        attach.join().unwrap()
    });
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (6, ""),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.ends_with(OUTLIVED), "{}", ended.stderr);
}

#[test]
fn row_84_few_open_files_are_enough() {
    let sandbox = plain();
    let line = "ulimit -n 20; exec $P app -i -q -- sh -c 'cat; exit 6'";
    let (code, stdout, stderr) = run(&sandbox, line, Stdio::null());
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (6, "", ""));
    let script = format!("ulimit -n 64; exec {PLUGIN} app");
    let mut screen = Screen::of("sh", &["-c", &script], |command| {
        command.env("KUBECONFIG", sandbox.kubeconfig())
    });
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("exit 4\r");
    assert_eq!(screen.wait_for_end(), 4);
    screen.assert_restored();
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

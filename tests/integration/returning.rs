//! Going back where not all is said: which container, which pod, and who else may be there.

use std::time::Duration;

use sandbox::{Sandbox, Timing, World};

use crate::{plugin::Plugin, screen::Screen};

const PROMPT: &str = "/ #";

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

/// A cluster whose kubelet says only after two seconds that a container runs.
fn lagging() -> Sandbox {
    let timing = Timing {
        status_lag: Duration::from_secs(2),
        ..Timing::before_1_36()
    };
    Sandbox::start(World::plain().timing(timing)).unwrap()
}

/// Adds a container and leaves it at once.
fn leave(sandbox: &Sandbox, pod: &str, name: &str, words: &[&str]) {
    let ended = Plugin::on(sandbox)
        .args([pod, "-q", "--attach=false", "-c", name])
        .args(words.iter().copied())
        .run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

fn wait_until_it_runs(sandbox: &Sandbox, pod: &str, name: &str) {
    assert!(sandbox.wait_until("default", pod, |pod| {
        let statuses = pod["status"]["ephemeralContainerStatuses"].as_array();
        let mut statuses = statuses.into_iter().flatten();
        statuses.any(|status| status["name"] == name && !status["state"]["running"].is_null())
    }));
}

/// Leaves the session by its keys.
fn detach(mut screen: Screen) {
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("\x10\x11");
    assert_eq!(screen.wait_for_end(), 0, "{}", screen.said());
    screen.assert_restored();
}

#[test]
fn what_was_just_added_is_found_before_its_status_says_that_it_runs() {
    let sandbox = lagging();
    leave(&sandbox, "app", "shell", &[]);
    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app"]);
    screen.wait_for("attaching to container `shell`");
    detach(screen);
}

#[test]
fn a_shell_that_was_just_left_is_found_before_its_status_says_that_it_runs() {
    let sandbox = lagging();
    detach(Screen::of_plugin(&sandbox, &["app", "-c", "shell"]));
    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app"]);
    screen.wait_for("attaching to container `shell`");
    detach(screen);
    // The same goes for one that is to be used again.
    let mut screen = Screen::of_plugin(&sandbox, &["app", "--reuse"]);
    screen.wait_for("going back to container `shell` instead of adding one more");
    detach(screen);
}

#[test]
fn what_cannot_start_is_not_gone_back_to() {
    let sandbox = plain();
    let args = ["app", "-q", "-c", "broken", "--image=nosuch:1"];
    let ended = Plugin::on(&sandbox).args(args).run();
    assert_eq!(ended.code, 125, "{}", ended.stderr);
    let ended = Plugin::on(&sandbox).args(["attach", "app"]).run();
    let expected = "error: pod `app` has no ephemeral container that runs\nhint: `kubectl ephemeral pod/app -n default` adds one\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (125, expected));
}

#[test]
fn without_a_name_one_of_the_pods_with_a_container_that_runs_is_picked() {
    let sandbox = plain();
    leave(&sandbox, "two", "shell", &["--target="]);
    wait_until_it_runs(&sandbox, "two", "shell");
    let mut screen = Screen::of_plugin(&sandbox, &["attach"]);
    screen.wait_for("pod in default, type to narrow (1 of 1):");
    screen.wait_for_line("> two  2/2  Running  shell");
    screen.type_keys("\r");
    screen.wait_for_line("the same without asking: kubectl ephemeral attach pod/two -n default");
    screen.wait_for("attaching to container `shell`");
    detach(screen);

    let mut screen = Screen::of_plugin(&sandbox, &["attach", "-c", "shell"]);
    screen.wait_for_line("> two  2/2  Running");
    screen.type_keys("\r");
    screen
        .wait_for("the same without asking: kubectl ephemeral attach -c shell pod/two -n default");
    detach(screen);

    let mut screen = Screen::of_plugin(&sandbox, &["attach"]);
    screen.wait_for_line("> two  2/2  Running  shell");
    screen.type_keys("\x03");
    assert_eq!(screen.wait_for_end(), 130);
    screen.assert_restored();
}

#[test]
fn where_there_is_nothing_to_go_back_to_no_pod_is_asked_for() {
    let sandbox = plain();
    let hint = "hint: -n names another namespace; `kubectl ephemeral list -A` lists all ephemeral containers";
    for (args, error) in [
        (
            &["attach"][..],
            "error: no pod of the 2 in namespace `default` has an ephemeral container that runs",
        ),
        (
            &["attach", "-c", "nope"],
            "error: no pod of the 2 in namespace `default` has an ephemeral container `nope`",
        ),
    ] {
        let mut screen = Screen::of_plugin(&sandbox, args);
        screen.resize(24, 200);
        screen.wait_for_line(error);
        screen.wait_for_line(hint);
        assert_eq!(screen.wait_for_end(), 125);
        screen.assert_restored();
    }
}

#[test]
fn without_a_terminal_a_pod_must_be_named() {
    let sandbox = plain();
    let expected = "error: no pod named\n\
                    hint: kubectl ephemeral attach POD [-c NAME] [flags]; `attach --help` tells more\n";
    let ended = Plugin::on(&sandbox).args(["attach"]).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (2, expected));
    let mut screen = Screen::of_plugin(&sandbox, &["attach", "--no-input"]);
    screen.wait_for("error: no pod named");
    assert_eq!(screen.wait_for_end(), 2);
    assert!(sandbox.requests().is_empty());
}

/// Has another program add a shell.
fn add_as(sandbox: &Sandbox, manager: &str, name: &str) {
    let body = serde_json::json!({"spec": {"ephemeralContainers": [
        {"name": name, "image": "busybox:1", "stdin": true, "tty": true}]}});
    let path =
        format!("/api/v1/namespaces/default/pods/app/ephemeralcontainers?fieldManager={manager}");
    let mut client = sandbox.connect("admin").unwrap();
    let kind = [("Content-Type", "application/strategic-merge-patch+json")];
    client
        .request("PATCH", &path, &kind, &body.to_string())
        .unwrap();
    assert_eq!(client.head().unwrap().status, 200);
    wait_until_it_runs(sandbox, "app", name);
}

#[test]
fn whoever_enters_what_another_program_added_is_warned_once() {
    let sandbox = plain();
    let warning = "warning: container `theirs` was added by `kubectl-debug`: whoever else is in it sees what you type, \
                   and types into the same shell";
    add_as(&sandbox, "kubectl-debug", "theirs");
    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app"]);
    screen.resize(24, 200);
    screen.wait_for_line(warning);
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("\x10\x11");
    assert_eq!(screen.wait_for_end(), 0);
    assert_eq!(
        screen.said().matches("warning:").count(),
        1,
        "{}",
        screen.said()
    );

    // Ours, of whoever of us: the server notes programs, not people.
    add_as(&sandbox, "kubectl-ephemeral", "ours");
    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app", "-c", "ours"]);
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("\x10\x11");
    assert_eq!(screen.wait_for_end(), 0);
    assert!(!screen.said().contains("warning:"), "{}", screen.said());
}

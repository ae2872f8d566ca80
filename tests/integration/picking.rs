//! No pod named, and a terminal at hand: a list to pick from.

use rustix::process::{Signal, kill_process};
use sandbox::{Sandbox, World};
use serde_json::json;

use crate::{plugin::Plugin, screen::Screen};

const USAGE: &str = "error: no pod named\n\
                     hint: kubectl ephemeral POD [flags] [-- COMMAND [ARG...]]; `--help` tells more\n";

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

fn untouched(sandbox: &Sandbox) -> bool {
    let methods = sandbox.requests();
    methods.iter().all(|request| request.method == "GET")
}

/// Waits until nothing of the list is left.
fn wait_until_gone(screen: &mut Screen) {
    screen.wait_until("an empty screen", |screen| {
        screen.contents().trim().is_empty()
    });
}

#[test]
fn a_pod_is_picked_and_the_line_that_does_the_same_is_said() {
    let sandbox = plain();
    let mut screen = Screen::of_plugin(&sandbox, &["--target="]);
    screen.wait_for("pod in default, type to narrow (2 of 2):");
    screen.wait_for_line("> app  1/1  Running");
    screen.wait_for_line("  two  2/2  Running");
    assert!(screen.is_raw());
    screen.type_keys("tw");
    screen.wait_for_line("pod in default, type to narrow (1 of 2): tw");
    screen.wait_for_line("> two  2/2  Running");
    screen.type_keys("\r");
    screen.wait_for_line("the same without asking: kubectl ephemeral pod/two -n default --target=");
    screen.wait_for_prompt("/ #");
    assert!(!screen.contents().contains("type to narrow"));
    screen.type_keys("echo $HOSTNAME; exit 3\r");
    screen.wait_for_line("two");
    assert_eq!(screen.wait_for_end(), 3);
    screen.assert_restored();
}

#[test]
fn arrows_choose_and_the_output_of_a_command_follows() {
    let sandbox = plain();
    let mut screen = Screen::of_plugin(&sandbox, &["--", "sh", "-c", "echo in $HOSTNAME"]);
    screen.wait_for_line("> app  1/1  Running");
    screen.type_keys("\x1b[B");
    screen.wait_for_line("> two  2/2  Running");
    screen.type_keys("\r");
    screen.wait_for_line("in two");
    assert_eq!(screen.wait_for_end(), 0);
    screen.assert_restored();
}

#[test]
fn whoever_wants_none_leaves_with_130_and_nothing_is_changed() {
    for keys in ["\x03", "\x1b", "\x04"] {
        let sandbox = plain();
        let mut screen = Screen::of_plugin(&sandbox, &[] as &[&str]);
        screen.wait_for_line("> app  1/1  Running");
        screen.type_keys(keys);
        wait_until_gone(&mut screen);
        assert_eq!(screen.wait_for_end(), 130, "{keys:?}");
        screen.assert_restored();
        assert!(untouched(&sandbox));
    }
}

#[test]
fn a_signal_finds_the_terminal_restored_and_the_list_gone() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let sandbox = plain();
        let mut screen = Screen::of_plugin(&sandbox, &[] as &[&str]);
        screen.wait_for_line("> app  1/1  Running");
        kill_process(screen.process(), signal).unwrap();
        wait_until_gone(&mut screen);
        assert_eq!(screen.wait_for_end(), code);
        screen.assert_restored();
    }
}

#[test]
fn a_terminal_that_becomes_tiny_shows_what_fits() {
    let sandbox = plain();
    let mut screen = Screen::of_plugin(&sandbox, &[] as &[&str]);
    screen.wait_for_line("> app  1/1  Running");
    screen.resize(2, 10);
    screen.wait_for_line("> app  1/");
    screen.type_keys("\x1b[B");
    screen.wait_for_line("> two  2/");
    screen.type_keys("\x03");
    assert_eq!(screen.wait_for_end(), 130);
    screen.assert_restored();
}

#[test]
fn without_a_terminal_or_with_no_input_a_pod_must_be_named() {
    let sandbox = plain();
    let ended = Plugin::on(&sandbox).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (2, USAGE));
    let mut screen = Screen::of_plugin(&sandbox, &["--no-input"]);
    screen.wait_for("error: no pod named");
    assert_eq!(screen.wait_for_end(), 2);
    assert!(sandbox.requests().is_empty());
}

#[test]
fn where_nothing_can_be_picked_it_is_said_why() {
    let mirror = json!({
        "metadata": {"name": "static", "annotations": {"kubernetes.io/config.mirror": "x"}},
        "spec": {"containers": [{"name": "a", "image": "pause:1"}]},
    });
    let wide = "hint: -n names another namespace; `kubectl get pods -A` lists all pods";
    for (world, args, expected) in [
        (
            World::new(),
            &[][..],
            &["error: there are no pods in namespace `default`", wide][..],
        ),
        (
            World::new().still_pod(mirror),
            &[],
            &[
                "error: no pod of the 1 in namespace `default` can be debugged: they have finished, are being",
                wide,
            ],
        ),
        (
            World::plain().no_rules(),
            &["--context", "sandbox-dev"],
            &[
                "Error from server (Forbidden): pods is forbidden: User \"dev\" cannot list resource \"pods\" in API",
                "resources: [pods], verbs: [get, watch, list]",
            ],
        ),
    ] {
        let sandbox = Sandbox::start(world).unwrap();
        let mut screen = Screen::of_plugin(&sandbox, args);
        screen.resize(24, 200);
        for text in expected {
            screen.wait_for(text);
        }
        assert_eq!(screen.wait_for_end(), 125);
        screen.assert_restored();
    }
}

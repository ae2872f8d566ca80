//! Going back to a container.

use rustix::process::{Signal, kill_process};
use sandbox::{Sandbox, World};

use crate::{plugin::Plugin, screen::Screen};

#[test]
fn a_shell_that_was_left_is_the_same_one_and_its_prompt_shows_again() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = Screen::of_plugin(&sandbox, &["app"]);
    screen.wait_for_prompt("/ #");
    screen.type_keys("memory=kept\r");
    screen.wait_for("memory=kept");
    kill_process(screen.process(), Signal::TERM).unwrap();
    assert_eq!(screen.wait_for_end(), 143);

    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app"]);
    screen.wait_for_prompt("/ #");
    screen.type_keys("echo it was $memory\r");
    screen.wait_for("it was kept");
    screen.type_keys("exit 6\r");
    assert_eq!(screen.wait_for_end(), 6);
    screen.assert_restored();
}

#[test]
fn a_container_that_has_ended_shows_its_log_and_its_code() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-c", "done", "--", "sh", "-c", "echo before; exit 8"])
        .run();
    assert_eq!(ended.code, 8);
    let ended = Plugin::on(&sandbox)
        .args(["attach", "app", "-c", "done"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (8, "before\n"),
        "{ended:?}"
    );
}

#[test]
fn a_container_with_a_terminal_is_not_attached_to_without_one() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let added = Plugin::on(&sandbox)
        .args(["app", "-q", "--attach=false", "-c", "shell"])
        .run();
    assert_eq!(added.code, 0);
    let ended = Plugin::on(&sandbox)
        .args(["attach", "app", "-c", "shell"])
        .input("ls\n")
        .run();
    let expected = "error: container `shell` has a terminal, and standard input is none\n\
                    hint: attach from a terminal; `kubectl logs POD -c shell` shows what it has written\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (125, expected));
}

#[test]
fn there_must_be_something_to_go_back_to() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox).args(["attach", "app"]).run();
    let expected = "error: pod `app` has no ephemeral container that runs\nhint: `kubectl ephemeral app` adds one\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (125, expected));

    let ended = Plugin::on(&sandbox)
        .args(["attach", "app", "-c", "nope"])
        .run();
    let expected = "error: pod `app` has no ephemeral container `nope`\nhint: it has none\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (125, expected));
}

//! Going back to a container.

use rustix::process::{Signal, kill_process};
use sandbox::{Sandbox, World};

use crate::{detach::wait_until_it_is_told, plugin::Plugin, screen::Screen};

#[test]
fn a_shell_that_was_left_is_the_same_one_and_its_prompt_shows_again() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = Screen::of_plugin(&sandbox, &["app"]);
    screen.wait_for_prompt("/ #");
    screen.type_keys("memory=kept\r");
    screen.wait_for("memory=kept");
    wait_until_it_is_told(&sandbox);
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
fn a_program_that_prints_all_the_time_draws_itself_again_for_who_comes_back() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = Screen::of_plugin(&sandbox, &["app"]);
    screen.wait_for_prompt("/ #");
    // The size is the same as before, and somebody who hears something might think that all is well.
    screen.type_keys(
        "sh -c 'trap \"echo drawn ag\"\"ain\" WINCH; while :; do echo ti\"\"ck; sleep 0.02; done'\r",
    );
    screen.wait_for("tick");
    wait_until_it_is_told(&sandbox);
    screen.type_keys("\x10\x11");
    assert_eq!(screen.wait_for_end(), 0);

    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app"]);
    screen.wait_until_said("drawn again", 1);
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
fn row_38_a_container_with_a_terminal_is_not_attached_to_without_one() {
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
                    hint: attach from a terminal; `kubectl logs app -c shell -n default` shows what it has written\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (125, expected));
}

#[test]
fn there_must_be_something_to_go_back_to() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox).args(["attach", "app"]).run();
    let expected = "error: pod `app` has no ephemeral container that runs\nhint: `kubectl ephemeral pod/app -n default` adds one\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (125, expected));

    let ended = Plugin::on(&sandbox)
        .args(["attach", "app", "-c", "nope"])
        .run();
    let expected = "error: pod `app` has no ephemeral container `nope`\nhint: it has none\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (125, expected));
}

#[test]
fn the_newest_shell_is_attached_to_and_not_what_only_prints() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let leave = |name: &str, words: &[&str]| {
        let ended = Plugin::on(&sandbox)
            .args(["app", "-q", "--attach=false", "-c", name])
            .args(words.iter().copied())
            .run();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert!(sandbox.wait_until("default", "app", |pod| {
            let statuses = pod["status"]["ephemeralContainerStatuses"].as_array();
            statuses.is_some_and(|statuses| {
                statuses
                    .iter()
                    .any(|status| status["name"] == name && !status["state"]["running"].is_null())
            })
        }));
    };
    leave("shell", &[]);
    leave("printer", &["--", "sleep", "1000"]);
    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app"]);
    screen.wait_for("attaching to container `shell`");
    screen.wait_for_prompt("/ #");
    screen.type_keys("exit 5\r");
    assert_eq!(screen.wait_for_end(), 5);
}

#[test]
fn row_82_what_only_prints_is_shown_from_its_first_byte() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let marker = tempfile::tempdir().unwrap();
    let path = marker.path().join("go");
    let script = format!(
        "echo first; until [ -e {} ]; do :; done; echo last; exit 4",
        path.display()
    );
    let added = Plugin::on(&sandbox)
        .args([
            "app",
            "-q",
            "--attach=false",
            "-c",
            "printer",
            "--",
            "sh",
            "-c",
            &script,
        ])
        .run();
    assert_eq!(added.code, 0);
    std::fs::write(&path, "").unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["attach", "app", "-q", "-c", "printer"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (4, "first\nlast\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_container_can_be_used_again_instead_of_adding_one_more() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let count = || {
        let pod = sandbox.pod("default", "app").unwrap();
        pod["spec"]["ephemeralContainers"]
            .as_array()
            .map_or(0, Vec::len)
    };
    let leave = |flags: &[&str]| {
        let args = [&["app", "--reuse"][..], flags].concat();
        let mut screen = Screen::of_plugin(&sandbox, &args);
        screen.wait_for_prompt("/ #");
        screen.type_keys("\x10\x11");
        assert_eq!(screen.wait_for_end(), 0, "{}", screen.said());
        screen.said()
    };
    assert!(leave(&["-c", "one"]).contains("added container `one`"));
    for same in [&[][..], &["-c", "one"], &["--target", "app"]] {
        let said = leave(same);
        let expected = "going back to container `one` instead of adding one more";
        assert!(said.contains(expected), "{said}");
        assert_eq!(count(), 1);
    }
    for other in [
        &["--image", "busybox:1"][..],
        &["-c", "two"],
        &["--target", ""],
    ] {
        assert!(leave(other).contains("added container"));
    }
    assert_eq!(count(), 4);
}

#[test]
fn a_command_is_never_run_in_a_container_that_is_used_again() {
    for words in [&["app", "--reuse", "--", "true"][..], &["app", "--reuse"]] {
        let ended = Plugin::nowhere().args(words.iter().copied()).run();
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (
                2,
                "error: `--reuse` is for a terminal session without a command\n"
            )
        );
    }
}

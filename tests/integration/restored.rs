//! The terminal comes back as it was, however a session ends.

use std::{fs, time::Duration};

use rustix::process::{Signal, kill_process};
use sandbox::{Image, Sandbox, Timing, World};

use crate::{plugin::PLUGIN, screen::Screen};

const PROMPT: &str = "/ #";

fn in_a_shell(sandbox: &Sandbox) -> Screen {
    let mut screen = Screen::of_plugin(sandbox, &["app"]);
    screen.wait_for_prompt(PROMPT);
    assert!(screen.is_raw());
    screen
}

#[test]
fn row_70_after_a_hangup_the_way_back_is_told() {
    assert_restored_after(&[(Signal::HUP, 129)]);
}

#[test]
fn row_71_after_a_signal_the_way_back_is_told() {
    assert_restored_after(&[(Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131)]);
}

fn assert_restored_after(signals: &[(Signal, i32)]) {
    for &(signal, code) in signals {
        let sandbox = Sandbox::start(World::plain()).unwrap();
        let mut screen = in_a_shell(&sandbox);
        kill_process(screen.process(), signal).unwrap();
        assert_eq!(screen.wait_for_end(), code, "{signal:?}");
        screen.assert_restored();
        assert!(
            screen
                .contents()
                .contains("kubectl ephemeral attach pod/app -c debugger-"),
            "{}",
            screen.contents()
        );
    }
}

#[test]
fn after_the_server_went_away() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "--reconnect=2s"]);
    screen.wait_for_prompt(PROMPT);
    sandbox.stop_server();
    assert_eq!(screen.wait_for_end(), 255);
    screen.assert_restored();
    assert!(
        screen.contents().contains("was lost"),
        "{}",
        screen.contents()
    );
}

#[test]
fn row_56_after_the_pod_was_deleted() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = in_a_shell(&sandbox);
    sandbox.delete_pod("default", "app");
    let code = screen.wait_for_end();
    assert!([137, 143].contains(&code), "{code}\n{}", screen.contents());
    let why =
        format!("the pod is being deleted, and the container ended with it (exit code {code})");
    screen.wait_for_line(&why);
    screen.assert_restored();
}

#[test]
fn what_is_typed_after_the_end_is_for_the_next_program() {
    // The status comes late, so that there is time to type while we wait for it.
    let timing = Timing {
        exit_lag: Duration::from_secs(2),
        ..Timing::default()
    };
    let sandbox = Sandbox::start(World::plain().timing(timing)).unwrap();
    let script = format!("{PLUGIN} app -it -- sh -c 'read -r _'; read -r line; echo got $line");
    let mut screen = Screen::of("sh", &["-c", &script], |command| {
        command.env("KUBECONFIG", sandbox.kubeconfig())
    });
    screen.wait_for("added container");
    screen.wait_until_raw(true);
    screen.type_keys("\r");
    screen.wait_until_raw(false);
    screen.type_keys("every word of it\r");
    screen.wait_for("got every word of it");
}

#[test]
fn ctrl_c_while_waiting_is_ours_and_the_way_back_is_told() {
    let world = World::plain().image("slow:1", Image::shell().pulled_in(Duration::from_hours(1)));
    let sandbox = Sandbox::start(world).unwrap();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-c", "shell", "--image", "slow:1"]);
    screen.wait_for("waiting: pulling image `slow:1`");
    assert!(!screen.is_raw(), "Ctrl-C must work as long as nothing runs");
    screen.type_keys("\x03");
    assert_eq!(screen.wait_for_end(), 130);
    screen.assert_restored();
    let lines = "container `shell` has not started: pulling image `slow:1`\n\
                 hint: the container stays in the pod; `kubectl ephemeral attach pod/app";
    assert!(screen.contents().contains(lines), "{}", screen.contents());
}

#[test]
fn an_error_never_touches_it() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let down = folder.path().join("down");
    let text = fs::read_to_string(sandbox.kubeconfig()).unwrap();
    fs::write(&down, text.replace(sandbox.url(), "https://127.0.0.1:1")).unwrap();
    let down = down.to_str().unwrap();
    for (args, code) in [
        (&["nope"][..], 125),
        (&["app", "--kubeconfig", "/nonexistent"], 125),
        (&["app", "--context", "nope"], 125),
        (&["app", "--kubeconfig", down], 125),
        (&["app", "--context", "sandbox-viewer"], 125),
        (&["app", "--nosuch"], 2),
        (&["app", "--image", "nosuch:1"], 125),
        (&["app", "-it", "--", "nosuch"], 125),
    ] {
        let mut screen = Screen::of_plugin(&sandbox, args);
        assert_eq!(
            screen.wait_for_end(),
            code,
            "{args:?}\n{}",
            screen.contents()
        );
        screen.assert_restored();
    }
}

#[test]
fn row_69_a_panic_restores_it_before_it_is_printed() {
    let panics = [
        "restored::panics_in_raw_mode",
        "--exact",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ];
    let mut screen = Screen::of(std::env::current_exe().unwrap(), &panics, |command| command);
    let code = screen.wait_for_end();
    assert_ne!(code, 0);
    screen.assert_restored();
    screen.assert_modes_undone();
    // In raw mode, each line of the message would begin where the one before it ended.
    let contents = screen.contents();
    let line = contents
        .lines()
        .find(|line| line.contains("out of the blue"));
    assert!(
        line.is_some_and(|line| !line.starts_with(' ')),
        "{contents}"
    );
}

/// The far side of the test above: a program that panics while the terminal is raw.
#[test]
#[ignore = "it panics: another test runs it in a terminal of its own"]
fn panics_in_raw_mode() {
    use kubectl_ephemeral::terminal::{Output, RawMode, Target};
    let raw_mode = RawMode::enter().unwrap();
    std::mem::forget(raw_mode);
    let left_on = bytes::Bytes::from_static(b"\x1b[?1049h\x1b[?1000h\x1b[?25l");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let screen = Output::start(Target::Screen);
        screen.sender().send(left_on).await.unwrap();
        screen.finish().await.unwrap();
    });
    panic!("first line\nout of the blue");
}

//! The main job with a terminal.

use std::time::Duration;

use sandbox::{Request, Sandbox, Timing, World};

use crate::screen::Screen;

const PROMPT: &str = "/ #";

fn shell(sandbox: &Sandbox) -> Screen {
    let mut screen = Screen::of_plugin(sandbox, &["app", "--image", "busybox:1.37"]);
    screen.wait_for_prompt(PROMPT);
    screen
}

#[test]
fn row_81_the_prompt_shows_without_a_key_and_typed_text_comes_back() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = shell(&sandbox);
    assert!(screen.is_raw());
    screen.type_keys("echo $((6 * 7))\r");
    screen.wait_for_line("42");
    screen.type_keys("exit 7\r");
    assert_eq!(screen.wait_for_end(), 7);
    screen.assert_restored();
}

#[test]
fn the_prompt_does_not_wait_for_a_status_that_lags() {
    let timing = Timing {
        status_lag: Duration::from_hours(1),
        ..Timing::default()
    };
    let sandbox = Sandbox::start(World::plain().timing(timing)).unwrap();
    let mut screen = shell(&sandbox);
    let pod = sandbox.pod("default", "app").unwrap();
    let status = &pod["status"]["ephemeralContainerStatuses"][0];
    assert!(status["state"]["running"].is_null(), "{status}");
    screen.type_keys("echo $((6 * 7))\r");
    screen.wait_for_line("42");
}

#[test]
fn the_size_is_the_users_from_the_start_and_after_each_change() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = shell(&sandbox);
    for (rows, columns) in [(24, 80), (40, 100), (30, 90)] {
        screen.resize(rows, columns);
        let until = format!("until [ \"$(stty size)\" = '{rows} {columns}' ]; do :; done");
        screen.type_keys(&format!("{until}; echo {rows} it ar''rived\r"));
        screen.wait_for(&format!("{rows} it arrived"));
    }
    screen.type_keys("exit\r");
    assert_eq!(screen.wait_for_end(), 0);
}

#[test]
fn all_that_a_command_wrote_before_it_was_attached_to_comes_from_the_log() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let late = Duration::from_millis(300);
    sandbox.on(Request::attach()).delay(late);
    let command = "stty -echo; echo one; echo two; read -r go; exit 4";
    let args = ["app", "-it", "--", "sh", "-c", command];
    let mut screen = Screen::of_plugin(&sandbox, &args);
    screen.wait_until_raw(true);
    screen.type_keys("\r");
    assert_eq!(screen.wait_for_end(), 4);
    assert!(
        screen.contents().ends_with("\none\ntwo"),
        "{}",
        screen.contents()
    );
    screen.assert_restored();
}

#[test]
fn who_may_not_read_the_log_is_told_that_output_is_missing() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    sandbox.on(Request::log()).forbidden();
    sandbox
        .on(Request::attach())
        .delay(Duration::from_millis(300));
    let command = "stty -echo; read -r go; exit 4";
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-it", "--", "sh", "-c", command]);
    screen.wait_until_raw(true);
    screen.type_keys("\r");
    assert_eq!(screen.wait_for_end(), 4);
    screen.wait_for("warning: the container ended before its output came");
}

#[test]
fn of_ten_thousand_changes_of_size_the_last_one_counts() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = shell(&sandbox);
    for number in 0..10_000 {
        screen.resize(20 + number % 41, 60 + number % 83);
    }
    screen.resize(33, 99);
    screen.type_keys("until [ \"$(stty size)\" = '33 99' ]; do :; done; echo it ar''rived\r");
    screen.wait_for_line("it arrived");
    // It stays the last one.
    screen.type_keys("stty size; exit 3\r");
    assert_eq!(screen.wait_for_end(), 3);
    assert!(screen.said().contains("\n33 99\r\n"), "{}", screen.said());
    screen.assert_restored();
}

#[test]
fn ctrl_c_reaches_the_container_and_not_us() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = shell(&sandbox);
    // Its own process says that it is ready: before, a Ctrl-C could still meet the shell.
    screen.type_keys("sh -c 'echo rea\"\"dy; exec sleep 1000'\r");
    screen.wait_for("ready");
    screen.type_keys("\x03");
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("echo code $?\r");
    screen.wait_for("code 130");
    screen.type_keys("exit 4\r");
    assert_eq!(screen.wait_for_end(), 4);
    screen.assert_restored();
}

#[test]
fn a_program_that_fills_the_screen_works() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = shell(&sandbox);
    screen.type_keys("printf '\\033[?1049h\\033[2J\\033[12;30Hin the middle'; read -r key; printf '\\033[?1049l'\r");
    screen.wait_until("text at line 12, column 30 of the other screen", |screen| {
        screen.alternate_screen() && screen.rows(29, 13).nth(11).as_deref() == Some("in the middle")
    });
    screen.type_keys("\r");
    screen.wait_until("the first screen", |screen| !screen.alternate_screen());
    screen.type_keys("exit\r");
    assert_eq!(screen.wait_for_end(), 0);
}

#[test]
fn a_signal_that_ends_the_command_shows_in_the_exit_code() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = shell(&sandbox);
    screen.type_keys("kill -9 $$\r");
    assert_eq!(screen.wait_for_end(), 137);
    screen.assert_restored();
}

#[test]
fn row_34_servers_that_know_only_the_older_protocol_will_do() {
    let world = World::plain().protocols(&["v4.channel.k8s.io"]);
    let sandbox = Sandbox::start(world).unwrap();
    let mut screen = shell(&sandbox);
    screen.type_keys("echo $((6 * 7)); exit 7\r");
    screen.wait_for_line("42");
    assert_eq!(screen.wait_for_end(), 7);
    screen.assert_restored();
}

#[test]
fn a_command_can_have_a_terminal_too() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = Screen::of_plugin(
        &sandbox,
        &[
            "app",
            "-it",
            "--",
            "sh",
            "-c",
            "read -r line; echo got $line; exit 5",
        ],
    );
    screen.wait_for("added container");
    screen.wait_until_raw(true);
    screen.type_keys("something\r");
    screen.wait_for("got something");
    assert_eq!(screen.wait_for_end(), 5);
    screen.assert_restored();
}

//! The time without a connection: which keys count, and which are dropped.

use rustix::process::{Signal, kill_process};

use crate::reconnect::{PROMPT, assert_said, plain, shell};

#[test]
fn keys_typed_meanwhile_are_dropped_and_that_is_said() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    sandbox.stop_server();
    screen.wait_for("reconnecting: try ");
    screen.type_keys("echo must not be run\r~?");
    // Keys are read in order: those before these were read, too.
    screen.wait_until_said("At the start of a line:", 1);
    sandbox.start_server().unwrap();
    screen.wait_for("the keys typed meanwhile were dropped");
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("exit\r");
    assert_eq!(screen.wait_for_end(), 0);
    screen.assert_restored();
    assert!(!screen.said().contains("must not be run"));
}

#[test]
fn keys_typed_before_it_is_known_that_the_connection_was_lost_are_dropped_too() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    sandbox.restart_kubelet();
    screen.wait_until_raw(false);
    screen.type_keys("echo must n''ot be run\rexi");
    screen.wait_for("; the keys typed meanwhile were dropped");
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("exit 4\r");
    assert_eq!(screen.wait_for_end(), 4);
    screen.assert_restored();
    assert!(!screen.said().contains("must not be run"));
}

#[test]
fn enter_asks_for_a_try_now() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    sandbox.stop_server();
    // By now the pause is more than two seconds.
    screen.wait_until_said("reconnecting: try 6", 1);
    sandbox.start_server().unwrap();
    screen.type_keys("\r");
    screen.wait_for("connected again after");
}

#[test]
fn ctrl_c_gives_up_and_tells_the_way_back() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    sandbox.stop_server();
    screen.wait_for("reconnecting: try ");
    screen.type_keys("\x03");
    assert_eq!(screen.wait_for_end(), 130);
    screen.assert_restored();
    assert_said(
        &screen,
        "the container stays in the pod; `kubectl ephemeral attach pod/app -c shell -n default` goes back to it\n",
    );
}

#[test]
fn the_escape_ends_a_dead_session() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    sandbox.stop_server();
    screen.wait_for("reconnecting: try ");
    screen.type_keys("~.");
    assert_eq!(screen.wait_for_end(), 255);
    screen.assert_restored();
    assert_said(
        &screen,
        "disconnected; container `shell` goes on; `kubectl ephemeral attach pod/app -c shell -n default` goes back to it\n",
    );
}

#[test]
fn a_signal_while_reconnecting_finds_the_terminal_restored() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::QUIT, 131)] {
        let sandbox = plain();
        let mut screen = shell(&sandbox, &[]);
        sandbox.stop_server();
        screen.wait_for("reconnecting: try ");
        kill_process(screen.process(), signal).unwrap();
        assert_eq!(screen.wait_for_end(), code, "{signal:?}");
        screen.assert_restored();
    }
}

//! A session that is stopped and continued, as shells do with their jobs.

use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use sandbox::{Sandbox, World};

use crate::{plugin::PLUGIN, screen::Screen};

const PROMPT: &str = "/ #";
/// The prompt of the shell around us.
const OUTSIDE: &str = "outside>";

/// A shell with job control, and a session in it.
fn session(sandbox: &Sandbox) -> Screen {
    let mut screen = Screen::of(
        "bash",
        &["--norc", "--noprofile", "--noediting", "-i"],
        |command| {
            command
                .env("KUBECONFIG", sandbox.kubeconfig())
                .env("PS1", OUTSIDE)
        },
    );
    screen.wait_for_prompt(OUTSIDE);
    screen.type_keys(&format!("{PLUGIN} app\r"));
    screen.wait_for_prompt(PROMPT);
    screen
}

fn assert_goes_on(screen: &mut Screen) {
    screen.type_keys("fg\r");
    // The shell in the container draws its prompt again, without a key.
    screen.wait_for_prompt(PROMPT);
    // The prompt may be drawn before the new size is told.
    screen.type_keys(
        "until [ \"$(stty size)\" = '30 90' ]; do :; done; echo $kept $(stty size); exit 3\r",
    );
    screen.wait_for("this 30 90");
    screen.wait_for_prompt(OUTSIDE);
    screen.type_keys("echo code $?\r");
    screen.wait_for_line("code 3");
}

#[test]
fn row_73_the_escape_suspends_and_the_shell_around_us_continues() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = session(&sandbox);
    screen.type_keys("kept=this; echo rea''dy\r");
    screen.wait_for_line("ready");
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("~\x1a");
    screen.wait_for("Stopped");
    screen.wait_for_prompt(OUTSIDE);
    screen.assert_restored();
    screen.type_keys("echo $((6 * 7)) outside\r");
    screen.wait_for_line("42 outside");
    screen.resize(30, 90);
    assert_goes_on(&mut screen);
}

#[test]
fn row_73_a_signal_from_outside_does_the_same() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    for signal in [Signal::TSTP, Signal::STOP] {
        let mut screen = session(&sandbox);
        screen.type_keys("kept=this; echo rea''dy\r");
        screen.wait_for_line("ready");
        screen.wait_for_prompt(PROMPT);
        let plugin = child_of(screen.process());
        kill_process(plugin, signal).unwrap();
        screen.wait_for("Stopped");
        screen.wait_for_prompt(OUTSIDE);
        screen.assert_restored();
        screen.resize(30, 90);
        assert_goes_on(&mut screen);
    }
}

#[test]
fn without_a_shell_that_could_continue_it_it_is_not_suspended() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = Screen::of_plugin(&sandbox, &["app"]);
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("~\x1a");
    screen.wait_for("not suspended: there is no shell here that could continue it");
    screen.type_keys("exit 4\r");
    assert_eq!(screen.wait_for_end(), 4);
    screen.assert_restored();
}

/// As for a program that is started in a container from outside: the groups and the sessions above
/// it are those of another PID namespace, and have no id in its own.
#[cfg(target_os = "linux")]
#[test]
fn where_the_groups_above_have_no_id_a_session_runs_and_is_not_suspended() {
    const NAMESPACE: [&str; 4] = ["--user", "--map-root-user", "--pid", "--fork"];
    let allowed = Command::new("unshare").args(NAMESPACE).arg("true").output();
    if !allowed.is_ok_and(|tried| tried.status.success()) {
        eprintln!("not tried: this system lets us make no PID namespace");
        return;
    }
    let sandbox = Sandbox::start(World::plain()).unwrap();
    // The shell in between is a parent in the same namespace.
    let script = format!("{PLUGIN} app; echo code $?");
    let arguments = [&NAMESPACE[..], &["sh", "-c", &script]].concat();
    let mut screen = Screen::of("unshare", &arguments, |command| {
        command.env("KUBECONFIG", sandbox.kubeconfig())
    });
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("~\x1a");
    screen.wait_for("not suspended: there is no shell here that could continue it");
    screen.type_keys("exit 4\r");
    screen.wait_for_line("code 4");
    screen.assert_restored();
}

#[test]
fn modes_that_were_on_are_off_while_it_is_stopped_and_on_again_after() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = session(&sandbox);
    screen.type_keys("printf '\\033[?1000h\\033[?2004h'; echo rea''dy\r");
    screen.wait_for_line("ready");
    screen.type_keys("~\x1a");
    screen.wait_for("Stopped");
    screen.wait_until("no mouse", |screen| {
        screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None && !screen.bracketed_paste()
    });
    screen.wait_for_prompt(OUTSIDE);
    screen.type_keys("fg\r");
    screen.wait_until("the mouse again", |screen| {
        screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None && screen.bracketed_paste()
    });
}

#[test]
fn row_72_after_a_kill_the_shell_around_us_restores_the_terminal_and_the_container_goes_on() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = session(&sandbox);
    screen.type_keys("kept=this; echo rea''dy\r");
    screen.wait_for_line("ready");
    screen.wait_for_prompt(PROMPT);
    kill_process(child_of(screen.process()), Signal::KILL).unwrap();
    screen.wait_for("Killed");
    screen.wait_for_prompt(OUTSIDE);
    screen.assert_restored();
    screen.type_keys("echo code $?\r");
    screen.wait_for_line("code 137");
    screen.wait_for_prompt(OUTSIDE);
    screen.type_keys(&format!("clear; {PLUGIN} attach app\r"));
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("echo it is $kept; exit 3\r");
    screen.wait_for_line("it is this");
    screen.wait_for_prompt(OUTSIDE);
    screen.assert_restored();
}

/// Returns the only child of a process.
fn child_of(parent: Pid) -> Pid {
    let parent = parent.as_raw_nonzero().to_string();
    let found = Command::new("pgrep")
        .args(["-P", &parent])
        .output()
        .unwrap();
    let child = String::from_utf8(found.stdout).unwrap();
    Pid::from_raw(child.trim().parse().unwrap()).unwrap()
}

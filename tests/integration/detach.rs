//! Leaving a session by keys: those that leave, and the escapes.

use sandbox::{Sandbox, World};

use crate::{plugin::Plugin, screen::Screen};

const PROMPT: &str = "/ #";
const RETURN: &str = "`kubectl ephemeral attach pod/app -c shell -n default` goes back to it\n";

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

fn shell(sandbox: &Sandbox, flags: &[&str]) -> Screen {
    let args = [&["app", "-c", "shell"][..], flags].concat();
    let mut screen = Screen::of_plugin(sandbox, &args);
    screen.wait_for_prompt(PROMPT);
    wait_until_it_is_told(sandbox);
    screen
}

/// Waits until the status says that the container runs, which comes after its prompt: before that, `attach`
/// does not find it by itself.
pub(crate) fn wait_until_it_is_told(sandbox: &Sandbox) {
    assert!(sandbox.wait_until("default", "app", |pod| {
        !pod["status"]["ephemeralContainerStatuses"][0]["state"]["running"].is_null()
    }));
}

fn assert_ended(screen: &mut Screen, code: i32, words: &str) {
    assert_eq!(screen.wait_for_end(), code, "{}", screen.said());
    screen.assert_restored();
    let said = screen.said().replace('\r', "");
    let expected = format!("\n{words}; {RETURN}");
    assert!(said.ends_with(&expected), "{expected}\n--- said\n{said}");
}

#[test]
fn the_detach_keys_leave_the_shell_running() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    screen.type_keys("memory=kept; echo ke''pt\r");
    screen.wait_for_line("kept");
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("\x10\x11");
    assert_ended(&mut screen, 0, "left container `shell`, which goes on");

    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app", "--detach-keys=ctrl-]"]);
    // Ctrl-P went to the shell, which shows what was typed before.
    screen.wait_for_prompt("/ # memory=kept; echo ke''pt");
    screen.type_keys("\x15echo it was $memory\r");
    screen.wait_for_line("it was kept");
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("\x1d");
    assert_ended(&mut screen, 0, "left container `shell`, which goes on");
}

#[test]
fn the_first_of_the_detach_keys_reaches_the_shell_at_once() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    screen.type_keys("echo on''ce\r");
    screen.wait_for_line("once");
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("\x10");
    screen.wait_for_prompt("/ # echo on''ce");
    screen.type_keys("\r");
    screen.wait_until_said("\r\nonce", 2);
}

#[test]
fn the_escape_ends_a_session_and_the_shell_goes_on() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    screen.type_keys("~.");
    assert_ended(&mut screen, 255, "disconnected; container `shell` goes on");
    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app", "--escape-char=%"]);
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("echo ~.\r");
    screen.wait_for_line("~.");
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("%.");
    assert_ended(&mut screen, 255, "disconnected; container `shell` goes on");
}

#[test]
fn the_escapes_can_be_listed_and_sent() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    screen.type_keys("~?");
    let list = "At the start of a line:\n\
                \x20 ~.   end the session; the container goes on\n\
                \x20 ~^Z  suspend this program\n\
                \x20 ~?   this list\n\
                \x20 ~~   send the character itself\n\
                At any time: ctrl-p,ctrl-q leaves the session; the container goes on\n";
    screen.wait_for("At any time: ");
    let said = screen.said().replace('\r', "");
    assert!(said.contains(list), "{said}");
    screen.type_keys("\r~~x=tilde; echo $?\r");
    screen.wait_for("~x=tilde");
    screen.type_keys("exit\r");
    screen.wait_for_end();
    screen.assert_restored();
}

#[test]
fn all_of_them_can_be_switched_off() {
    let sandbox = plain();
    let flags = ["--detach-keys=", "--escape-char=none"];
    let mut screen = shell(&sandbox, &flags);
    screen.type_keys("~.\x10\x11\x15exit 6\r");
    assert_eq!(screen.wait_for_end(), 6);
    screen.assert_restored();
}

#[test]
fn quiet_says_only_what_was_asked_for() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &["-q"]);
    screen.type_keys("~?");
    screen.wait_for("At any time: ");
    screen.type_keys("\x10\x11");
    assert_eq!(screen.wait_for_end(), 0);
    assert!(!screen.said().contains("left container"));
}

#[test]
fn rows_22_and_23_keys_that_are_none_are_refused() {
    let no_key = |name: &str| {
        format!("`{name}` is no key; keys are written like `ctrl-p,ctrl-q`, and \"\" is none")
    };
    let no_sign = "it is one sign like `~`, `^` and a letter, or `none`".to_owned();
    let detach = [
        ("ctrl-", "ctrl-"),
        ("ctrl-p,", ""),
        ("ctrl-1", "ctrl-1"),
        ("pq", "pq"),
        ("é", "é"),
    ];
    let detach = detach.map(|(value, name)| ("--detach-keys", value, no_key(name)));
    let escape = ["~~", "", "é", "a"].map(|value| ("--escape-char", value, no_sign.clone()));
    for (flag, value, words) in detach.into_iter().chain(escape) {
        assert_refused(flag, value, &words);
    }
}

#[test]
fn a_duration_that_is_none_is_refused() {
    assert_refused(
        "--reconnect",
        "5",
        "a duration is written like `90s`, `5m` or `1h30m`",
    );
    assert_refused("--reconnect", "-1s", "a duration cannot be negative");
}

fn assert_refused(flag: &str, value: &str, words: &str) {
    let ended = Plugin::nowhere()
        .args([format!("{flag}={value}"), "app".to_owned()])
        .run();
    let first = ended.stderr.lines().next().unwrap_or_default();
    let begin = format!("error: invalid value '{value}' for '{flag} <");
    assert!(
        first.starts_with(&begin) && first.ends_with(words),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.code, 2);
}

//! What a program in the container left on in the terminal is undone, and nothing else.

use rustix::process::{Signal, kill_process};
use sandbox::{Request, Sandbox, World};

use crate::screen::Screen;

const PROMPT: &str = "/ #";
/// Full screen, mouse, focus, paste, no cursor, application keys, colour, a scroll region, kitty's
/// keyboard.
const ALL: &str = "\\033[?1049h\\033[?1002h\\033[?1006h\\033[?1004h\\033[?2004h\\033[?25l\\033[?1h\\033=\\033[31m\\033[3;9r\\033[>1u";

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

/// A shell in which a program has left everything on.
fn disturbed(sandbox: &Sandbox, flags: &[&str]) -> Screen {
    let args = [&["app", "-c", "shell"][..], flags].concat();
    let mut screen = Screen::of_plugin(sandbox, &args);
    screen.wait_for_prompt(PROMPT);
    screen.type_keys(&format!("printf '{ALL}'\r"));
    screen.wait_until("everything on", |screen| {
        screen.alternate_screen() && screen.hide_cursor() && screen.application_keypad()
    });
    screen
}

fn assert_undone(screen: &mut Screen, code: i32) {
    assert_eq!(screen.wait_for_end(), code, "{}", screen.said());
    screen.assert_restored();
    screen.assert_modes_undone();
    let said = screen.said();
    for undone in [
        "\x1b[?1049l",
        "\x1b[?1002l",
        "\x1b[?1006l",
        "\x1b[?1004l",
        "\x1b[?2004l",
        "\x1b[?25h",
        "\x1b[?1l",
        "\x1b>",
        "\x1b[0m",
        "\x1b[r",
        "\x1b[<1u",
    ] {
        assert!(said.contains(undone), "{undone:?}\n{said:?}");
    }
}

#[test]
fn row_80_after_the_command_was_killed() {
    let sandbox = plain();
    let mut screen = disturbed(&sandbox, &[]);
    screen.type_keys("kill -9 $$\r");
    assert_undone(&mut screen, 137);
}

#[test]
fn row_80_after_the_connection_was_lost() {
    let sandbox = plain();
    let mut screen = disturbed(&sandbox, &["--reconnect=0"]);
    sandbox.stop_server();
    assert_undone(&mut screen, 255);
    let said = screen.said();
    let undone = said.find("\x1b[?1049l").unwrap();
    assert!(
        said[undone..].contains("was lost: "),
        "said on the first screen: {said:?}"
    );
}

#[test]
fn row_80_after_leaving() {
    for (keys, code) in [("\x10\x11", 0), ("\r~.", 255)] {
        let sandbox = plain();
        let mut screen = disturbed(&sandbox, &[]);
        screen.type_keys(keys);
        assert_undone(&mut screen, code);
    }
}

#[test]
fn row_80_after_a_signal() {
    let sandbox = plain();
    let mut screen = disturbed(&sandbox, &[]);
    kill_process(screen.process(), Signal::TERM).unwrap();
    assert_undone(&mut screen, 143);
    assert!(screen.contents().contains("the container stays in the pod"));
}

#[test]
fn a_session_that_leaves_nothing_on_gets_nothing() {
    let sandbox = plain();
    let mut screen = Screen::of_plugin(&sandbox, &["app"]);
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("printf '\\033[?1049h\\033[?25l\\033[31m'; printf '\\033[0m\\033[?25h\\033[?1049l'; echo la''st; exit\r");
    assert_eq!(screen.wait_for_end(), 0);
    screen.assert_restored();
    assert!(
        screen.said().ends_with("\x1b[?1049llast\r\nexit\r\n"),
        "{:?}",
        screen.said()
    );
}

#[test]
fn what_is_said_meanwhile_is_kept_from_a_full_screen_program() {
    let sandbox = plain();
    let mut screen = disturbed(&sandbox, &["-v=6"]);
    // A watch that is opened again is told of with -v.
    sandbox
        .on(Request::watch().path("/pods").first())
        .ends_at_once();
    let before = screen.said().len();
    screen.type_keys("echo still he''re; printf '\\033[?1049l'; kill -9 $$\r");
    assert_eq!(screen.wait_for_end(), 137);
    let said = screen.said();
    let left = before + said[before..].find("\x1b[?1049l").unwrap();
    assert!(!said[before..left].contains("kubectl-ephemeral]"), "{said}");
}

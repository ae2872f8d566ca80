//! Terminals that cannot be used, standard streams that are closed, and other odd surroundings.

use std::{
    fs::File,
    process::{Command, Stdio},
};

use sandbox::{Sandbox, World};

use crate::{plugin::PLUGIN, screen::Screen, seen};

const OUTSIDE: &str = "outside>";

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

fn has_containers(sandbox: &Sandbox) -> bool {
    !sandbox.pod("default", "app").unwrap()["spec"]["ephemeralContainers"].is_null()
}

/// Runs a line of shell in which `$P` is the plugin, and returns exit code, stdout and stderr.
pub(crate) fn run(sandbox: &Sandbox, line: &str, stdin: Stdio) -> (i32, String, String) {
    let output = Command::new("sh")
        .args(["-c", line])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("KUBECONFIG", sandbox.kubeconfig())
        .env("P", PLUGIN)
        .stdin(stdin)
        .output()
        .unwrap();
    seen::without_terminal(&output);
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn row_77_in_the_background_it_is_refused_and_not_stopped() {
    let sandbox = plain();
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
    screen.type_keys(&format!("{PLUGIN} app & wait $!; echo code $?\r"));
    screen.wait_for_line("code 125");
    let said = screen.said().replace('\r', "");
    assert!(
        said.contains("the terminal cannot be used: it belongs to another job; bring this one to the foreground\n"),
        "{said}"
    );
    assert!(!has_containers(&sandbox));
    screen.assert_restored();
}

#[cfg(target_os = "linux")]
#[test]
fn row_77_a_terminal_of_another_session_is_refused() {
    let sandbox = plain();
    let script = format!("setsid --wait {PLUGIN} app; echo code $?");
    let mut screen = Screen::of("sh", &["-c", &script], |command| {
        command.env("KUBECONFIG", sandbox.kubeconfig())
    });
    screen.wait_for_line("code 125");
    let said = screen.said().replace('\r', "");
    assert!(
        said.contains("the terminal cannot be used: it does not control this session; run this in a terminal of its own\n"),
        "{said}"
    );
    assert!(!has_containers(&sandbox));
}

#[test]
fn row_76_output_of_a_session_may_go_elsewhere() {
    let sandbox = plain();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let script = format!("{PLUGIN} app -it > {}; echo code $?", file.display());
    let mut screen = Screen::of("sh", &["-c", &script], |command| {
        command.env("KUBECONFIG", sandbox.kubeconfig())
    });
    screen.wait_for("added container");
    screen.wait_until_raw(true);
    screen.type_keys("printf '\\033[?25l'; echo in the fi''le; kill -9 $$\r");
    screen.wait_for("code 137");
    screen.assert_restored();
    let written = std::fs::read_to_string(file).unwrap();
    assert!(written.contains("in the file\r\n"), "{written}");
    // Nothing is undone where nothing was done to a terminal.
    assert!(!written.contains("\x1b[?25h"), "{written:?}");
}

#[test]
fn row_76_errors_may_go_nowhere() {
    let sandbox = plain();
    let script = format!("{PLUGIN} app 2>&-; echo code $?");
    let mut screen = Screen::of("sh", &["-c", &script], |command| {
        command.env("KUBECONFIG", sandbox.kubeconfig())
    });
    screen.wait_for_prompt("/ #");
    screen.type_keys("exit 4\r");
    screen.wait_for_line("code 4");
    screen.assert_restored();
}

#[test]
fn input_55_closed_standard_streams_are_no_trouble() {
    let sandbox = plain();
    for (streams, expected) in [
        ("<&-", (3, "hi\n")),
        (">&-", (3, "")),
        ("<&- >&- 2>&-", (3, "")),
        ("<&- -i", (3, "hi\n")),
    ] {
        let (redirect, flag) = streams
            .strip_suffix(" -i")
            .map_or((streams, ""), |rest| (rest, "-i"));
        let line = format!("$P app -q {flag} -- sh -c 'cat; echo hi; exit 3' {redirect}");
        let (code, stdout, stderr) = run(&sandbox, &line, Stdio::null());
        assert_eq!((code, stdout.as_str()), expected, "{streams}: {stderr}");
        assert_eq!(stderr, "", "{streams}");
    }
}

#[test]
fn row_62_a_full_disk_is_told_of() {
    let sandbox = plain();
    for words in ["app -- echo hi", "app -i -- cat"] {
        let line = format!("echo hi | $P -q {words} > /dev/full");
        let (code, _, stderr) = run(&sandbox, &line, Stdio::null());
        assert_eq!(code, 125, "{words}: {stderr}");
        assert_eq!(
            stderr, "error: cannot write the container's output: no space left on device\n",
            "{words}"
        );
    }
}

#[test]
fn input_56_a_directory_cannot_be_read() {
    let sandbox = plain();
    let folder = File::open("/").unwrap();
    let (code, stdout, stderr) = run(&sandbox, "$P app -i -- cat", folder.into());
    assert_eq!((code, stdout.as_str()), (125, ""));
    assert_eq!(
        stderr,
        "error: standard input cannot be read: it is a directory\n"
    );
    assert!(!has_containers(&sandbox));
}

/// Only Linux tells what is ignored.
#[cfg(target_os = "linux")]
#[test]
fn a_command_that_is_to_outlive_the_terminal_does() {
    let sandbox = plain();
    let folder = tempfile::tempdir().unwrap();
    let line = format!(
        "cd {}; trap '' HUP
        $P app -q -- sh -c 'cd {0}; : > runs; until [ -e go ]; do sleep 0.05; done; echo kept; exit 6' &
        until [ -e runs ]; do sleep 0.05; done
        kill -HUP $!; : > go; wait $!; echo code $?",
        folder.path().display()
    );
    let (code, stdout, stderr) = run(&sandbox, &line, Stdio::null());
    assert_eq!(
        (code, stdout.as_str(), stderr.as_str()),
        (0, "kept\ncode 6\n", "")
    );
}

//! Stock kubectl on the sandbox: what it can do there is what the sandbox can be trusted with.

use std::{
    env,
    io::{self, Write},
    path::Path,
    process::{Command, Output},
};

use sandbox::{Sandbox, World};

use crate::{
    plugin::{PLUGIN, wait_while},
    screen::Screen,
};

/// Returns the stock kubectl, or says why a test cannot be run.
///
/// `KUBECTL` names another one than that on the PATH.
pub(crate) fn kubectl() -> Option<String> {
    let program = env::var("KUBECTL").unwrap_or_else(|_| "kubectl".to_owned());
    let found = Command::new(&program)
        .args(["version", "--client"])
        .output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(program);
    }
    // Not by `println`, which nobody sees of a test that passes.
    let skipped = format!("SKIPPED: there is no {program} on this machine\n");
    io::stderr().write_all(skipped.as_bytes()).unwrap();
    None
}

fn command(program: &str, sandbox: &Sandbox) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        // It keeps a cache there, which goes with the sandbox.
        .env("HOME", sandbox.kubeconfig().parent().unwrap())
        .env("KUBECONFIG", sandbox.kubeconfig());
    command
}

pub(crate) fn run(program: &str, sandbox: &Sandbox, args: &[&str]) -> Output {
    command(program, sandbox).args(args).output().unwrap()
}

pub(crate) fn stdout(program: &str, sandbox: &Sandbox, args: &[&str]) -> String {
    let output = run(program, sandbox, args);
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn screen(program: &str, sandbox: &Sandbox, args: &[&str]) -> Screen {
    Screen::of(program, args, |command| {
        command.env("KUBECONFIG", sandbox.kubeconfig())
    })
}

#[test]
fn it_runs_us_as_its_plugin() {
    let Some(kubectl) = kubectl() else { return };
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ours = Path::new(PLUGIN).parent().unwrap();
    let path = env::var_os("PATH").unwrap_or_default();
    let path =
        env::join_paths([ours.to_owned()].into_iter().chain(env::split_paths(&path))).unwrap();
    let output = command(&kubectl, &sandbox)
        .args([
            "ephemeral",
            "app",
            "-q",
            "--",
            "sh",
            "-c",
            "echo plugged in; exit 7",
        ])
        .env("PATH", path)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "plugged in\n");
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn it_lists_and_describes_pods() {
    let Some(kubectl) = kubectl() else { return };
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let table = stdout(&kubectl, &sandbox, &["get", "pods"]);
    let rows: Vec<Vec<_>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows[0], ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
    assert_eq!(rows[1][..4], ["app", "1/1", "Running", "0"]);
    assert_eq!(rows[2][..4], ["two", "2/2", "Running", "0"]);

    stdout(
        &kubectl,
        &sandbox,
        &[
            "debug",
            "app",
            "--image=busybox:1",
            "-c",
            "seen",
            "--",
            "sleep",
            "1000",
        ],
    );
    let description = stdout(&kubectl, &sandbox, &["describe", "pod", "app"]);
    for part in ["Ephemeral Containers:", "  seen:", "Events:", "Started"] {
        assert!(description.contains(part), "{part}\n{description}");
    }
}

#[test]
fn it_debugs_in_a_terminal_and_attaches_again() {
    let Some(kubectl) = kubectl() else { return };
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let debug = [
        "debug",
        "-it",
        "app",
        "--image=busybox:1",
        "--target=app",
        "-c",
        "shell",
        "--",
        "sh",
    ];
    let mut first = screen(&kubectl, &sandbox, &debug);
    first.wait_for("If you don't see a command prompt, try pressing enter.");
    first.type_keys("\recho typed $((1 + 1))\r");
    first.wait_for("typed 2");
    let mut second = screen(&kubectl, &sandbox, &["attach", "-it", "app", "-c", "shell"]);
    second.wait_for("try pressing enter.");
    second.type_keys("echo both $((2 + 2))\r");
    first.wait_for("both 4");
    second.wait_for("both 4");
    first.type_keys("exit\r");
    assert_eq!(first.wait_for_end(), 0);
    assert_eq!(second.wait_for_end(), 0);
}

#[test]
fn it_shows_logs() {
    let Some(kubectl) = kubectl() else { return };
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let debug = [
        "debug",
        "app",
        "--image=busybox:1",
        "-c",
        "writer",
        "--",
        "sh",
        "-c",
        "echo one; echo two >&2",
    ];
    stdout(&kubectl, &sandbox, &debug);
    let ended = |pod: &serde_json::Value| {
        !pod["status"]["ephemeralContainerStatuses"][0]["state"]["terminated"].is_null()
    };
    wait_while(|| !ended(&sandbox.pod("default", "app").unwrap()));
    let log = stdout(&kubectl, &sandbox, &["logs", "app", "-c", "writer"]);
    assert!(log == "one\ntwo\n" || log == "two\none\n", "{log}");
}

#[test]
fn it_is_refused_as_on_a_real_cluster() {
    let Some(kubectl) = kubectl() else { return };
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let output = run(&kubectl, &sandbox, &["get", "pod", "nope"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "Error from server (NotFound): pods \"nope\" not found\n"
    );

    let debug = [
        "--context",
        "sandbox-viewer",
        "debug",
        "app",
        "--image=busybox:1",
        "-c",
        "x",
    ];
    let output = run(&kubectl, &sandbox, &debug);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("User \"viewer\" cannot patch resource \"pods/ephemeralcontainers\""),
        "{stderr}"
    );
}

//! The output of a command, whole, whatever server, shell and network do to it.

use std::time::Duration;

use sandbox::{Image, Request, Runtime, Sandbox, Server, Timing, World};
use serde_json::Value;

use crate::plugin::{Plugin, settled, wait_while};

/// Writes what logs and streams of old servers do not keep: carriage returns, bytes that are no text, a
/// long line, more than is under way at the end, no last newline.
const DIFFICULT: &str = r"printf 'a\r\n\r\rb\001\377\r\n'; printf 'e\r\nf\376' >&2; head -c 100000 /dev/zero; seq 1 30000; printf 'no newline'; exit 7";

fn difficult() -> (Vec<u8>, Vec<u8>) {
    let numbers = (1..=30_000).map(|number: u32| number.to_string() + "\n");
    let numbers: String = numbers.collect();
    let stdout = [
        &b"a\r\n\r\rb\x01\xff\r\n"[..],
        &vec![0; 100_000],
        numbers.as_bytes(),
        b"no newline",
    ];
    (stdout.concat(), b"e\r\nf\xfe".to_vec())
}

fn containers(sandbox: &Sandbox) -> Vec<Value> {
    let pod = sandbox.pod("default", "app").unwrap();
    let containers = pod["spec"]["ephemeralContainers"].as_array();
    containers.cloned().unwrap_or_default()
}

#[test]
fn every_byte_arrives_on_its_own_stream_on_every_server() {
    let worlds = [
        World::plain().server(Server::V1_21),
        World::plain().server(Server::V1_28),
        World::plain().server(Server::V1_28Containerd2),
        World::plain(),
        World::plain().runtime(Runtime::CriO),
    ];
    let (expected, expected_stderr) = difficult();
    for (number, world) in worlds.into_iter().enumerate() {
        let sandbox = Sandbox::start(world).unwrap();
        let (code, stdout, stderr) = Plugin::on(&sandbox)
            .args(["app", "-q", "--", "sh", "-c", DIFFICULT])
            .run_raw();
        assert!(
            stdout == expected,
            "{number}: {} bytes of {}",
            stdout.len(),
            expected.len()
        );
        assert_eq!((code, stderr), (7, expected_stderr.clone()), "{number}");
    }
}

#[test]
fn a_hundred_commands_that_end_at_once_have_their_bytes_and_codes() {
    let sandbox = Sandbox::start(World::plain().server(Server::V1_28)).unwrap();
    std::thread::scope(|scope| {
        for quarter in 0..4 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for number in quarter * 25..quarter * 25 + 25 {
                    let script =
                        format!("printf out{number}; printf err{number} >&2; exit {number}");
                    let ended = Plugin::on(sandbox)
                        .args(["app", "-q", "--", "sh", "-c", &script])
                        .run();
                    let (stdout, stderr) = (format!("out{number}"), format!("err{number}"));
                    assert_eq!(
                        (ended.code, ended.stdout, ended.stderr),
                        (number, stdout, stderr)
                    );
                }
            });
        }
    });
}

#[test]
fn the_words_of_a_command_arrive_as_they_are() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let words = ["a b", "", "c\nd", "'\"`$HOME\\", "*", "-n", "é"];
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "--", "printf", "[%s]"])
        .args(words)
        .run();
    let expected = format!("[{}]", words.join("]["));
    assert_eq!((ended.code, ended.stdout), (0, expected));
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_command_reads_nothing_and_is_no_word_of_the_shell() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox).args(["app", "-q", "--", "cat"]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{ended:?}");
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "--", "exit", "3"])
        .run();
    assert_eq!(ended.code, 125, "{ended:?}");
    assert!(
        ended.stderr.contains("has no command `exit`\nhint: "),
        "{ended:?}"
    );
}

#[test]
fn what_holds_the_command_is_not_taken_for_a_mark() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let script = "tr '\\0' '\\n' < /proc/$PPID/cmdline; exit 4";
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "--", "sh", "-c", script])
        .run();
    assert_eq!(ended.code, 4);
    assert!(
        ended.stdout.contains("_gate=kubectl-ephemeral:"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains(script), "{}", ended.stdout);
}

#[test]
fn an_image_without_a_shell_gets_a_second_container() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args([
            "app",
            "-c",
            "dbg",
            "--image",
            "distroless-app:1",
            "--",
            "/app",
            "crash",
        ])
        .run();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert_eq!(ended.stdout, "starting\ncannot read the configuration\n");
    let said: Vec<_> = ended
        .stderr
        .lines()
        .filter(|line| !line.starts_with("waiting: "))
        .collect();
    assert_eq!(
        said,
        [
            "the processes of container `app` are visible (--target names another one)",
            "added container `dbg` to pod `app`",
            "added container `dbg-2` to pod `app`",
            "image `distroless-app:1` has no shell that could hold the command: container `dbg` did not start and \
             stays in the pod; container `dbg-2` runs it without",
        ]
    );
    let added = containers(&sandbox);
    let of_name = |name| {
        added
            .iter()
            .find(|container| container["name"] == name)
            .unwrap()
    };
    assert_eq!(of_name("dbg")["command"][0], "sh");
    let second = of_name("dbg-2");
    assert_eq!(second["command"], serde_json::json!(["/app", "crash"]));
    assert_eq!(second["stdin"], Value::Null);
    // Where we choose the name, the second one is another.
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "--image", "distroless-app:1", "--", "nosuch"])
        .run();
    assert_eq!(ended.code, 125, "{ended:?}");
    assert!(
        ended.stderr.contains("has no command `nosuch`\n"),
        "{ended:?}"
    );
    assert_eq!(containers(&sandbox).len(), 4);
}

#[test]
fn row_49_a_connection_that_breaks_loses_and_doubles_nothing() {
    let numbers = (1..=30_000).map(|number: u32| number.to_string() + "\n");
    let expected: String = numbers.collect();
    for after in [400, 70_000] {
        let sandbox = Sandbox::start(World::plain()).unwrap();
        sandbox.on(Request::attach()).reset_after(after);
        let ended = Plugin::on(&sandbox)
            .args(["app", "--", "sh", "-c", "seq 1 30000; exit 9"])
            .run();
        assert_eq!(ended.code, 9, "{}", ended.stderr);
        assert!(
            ended.stdout == expected,
            "{} bytes of {}",
            ended.stdout.len(),
            expected.len()
        );
        assert!(
            ended.stderr.ends_with(
                "the connection was reset; the rest of the output comes from the log, both streams in one\n"
            ),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn row_68_a_connection_that_breaks_where_the_log_is_closed_is_told() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    sandbox.on(Request::attach()).reset_after(400);
    sandbox.on(Request::log()).forbidden();
    let ended = Plugin::on(&sandbox)
        .args(["app", "--", "sh", "-c", "seq 1 30000; exit 9"])
        .run();
    assert_eq!(ended.code, 9, "{}", ended.stderr);
    assert!(
        ended.stderr.contains(
            "warning: output is missing: the log cannot be read: Error from server (Forbidden): "
        ),
        "{}",
        ended.stderr
    );
}

#[test]
fn what_ends_the_whole_container_is_told_by_the_pod() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args([
            "app",
            "--",
            "sh",
            "-c",
            "echo before; kill -9 $PPID; exec sleep 1000",
        ])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (137, "before\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn when_its_pod_is_deleted_a_command_is_asked_to_end_and_says_how() {
    let timing = Timing {
        grace: Duration::from_secs(30),
        ..Timing::default()
    };
    for passage in [&[][..], &["-i"]] {
        let sandbox = Sandbox::start(World::plain().timing(timing.clone())).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("ready");
        let script = format!(
            "trap 'echo asked; exit 9' TERM; : > {}; while :; do sleep 0.01; done",
            ready.display()
        );
        let ended = std::thread::scope(|scope| {
            let running = scope.spawn(|| {
                Plugin::on(&sandbox)
                    .args(["app", "-q"])
                    .args(passage.iter().copied())
                    .args(["--", "sh", "-c", &script])
                    .run()
            });
            wait_while(|| !ready.exists() && !running.is_finished());
            sandbox.delete_pod("default", "app");
            running.join().unwrap()
        });
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (9, "asked\n"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn a_signal_that_ends_the_command_is_in_its_code() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "--", "sh", "-c", "echo before; kill -9 $$"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (137, "before\n", "")
    );
}

/// It takes the twenty seconds after which a command does not wait any longer.
#[test]
fn a_user_who_may_not_attach_gets_the_output_from_the_log() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    sandbox.on(Request::attach()).forbidden();
    std::thread::scope(|scope| {
        let output = scope.spawn(|| {
            Plugin::on(&sandbox)
                .args(["app", "-c", "out", "--", "sh", "-c", "echo out; exit 3"])
                .run()
        });
        let ended = Plugin::on(&sandbox)
            .args(["app", "-i", "-c", "in", "--", "cat"])
            .input("in\n")
            .run();
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (125, ""),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("resources: [pods/attach]"),
            "{}",
            ended.stderr
        );

        let ended = output.join().unwrap();
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (3, "out\n"),
            "{}",
            ended.stderr
        );
        let stderr = settled(&ended.stderr);
        assert!(
            stderr.contains("cannot attach: Error from server (Forbidden): "),
            "{stderr}"
        );
        assert!(
            stderr.contains(
                "; the command starts without that after 20 seconds, and its output comes from the log, both \
                 streams in one\n"
            ),
            "{stderr}"
        );
    });
    // Nothing hangs for ever: the one that reads has given up too, and has not run.
    let gave_up = sandbox.wait_until("default", "app", |pod| {
        let statuses = pod["status"]["ephemeralContainerStatuses"].as_array();
        statuses.into_iter().flatten().any(|status| {
            status["name"] == "in" && status["state"]["terminated"]["exitCode"] == 124
        })
    });
    assert!(gave_up);
}

#[test]
fn a_log_shows_no_marks() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    Plugin::on(&sandbox)
        .args(["app", "-q", "-c", "d", "--", "sh", "-c", "echo out; exit 3"])
        .run();
    let ended = Plugin::on(&sandbox)
        .args(["attach", "app", "-c", "d"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (3, "out\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn row_62_a_full_disk_is_an_error() {
    let sandbox = Sandbox::start(World::plain().image("other:1", Image::shell())).unwrap();
    let full = std::fs::File::create("/dev/full").unwrap();
    let output = std::process::Command::new(crate::plugin::PLUGIN)
        .args(["app", "-q", "--", "echo", "out"])
        .env("KUBECONFIG", sandbox.kubeconfig())
        .stdout(full)
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    crate::seen::without_terminal(&output);
    assert_eq!(output.status.code(), Some(125));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: cannot write the container's output: no space left on device\n"
    );
}

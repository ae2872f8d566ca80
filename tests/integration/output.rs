//! The main job without a terminal: output, pipes, exit codes.

use std::{
    io::Read,
    process::{Command, Stdio},
};

use rustix::fs::{OFlags, fcntl_getfl};
use sandbox::{Request, Sandbox, World};

use crate::plugin::{PLUGIN, Plugin, settled, wait_while};

#[test]
fn a_commands_output_is_ours_and_so_is_its_exit_code() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    for code in [0, 1, 44, 255] {
        let command = format!("echo out; exit {code}");
        let ended = Plugin::on(&sandbox)
            .args(["app", "--", "sh", "-c", &command])
            .run();
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (code, "out\n"),
            "{ended:?}"
        );
    }
}

#[test]
fn nothing_but_output_is_on_stdout() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox).args(["app", "--", "true"]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""));
    let stderr = settled(&ended.stderr);
    assert!(
        stderr.contains("added container `debugger-*` to pod `app`"),
        "{stderr}"
    );
    assert!(
        stderr.contains("the processes of container `app` are visible"),
        "{stderr}"
    );
}

#[test]
fn quiet_is_silent_about_all_that_went_well() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "--", "echo", "only this"])
        .run();
    assert_eq!(
        (ended.stdout.as_str(), ended.stderr.as_str()),
        ("only this\n", "")
    );
}

#[test]
fn row_19_output_of_a_command_that_ends_at_once_is_whole() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let script = "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i + 1)); done";
    let ended = Plugin::on(&sandbox)
        .args(["app", "--", "sh", "-c", script])
        .run();
    let expected = lines("line ", 3000);
    assert!(
        ended.stdout == expected,
        "{} bytes of {}",
        ended.stdout.len(),
        expected.len()
    );
    assert_eq!(ended.code, 0);
}

#[test]
fn row_68_a_log_that_breaks_off_is_read_on_and_each_byte_is_shown_once() {
    let script = "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i + 1)); [ $((i % 100)) -gt 0 ] || sleep 0.01; done";
    for break_off in ["reset", "cut", "restart"] {
        let sandbox = Sandbox::start(World::plain()).unwrap();
        let log = sandbox.on(Request::log().up_to(3));
        match break_off {
            "reset" => log.reset_after(10_000),
            "cut" => log.cut_after(5000),
            _ => log.slowed(500, std::time::Duration::from_millis(1)),
        };
        // Whose entrypoint is not known is not held, and comes from the log.
        let plugin =
            Plugin::on(&sandbox).args(["app", "--arguments-only", "--", "sh", "-c", script]);
        let running = std::thread::spawn(move || plugin.run());
        if break_off == "restart" {
            wait_while(|| {
                !sandbox
                    .requests()
                    .iter()
                    .any(|request| request.path.contains("/log?"))
            });
            sandbox.restart_kubelet();
        }
        let ended = running.join().unwrap();
        let expected = lines("line ", 3000);
        assert!(
            ended.stdout == expected,
            "{break_off}: {} bytes of {}\n{}",
            ended.stdout.len(),
            expected.len(),
            ended.stderr
        );
        assert_eq!(ended.code, 0, "{}", ended.stderr);
    }
}

#[test]
fn row_68_a_log_that_breaks_off_for_good_is_a_lost_session() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    sandbox.on(Request::log()).cut_after(10);
    for (limit, words) in [
        ("0", ""),
        ("1s", "the container's log broke off, reading on: "),
    ] {
        let ended = Plugin::on(&sandbox)
            .args([
                "app",
                "--arguments-only",
                "--reconnect",
                limit,
                "--",
                "sh",
                "-c",
                "echo some more than ten; exec sleep 1000",
            ])
            .run();
        assert_eq!(ended.code, 255, "{}", ended.stderr);
        assert!("some more".starts_with(&ended.stdout), "{}", ended.stdout);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
        let lost = "was lost: its log broke off: cannot reach the server at";
        assert!(ended.stderr.contains(lost), "{}", ended.stderr);
    }
}

#[test]
fn row_67_a_pipe_that_broke_is_not_taken_up_again() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    sandbox.on(Request::attach()).reset_after(1000);
    // One command takes the lost connection for the end of its input, and is content.
    for (command, after) in [
        ("cat", "; its command ended with exit code 0 then\n"),
        (
            "cat; exec sleep 1000",
            "\nhint: the container may still run; `kubectl ephemeral attach pod/app -c pipe2 -n default` goes back to it\n",
        ),
    ] {
        let name = if after.contains("pipe2") {
            "pipe2"
        } else {
            "pipe1"
        };
        let ended = Plugin::on(&sandbox)
            .args(["app", "-i", "-c", name, "--", "sh", "-c", command])
            .input(lines("", 20_000))
            .run();
        assert_eq!(ended.code, 255, "{}", ended.stderr);
        let expected = format!(
            "error: the session with container `{name}` was lost: the connection was cut; \
             how much of the input arrived is unknown{after}"
        );
        // A reset also takes what had arrived and was not read yet, the line that begins it all among it.
        let not_run = format!(
            "error: the session with container `{name}` was lost: the connection was cut; the command was not run\n"
        );
        // Which of the two it was depends on what was on its way.
        let stderr = ended
            .stderr
            .replace("connection was reset", "connection was cut");
        assert!(
            stderr.ends_with(&expected) || stderr.ends_with(&not_run),
            "{stderr}"
        );
    }
}

#[test]
fn row_63_a_pipe_goes_in_its_end_too_and_all_comes_back() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let input = lines("", 20_000);
    let ended = Plugin::on(&sandbox)
        .args(["app", "-i", "--", "sh", "-c", "cat; echo done >&2; exit 9"])
        .input(input.as_str())
        .run();
    assert_eq!(ended.code, 9);
    assert!(
        ended.stdout == input,
        "{} bytes of {}",
        ended.stdout.len(),
        input.len()
    );
    assert!(ended.stderr.ends_with("done\n"), "{}", ended.stderr);
}

#[test]
fn row_64_without_a_terminal_a_terminal_is_not_given() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let script = "if [ -t 0 ]; then echo terminal; else cat; fi";
    let ended = Plugin::on(&sandbox)
        .args(["app", "-it", "--", "sh", "-c", script])
        .input("piped\n")
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "piped\n"),
        "{ended:?}"
    );
    assert!(
        ended.stderr.contains("warning: Unable to use a TTY"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_container_can_be_added_and_left() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["app", "--attach=false", "-q", "-c", "later"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (0, "later\n", "")
    );
    let pod = sandbox.pod("default", "app").unwrap();
    let container = &pod["spec"]["ephemeralContainers"][0];
    assert_eq!(container["name"], "later");
    assert_eq!(container["tty"], true);
    assert_eq!(container["targetContainerName"], "app");
}

#[test]
fn the_image_may_come_from_the_environment() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let image = |plugin: Plugin, name: &str| {
        let ended = plugin
            .args(["app", "--attach=false", "-q", "-c", name])
            .run();
        assert_eq!(ended.code, 0, "{ended:?}");
        let pod = sandbox.pod("default", "app").unwrap();
        let containers = pod["spec"]["ephemeralContainers"]
            .as_array()
            .unwrap()
            .clone();
        let added = containers
            .into_iter()
            .find(|container| container["name"] == name)
            .unwrap();
        added["image"].as_str().unwrap().to_owned()
    };
    let variable = "KUBECTL_EPHEMERAL_IMAGE";
    assert_eq!(image(Plugin::on(&sandbox), "a"), "busybox:1.37");
    assert_eq!(
        image(Plugin::on(&sandbox).variable(variable, "busybox:1"), "b"),
        "busybox:1"
    );
    assert_eq!(
        image(Plugin::on(&sandbox).variable(variable, ""), "c"),
        "busybox:1.37"
    );
    let both = Plugin::on(&sandbox)
        .variable(variable, "busybox:1")
        .args(["--image", "busybox:2"]);
    assert_eq!(image(both, "d"), "busybox:2");
}

#[test]
fn row_61_a_reader_that_went_away_ends_it_and_the_container_stays() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    // What is attached to misses what was written before, so the second one waits for its input.
    let log = [
        "-c",
        "log",
        "--",
        "sh",
        "-c",
        "while echo y; do sleep 0.01; done",
    ];
    let pipe = [
        "-ic",
        "pipe",
        "--",
        "sh",
        "-c",
        "read -r _; while echo y; do sleep 0.01; done",
    ];
    for args in [log, pipe] {
        let (code, first, stderr) = Plugin::on(&sandbox)
            .args(["app"])
            .args(args)
            .read_one_line();
        assert_eq!((code, first.as_str()), (0, "y\n"), "{stderr}");
        assert!(
            stderr.contains("nobody reads the output any more"),
            "{stderr}"
        );
    }
}

/// What writes to the pipe after us must not find one that answers "try again".
#[test]
fn a_pipe_that_others_write_to_as_well_is_left_as_it_was() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let script = "head -c 1000000 /dev/zero; echo done >&2; cat";
    let mut child = Command::new(PLUGIN)
        .args(["app", "-i", "-q", "--", "sh", "-c", script])
        .env_clear()
        .env("KUBECONFIG", sandbox.kubeconfig())
        .stdin(Stdio::piped())
        .stdout(writer.try_clone().unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut read = vec![0; 1_000_000];
    reader.read_exact(&mut read).unwrap();
    let blocks = || !fcntl_getfl(&writer).unwrap().contains(OFlags::NONBLOCK);
    assert!(blocks());
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stderr, b"done\n");
    assert!(blocks());
}

fn lines(before: &str, count: usize) -> String {
    (0..count).fold(String::new(), |text, number| {
        text + before + &number.to_string() + "\n"
    })
}

#[test]
fn a_shell_without_input_is_told_of() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let said = "the image's own command gets no input here: -i passes standard input on, -it gives it a terminal\n";
    for (args, is_told) in [
        (&["app"][..], true),
        (&["app", "-i"], false),
        (&["app", "-i=false"], false),
        (&["app", "--", "true"], false),
        (&["app", "--attach=false"], false),
    ] {
        let ended = Plugin::on(&sandbox).args(args).input("exit 0\n").run();
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.stderr);
        assert_eq!(
            ended.stderr.contains(said),
            is_told,
            "{args:?}: {}",
            ended.stderr
        );
    }
}

//! Files and containers that cannot be used: one clear error, nothing sent.
//!
//! Rows are those of the list of bad inputs that the project keeps.

use std::{fs, path::Path};

use sandbox::{Sandbox, World};
use serde_json::json;

use crate::{
    plugin::{Ended, Plugin},
    screen::Screen,
};

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

/// Runs where a file `f.yaml` is, and returns how it ended, with the folder left out of the words.
fn with_file(sandbox: &Sandbox, text: &[u8], args: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.yaml");
    fs::write(&path, text).unwrap();
    let args = args
        .iter()
        .map(|arg| arg.replace("f.yaml", path.to_str().unwrap()));
    without(folder.path(), Plugin::on(sandbox).args(args).run())
}

fn without(folder: &Path, mut ended: Ended) -> Ended {
    ended.stderr = ended.stderr.replace(&format!("{}/", folder.display()), "");
    ended
}

/// Fails unless the command line was refused with these words, and nothing was sent.
fn assert_refused(sandbox: &Sandbox, ended: &Ended, stderr: &str) {
    assert_eq!(ended.stderr, stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    let requests = sandbox.requests();
    assert!(
        requests.iter().all(|request| request.method == "GET"),
        "{requests:?}"
    );
}

#[test]
fn input_09_a_command_that_is_none() {
    let sandbox = plain();
    let ended = Plugin::on(&sandbox).args(["app", "--"]).run();
    assert!(
        ended
            .stderr
            .starts_with("error: no command follows `--`; without it, the image's own is run\n"),
        "{ended:?}"
    );
    assert_eq!(ended.code, 2);
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-c", "d", "--", ""])
        .run();
    assert_refused(
        &sandbox,
        &ended,
        "error: container `d` is not valid\n  spec.ephemeralContainers[0].command[0]: Required value\n",
    );
    let text = br#"{"name": "d", "image": "busybox:1", "command": ["a\u0000b"]}"#;
    assert_refused(
        &sandbox,
        &with_file(&sandbox, text, &["app", "-f", "f.yaml"]),
        "error: f.yaml is not valid\n  command[0]: Invalid value: must not have a NUL byte\n",
    );
}

#[test]
fn input_10_more_arguments_than_a_pod_can_hold() {
    let sandbox = plain();
    // A single word of a command line may have 128 KiB on Linux.
    let words = vec!["x".repeat(100_000); 11];
    let ended = Plugin::on(&sandbox)
        .args([
            "app",
            "-q",
            "-c",
            "d",
            "--profile=baseline",
            "--target=",
            "--",
            "echo",
        ])
        .args(words)
        .run();
    assert_refused(
        &sandbox,
        &ended,
        "error: container `d` is not valid\n  spec.ephemeralContainers[0]: Too long: it takes 1100121 bytes, and a \
         pod cannot hold more than 1048576 of it\n",
    );
}

#[test]
fn input_20_variables_that_cannot_be() {
    let sandbox = plain();
    let text = b"{image: a, env: [{name: 'A=B'}, {name: ''}, {name: C, value: 1}]}";
    assert_refused(
        &sandbox,
        &with_file(&sandbox, text, &["app", "-f", "f.yaml"]),
        "error: f.yaml is not valid\n  env[2].value: must be a string, not a number; put it in quotes\n",
    );
    let text = b"{image: a, env: [{name: 'A=B'}, {name: ''}, {name: C, value: '1'}]}";
    assert_refused(
        &sandbox,
        &with_file(&sandbox, text, &["app", "-f", "f.yaml"]),
        "error: f.yaml is not valid\n  env[0].name: Invalid value: \"A=B\": a valid environment variable name must \
         consist only of printable ASCII characters other than '='\n  env[1].name: Required value\n",
    );
}

#[test]
fn input_27_files_that_cannot_be_read() {
    let sandbox = plain();
    let twice = "name: a\nname: SECRET\n";
    for (text, expected) in [
        ("", "it is empty"),
        (
            "a: 1\n---\nb: 2\n",
            "it holds 2 documents, and must hold one",
        ),
        (
            twice,
            "the field `name` stands there twice at line 2, column 1",
        ),
        (
            "name:\n\tSECRET: 1\n",
            "tabs disallowed within this context (block indentation) at line 2, column 2",
        ),
        ("name: [SECRET", "unclosed bracket '[' at line 1, column 7"),
        ("SECRET", "it holds a string, and no fields"),
        ("\0\u{1}\u{2}", "it is no text in UTF-8"),
        (
            "a: &a [*a]\n",
            "its aliases or nesting grow too large at line 1, column 8",
        ),
    ] {
        let text = text.as_bytes();
        assert_refused(
            &sandbox,
            &with_file(&sandbox, text, &["app", "-f", "f.yaml"]),
            &format!("error: f.yaml is no manifest: {expected}\n"),
        );
        assert_refused(
            &sandbox,
            &with_file(&sandbox, text, &["app", "--custom", "f.yaml"]),
            &format!("error: f.yaml does not contain a valid container spec: {expected}\n"),
        );
    }
    let large = vec![b'#'; 1024 * 1024 + 1];
    for flag in ["-f", "--custom"] {
        assert_refused(
            &sandbox,
            &with_file(&sandbox, &large, &["app", flag, "f.yaml"]),
            "error: f.yaml is larger than 1 MiB, and no pod can hold that\n",
        );
        assert_refused(
            &sandbox,
            &with_file(&sandbox, b"", &["app", flag, "f.yaml/.."]),
            "error: cannot read f.yaml/..: not a directory\n",
        );
    }
}

#[test]
fn input_27_paths_that_are_no_files() {
    let sandbox = plain();
    let sparse = tempfile::NamedTempFile::new().unwrap();
    sparse.as_file().set_len(1 << 30).unwrap();
    let sparse = sparse.path().to_str().unwrap();
    for (path, expected) in [
        ("/nonexistent", "/nonexistent does not exist\n"),
        ("/", "/ is a directory, and must be a file\n"),
        (
            "/dev/zero",
            "/dev/zero is larger than 1 MiB, and no pod can hold that\n",
        ),
        (
            sparse,
            &format!("{sparse} is larger than 1 MiB, and no pod can hold that\n"),
        ),
        (
            "https://x/f.yaml",
            "https://x/f.yaml does not exist\n\
             hint: addresses are not fetched: `curl -fsSL https://x/f.yaml | kubectl ephemeral -f -`\n",
        ),
    ] {
        let ended = Plugin::on(&sandbox).args(["app", "-f", path]).run();
        assert_refused(&sandbox, &ended, &format!("error: {expected}"));
    }
    let ended = Plugin::on(&sandbox)
        .args(["app", "-f", "-", "--custom", "-"])
        .run();
    assert_refused(
        &sandbox,
        &ended,
        "error: standard input can be the file of `-f` or of `--custom`, not both\n",
    );
}

#[test]
fn input_28_fields_that_the_api_forbids() {
    let sandbox = plain();
    let text =
        b"{image: a, ports: [{containerPort: 80}], livenessProbe: {exec: {command: [SECRET]}}, \
        resources: {limits: {cpu: 1}}, lifecycle: {preStop: {}}, restartPolicy: Always, \
        volumeMounts: [{name: data, mountPath: /d, subPath: x}], comand: [SECRET]}";
    let faults = "  comand: unknown field; did you mean `command`?\n  \
                  lifecycle: Forbidden: cannot be set for an Ephemeral Container\n  \
                  livenessProbe: Forbidden: cannot be set for an Ephemeral Container\n  \
                  ports: Forbidden: cannot be set for an Ephemeral Container\n  \
                  resources: Forbidden: cannot be set for an Ephemeral Container\n  \
                  restartPolicy: Forbidden: cannot be set for an Ephemeral Container\n  \
                  volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container\n";
    assert_refused(
        &sandbox,
        &with_file(&sandbox, text, &["app", "-f", "f.yaml"]),
        &format!("error: f.yaml is not valid\n{faults}"),
    );
}

#[test]
fn input_29_fields_that_a_custom_container_cannot_set() {
    let sandbox = plain();
    let text = b"{name: x, image: y, command: [z], lifecycle: {preStop: {}}, \
        volumeDevices: [{name: a, devicePath: /b}], ports: [{}], tty: 'true'}";
    assert_refused(
        &sandbox,
        &with_file(&sandbox, text, &["app", "--custom", "f.yaml"]),
        "error: f.yaml is not valid\n  \
         name: not modifiable via custom profile; --container names it\n  \
         command: not modifiable via custom profile; it follows `--` on the command line\n  \
         image: not modifiable via custom profile; --image names it\n  \
         lifecycle: not modifiable via custom profile\n  \
         volumeDevices: not modifiable via custom profile\n  \
         ports: Forbidden: cannot be set for an Ephemeral Container\n  \
         tty: must be true or false, not a string\n",
    );
}

#[test]
fn input_30_mounts_that_cannot_be() {
    let sandbox = plain();
    let text = b"volumeMounts: [{name: nope, mountPath: /a}, {name: data, mountPath: b}, {name: data, mountPath: /a}]";
    assert_refused(
        &sandbox,
        &with_file(
            &sandbox,
            text,
            &["app", "-q", "-c", "d", "--custom", "f.yaml", "--", "ls"],
        ),
        "error: container `d` is not valid\n  \
         spec.ephemeralContainers[0].volumeMounts[2].mountPath: Invalid value: \"/a\": must be unique\n  \
         spec.ephemeralContainers[0].volumeMounts[0].name: Not found: \"nope\"\n  \
         spec.ephemeralContainers[0].volumeMounts[1].mountPath: Invalid value: \"b\": must be an absolute path\n",
    );
}

#[test]
fn input_32_options_of_linux_in_a_pod_of_windows() {
    let pod = json!({
        "metadata": {"name": "win"},
        "spec": {"os": {"name": "windows"}, "containers": [{"name": "web", "image": "distroless-app:1"}]},
    });
    let sandbox = Sandbox::start(World::plain().pod(pod)).unwrap();
    let text = b"securityContext: {runAsUser: 0, privileged: true}";
    let args = [
        "win",
        "-q",
        "-c",
        "d",
        "--profile=baseline",
        "--custom",
        "f.yaml",
        "--",
        "ls",
    ];
    assert_refused(
        &sandbox,
        &with_file(&sandbox, text, &args),
        "error: container `d` is not valid\n  \
         spec.ephemeralContainers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod\n  \
         spec.ephemeralContainers[0].securityContext.runAsUser: Forbidden: cannot be set for a windows pod\n",
    );
}

#[test]
fn what_contradicts_the_command_line() {
    let sandbox = plain();
    let pod = b"{apiVersion: v1, kind: Pod, metadata: {name: app, namespace: shop}}";
    assert_refused(
        &sandbox,
        &with_file(&sandbox, pod, &["two", "-f", "f.yaml"]),
        "error: f.yaml is about pod `app`, and the command line about `two`\n",
    );
    assert_refused(
        &sandbox,
        &with_file(&sandbox, pod, &["-n", "default", "-f", "f.yaml"]),
        "error: the namespace from the provided object \"shop\" does not match the namespace \"default\". You must \
         pass '--namespace=shop' to perform this operation.\n",
    );
    let whole = b"{image: a}";
    assert_refused(
        &sandbox,
        &with_file(
            &sandbox,
            whole,
            &[
                "app",
                "-f",
                "f.yaml",
                "--image=b",
                "--env=A=1",
                "--profile=baseline",
                "-i",
                "--",
                "ls",
            ],
        ),
        "error: f.yaml says all of the container, so `--image`, `--stdin`, `--profile`, `--env`, `-- COMMAND` cannot \
         be given with it\nhint: change the file, or leave it out\n",
    );
    assert_refused(
        &sandbox,
        &with_file(&sandbox, whole, &["-f", "f.yaml"]),
        "error: no pod named\nhint: kubectl ephemeral POD [flags] [-- COMMAND [ARG...]]; `--help` tells more\n",
    );
    assert_refused(
        &sandbox,
        &with_file(
            &sandbox,
            b"{apiVersion: apps/v1, kind: Deployment}",
            &["-f", "f.yaml"],
        ),
        "error: f.yaml is of `apps/v1, Kind=Deployment`\n\
         hint: -f takes a Pod, an ephemeral container alone, or a list of `kind: EphemeralContainers`\n",
    );
}

#[test]
fn a_session_for_which_there_is_no_input() {
    let sandbox = plain();
    let hint = "hint: --attach=false only adds it; `kubectl ephemeral attach pod/app -c d -n default` goes to it \
                from a terminal\n";
    let terminal = "{name: d, image: 'busybox:1', stdin: true, tty: true}";
    assert_refused(
        &sandbox,
        &with_file(&sandbox, terminal.as_bytes(), &["app", "-f", "f.yaml"]),
        &format!("error: container `d` has a terminal, and standard input is none\n{hint}"),
    );
    let ended = Plugin::on(&sandbox)
        .args(["app", "-f", "-"])
        .input(terminal)
        .run();
    assert_refused(
        &sandbox,
        &ended,
        &format!("error: container `d` takes input, and standard input was the file\n{hint}"),
    );
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-f", "-", "--attach=false"])
        .input(terminal)
        .run();
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "d\n"), "{ended:?}");
    let ended = Plugin::on(&sandbox)
        .args(["app", "-f", "-"])
        .input(terminal.replace("busybox:1", "busybox:2"))
        .run();
    assert_eq!(ended.code, 125);
    assert!(
        ended
            .stderr
            .starts_with("error: pod `app` has a container `d` already\n"),
        "{ended:?}"
    );
}

/// A pipe in the file system that nobody writes to must not hold us up for ever, and Ctrl-C ends it.
#[test]
fn input_27_a_pipe_that_says_nothing_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&path)
        .status()
        .unwrap();
    assert!(made.success());
    let sandbox = plain();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-f", path.to_str().unwrap()]);
    screen.wait_for("waiting for");
    screen.type_keys("\u{3}");
    assert_eq!(screen.wait_for_end(), 130);
    screen.assert_restored();
}

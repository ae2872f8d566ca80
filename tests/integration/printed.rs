//! What we print as a manifest, read again: by `-f`, and by stock kubectl, whose YAML must find what we meant.

use std::{fs, process::Command};

use sandbox::{Sandbox, World};
use serde_json::Value;

use crate::{plugin::Plugin, stock};

/// Words that a reader of YAML could take for something else, or that are hard to write.
const WORDS: &[&str] = &[
    "sh",
    "",
    " ",
    "yes",
    "no",
    "on",
    "y",
    "null",
    "~",
    "1",
    "1.0",
    "0x1F",
    "0o17",
    "017",
    "1e3",
    "1_0",
    "12:30:00",
    "2026-11-20",
    "- a",
    "a: b",
    "a #b",
    "#",
    "&a",
    "*a",
    "!t",
    "%",
    "@",
    "`",
    "'",
    "\"",
    "\\",
    "{a}",
    "[a]",
    "a\nb",
    "a\nb\n",
    "a\n\n\n",
    "\n",
    " lead\nmore\n",
    "tab\there",
    "trail ",
    "\u{1b}[0m",
    "ünï 日本",
    "\u{feff}x",
    "\u{85}",
    "a\r\nb",
    "---",
    "? a",
    "| a",
    "> a",
    "=",
    "<<",
    ".inf",
    ".nan",
    "$(date)",
    "a: |\n  b",
    "x\u{2028}y",
    "🦀",
];

#[test]
fn go_reads_each_word_as_it_was_meant() {
    let Some(kubectl) = stock::kubectl() else {
        return;
    };
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let long = "a word ".repeat(60);
    let words: Vec<_> = WORDS.iter().copied().chain([long.as_str()]).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pod.yaml");
    for format in ["yaml", "json"] {
        let ended = Plugin::on(&sandbox)
            .args(["app", "-q", "--dry-run=client", "-o", format, "--"])
            .args(words.clone())
            .run();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        fs::write(&file, &ended.stdout).unwrap();
        let read = Command::new(&kubectl)
            .args([
                "create",
                "--dry-run=client",
                "--validate=false",
                "-o",
                "json",
                "-f",
            ])
            .arg(&file)
            .env("KUBECONFIG", sandbox.kubeconfig())
            .env("HOME", folder.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&read.stderr);
        assert!(read.status.success(), "{stderr}\n{}", ended.stdout);
        let pod: Value = serde_json::from_slice(&read.stdout).unwrap();
        let command = &pod["spec"]["ephemeralContainers"][0]["command"];
        assert_eq!(command, &Value::from(words.clone()), "{}", ended.stdout);
    }
}

#[test]
fn what_is_printed_is_taken_by_f_again() {
    for (number, (dry_run, format)) in [
        ("--dry-run=client", "yaml"),
        ("--dry-run=client", "json"),
        ("--dry-run=server", "yaml"),
        ("--dry-run=server", "json"),
    ]
    .into_iter()
    .enumerate()
    {
        let sandbox = Sandbox::start(World::plain()).unwrap();
        let name = format!("dbg-{number}");
        let printed = Plugin::on(&sandbox)
            .args(["app", "-q", "-c", &name, dry_run, "-o", format, "--"])
            .args(WORDS)
            .run();
        assert_eq!(printed.code, 0, "{}", printed.stderr);
        let added = Plugin::on(&sandbox)
            .args(["-q", "-f", "-", "--attach=false", "-o", "json"])
            .input(printed.stdout.as_str())
            .run();
        assert_eq!(added.code, 0, "{}\n{}", added.stderr, printed.stdout);
        let manifest: Value = serde_json::from_str(&added.stdout).unwrap();
        let pod = sandbox.pod("default", "app").unwrap();
        let container = &pod["spec"]["ephemeralContainers"][0];
        assert_eq!(container, &manifest["spec"]["ephemeralContainers"][0]);
        assert_eq!(container["name"], name.as_str());
        assert_eq!(container["command"], Value::from(WORDS));
        assert_eq!(container["targetContainerName"], "app");
    }
}

#[test]
fn all_that_a_file_adds_is_printed() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let manifest = "{kind: Pod, apiVersion: v1, metadata: {name: app}, spec: {ephemeralContainers: [\
                    {name: one, image: 'busybox:1'}, {name: two, image: 'busybox:1', stdin: true, tty: true}]}}";
    let run = |args: &[&str]| {
        Plugin::on(&sandbox)
            .args(["-q", "-f", "-"])
            .args(args)
            .input(manifest)
            .run()
    };
    let plain = run(&["--dry-run=client"]);
    assert_eq!(
        plain.stdout,
        "pod/app ephemeral container one added (dry run)\npod/app ephemeral container two added (dry run)\n"
    );
    for dry_run in ["--dry-run=client", "--dry-run=server", "--attach=false"] {
        let ended = run(&[dry_run, "-o", "json"]);
        let printed: Value = serde_json::from_str(&ended.stdout).unwrap();
        let containers = printed["spec"]["ephemeralContainers"].as_array().unwrap();
        let names: Vec<_> = containers.iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["one", "two"], "{dry_run}");
    }
    let pod = sandbox.pod("default", "two").unwrap();
    assert!(pod["spec"]["ephemeralContainers"].is_null());
}

#[test]
fn a_file_with_a_terminal_has_no_record() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-f", "-", "-o", "json"])
        .input("{name: dbg, image: 'busybox:1', stdin: true, tty: true}")
        .run();
    assert_eq!(
        ended.stderr,
        "error: `-o` and a terminal session exclude each other\n\
         hint: name a command after `--`, or add --attach=false or --dry-run=client\n"
    );
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
}

//! What we print as a manifest, read by stock kubectl: Go's YAML must find what we meant.

use std::{fs, process::Command};

use sandbox::{Sandbox, World};
use serde_json::Value;

use crate::{plugin::Plugin, stock};

/// Words that a reader of YAML could take for something else, or that are hard to write.
const WORDS: &[&str] = &[
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

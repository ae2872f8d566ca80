//! The scripts, run by the shells of this machine.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
};

use super::*;

const SHELLS: [&str; 2] = ["sh", "bash"];

/// Starts a script whose limit is a second, or as long as ever.
fn start(shell: &str, passage: Passage, limit: u64, command: &[&str]) -> Child {
    let token = Token {
        first: "GA".to_owned(),
        second: "TE".to_owned(),
    };
    let script = Gate { token, passage }
        .script()
        .replace("_left=20;", &format!("_left={limit};"));
    Command::new(shell)
        .args(["-c", &script, "sh"])
        .args(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Ends the input, and returns exit code, stdout and stderr.
fn end(child: Child) -> (i32, String, String) {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn a_line_lets_the_command_go_and_another_lets_it_end() {
    for shell in SHELLS {
        let command = ["sh", "-c", "cat; printf out; printf err >&2; kill -9 $$"];
        let mut child = start(shell, Passage::Output, 20, &command);
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"\n").unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "GATE go\noutGATE end\n", "{shell}");
        assert!(child.try_wait().unwrap().is_none(), "{shell} does not wait");
        stdin.write_all(b"\n").unwrap();
        stdout.read_to_string(&mut line).unwrap();
        let (code, _, stderr) = end(child);
        let expected = "GATE go\nerrGATE 137\n";
        assert_eq!((code, stderr.as_str()), (137, expected), "{shell}");
        assert_eq!(line, "GATE go\noutGATE end\n", "{shell}");
    }
}

#[test]
fn a_pipe_reads_what_comes_after_the_line() {
    for shell in SHELLS {
        let mut child = start(shell, Passage::Pipe, 20, &["cat"]);
        child
            .stdin
            .take()
            .unwrap()
            .write_all(b"\nfirst\nlast")
            .unwrap();
        let (code, stdout, stderr) = end(child);
        assert_eq!((code, stderr.as_str()), (0, "GATE go\nGATE 0\n"), "{shell}");
        assert_eq!(stdout, "GATE go\nfirst\nlastGATE end\n", "{shell}");
    }
}

#[test]
fn when_nobody_comes_only_a_command_that_reads_nothing_runs() {
    for shell in SHELLS {
        for (passage, code, stdout) in [
            (Passage::Output, 0, "ran\nGATE end\n"),
            (Passage::Pipe, 124, ""),
        ] {
            let mut child = start(shell, passage, 1, &["echo", "ran"]);
            let stdin = child.stdin.take();
            let ended = end(child);
            drop(stdin);
            assert_eq!((ended.0, ended.1.as_str()), (code, stdout), "{shell}");
            // Who was there for a moment and left is nobody either.
            let ended = end(start(shell, passage, 20, &["echo", "ran"]));
            assert_eq!((ended.0, ended.1.as_str()), (code, stdout), "{shell}");
        }
    }
}

#[test]
fn a_command_that_is_not_there_is_told() {
    for shell in SHELLS {
        for passage in [Passage::Output, Passage::Pipe] {
            for command in ["nosuch", "exit"] {
                let mut child = start(shell, passage, 20, &[command]);
                child.stdin.take().unwrap().write_all(b"\n").unwrap();
                let (code, stdout, stderr) = end(child);
                assert_eq!((code, stdout.as_str()), (127, "GATE go\nGATE end\n"));
                assert!(
                    stderr.ends_with("not found\nGATE none\nGATE 127\n"),
                    "{stderr}"
                );
            }
        }
    }
}

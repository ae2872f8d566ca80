//! The scripts, run by the shells of this machine.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
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

/// Reads up to a line.
fn read_to(stdout: &mut BufReader<ChildStdout>, last: &str) -> String {
    let mut all = String::new();
    while !all.ends_with(last) {
        assert_ne!(stdout.read_line(&mut all).unwrap(), 0, "{all}");
    }
    all
}

fn streams(child: &mut Child) -> (ChildStdin, BufReader<ChildStdout>) {
    let stdout = BufReader::new(child.stdout.take().unwrap());
    (child.stdin.take().unwrap(), stdout)
}

/// Sends SIGTERM.
fn ask_to_end(child: &Child) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").arg(pid).status().unwrap();
    assert!(sent.success());
}

#[test]
fn a_request_to_end_reaches_the_command_which_says_how_it_ends() {
    let ways = [
        (Passage::Output, Feed::Plain),
        (Passage::Pipe, Feed::Plain),
        (Passage::Pipe, Feed::Frames),
    ];
    for shell in SHELLS {
        for (passage, feed) in ways {
            for (script, code) in [
                ("echo ready; exec sleep 1000", 143),
                (
                    "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done",
                    5,
                ),
                (
                    "trap 'kept=yes' TERM; echo ready; until [ $kept ]; do sleep 0.01; done; exit 0",
                    0,
                ),
            ] {
                let mut child = start(shell, passage, 20, &["sh", "-c", script]);
                let (mut stdin, mut stdout) = streams(&mut child);
                stdin.write_all(&feed.opening()).unwrap();
                read_to(&mut stdout, "ready\n");
                ask_to_end(&child);
                read_to(&mut stdout, "GATE end\n");
                drop(stdin);
                let (ended, _, stderr) = end(child);
                // bash forgets now and then how the end of a pipeline ended whose wait a signal broke off.
                let forgot = shell == "bash" && feed == Feed::Frames && ended == 143;
                let code = if forgot { 143 } else { code };
                let said = format!("GATE go\nGATE {code}\n");
                assert_eq!((ended, stderr), (code, said), "{shell} {feed:?} {script}");
            }
        }
    }
}

#[test]
fn a_request_to_end_before_anybody_came_ends_at_once() {
    for shell in SHELLS {
        for (passage, code) in [(Passage::Output, 143), (Passage::Pipe, 124)] {
            // When it is ready cannot be seen from outside, and until then it ends by the signal itself.
            let mut child = start(shell, passage, 20, &["echo", "ran"]);
            let (stdin, mut stdout) = streams(&mut child);
            ask_to_end(&child);
            let mut said = String::new();
            let status = child.wait().unwrap();
            drop(stdin);
            stdout.read_to_string(&mut said).unwrap();
            assert_eq!(said, "", "{shell}");
            assert!(status.code().is_none_or(|ended| ended == code), "{status}");
        }
    }
}

#[test]
fn input_in_pieces_comes_out_whole_and_ends() {
    let pieces = [&b"0\n\0\xff"[..], b"\n", &[b'x'; 7_000], b"no newline"];
    let expected = pieces.concat();
    for shell in SHELLS {
        // The one that counts what it reads sees the end of it.
        for (command, output) in [
            (&["cat"][..], expected.clone()),
            (&["sh", "-c", "exec wc -c"], b"7015\n".to_vec()),
            (&["head", "-c", "3"], expected[..3].to_vec()),
        ] {
            let mut child = start(shell, Passage::Pipe, 20, command);
            let (mut stdin, mut stdout) = streams(&mut child);
            let sender = std::thread::spawn(move || {
                stdin.write_all(&Feed::Frames.opening()).unwrap();
                for piece in pieces {
                    let piece = Feed::Frames.piece(Bytes::from_static(piece));
                    stdin.write_all(&piece).unwrap();
                }
                stdin.write_all(&Feed::Frames.end().unwrap()).unwrap();
                stdin
            });
            let mut came = Vec::new();
            while !came.ends_with(b"GATE end\n") {
                assert_ne!(stdout.read_until(b'\n', &mut came).unwrap(), 0);
            }
            drop(sender.join().unwrap());
            let marked = [b"GATE go\n", &output[..], b"GATE end\n"].concat();
            assert!(came == marked, "{shell} {command:?}: {} bytes", came.len());
            let (code, _, stderr) = end(child);
            assert_eq!((code, stderr.as_str()), (0, "GATE go\nGATE 0\n"));
        }
    }
}

#[test]
fn without_anything_that_takes_pieces_apart_nothing_runs() {
    let script = Gate {
        token: Token {
            first: "GA".to_owned(),
            second: "TE".to_owned(),
        },
        passage: Passage::Pipe,
    }
    .script();
    let mut child = Command::new("/bin/sh")
        .args(["-c", &script, "sh", "echo", "ran"])
        .env("PATH", "/nowhere")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may have ended before it read anything.
    stdin.write_all(&Feed::Frames.opening()).ok();
    assert_eq!(
        end(child),
        (i32::from(NOT_RUN), String::new(), String::new())
    );
}

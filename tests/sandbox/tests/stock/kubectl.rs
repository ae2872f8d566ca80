//! The kubectl of this machine, without a terminal and in one.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use sandbox::Sandbox;
use serde_json::Value;

/// How long is waited for a text, or for the end: far more than is needed.
const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Kubectl {
    program: String,
    pub(crate) version: String,
}

/// What was printed, and the exit code.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Kubectl {
    /// Returns `None` if there is none, and says so.
    pub(crate) fn find() -> Option<Self> {
        let program = std::env::var("KUBECTL").unwrap_or_else(|_| "kubectl".to_owned());
        let found = Command::new(&program)
            .args(["version", "--client", "-o", "json"])
            .output();
        let found = found.ok().filter(|output| output.status.success());
        let Some(found) = found else {
            println!("SKIPPED: there is no {program} on this machine");
            return None;
        };
        let version: Value = serde_json::from_slice(&found.stdout).unwrap();
        let version = version["clientVersion"]["gitVersion"].as_str().unwrap();
        let version = version.trim_start_matches('v').split('-').next().unwrap();
        Some(Self {
            program,
            version: version.to_owned(),
        })
    }

    /// What was recorded of this version; else of the newest, and false.
    pub(crate) fn entries<'a>(&self, all: &'a [Value]) -> (Vec<&'a Value>, bool) {
        let of = |version: &str| -> Vec<&'a Value> {
            all.iter()
                .filter(|entry| entry["client"] == version)
                .collect()
        };
        let own = of(&self.version);
        if own.is_empty() {
            (of("1.36.4"), false)
        } else {
            (own, true)
        }
    }

    fn command(&self, sandbox: &Sandbox, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", sandbox.kubeconfig().parent().unwrap())
            .env("KUBECONFIG", sandbox.kubeconfig())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, sandbox: &Sandbox, args: &[&str]) -> Printed {
        let output = self.command(sandbox, args).output().unwrap();
        Printed {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        }
    }

    /// What is printed until a text is among it, for a command that does not end.
    pub(crate) fn until(&self, sandbox: &Sandbox, args: &[&str], text: &str) -> String {
        let mut child = self.command(sandbox, args).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let printed = read_until(stdout, text);
        end(&mut child);
        printed
    }

    /// What is printed until a text is among it, by a command that is given input.
    pub(crate) fn typed(
        &self,
        sandbox: &Sandbox,
        args: &[&str],
        input: &str,
        text: &str,
    ) -> String {
        let mut command = self.command(sandbox, args);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        let printed = read_until(child.stdout.take().unwrap(), text);
        end(&mut child);
        printed
    }

    /// What is shown in a terminal: until the end, or until a text has come.
    pub(crate) fn in_terminal(
        &self,
        sandbox: &Sandbox,
        args: &[&str],
        until: Option<&str>,
    ) -> (String, Option<i32>) {
        let (pty, pts) = pty_process::blocking::open().unwrap();
        let child = pty_process::blocking::Command::new(&self.program)
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", sandbox.kubeconfig().parent().unwrap())
            .env("KUBECONFIG", sandbox.kubeconfig())
            .env("TERM", "xterm")
            .spawn(pts);
        let mut child = child.unwrap();
        match until {
            Some(text) => {
                let printed = read_until(pty, text);
                end(&mut child);
                (printed, None)
            }
            None => {
                // With the last process the terminal ends, and with that what is to be read.
                let printed = read_until(pty, "\0");
                (printed, child.wait().unwrap().code())
            }
        }
    }
}

fn end(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Reads until a text or the end has come, or the time is up: what is missing then shows.
fn read_until(mut from: impl std::io::Read + Send + 'static, text: &str) -> String {
    let (sender, pieces) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    let deadline = Instant::now() + LIMIT;
    let mut bytes = Vec::new();
    loop {
        let printed = String::from_utf8_lossy(&bytes).into_owned();
        if printed.contains(text) {
            return printed;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match pieces.recv_timeout(left) {
            Ok(piece) => bytes.extend(piece),
            Err(_) => return printed,
        }
    }
}

pub(crate) fn transcript(name: &str) -> Vec<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

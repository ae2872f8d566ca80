//! Counts with callgrind, a tool of valgrind, how many instructions the plugin takes.
//!
//! They are those of the process, in all its threads, and not the system's: a busy machine counts the same. The benchmark
//! counts with this too.

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::Path,
    process::{Command, Stdio},
    thread,
};

const PLUGIN: &str = env!("CARGO_BIN_EXE_kubectl-ephemeral");
const MEBIBYTE: usize = 1024 * 1024;
/// How many MiB more flow in the second of two runs than in the first, which has one.
const MORE: u32 = 4;

/// What is counted, each in millions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) help: f64,
    /// A command that does nothing, from the start to the exit code.
    pub(crate) command: f64,
    /// Each MiB of the output of a command.
    pub(crate) mebibyte: f64,
}

/// Whether there is a valgrind.
pub(crate) fn is_there() -> bool {
    let asked = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}

/// Counts on a sandbox, in three of its pods; one that had a visitor is larger, and takes more.
pub(crate) fn count(kubeconfig: &Path, pods: [&str; 3]) -> io::Result<Counts> {
    let print = |mebibytes: usize| format!("head -c {} /dev/zero", mebibytes * MEBIBYTE);
    let (little, much) = (print(1), print(1 + MORE as usize));
    let runs: [&[&str]; 4] = [
        &["--help"],
        &[pods[0], "-q", "--", "true"],
        &[pods[1], "-q", "--", "sh", "-c", &little],
        &[pods[2], "-q", "--", "sh", "-c", &much],
    ];
    let counted: io::Result<Vec<f64>> = thread::scope(|scope| {
        let running = runs.map(|words| scope.spawn(move || run(kubeconfig, words)));
        let ended = running.map(|run| run.join().unwrap_or_else(|_| Err(nothing())));
        ended.into_iter().collect()
    });
    match counted?.as_slice() {
        &[help, command, little, much] => Ok(Counts {
            help,
            command,
            mebibyte: (much - little) / f64::from(MORE),
        }),
        _ => Err(nothing()),
    }
}

/// Returns how many million instructions a run takes.
fn run(kubeconfig: &Path, words: &[&str]) -> io::Result<f64> {
    let home = tempfile::tempdir()?;
    let account = home.path().join("account");
    let mut log = OsString::from("--log-file=");
    log.push(&account);
    let ended = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(log)
        .arg(PLUGIN)
        .args(words)
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("KUBECONFIG", kubeconfig)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr);
        return Err(io::Error::other(format!(
            "{words:?}: {}; {}",
            ended.status,
            said.trim()
        )));
    }
    // ==123== Collected : 1234567
    let account = fs::read_to_string(account)?;
    let count = account
        .lines()
        .find_map(|line| line.split_once("Collected :"));
    let count: Option<f64> = count.and_then(|(_, count)| count.trim().parse().ok());
    count.map(|count| count / 1e6).ok_or_else(nothing)
}

fn nothing() -> io::Error {
    io::Error::other("callgrind counted nothing")
}

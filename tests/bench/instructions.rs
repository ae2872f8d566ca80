//! How many instructions our program takes, counted by callgrind: the same number on a busy machine.

use std::{
    ffi::OsString,
    fs, io,
    process::{Command, Stdio},
};

use crate::{client::PLUGIN, flow::MEBIBYTE, scene::Scene};

/// What is counted, each in millions.
#[derive(Default)]
pub(crate) struct Instructions {
    pub(crate) help: Option<f64>,
    /// A command that does nothing, from the start to the exit code.
    pub(crate) command: Option<f64>,
    /// Each MiB of the output of a command.
    pub(crate) mebibyte: Option<f64>,
}

/// How much more flows in the second of two runs than in the first.
const MORE: usize = 8;

/// Counts, if there is a valgrind.
pub(crate) fn count(scene: &Scene) -> Instructions {
    let found = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        crate::note("note: no valgrind, so no instructions are counted");
        return Instructions::default();
    }
    crate::note("instructions: one run of each");
    let counted = |words: &[&str]| match run(scene, words) {
        Ok(count) => Some(count),
        Err(error) => {
            crate::note(&format!("note: instructions: {error}"));
            None
        }
    };
    let of_command = |size: usize| {
        let script = format!("head -c {} /dev/zero", size * MEBIBYTE);
        counted(&[&scene.next_pod(), "--", "sh", "-c", &script])
    };
    let (little, much) = (of_command(1), of_command(1 + MORE));
    let more = f64::from(u32::try_from(MORE).unwrap_or(u32::MAX));
    Instructions {
        help: counted(&["--help"]),
        command: counted(&[&scene.next_pod(), "--", "true"]),
        mebibyte: little
            .zip(much)
            .map(|(little, much)| (much - little) / more),
    }
}

/// Returns how many million instructions a run takes.
fn run(scene: &Scene, words: &[&str]) -> io::Result<f64> {
    let account = scene.own_file("callgrind");
    let mut log = OsString::from("--log-file=");
    log.push(&account);
    let ended = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(log)
        .arg(PLUGIN)
        .args(words)
        .env("KUBECONFIG", scene.kubeconfig())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
    let account = fs::read_to_string(account)?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr);
        return Err(io::Error::other(format!(
            "{}; {}",
            ended.status,
            said.trim()
        )));
    }
    // ==123== Collected : 1234567
    let count = account
        .lines()
        .find_map(|line| line.split_once("Collected :"));
    let count: Option<f64> = count.and_then(|(_, count)| count.trim().parse().ok());
    count
        .map(|count| count / 1e6)
        .ok_or_else(|| io::Error::other("callgrind counted nothing"))
}

//! Runs one program and writes down what it took.
//!
//! It is a process of its own because the system keeps one account for all children of a process, and
//! among those of the benchmark are the sandbox's containers.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Command, ExitCode},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, SystemTime},
};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::{TimeVal, TimeValLike as _},
};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

/// A program that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(90);

/// What a program took.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// When it was started, by the wall clock: two processes share no other.
    pub(crate) start: SystemTime,
    pub(crate) wall: Duration,
    /// On all processors, in user and in kernel mode.
    pub(crate) cpu: Duration,
    /// The most memory that was resident, in units of 1024 bytes.
    pub(crate) memory: u32,
    pub(crate) code: u8,
}

/// Runs a program in this one's place, with its streams and its terminal, and ends like it.
pub(crate) fn run(file: &Path, words: &[OsString]) -> ExitCode {
    match measure(words).and_then(|usage| usage.write(file)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            crate::note(&format!(
                "error: {}: {error}",
                words.join(" ".as_ref()).display()
            ));
            ExitCode::FAILURE
        }
    }
}

impl Usage {
    pub(crate) fn read(file: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(file)?)?)
    }

    fn write(&self, file: &Path) -> io::Result<u8> {
        fs::write(file, serde_json::to_vec(self)?)?;
        Ok(self.code)
    }
}

fn measure(words: &[OsString]) -> io::Result<Usage> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(io::Error::other("there is no program to run"));
    };
    let start = SystemTime::now();
    let mut child = Command::new(program).args(arguments).spawn()?;
    let ended_tx = end_in_time(Pid::from_child(&child));
    let status = child.wait()?;
    let wall = start.elapsed().unwrap_or_default();
    drop(ended_tx);
    let all = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let code = status.code().or(status.signal().map(|signal| 128 + signal));
    Ok(Usage {
        start,
        wall,
        cpu: duration(all.user_time()) + duration(all.system_time()),
        memory: kibibytes(all.max_rss()),
        code: code.and_then(|code| u8::try_from(code).ok()).unwrap_or(255),
    })
}

/// Kills the process unless what is returned is dropped in time.
fn end_in_time(process: Pid) -> mpsc::Sender<()> {
    let (ended_tx, ended_rx) = mpsc::channel();
    thread::spawn(move || {
        if ended_rx.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            kill_process(process, Signal::KILL).ok();
        }
    });
    ended_tx
}

fn duration(time: TimeVal) -> Duration {
    Duration::from_micros(u64::try_from(time.num_microseconds()).unwrap_or_default())
}

/// macOS counts bytes, the others units of 1024 of them.
fn kibibytes(resident: impl TryInto<u64>) -> u32 {
    let resident = resident.try_into().unwrap_or_default();
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 };
    u32::try_from(resident / unit).unwrap_or(u32::MAX)
}

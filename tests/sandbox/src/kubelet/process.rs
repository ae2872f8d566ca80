//! Starts a container's process on this machine, with a terminal or with pipes, and ends all that came of it.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::process::{Child, Command};

pub(crate) type Reader = Box<dyn AsyncRead + Send + Unpin>;
pub(crate) type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// Bigger pipes, so that a process that writes much is not woken for every 64 KiB.
const PIPE_SIZE: usize = 1024 * 1024;

/// What to start.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) command: Vec<String>,
    pub(crate) root: PathBuf,
    pub(crate) working_dir: PathBuf,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) tty: bool,
    pub(crate) stdin: bool,
}

/// A process with its streams; a terminal has one output.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) pid: i32,
    pub(crate) stdin: Option<Writer>,
    pub(crate) stdout: Reader,
    pub(crate) stderr: Option<Reader>,
    pub(crate) terminal: Option<OwnedFd>,
}

impl Program {
    pub(crate) fn start(&self) -> io::Result<Process> {
        let (name, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no command"))?;
        let (program, arg0) = on_this_machine(name);
        std::fs::create_dir_all(&self.working_dir)?;
        if self.tty {
            self.start_with_terminal(&program, arg0.as_deref(), arguments)
        } else {
            self.start_with_pipes(&program, arg0.as_deref(), arguments)
        }
    }

    fn start_with_terminal(
        &self,
        program: &Path,
        arg0: Option<&str>,
        arguments: &[String],
    ) -> io::Result<Process> {
        let (pty, pts) = pty_process::open().map_err(io::Error::other)?;
        let terminal = pty.as_fd().try_clone_to_owned()?;
        let mut command = pty_process::Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.working_dir)
            .kill_on_drop(true);
        if let Some(arg0) = arg0 {
            command = command.arg0(arg0);
        }
        let child = command.spawn(pts).map_err(io::Error::other)?;
        let (reader, writer) = pty.into_split();
        Ok(Process {
            pid: pid_of(&child)?,
            child,
            stdin: Some(Box::new(writer)),
            stdout: Box::new(reader),
            stderr: None,
            terminal: Some(terminal),
        })
    }

    fn start_with_pipes(
        &self,
        program: &Path,
        arg0: Option<&str>,
        arguments: &[String],
    ) -> io::Result<Process> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.working_dir)
            .stdin(if self.stdin {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if let Some(arg0) = arg0 {
            command.arg0(arg0);
        }
        let mut child = command.spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let stderr = child.stderr.take().ok_or_else(missing)?;
        enlarge(&stdout);
        Ok(Process {
            pid: pid_of(&child)?,
            stdin: child.stdin.take().map(|stdin| Box::new(stdin) as Writer),
            child,
            stdout: Box::new(stdout),
            stderr: Some(Box::new(stderr)),
            terminal: None,
        })
    }
}

#[cfg(target_os = "linux")]
fn enlarge(pipe: &impl std::os::fd::AsFd) {
    // A limit of the machine may forbid it; then the pipe stays as it is.
    rustix::pipe::fcntl_setpipe_size(pipe, PIPE_SIZE).ok();
}

#[cfg(not(target_os = "linux"))]
fn enlarge(_pipe: &impl std::os::fd::AsFd) {}

fn pid_of(child: &Child) -> io::Result<i32> {
    child
        .id()
        .and_then(|pid| i32::try_from(pid).ok())
        .ok_or_else(|| io::Error::other("the process has no id"))
}

/// The exit code as a container's status has it: 128+n if signal n ended the process.
pub(crate) fn exit_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(255)
}

/// Whether this machine has a command, so that an image with all its commands has it too.
pub(crate) fn exists(name: &str) -> bool {
    is_shell(name) || find(name).is_some()
}

fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "ash" | "/bin/sh" | "/bin/ash")
}

/// The program for a command, and its argv0 if that is another name.
fn on_this_machine(name: &str) -> (PathBuf, Option<String>) {
    if is_shell(name) {
        // Bash called `sh` reads no startup files of this machine.
        let shell = find("busybox").or_else(|| find("bash"));
        let arg0 = name.rsplit('/').next().unwrap_or(name).replace("ash", "sh");
        return (
            shell.unwrap_or_else(|| PathBuf::from("/bin/sh")),
            Some(arg0),
        );
    }
    let program = find(name).unwrap_or_else(|| PathBuf::from(name));
    (program, Some(name.to_owned()))
}

fn find(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Path::new(name).is_file().then(|| PathBuf::from(name));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// Asks the first process of a container to end, as process 1 of a namespace is asked: only if it catches SIGTERM.
pub(crate) fn ask_to_end(pid: i32, is_first: bool) {
    if is_first && !catches_sigterm(pid) {
        return;
    }
    if let Some(pid) = Pid::from_raw(pid) {
        rustix::process::kill_process(pid, Signal::TERM).ok();
    }
}

fn catches_sigterm(pid: i32) -> bool {
    const SIGTERM_BIT: u64 = 1 << 14;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status
        .lines()
        .find_map(|line| line.strip_prefix("SigCgt:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Where there is no /proc, the signal is sent.
    caught.is_none_or(|mask| mask & SIGTERM_BIT != 0)
}

/// Kills a process and its group.
pub(crate) fn kill_group(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        rustix::process::kill_process_group(pid, Signal::KILL).ok();
    }
}

/// Kills every process that was started from within `folder`, also those that left their group or session.
///
/// They are known by their working directory or by the environment they were started with, which both
/// name the folder.
pub(crate) fn kill_all_of(folder: &Path) {
    // Twice, for what a process started while the first round went through the list.
    for _ in 0..2 {
        for pid in processes_of(folder) {
            rustix::process::kill_process(pid, Signal::KILL).ok();
        }
    }
}

#[cfg(test)]
pub(crate) fn count_of(folder: &Path) -> usize {
    processes_of(folder).len()
}

fn processes_of(folder: &Path) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| belongs_to(*pid, folder))
        .filter_map(Pid::from_raw)
        .collect()
}

fn belongs_to(pid: i32, folder: &Path) -> bool {
    if i32::try_from(std::process::id()).is_ok_and(|own| own == pid) {
        return false;
    }
    let working_dir = std::fs::read_link(format!("/proc/{pid}/cwd"));
    if working_dir.is_ok_and(|working_dir| working_dir.starts_with(folder)) {
        return true;
    }
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment
        .split(|byte| *byte == 0)
        .filter_map(|variable| variable.strip_prefix(b"HOME="))
        .any(|home| Path::new(OsStr::from_bytes(home)).starts_with(folder))
}

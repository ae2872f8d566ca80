//! A real pty with a program in it, and the moments at which its output came.

use std::{
    ffi::OsStr,
    io::{self, Read, Write as _},
    os::fd::AsFd as _,
    process::{Child, ExitStatus},
    sync::mpsc,
    thread,
    time::{Duration, Instant, SystemTime},
};

use pty_process::{
    Size,
    blocking::{Command, Pty, open},
};

const ROWS: u16 = 30;
const COLUMNS: u16 = 100;

pub(crate) struct Terminal {
    pty: Pty,
    child: Child,
    bytes_rx: mpsc::Receiver<(SystemTime, Vec<u8>)>,
    output: Vec<u8>,
    /// How much of the output was looked for already.
    looked_at: usize,
}

impl Terminal {
    pub(crate) fn start<T: AsRef<OsStr>>(
        program: impl AsRef<OsStr>,
        arguments: &[T],
        environment: &[(&str, impl AsRef<OsStr>)],
    ) -> io::Result<Self> {
        let (pty, pts) = open().map_err(io::Error::other)?;
        pty.resize(Size::new(ROWS, COLUMNS))
            .map_err(io::Error::other)?;
        let command = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)));
        // The terminal is the program's alone, so that its end is the end of the output.
        let child = command.spawn(pts).map_err(io::Error::other)?;
        let bytes_rx = reading(&pty)?;
        Ok(Self {
            pty,
            child,
            bytes_rx,
            output: Vec::new(),
            looked_at: 0,
        })
    }

    /// Waits until a text was written after the one that was waited for last, and returns when;
    /// `None` if that takes too long.
    pub(crate) fn wait_for(&mut self, text: &str, limit: Duration) -> Option<SystemTime> {
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (time, bytes) = self.bytes_rx.recv_timeout(left).ok()?;
            self.output.extend(bytes);
            let new = &self.output[self.looked_at..];
            let found = new
                .windows(text.len())
                .position(|part| part == text.as_bytes());
            if let Some(found) = found {
                self.looked_at += found + text.len();
                return Some(time);
            }
        }
    }

    /// Waits until nothing was written for so long, and forgets what was.
    pub(crate) fn wait_for_silence(&mut self, time: Duration) {
        while let Ok((_, bytes)) = self.bytes_rx.recv_timeout(time) {
            self.output.extend(bytes);
        }
        self.looked_at = self.output.len();
    }

    /// Waits until so much was written after what was waited for last; returns how much it was, and when
    /// the last of it came. It is less if the program ends before.
    pub(crate) fn count(&mut self, enough: usize) -> (usize, Option<SystemTime>) {
        let mut count = self.output.len() - self.looked_at;
        let mut last = None;
        while count < enough
            && let Ok((time, bytes)) = self.bytes_rx.recv()
        {
            count += bytes.len();
            last = Some(time);
        }
        (count, last)
    }

    /// Ends the program, whatever it does.
    pub(crate) fn kill(&mut self) -> io::Result<ExitStatus> {
        self.child.kill()?;
        self.child.wait()
    }

    pub(crate) fn type_keys(&mut self, keys: &str) -> io::Result<()> {
        self.pty.write_all(keys.as_bytes())
    }

    /// Waits for the end of the program.
    pub(crate) fn end(&mut self) -> io::Result<ExitStatus> {
        self.output
            .extend(self.bytes_rx.iter().flat_map(|(_, bytes)| bytes));
        self.child.wait()
    }

    /// Returns all that was written so far.
    pub(crate) fn output(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}

/// Reads on a thread of its own, which notes the moment; it ends with the program.
fn reading(pty: &Pty) -> io::Result<mpsc::Receiver<(SystemTime, Vec<u8>)>> {
    let mut reader = std::fs::File::from(pty.as_fd().try_clone_to_owned()?);
    let (bytes_tx, bytes_rx) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 32 * 1024];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            let came = (SystemTime::now(), buffer[..length].to_vec());
            if bytes_tx.send(came).is_err() {
                break;
            }
        }
    });
    Ok(bytes_rx)
}

//! A shell in a terminal, and what its screen shows.

use std::{
    fs::File,
    io::{Read, Write},
    num::NonZeroU16,
    os::fd::AsFd,
    process::Child,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use pty_process::{
    Size,
    blocking::{Command, Pty, open},
};

/// How long a line may take: far more than it needs.
const LIMIT: Duration = Duration::from_mins(1);
/// Rows and columns of a screen.
pub(crate) type Room = (NonZeroU16, NonZeroU16);

/// So large that nothing is ever cut or scrolled away.
pub(crate) const LARGE: Room = (
    NonZeroU16::new(200).unwrap(),
    NonZeroU16::new(1200).unwrap(),
);

/// What a terminal got, and when.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) at: Instant,
    pub(crate) bytes: Vec<u8>,
}

/// A shell in a terminal.
pub(crate) struct Shell {
    parser: vt100::Parser,
    chunks_rx: mpsc::Receiver<Chunk>,
    got: Vec<Chunk>,
    pty: Pty,
    child: Child,
    /// The row of the last prompt that was answered.
    answered: Option<u16>,
}

impl Shell {
    /// Starts one with these variables and no others, in a terminal of so many rows and columns.
    pub(crate) fn start(
        folder: &str,
        variables: &[(String, String)],
        (rows, columns): Room,
    ) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(rows.get(), columns.get())).unwrap();
        let child = Command::new("sh")
            .arg("-i")
            .env_clear()
            .envs(variables.iter().cloned())
            .current_dir(folder)
            .spawn(pts)
            .unwrap();
        let mut reader = File::from(pty.as_fd().try_clone_to_owned().unwrap());
        let (chunks_tx, chunks_rx) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                let (at, bytes) = (Instant::now(), buffer[..length].to_vec());
                if chunks_tx.send(Chunk { at, bytes }).is_err() {
                    break;
                }
            }
        });
        Self {
            parser: vt100::Parser::new(rows, columns, 0),
            chunks_rx,
            got: Vec::new(),
            pty,
            child,
            answered: None,
        }
    }

    /// Waits until a prompt that was not answered yet stands in a line of its own.
    pub(crate) fn wait_for_prompt(&mut self, prompt: &str) -> Result<(), String> {
        self.wait_until(|shell| shell.is_at(prompt))
            .map_err(|why| format!("no prompt `{prompt}` came ({why})"))
    }

    /// Waits until a line with this text stands on the screen.
    pub(crate) fn wait_for_line(&mut self, text: &str) -> Result<(), String> {
        self.wait_until(|shell| shell.lines().iter().any(|line| line.contains(text)))
            .map_err(|why| format!("no line `{text}` came ({why})"))
    }

    fn wait_until(&mut self, is: impl Fn(&Self) -> bool) -> Result<(), mpsc::RecvTimeoutError> {
        let deadline = Instant::now() + LIMIT;
        while !is(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            let chunk = self.chunks_rx.recv_timeout(left)?;
            self.parser.process(&chunk.bytes);
            self.got.push(chunk);
        }
        Ok(())
    }

    /// Returns all that the terminal got so far.
    pub(crate) fn got(&self) -> &[Chunk] {
        &self.got
    }

    fn is_at(&self, prompt: &str) -> bool {
        let (row, column) = self.parser.screen().cursor_position();
        Some(row) != self.answered
            && usize::from(column) == prompt.len()
            && self.row(row) == prompt.trim_end()
    }

    fn row(&self, row: u16) -> String {
        let columns = self.parser.screen().size().1;
        let mut rows = self.parser.screen().rows(0, columns.get());
        let text = rows.nth(row.into()).unwrap_or_default();
        text.trim_end().to_owned()
    }

    /// Types at the prompt, and returns its row.
    pub(crate) fn type_keys(&mut self, keys: &str) -> u16 {
        let row = self.parser.screen().cursor_position().0;
        self.answered = Some(row);
        self.pty.write_all(keys.as_bytes()).unwrap();
        row
    }

    /// Returns what stands on the screen, row by row.
    pub(crate) fn lines(&self) -> Vec<String> {
        let (last, _) = self.parser.screen().cursor_position();
        let columns = self.parser.screen().size().1;
        let rows = self.parser.screen().rows(0, columns.get());
        let rows = rows.take(usize::from(last) + 1);
        rows.map(|row| row.trim_end().to_owned()).collect()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

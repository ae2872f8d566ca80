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
/// So large that nothing is ever cut or scrolled away.
const ROWS: NonZeroU16 = NonZeroU16::new(200).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(1200).unwrap();

/// A shell in a terminal.
pub(crate) struct Shell {
    parser: vt100::Parser,
    bytes_rx: mpsc::Receiver<Vec<u8>>,
    pty: Pty,
    child: Child,
    /// The row of the last prompt that was answered.
    answered: Option<u16>,
}

impl Shell {
    /// Starts one with these variables and no others.
    pub(crate) fn start(folder: &str, variables: &[(String, String)]) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(ROWS.get(), COLUMNS.get())).unwrap();
        let child = Command::new("sh")
            .arg("-i")
            .env_clear()
            .envs(variables.iter().cloned())
            .current_dir(folder)
            .spawn(pts)
            .unwrap();
        let mut reader = File::from(pty.as_fd().try_clone_to_owned().unwrap());
        let (bytes_tx, bytes_rx) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if bytes_tx.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            parser: vt100::Parser::new(ROWS, COLUMNS, 0),
            bytes_rx,
            pty,
            child,
            answered: None,
        }
    }

    /// Waits until a prompt that was not answered yet stands in a line of its own.
    pub(crate) fn wait_for_prompt(&mut self, prompt: &str) -> Result<(), String> {
        let deadline = Instant::now() + LIMIT;
        while !self.is_at(prompt) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.bytes_rx.recv_timeout(left) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(why) => {
                    return Err(format!("no prompt `{prompt}` came ({why})"));
                }
            }
        }
        Ok(())
    }

    fn is_at(&self, prompt: &str) -> bool {
        let (row, column) = self.parser.screen().cursor_position();
        Some(row) != self.answered
            && usize::from(column) == prompt.len()
            && self.row(row) == prompt.trim_end()
    }

    fn row(&self, row: u16) -> String {
        let mut rows = self.parser.screen().rows(0, COLUMNS.get());
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
        let rows = self.parser.screen().rows(0, COLUMNS.get());
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

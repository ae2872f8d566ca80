//! What goes out on standard output and standard error.

use std::{
    fs::File,
    io::{self, Write},
    os::windows::io::AsHandle,
    time::Duration,
};

use super::console;
use crate::terminal::utf16::Shown;

/// Writes past the standard library, which holds a prompt back for its newline, and refuses what is
/// no UTF-8 on a console.
#[derive(Debug)]
pub(in crate::terminal) struct Writer {
    /// Nothing, where the stream is closed.
    file: Option<File>,
    /// For a console: what stands between UTF-8 and it.
    console: Option<Shown>,
}

impl Writer {
    /// Writes to standard output.
    pub(in crate::terminal) fn stdout() -> Self {
        Self::to(&io::stdout())
    }

    /// Writes to standard error.
    pub(in crate::terminal) fn stderr() -> Self {
        Self::to(&io::stderr())
    }

    fn to(stream: &impl AsHandle) -> Self {
        let handle = stream.as_handle();
        Self {
            file: handle.try_clone_to_owned().ok().map(File::from),
            console: console::mode(handle).ok().map(|_| Shown::default()),
        }
    }

    /// Writes all of it, however long that takes.
    pub(in crate::terminal) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = self.file.as_mut();
        let file = file.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        match &mut self.console {
            Some(shown) => console::write_all(file, &shown.units(bytes)),
            None => file.write_all(bytes),
        }
    }

    /// A console takes what is written, but while its user marks text; there is no way to ask.
    #[expect(clippy::unused_self, reason = "on other systems the stream is asked")]
    pub(in crate::terminal) fn takes_within(&self, _limit: Duration) -> bool {
        true
    }
}

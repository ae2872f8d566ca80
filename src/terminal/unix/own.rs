//! The terminal, or the pipe of an output, opened once more for us alone.
//!
//! What does not block needs no thread that waits for it, and a thread has to be woken: for each key on the way
//! in and on the way out, for each piece of output. But whether something blocks belongs to its opening, and ours is
//! shared with the shell we were started from. So it is opened again.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
};

use rustix::{
    fs::{FileType, Mode, OFlags, fcntl_getfl, fstat, open},
    stdio::{stderr, stdin, stdout},
    termios::isatty,
};
use tokio::{io::AsyncWriteExt, net::unix::pipe};

use crate::terminal::Target;

/// The terminal of standard input. It is no pipe, but what is done with it is the same: to wait, and to
/// read.
#[derive(Debug)]
pub(in crate::terminal) struct OwnInput(pipe::Receiver);

/// The terminal or the pipe of an output.
#[derive(Debug)]
pub(in crate::terminal) struct OwnOutput(pipe::Sender);

impl OwnInput {
    /// Opens it. Returns nothing where that cannot be done, as in a shell of another user; then a thread
    /// has to wait for it.
    pub(in crate::terminal) fn open() -> Option<Self> {
        let terminal = reopened(stdin(), is_terminal, OFlags::RDONLY)?;
        Some(Self(
            pipe::Receiver::from_owned_fd_unchecked(terminal).ok()?,
        ))
    }

    /// Reads what is typed next.
    pub(in crate::terminal) async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.0.readable().await?;
            match self.0.try_read(buffer) {
                // Another program that shares the terminal read first, or there was a signal.
                Err(error) if is_passing(&error) => {}
                read => return read,
            }
        }
    }
}

impl OwnOutput {
    /// Opens what is written to; as above. A file is none of them: it is always ready, and its opening has the
    /// place in it, which is shared with others.
    pub(in crate::terminal) fn open(target: Target) -> Option<Self> {
        let output = match target {
            Target::Screen => reopened(stdout(), is_terminal, OFlags::WRONLY),
            Target::Stdout => reopened(stdout(), is_pipe, OFlags::WRONLY),
            Target::Stderr => reopened(stderr(), is_pipe, OFlags::WRONLY),
        }?;
        Some(Self(pipe::Sender::from_owned_fd_unchecked(output).ok()?))
    }

    /// Writes all of it, however long that takes.
    pub(in crate::terminal) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await
    }

    /// Waits until something would be taken.
    pub(in crate::terminal) async fn writable(&self) -> io::Result<()> {
        self.0.writable().await
    }

    /// Writes what is taken at once, and returns how much that is.
    pub(in crate::terminal) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }
}

fn reopened(
    stream: BorrowedFd<'_>,
    is: fn(BorrowedFd<'_>) -> bool,
    access: OFlags,
) -> Option<OwnedFd> {
    // Elsewhere, such a name leads to the opening that there is, and not to a new one.
    if !cfg!(target_os = "linux") || !is(stream) {
        return None;
    }
    let flags = access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let name = format!("/proc/self/fd/{}", stream.as_raw_fd());
    let own = open(name, flags, Mode::empty()).ok()?;
    let does_not_block = fcntl_getfl(&own).is_ok_and(|flags| flags.contains(OFlags::NONBLOCK));
    (does_not_block && is(own.as_fd())).then_some(own)
}

fn is_terminal(stream: BorrowedFd<'_>) -> bool {
    isatty(stream)
}

fn is_pipe(stream: BorrowedFd<'_>) -> bool {
    fstat(stream).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo)
}

/// Tells whether what could not be done just now can be done later.
pub(in crate::terminal) fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

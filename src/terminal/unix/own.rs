//! The terminal, opened once more for us alone.
//!
//! A terminal that does not block needs no thread that waits for it, and a thread is what makes a key slow: it
//! has to be woken, on the way in and on the way out. But whether a terminal blocks belongs to its opening, and
//! ours is shared with the shell we were started from. So it is opened again.

use std::{
    io,
    os::fd::{AsRawFd, BorrowedFd, OwnedFd},
};

use rustix::{
    fs::{Mode, OFlags, fcntl_getfl, open},
    stdio::{stdin, stdout},
    termios::isatty,
};
use tokio::net::unix::pipe;

/// The terminal of standard input. It is no pipe, but what is done with it is the same: to wait, and to
/// read.
#[derive(Debug)]
pub(in crate::terminal) struct OwnInput(pipe::Receiver);

/// The terminal of standard output.
#[derive(Debug)]
pub(in crate::terminal) struct OwnOutput(pipe::Sender);

impl OwnInput {
    /// Opens it. Returns nothing where that cannot be done, as in a shell of another user; then a thread
    /// has to wait for it.
    pub(in crate::terminal) fn open() -> Option<Self> {
        let terminal = reopened(stdin(), OFlags::RDONLY)?;
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
    /// Opens it; as above.
    pub(in crate::terminal) fn open() -> Option<Self> {
        let terminal = reopened(stdout(), OFlags::WRONLY)?;
        Some(Self(pipe::Sender::from_owned_fd_unchecked(terminal).ok()?))
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

fn reopened(stream: BorrowedFd<'_>, access: OFlags) -> Option<OwnedFd> {
    // Elsewhere, such a name leads to the opening that there is, and not to a new one.
    if !cfg!(target_os = "linux") || !isatty(stream) {
        return None;
    }
    let flags = access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let name = format!("/proc/self/fd/{}", stream.as_raw_fd());
    let terminal = open(name, flags, Mode::empty()).ok()?;
    let does_not_block = fcntl_getfl(&terminal).is_ok_and(|flags| flags.contains(OFlags::NONBLOCK));
    (does_not_block && isatty(&terminal)).then_some(terminal)
}

/// Tells whether what could not be done just now can be done later.
pub(in crate::terminal) fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

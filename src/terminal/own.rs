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

/// Opens the terminal of standard input again, to read without blocking. Returns nothing where that cannot
/// be done, as in a shell of another user; then a thread waits for it.
pub(super) fn to_read() -> Option<pipe::Receiver> {
    let terminal = reopened(stdin(), OFlags::RDONLY)?;
    // It is no pipe, but what is done with it is the same: to wait, and to read.
    pipe::Receiver::from_owned_fd_unchecked(terminal).ok()
}

/// Opens the terminal of standard output again, to write without blocking; as above.
pub(super) fn to_write() -> Option<pipe::Sender> {
    let terminal = reopened(stdout(), OFlags::WRONLY)?;
    pipe::Sender::from_owned_fd_unchecked(terminal).ok()
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
pub(super) fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

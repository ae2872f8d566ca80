//! What goes out on standard output and standard error.

use std::{io, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::BorrowedFd,
    io::Errno,
    stdio,
};

/// Writes past the standard library's buffer, which would hold a prompt back for its newline.
#[derive(Debug)]
pub(in crate::terminal) struct Writer(BorrowedFd<'static>);

impl Writer {
    /// Writes to standard output.
    pub(in crate::terminal) fn stdout() -> Self {
        Self(stdio::stdout())
    }

    /// Writes to standard error.
    pub(in crate::terminal) fn stderr() -> Self {
        Self(stdio::stderr())
    }

    /// Writes all of it, however long that takes.
    pub(in crate::terminal) fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(self.0, bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(Errno::INTR) => {}
                // Another program that shares the terminal made it non-blocking.
                Err(Errno::AGAIN) => {
                    poll(&mut [PollFd::new(&self.0, PollFlags::OUT)], None)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Waits until anything would be taken at all. Returns false if that takes longer than `limit`,
    /// which is less than a second.
    pub(in crate::terminal) fn takes_within(&self, limit: Duration) -> bool {
        let limit = Timespec {
            tv_sec: 0,
            tv_nsec: i64::from(limit.subsec_nanos()),
        };
        let mut waiting = [PollFd::new(&self.0, PollFlags::OUT)];
        poll(&mut waiting, Some(&limit)).is_ok_and(|ready| ready > 0)
    }
}

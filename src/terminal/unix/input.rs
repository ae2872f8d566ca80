//! What comes in on standard input, and a reader that can be stopped: a pipe wakes it.

use std::io::{self, PipeReader, PipeWriter};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    stdio::stdin,
    termios::{QueueSelector, tcflush},
};

/// How much is read at once; a key is a few bytes, a paste or a pipe fills it.
const CHUNK: usize = 16 * 1024;

/// Whoever drops this stops the reader that has the other end.
pub(in crate::terminal) type Stopper = PipeWriter;
/// Tells a reader to stop.
pub(in crate::terminal) type Stop = PipeReader;

/// Makes what stops a reader. No other program inherits it: it would keep it open.
pub(in crate::terminal) fn stopping() -> io::Result<(Stop, Stopper)> {
    io::pipe()
}

/// Drops what was typed and not read yet, while single keys can be seen. Returns whether there was
/// anything.
pub(in crate::terminal) fn drop_keys() -> io::Result<bool> {
    let stdin = stdin();
    let now = Timespec::default();
    let typed = poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&now))? > 0;
    tcflush(stdin, QueueSelector::IFlush)?;
    Ok(typed)
}

/// Hands on what is read, until it ends, is stopped, or nobody takes it.
pub(in crate::terminal) fn read_until_stopped(
    stop: &Stop,
    mut is_taken: impl FnMut(&[u8]) -> bool,
) {
    let stdin = stdin();
    let mut buffer = vec![0; CHUNK];
    loop {
        let mut waiting = [
            PollFd::new(&stdin, PollFlags::IN),
            PollFd::new(stop, PollFlags::IN),
        ];
        match poll(&mut waiting, None) {
            Err(Errno::INTR) => continue,
            Err(_) => break,
            Ok(_) if !waiting[1].revents().is_empty() => break,
            Ok(_) => {}
        }
        match rustix::io::read(stdin, &mut buffer) {
            Ok(length @ 1..) => {
                if !is_taken(&buffer[..length]) {
                    break;
                }
            }
            // Another program that shares the terminal made it non-blocking, and read first.
            Err(Errno::INTR | Errno::AGAIN) => {}
            // The end of input, or a terminal that is gone.
            Ok(0) | Err(_) => break,
        }
    }
}

//! A program in the container of a terminal: it answers each key, and one of them late.

use std::{
    io,
    process::ExitCode,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{read, write},
    stdio::{stdin, stdout},
};

/// The key that is answered late.
pub(crate) const LATE_KEY: u8 = b'L';
/// How late: long enough for another key to be typed before.
pub(crate) const LATE: Duration = Duration::from_millis(25);

/// Answers keys until there are no more. The terminal is raw already.
pub(crate) fn run() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        // Who has no terminal has nobody to tell it to.
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer() -> io::Result<()> {
    let mut late: Option<Instant> = None;
    let mut keys = [0; 64];
    loop {
        if !is_there(late)? {
            write(stdout(), &[LATE_KEY])?;
            late = None;
            continue;
        }
        let length = read(stdin(), &mut keys)?;
        if length == 0 {
            return Ok(());
        }
        for key in &keys[..length] {
            if *key == LATE_KEY {
                late = Some(Instant::now() + LATE);
            } else {
                write(stdout(), &[*key])?;
            }
        }
    }
}

/// Waits for a key, until this moment if there is one; whether there is one to be read.
fn is_there(until: Option<Instant>) -> io::Result<bool> {
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    let left = left.map(Timespec::try_from).transpose();
    let stdin = stdin();
    let mut waiting = [PollFd::new(&stdin, PollFlags::IN)];
    Ok(poll(&mut waiting, left.map_err(io::Error::other)?.as_ref())? > 0)
}

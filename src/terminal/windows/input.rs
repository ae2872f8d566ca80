//! What comes in on standard input, and a reader that can be stopped.

use std::{
    fs::File,
    io::{self, Read},
    os::windows::io::AsHandle,
    sync::Arc,
};

use super::console::{self, Event, Woken};
use crate::terminal::utf16::Typed;

/// How much is read at once; a paste or a pipe fills it.
const CHUNK: usize = 16 * 1024;

/// Whoever drops this stops the reader that has the other end.
#[derive(Debug)]
pub(in crate::terminal) struct Stopper(Arc<Event>);

/// Tells a reader to stop.
#[derive(Debug)]
pub(in crate::terminal) struct Stop(Arc<Event>);

impl Drop for Stopper {
    fn drop(&mut self) {
        self.0.set();
    }
}

/// Makes what stops a reader.
pub(in crate::terminal) fn stopping() -> io::Result<(Stop, Stopper)> {
    let event = Arc::new(Event::new()?);
    Ok((Stop(Arc::clone(&event)), Stopper(event)))
}

/// Drops what was typed and not read yet. Returns whether there was anything.
pub(in crate::terminal) fn drop_keys() -> io::Result<bool> {
    let mut typed = false;
    while console::has_events(io::stdin())? {
        let keys = console::read_keys(io::stdin())?;
        typed |= !Typed::default().text(&keys).is_empty();
    }
    Ok(typed)
}

/// Hands on what is read, until it ends, is stopped, or nobody takes it.
pub(in crate::terminal) fn read_until_stopped(stop: &Stop, is_taken: impl FnMut(&[u8]) -> bool) {
    // The end of input, or a console that is gone; nobody is told which.
    if console::mode(io::stdin()).is_ok() {
        read_console(stop, is_taken).ok();
    } else {
        read_file(is_taken).ok();
    }
}

/// Reads keys as events: a read of text could not be broken off, and takes Ctrl-Z for the end.
fn read_console(stop: &Stop, mut is_taken: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
    let mut typed = Typed::default();
    while console::wait(io::stdin(), &stop.0)? == Woken::ByInput {
        // Another program that shares the console may have been faster.
        if !console::has_events(io::stdin())? {
            continue;
        }
        let text = typed.text(&console::read_keys(io::stdin())?);
        if !text.is_empty() && !is_taken(text.as_bytes()) {
            break;
        }
    }
    Ok(())
}

/// Reads a pipe or a file. Such a read cannot be broken off; but what it takes is nobody else's.
fn read_file(mut is_taken: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
    let mut file = File::from(io::stdin().as_handle().try_clone_to_owned()?);
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 || !is_taken(&buffer[..length]) {
            return Ok(());
        }
    }
}

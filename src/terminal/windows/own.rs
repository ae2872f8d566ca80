//! A console has no opening that does not block, nor has a pipe: a thread waits for it.

use std::io;

use crate::terminal::Target;

/// There is none.
#[derive(Debug)]
pub(in crate::terminal) enum OwnInput {}

/// There is none.
#[derive(Debug)]
pub(in crate::terminal) enum OwnOutput {}

impl OwnInput {
    /// Returns nothing.
    pub(in crate::terminal) fn open() -> Option<Self> {
        None
    }

    #[expect(clippy::unused_async, reason = "it waits on other systems")]
    pub(in crate::terminal) async fn read(&self, _buffer: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }
}

impl OwnOutput {
    /// Returns nothing.
    pub(in crate::terminal) fn open(_target: Target) -> Option<Self> {
        None
    }

    #[expect(clippy::unused_async, reason = "it waits on other systems")]
    pub(in crate::terminal) async fn write_all(&mut self, _bytes: &[u8]) -> io::Result<()> {
        match *self {}
    }

    #[expect(clippy::unused_async, reason = "it waits on other systems")]
    pub(in crate::terminal) async fn writable(&self) -> io::Result<()> {
        match *self {}
    }

    pub(in crate::terminal) fn try_write(&self, _bytes: &[u8]) -> io::Result<usize> {
        match *self {}
    }
}

/// Tells whether what could not be done just now can be done later.
pub(in crate::terminal) fn is_passing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Interrupted
}

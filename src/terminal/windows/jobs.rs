//! Windows has no jobs that are stopped and continued.

use std::io;

use crate::terminal::Job;

/// Hears what is wanted of this job: never anything.
#[derive(Debug)]
pub enum Jobs {}

impl Jobs {
    /// Fails, since there is nothing to listen to.
    pub fn listen() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Never called, since there is no value of this type.
    #[expect(clippy::unused_async, reason = "it is awaited on other systems")]
    pub async fn next(&mut self) -> Job {
        match *self {}
    }
}

/// Tells that nobody could continue us, if we stopped.
pub(in crate::terminal) fn can_be_continued() -> bool {
    false
}

/// Never called, because nobody could continue us.
pub(in crate::terminal) fn stop() {}

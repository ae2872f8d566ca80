//! Being stopped and continued, as a shell does with its jobs.

use std::io;

use nix::unistd::{getpgrp, getppid, getsid};
use rustix::process::{self, Signal};
use tokio::signal::unix::{self, SignalKind, signal};

use crate::terminal::Job;

/// Hears what is wanted of this job. From the first one on, SIGTSTP no longer stops the process by
/// itself.
#[derive(Debug)]
pub struct Jobs {
    stop: unix::Signal,
    continued: unix::Signal,
}

impl Jobs {
    /// Begins to listen.
    pub fn listen() -> io::Result<Self> {
        let hear = |number: Signal| signal(SignalKind::from_raw(number.as_raw()));
        Ok(Self {
            stop: hear(Signal::TSTP)?,
            continued: hear(Signal::CONT)?,
        })
    }

    /// Waits for the next wish. May be dropped and called again at any time.
    pub async fn next(&mut self) -> Job {
        tokio::select! {
            _ = self.stop.recv() => Job::Stop,
            _ = self.continued.recv() => Job::Continued,
        }
    }
}

/// Tells whether somebody could continue us, if we stopped: a shell with job control, which runs
/// each job as a group of its own. The leader of a session has nobody above it, nor has a group
/// whose parent is gone.
///
/// An id is 0 if it is of another PID namespace, as in a container whose shell came from outside.
pub(in crate::terminal) fn can_be_continued() -> bool {
    let parent = getppid();
    let (Ok(session), Ok(parents)) = (getsid(None), getsid(Some(parent))) else {
        return false;
    };
    parent.as_raw() != 0 && session == parents && getpgrp() != session
}

/// Stops the whole job, a pipeline or a script with us in it, and returns once it is continued.
pub(in crate::terminal) fn stop() {
    // SIGTSTP would come to us too, and we would hear of it only afterwards.
    process::kill_current_process_group(Signal::STOP).ok();
}

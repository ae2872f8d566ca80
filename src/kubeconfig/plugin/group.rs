//! A plug-in and the programs it starts, as one that can be ended.
//!
//! A group of its own cannot read from the terminal: the kernel would stop it. So there is one only
//! where the process has no terminal at all; with one, Ctrl-C reaches every program in it anyway.

use std::fs::File;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// Tells whether a program started now may be given a group of its own.
pub(super) fn is_possible() -> bool {
    File::open("/dev/tty").is_err()
}

/// Gives a program that is about to start a group of its own.
pub(super) fn prepare(command: &mut Command) {
    command.process_group(0);
}

/// Kills the group of a program when it is dropped, unless the program has ended by itself: what it
/// left behind then, such as a cache, it meant to leave.
pub(super) struct Group {
    leader: Option<Pid>,
}

impl Group {
    /// Watches over the group of a program that was just started, if it has one.
    pub(super) fn of(child: &Child, has_one: bool) -> Self {
        let number = child.id().filter(|_| has_one);
        let leader = number.and_then(|number| Pid::from_raw(number.try_into().ok()?));
        Self { leader }
    }

    /// The program has ended by itself.
    pub(super) fn has_ended(&mut self) {
        self.leader = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            // It may have gone a moment ago.
            kill_process_group(leader, Signal::KILL).ok();
        }
    }
}

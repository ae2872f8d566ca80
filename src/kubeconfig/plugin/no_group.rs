//! A plug-in alone: Windows has no groups of programs, but for jobs, which would need unsafe code.
//! A plug-in that takes too long is ended, what it has started goes on.

use tokio::process::{Child, Command};

/// Tells that a program has no group of its own.
pub(super) fn is_possible() -> bool {
    false
}

/// Never called, since no group is possible.
pub(super) fn prepare(_command: &mut Command) {}

/// Stands for a group that there is not.
pub(super) struct Group;

impl Group {
    /// Returns what stands for none.
    pub(super) fn of(_child: &Child, _has_one: bool) -> Self {
        Self
    }

    /// There is nothing that could be left behind.
    #[expect(clippy::unused_self, reason = "on other systems there is a group")]
    pub(super) fn has_ended(&mut self) {}
}

//! The scripts by which shells call us when `kubectl-ephemeral` itself is typed.

use crate::cli::{OUR_FILE, OURS, Program};

pub(super) const BASH: &str = include_str!("scripts/kubectl-ephemeral.bash");
pub(super) const ZSH: &str = include_str!("scripts/kubectl-ephemeral.zsh");
pub(super) const FISH: &str = include_str!("scripts/kubectl-ephemeral.fish");
pub(super) const POWERSHELL: &str = include_str!("scripts/kubectl-ephemeral.ps1");
pub(super) const ELVISH: &str = include_str!("scripts/kubectl-ephemeral.elv");

/// Makes a script complete the words of a program that is called like this one.
pub(super) fn of(script: &str, program: &Program) -> String {
    let renamed = script.replace(OUR_FILE, program.file());
    // What kubectl completes is another matter, if this is no plugin of it.
    match program.typed() {
        typed if typed.starts_with("kubectl ") => renamed.replace(OURS, &typed),
        _ => renamed,
    }
}

//! The scripts by which shells call us when `kubectl-ephemeral` itself is typed.

pub(super) const BASH: &str = include_str!("scripts/kubectl-ephemeral.bash");
pub(super) const ZSH: &str = include_str!("scripts/kubectl-ephemeral.zsh");
pub(super) const FISH: &str = include_str!("scripts/kubectl-ephemeral.fish");
pub(super) const POWERSHELL: &str = include_str!("scripts/kubectl-ephemeral.ps1");
pub(super) const ELVISH: &str = include_str!("scripts/kubectl-ephemeral.elv");

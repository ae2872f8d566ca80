//! The words of `completion`, and what the environment says about it.

use std::{env, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};

use super::duration::duration;

/// The variable that says how long a completion may take.
const LIMIT_VARIABLE: &str = "KUBECTL_EPHEMERAL_COMPLETION_LIMIT";
/// How long it may take otherwise: a person has pressed a key and waits.
const LIMIT: Duration = Duration::from_millis(200);

/// The words of `completion`.
#[derive(Args, Debug)]
pub struct CompletionArgs {
    /// A shell, whose script is printed; or install, which makes kubectl complete the plugin's words
    #[arg(
        value_enum,
        value_name = "SHELL | install",
        hide_possible_values = true
    )]
    pub of: CompletionOf,
}

/// What is to complete our words.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum CompletionOf {
    /// Print the script for bash
    Bash,
    /// Print the script for zsh
    Zsh,
    /// Print the script for fish
    Fish,
    /// Print the script for `PowerShell`
    Powershell,
    /// Print the script for elvish
    Elvish,
    /// Put a link where kubectl looks for it
    Install,
}

/// Returns how long all of a completion may take.
pub fn completion_limit() -> Duration {
    let wanted = env::var(LIMIT_VARIABLE).ok();
    let wanted = wanted.and_then(|text| duration(&text).ok());
    wanted.unwrap_or(LIMIT)
}

/// Returns the folders in which kubectl looks for plugins.
pub fn path_folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path);
    folders.filter(|folder| folder.is_absolute()).collect()
}

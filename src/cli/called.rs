//! The name by which the program was called: krew's index may give a plugin another name than ours, and whoever
//! reads what we say is to type what works.

use std::{ffi::OsStr, path::Path};

use clap::Command;

/// The words of our own name, as they stand in the texts.
pub const OURS: &str = "kubectl ephemeral";
/// The name of our file, as it stands in scripts.
pub const OUR_FILE: &str = "kubectl-ephemeral";
/// How the names of kubectl's plugins begin, and those of what completes their words (kubectl 1.26 and newer).
const PLUGIN: &str = "kubectl-";
const COMPLETER: &str = "kubectl_complete-";

/// What the program was called by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Program {
    /// The name of the file, without an ending of Windows.
    file: String,
}

impl Default for Program {
    fn default() -> Self {
        Self {
            file: OUR_FILE.to_owned(),
        }
    }
}

impl Program {
    /// Reads the first word of a command line. What is no name counts as ours.
    pub fn of(first: Option<&OsStr>) -> Self {
        let file = first.and_then(|word| Path::new(word).file_name()?.to_str());
        match file.map(|file| file.strip_suffix(".exe").unwrap_or(file)) {
            Some(file) if is_plain(file) => Self {
                file: file.to_owned(),
            },
            Some(_) | None => Self::default(),
        }
    }

    /// Returns the name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns what is typed to run it. kubectl looks for `a-b c` as `kubectl-a_b-c`.
    pub fn typed(&self) -> String {
        match self.file.strip_prefix(PLUGIN) {
            Some(plugin) => format!("kubectl {}", plugin.replace('-', " ").replace('_', "-")),
            None => self.file.clone(),
        }
    }

    /// Returns the name of the plugin's file and of the one that kubectl asks to complete its words; ours, if this is no
    /// name of a plugin.
    pub fn plugin_and_completer(&self) -> (String, String) {
        let plugin = self.file.strip_prefix(PLUGIN);
        let plugin = plugin.or_else(|| OUR_FILE.strip_prefix(PLUGIN));
        let plugin = plugin.unwrap_or_default();
        (format!("{PLUGIN}{plugin}"), format!("{COMPLETER}{plugin}"))
    }

    /// Tells whether kubectl asks by this name for a completion.
    pub(super) fn is_completer(&self) -> bool {
        self.file.starts_with(COMPLETER)
    }
}

/// Tells a name that means nothing else in any shell.
fn is_plain(file: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    !file.is_empty() && !file.starts_with('-') && file.chars().all(is_plain)
}

/// Makes usage and examples say the name of this program as a user types it.
pub(super) fn named(command: Command, program: &Program) -> Command {
    match program.typed() {
        name if name != OURS => renamed(command, &name),
        _ => command,
    }
}

fn renamed(mut command: Command, name: &str) -> Command {
    let said = |text: String| text.replace(OURS, name);
    let usage = command.render_usage().to_string();
    if let Some(usage) = usage.strip_prefix("Usage: ") {
        command = command.override_usage(said(usage.to_owned()));
    }
    if let Some(examples) = command.get_after_help().map(ToString::to_string) {
        command = command.after_help(said(examples));
    }
    if let Some(bin) = command.get_bin_name().map(str::to_owned) {
        command = command.bin_name(said(bin));
    }
    command.mut_subcommands(|verb| renamed(verb, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_what_is_typed_for_it() {
        for (file, words) in [
            ("kubectl-ephemeral", "kubectl ephemeral"),
            ("/opt/bin/kubectl-ephemeral.exe", "kubectl ephemeral"),
            ("kubectl-ephemeral_debug", "kubectl ephemeral-debug"),
            ("kubectl-debug-ephemeral", "kubectl debug ephemeral"),
            ("./debugger", "debugger"),
            ("/", "kubectl ephemeral"),
            ("x;reboot", "kubectl ephemeral"),
        ] {
            assert_eq!(Program::of(Some(file.as_ref())).typed(), words, "{file}");
        }
        assert_eq!(Program::of(None), Program::default());
    }

    #[test]
    fn the_completer_has_the_name_of_the_plugin() {
        for (file, plugin, completer) in [
            (
                "kubectl-ephemeral",
                "kubectl-ephemeral",
                "kubectl_complete-ephemeral",
            ),
            (
                "kubectl-debug_ephemeral",
                "kubectl-debug_ephemeral",
                "kubectl_complete-debug_ephemeral",
            ),
            (
                "debugger",
                "kubectl-ephemeral",
                "kubectl_complete-ephemeral",
            ),
        ] {
            let program = Program::of(Some(file.as_ref()));
            let expected = (plugin.to_owned(), completer.to_owned());
            assert_eq!(program.plugin_and_completer(), expected);
            assert!(Program::of(Some(completer.as_ref())).is_completer());
            assert!(!program.is_completer());
        }
    }
}

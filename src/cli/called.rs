//! The words by which the program was called: krew's index may give a plugin another name than ours, and whoever
//! reads the help is to type what works.

use std::{ffi::OsStr, path::Path};

use clap::Command;

/// The words of our own name, as they stand in the texts.
pub(super) const OURS: &str = "kubectl ephemeral";

/// Makes usage and examples say the name of this program as a user types it.
pub(super) fn named(command: Command, program: Option<&OsStr>) -> Command {
    match program.and_then(spoken) {
        Some(name) if name != OURS => renamed(command, &name),
        Some(_) | None => command,
    }
}

/// Returns what is typed to run a program of this path. kubectl looks for `a-b c` as `kubectl-a_b-c`.
fn spoken(program: &OsStr) -> Option<String> {
    let file = Path::new(program).file_name()?.to_str()?;
    let file = file.strip_suffix(".exe").unwrap_or(file);
    match file.strip_prefix("kubectl-") {
        Some(plugin) => {
            let words = plugin.replace('-', " ").replace('_', "-");
            Some(format!("kubectl {words}"))
        }
        None => Some(file.to_owned()),
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
        ] {
            assert_eq!(spoken(file.as_ref()).as_deref(), Some(words));
        }
        assert_eq!(spoken("/".as_ref()), None);
    }
}

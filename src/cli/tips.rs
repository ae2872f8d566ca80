//! What was most likely meant by words that are not understood.

use std::ffi::OsString;

use clap::{
    Command,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{Kind, called};

/// The flags of `kubectl debug` that are about a copy of the pod.
const OF_COPIES: [&str; 11] = [
    "--copy-to",
    "--keep-annotations",
    "--keep-init-containers",
    "--keep-labels",
    "--keep-liveness",
    "--keep-readiness",
    "--keep-startup",
    "--replace",
    "--same-node",
    "--set-image",
    "--share-processes",
];

/// Says what was most likely meant by a word that is not understood; leaves other errors as they are.
pub(super) fn with_a_tip(
    mut error: clap::Error,
    words: &[OsString],
    command: &Command,
) -> clap::Error {
    if error.kind() == ErrorKind::InvalidUtf8 {
        return unreadable(words, command);
    }
    let stray = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) => word.clone(),
        _ => return error,
    };
    if error.kind() != ErrorKind::UnknownArgument {
        return error.with_cmd(command);
    }
    // That `--` makes a word of it is true, and of no use: behind it stands the container's command.
    error.remove(ContextKind::Suggested);
    if let Some(ContextValue::String(similar)) = error.get(ContextKind::SuggestedArg)
        && is_hidden(similar, command)
    {
        error.remove(ContextKind::SuggestedArg);
    }
    let line = Line::new(words, command, &stray);
    let tip = if stray.starts_with('-') {
        line.about_a_flag(&stray)
    } else {
        line.about_a_word(&stray)
    };
    if let Some(tip) = tip {
        error.remove(ContextKind::SuggestedArg);
        let tips = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tips);
    }
    error.with_cmd(command)
}

/// The command line around the word.
struct Line<'a> {
    command: &'a Command,
    name: &'a str,
    /// The verb; nothing for the main job.
    verb: Option<&'a Command>,
    /// The word before it.
    before: Option<&'a str>,
    /// The word that can only be the pod's.
    first: Option<&'a str>,
    /// Whether it stands behind `--`.
    is_command: bool,
}

impl<'a> Line<'a> {
    fn new(words: &'a [OsString], command: &'a Command, stray: &str) -> Self {
        let words: Vec<_> = words.iter().filter_map(|word| word.to_str()).collect();
        let at = words.iter().rposition(|word| *word == stray);
        let mut plain = words.iter().skip(1).filter(|word| !word.starts_with('-'));
        let first = plain.next().copied();
        Self {
            command,
            name: command.get_bin_name().unwrap_or(called::OURS),
            verb: first.and_then(|word| command.find_subcommand(word)),
            before: at.and_then(|at| words.get(at.checked_sub(1)?)).copied(),
            first,
            is_command: words.iter().position(|word| *word == "--") < at && words.contains(&"--"),
        }
    }

    /// What was meant by a flag; nothing where nobody can tell.
    fn about_a_flag(&self, flag: &str) -> Option<String> {
        let (name, flag) = (self.name, flag.split('=').next().unwrap_or(flag));
        if OF_COPIES.contains(&flag) {
            return Some(format!(
                "`kubectl debug POD --copy-to=NAME` makes a copy of a pod; {name} adds a container to the pod itself"
            ));
        }
        let has = |command: &&Command| has_flag(command, flag);
        if self.verb.is_some() && has(&self.command) {
            return Some(format!(
                "`{flag}` is for a container that is added: {name} POD {flag}"
            ));
        }
        let owner = self.command.get_subcommands().find(has)?;
        Some(format!(
            "`{flag}` is a flag of `{name} {}`",
            owner.get_name()
        ))
    }

    /// What was meant by a word that is no flag; nothing behind a verb that is about no pod.
    fn about_a_word(&self, word: &str) -> Option<String> {
        let name = self.name;
        if let Some(flag) = self
            .before
            .filter(|flag| self.takes_a_value_after_equals(flag))
        {
            return Some(format!("a value of `{flag}` follows `=`: {flag}={word}"));
        }
        if let Some(kind) = self.before.filter(|kind| Kind::of_word(kind).is_some()) {
            return Some(format!("type and name are one word: {kind}/{word}"));
        }
        let tip = match self.verb.map(Command::get_name) {
            Some("completion" | "version") => return None,
            Some("attach") if !self.is_command => {
                format!("-c names the container: {name} attach POD -c {word}")
            }
            Some(verb @ ("list" | "check")) if !self.is_command => {
                format!("one POD or TYPE/NAME at a time: {name} {verb} {word}")
            }
            None if self.first == Some("debug") => {
                format!("no verb is needed to add a container: {name} {word}")
            }
            Some(_) | None => {
                format!("a command for the container follows `--`: {name} POD -- {word}")
            }
        };
        Some(tip)
    }

    /// Tells whether a word is a flag whose value is part of the word, as with kubectl's: `-i`, `--dry-run`.
    fn takes_a_value_after_equals(&self, word: &str) -> bool {
        let verb = self.verb.unwrap_or(self.command);
        let mut flags = verb.get_arguments().chain(self.command.get_arguments());
        flags.any(|flag| flag.is_require_equals_set() && is_named(flag, word))
    }
}

fn has_flag(command: &Command, word: &str) -> bool {
    command
        .get_arguments()
        .any(|flag| !flag.is_hide_set() && is_named(flag, word))
}

fn is_hidden(word: &str, command: &Command) -> bool {
    let mut flags = command.get_arguments();
    flags.any(|flag| flag.is_hide_set() && is_named(flag, word))
}

fn is_named(flag: &clap::Arg, word: &str) -> bool {
    match word.strip_prefix("--") {
        Some(long) => flag.get_long() == Some(long),
        None => word.strip_prefix('-').is_some_and(|short| {
            flag.get_short()
                .is_some_and(|known| short == known.to_string())
        }),
    }
}

/// Shows words that are no text, byte by byte.
fn unreadable(words: &[OsString], command: &Command) -> clap::Error {
    let unreadable = words.iter().filter(|word| word.to_str().is_none());
    let shown = unreadable.map(|word| format!("`{}`", word.as_encoded_bytes().escape_ascii()));
    let shown: Vec<_> = shown.collect();
    command.clone().error(
        ErrorKind::InvalidUtf8,
        format!("not valid UTF-8: {}", shown.join(", ")),
    )
}

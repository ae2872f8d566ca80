//! Flags and command lines that pages name in passing are words that we understand.

use std::{collections::BTreeSet, ffi::OsString, fs};

use clap::{Command, CommandFactory};
use kubectl_ephemeral::cli::Cli;

use crate::block::{all_pages, blocks, prose};

/// Flags of other programs that pages name, and one that stands for any.
const OF_OTHERS: [&str; 3] = ["copy-to", "flag", "override"];
/// What stands for something in a line that shows a form.
const STAND_INS: [char; 5] = ['…', '(', '[', '|', '$'];

#[test]
fn every_flag_that_is_named_is_one() {
    let mut known: BTreeSet<String> = ["help", "version"].map(str::to_owned).into();
    let mut command = Cli::command();
    command.build();
    learn(&command, &mut known);
    for (path, span) in spans() {
        let Some(flag) = span.strip_prefix("--").filter(|flag| !flag.is_empty()) else {
            continue;
        };
        let name = flag.split(['=', ' ', '[']).next().unwrap_or_default();
        let is_ours = known.contains(name);
        assert!(
            name.is_empty() || is_ours || OF_OTHERS.contains(&name),
            "{path}: `{span}`"
        );
    }
}

#[test]
fn every_line_that_is_named_is_understood() {
    let mut count = 0;
    for (path, line) in spans().into_iter().chain(lines_of_shells()) {
        let Some(words) = line.strip_prefix("kubectl ephemeral ") else {
            continue;
        };
        let names_a_verb = Cli::command().find_subcommand(words).is_some();
        // Help ends before anything is understood.
        if names_a_verb || words.contains(STAND_INS) || words.contains("--help") {
            continue;
        }
        let ours = words.split(" > ").next().unwrap_or_default();
        let words = ["kubectl-ephemeral"]
            .into_iter()
            .chain(ours.split_whitespace());
        let parsed = Cli::parse_words(words.map(OsString::from));
        assert!(parsed.is_ok(), "{path}: `{line}`");
        count += 1;
    }
    assert!(count > 5, "few are found: {count}");
}

fn learn(command: &Command, known: &mut BTreeSet<String>) {
    let longs = command.get_arguments().filter_map(clap::Arg::get_long);
    known.extend(longs.map(str::to_owned));
    for verb in command.get_subcommands() {
        learn(verb, known);
    }
}

/// Returns what stands between backquotes, outside of fences.
fn spans() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in all_pages() {
        let page = fs::read_to_string(&path).unwrap();
        // A span may go on in the next line.
        let prose: Vec<_> = prose(&page).into_iter().map(str::trim).collect();
        for paragraph in prose.join("\n").split("\n\n") {
            let text = paragraph.replace("``", "").replace('\n', " ");
            let inside = text.split('`').enumerate().filter(|(at, _)| at % 2 == 1);
            found.extend(inside.map(|(_, span)| (path.clone(), span.replace("\\|", "|"))));
        }
    }
    found
}

fn lines_of_shells() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in all_pages() {
        let page = fs::read_to_string(&path).unwrap();
        let shells = blocks(&page)
            .into_iter()
            .filter(|block| block.language == "sh");
        found.extend(
            shells
                .flat_map(|block| block.text)
                .map(|line| (path.clone(), line)),
        );
    }
    found
}

//! The manual pages in docs/man/, from the same source as `--help`.

use std::{collections::BTreeSet, fs, path::Path};

use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};
use kubectl_ephemeral::cli::Cli;

use crate::kept;

const SOURCE: &str = concat!("kubectl-ephemeral ", env!("CARGO_PKG_VERSION"));
const FOLDER: &str = "docs/man";
const CODES: &str = "docs/reference/exit-codes.md";
const VARIABLES: &str = "docs/reference/environment.md";

#[test]
fn there_is_a_page_for_the_program_and_each_verb() {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut names = BTreeSet::new();
    let verbs = command.get_subcommands().cloned();
    for command in [command.clone()].into_iter().chain(verbs) {
        let name = command
            .get_display_name()
            .unwrap_or(command.get_name())
            .to_owned();
        let path = format!("{FOLDER}/{name}.1");
        kept::hold(&path, &page(command, &name));
        names.insert(path);
    }
    let there = fs::read_dir(FOLDER).unwrap();
    let there = there.map(|entry| entry.unwrap().path().to_str().unwrap().to_owned());
    assert_eq!(there.collect::<BTreeSet<_>>(), names);
}

fn page(command: Command, name: &str) -> String {
    let is_main = !command.get_subcommands().collect::<Vec<_>>().is_empty();
    let man = Man::new(command.flatten_help(false))
        .title(name.to_uppercase())
        .source(SOURCE)
        .manual("kubectl ephemeral");
    let mut text = Vec::new();
    man.render_title(&mut text).unwrap();
    man.render_name_section(&mut text).unwrap();
    man.render_synopsis_section(&mut text).unwrap();
    man.render_options_section(&mut text).unwrap();
    if is_main {
        man.render_subcommands_section(&mut text).unwrap();
    }
    of_table("EXIT STATUS", CODES).to_writer(&mut text).unwrap();
    of_table("ENVIRONMENT", VARIABLES)
        .to_writer(&mut text)
        .unwrap();
    if is_main {
        man.render_extra_section(&mut text).unwrap();
    }
    let text = String::from_utf8(text).unwrap();
    // Each section begins with what one page needs once.
    let (first, rest) = text.split_once(".TH").unwrap();
    let rest = rest.replace(first, "");
    let rest = rest.replace("\n.SH EXTRA\nExamples:\n", "\n.SH EXAMPLES\n");
    // The date, which there is none of, is written as nothing at all, and what follows would stand in its place.
    let (title, rest) = rest.split_once(" 1  \"").unwrap();
    format!("{first}.TH{title} 1 \"\" \"{rest}")
}

/// A section with the first table of a page.
fn of_table(title: &str, path: &str) -> Roff {
    let page = fs::read_to_string(Path::new(path)).unwrap();
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("|--") && !line.starts_with("|-:"));
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for row in rows.skip(1).take_while(|line| line.starts_with('|')) {
        let row = row.trim_matches('|').replace("\\|", "|").replace('`', "");
        let (name, rest) = row.split_once('|').unwrap();
        roff.control("TP", []);
        roff.text([bold(name.trim())]);
        roff.text([roman(rest.trim())]);
    }
    roff
}

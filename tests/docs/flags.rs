//! The flags in docs/reference/cli.md, from the same source as `--help`.

use std::fs;

use clap::{Arg, Command, CommandFactory};
use kubectl_ephemeral::cli::Cli;

use crate::kept;

const PAGE: &str = "docs/reference/cli.md";

#[test]
fn the_page_has_the_flags_of_every_verb() {
    let mut command = Cli::command();
    command.build();
    let mut page = fs::read_to_string(PAGE).unwrap();
    page = kept::between(&page, "flags", &table(&own_flags(&command)));
    for verb in command
        .get_subcommands()
        .filter(|verb| verb.get_name() != "help")
    {
        let name = verb.get_name();
        page = kept::between(&page, &format!("flags of {name}"), &table(&own_flags(verb)));
    }
    let everywhere: Vec<_> = command
        .get_arguments()
        .filter(|flag| flag.is_global_set())
        .collect();
    page = kept::between(&page, "flags of all", &table(&everywhere));
    kept::hold(PAGE, &page);
}

fn own_flags(command: &Command) -> Vec<&Arg> {
    let is_own = |flag: &&Arg| !flag.is_global_set();
    command.get_arguments().filter(is_own).collect()
}

fn table(flags: &[&Arg]) -> String {
    let rows = flags
        .iter()
        .filter(|flag| !flag.is_hide_set())
        .map(|flag| row(flag));
    let rows: Vec<_> = rows.collect();
    format!("| | |\n|---|---|\n{}", rows.join("\n"))
}

fn row(flag: &Arg) -> String {
    let names = flag.get_short().map(|short| format!("`-{short}`"));
    let long = flag.get_long().map(|long| format!("`--{long}`"));
    let names: Vec<_> = names.into_iter().chain(long).collect();
    let value = flag
        .get_value_names()
        .filter(|_| flag.get_action().takes_values());
    let value = value.unwrap_or_default().join(" ");
    let takes_none = flag
        .get_num_args()
        .is_some_and(|range| range.min_values() == 0);
    let name = match (names.join(", "), value.as_str()) {
        (names, "") => names,
        (names, value) if names.is_empty() => format!("`{value}`"),
        (names, value) if takes_none => format!("{names}[=`{value}`]"),
        (names, value) => format!("{names} `{value}`"),
    };
    let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
    let by_default: Vec<_> = flag
        .get_default_values()
        .iter()
        .map(|it| it.to_string_lossy())
        .collect();
    let by_default = match by_default.join(",") {
        text if text.is_empty() || flag.is_hide_default_value_set() => String::new(),
        _ if !flag.get_action().takes_values() => String::new(),
        text => format!(" [default: {text}]"),
    };
    format!(
        "| {} | {} |",
        escaped(&name),
        escaped(&format!("{help}{by_default}"))
    )
}

/// What would end a cell or begin a tag.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('\n', " ")
}

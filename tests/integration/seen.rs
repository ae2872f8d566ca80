//! Keeps what runs of the program did, for `make faults`: where `FAULTS_SEEN` names a file, one line of JSON each.

use std::{fs::OpenOptions, io::Write, process::Output};

use serde_json::json;

/// A run without a terminal.
pub(crate) fn without_terminal(output: &Output) {
    let terminal = "none";
    keep(output.status.code(), terminal, &output.stderr);
}

/// A run in a terminal, which is as it was before, or is not. Where a shell was around it, that has told its exit
/// code in a line like `code 3`.
pub(crate) fn in_terminal(code: Option<i32>, as_before: bool, said: &[u8]) {
    let terminal = if as_before { "as before" } else { "changed" };
    let text = String::from_utf8_lossy(said);
    let mut lines = text.lines().rev().map(str::trim);
    let told = || lines.find_map(|line| line.strip_prefix("code ")?.parse().ok());
    keep(
        code.filter(|code| *code != 0).or_else(told).or(code),
        terminal,
        said,
    );
}

fn keep(code: Option<i32>, terminal: &str, said: &[u8]) {
    let Some(path) = std::env::var_os("FAULTS_SEEN") else {
        return;
    };
    let said = String::from_utf8_lossy(said);
    let line = json!({"code": code, "terminal": terminal, "said": said});
    let file = OpenOptions::new().append(true).create(true).open(path);
    writeln!(file.unwrap(), "{line}").unwrap();
}

//! The page: two tables of rows, of which people write the first columns and this program the others.

use std::{collections::BTreeSet, fmt};

use crate::{
    headline,
    tests::{Result, Results},
};

/// What stands in a row in which nothing of ours can fail.
const DOES_NOT_APPLY: &str = "does not apply";
/// Most messages that are shown of one row.
const MOST: usize = 4;

/// Which table.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    /// What happens to us.
    Fault,
    /// What we are given.
    Input,
}

/// A row: what people wrote of it, and what was seen.
#[derive(Debug)]
struct Row {
    kind: Kind,
    number: usize,
    what: String,
    deed: String,
    codes: String,
    seen: [String; 4],
}

#[derive(Debug)]
enum Line {
    Text(String),
    Row(Row),
}

#[derive(Debug)]
pub(crate) struct Page(Vec<Line>);

/// How many rows of a table there are.
#[derive(Default)]
pub(crate) struct Count {
    pub(crate) applying: usize,
    pub(crate) well: usize,
    pub(crate) not_applying: usize,
}

impl Page {
    pub(crate) fn read(text: &str) -> Self {
        let mut kind = Kind::Fault;
        let lines = text.lines().map(|line| {
            if line.starts_with("| input |") {
                kind = Kind::Input;
            }
            row(kind, line).map_or_else(|| Line::Text(line.to_owned()), Line::Row)
        });
        Self(lines.collect())
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.0.iter().filter_map(|line| match line {
            Line::Row(row) => Some(row),
            Line::Text(_) => None,
        })
    }

    /// Writes what was seen into the rows.
    pub(crate) fn fill(&mut self, results: &Results) {
        for line in &mut self.0 {
            if let Line::Row(row) = line {
                let results = results.get(&(row.kind, row.number));
                row.seen = seen(row, results.map_or(&[], Vec::as_slice));
            }
        }
    }

    /// Counts the rows of a table.
    pub(crate) fn count(&self, kind: Kind, results: &Results) -> Count {
        let mut count = Count::default();
        for row in self.rows().filter(|row| row.kind == kind) {
            if row.deed.starts_with(DOES_NOT_APPLY) {
                count.not_applying += 1;
                continue;
            }
            count.applying += 1;
            count.well += usize::from(row.troubles(results).is_empty());
        }
        count
    }

    /// Says what is not as the page says.
    pub(crate) fn troubles(&self, results: &Results) -> Vec<String> {
        let mut troubles: Vec<_> = self.rows().flat_map(|row| row.troubles(results)).collect();
        let known: BTreeSet<_> = self.rows().map(|row| (row.kind, row.number)).collect();
        let unknown = results.keys().filter(|key| !known.contains(key));
        troubles.extend(unknown.map(|(kind, row)| format!("{kind:?} {row} has tests and no row")));
        troubles
    }
}

impl Row {
    fn troubles(&self, results: &Results) -> Vec<String> {
        let name = format!("{:?} {}", self.kind, self.number);
        if self.deed.starts_with(DOES_NOT_APPLY) {
            return Vec::new();
        }
        // One fault may be another by another name.
        let elsewhere = self.deed.strip_prefix("row ");
        let elsewhere = elsewhere.and_then(|rest| rest.split(':').next()?.parse().ok());
        let key = elsewhere.map_or((self.kind, self.number), |row| (Kind::Fault, row));
        let Some(results) = results.get(&key) else {
            return vec![format!("{name} has no test")];
        };
        let mut troubles = Vec::new();
        for result in results {
            let test = &result.test.name;
            if !result.passed {
                troubles.push(format!("{test} failed"));
            }
            for run in &result.runs {
                if run.terminal == "changed" {
                    troubles.push(format!("{test} leaves a terminal that is not as before"));
                }
                if let Some(code) = run.code.filter(|code| !self.may_end(*code)) {
                    troubles.push(format!("{test} ends with {code}: {}", run.said));
                }
            }
        }
        troubles
    }

    /// Tells whether a run may have this exit code; that of what prepares another is 0.
    fn may_end(&self, code: i64) -> bool {
        let numbers = self.codes.split(|sign: char| !sign.is_ascii_digit());
        let mut numbers = numbers.filter_map(|number| number.parse::<i64>().ok());
        let is_open =
            self.codes.is_empty() || !self.codes.starts_with(|sign: char| sign.is_ascii_digit());
        code == 0 || is_open || numbers.any(|number| number == code)
    }
}

/// Returns the last columns: messages, exit codes, the terminal, the tests.
fn seen(row: &Row, results: &[Result]) -> [String; 4] {
    let runs = || results.iter().flat_map(|result| &result.runs);
    let mut messages: Vec<_> = Vec::new();
    for message in runs().filter_map(|run| headline::of(&run.said)) {
        if !messages.contains(&message) {
            messages.push(message);
        }
    }
    let more = messages.len().saturating_sub(MOST);
    messages.truncate(MOST);
    let mut cells: Vec<_> = messages.iter().map(|message| quoted(message)).collect();
    if more > 0 {
        cells.push(format!("and {more} more"));
    }
    let mut codes: BTreeSet<_> = runs().filter_map(|run| run.code).collect();
    // Only what prepares the others.
    if codes.len() > 1 && row.codes.starts_with("125") {
        codes.remove(&0);
    }
    let codes: Vec<_> = codes.into_iter().map(|code| code.to_string()).collect();
    let terminals: BTreeSet<_> = runs().map(|run| run.terminal.as_str()).collect();
    let terminal = ["changed", "as before", "none"]
        .into_iter()
        .find(|terminal| terminals.contains(terminal));
    let names: Vec<_> = results
        .iter()
        .map(|result| format!("`{}`", result.test.name))
        .collect();
    [
        cells.join("<br>"),
        codes.join(", "),
        terminal.unwrap_or_default().to_owned(),
        names.join(", "),
    ]
}

/// Writes a text so that it is shown as it is.
fn quoted(text: &str) -> String {
    let text = text.replace('|', "\\|");
    if !text.contains('`') {
        return format!("`{text}`");
    }
    let fence = if text.contains("``") { "```" } else { "``" };
    format!("{fence} {text} {fence}")
}

fn row(kind: Kind, line: &str) -> Option<Row> {
    let cells = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let mut cells = cells.split(" | ").map(|cell| cell.trim().to_owned());
    let number = cells.next()?.parse().ok()?;
    let mut next = || cells.next().unwrap_or_default();
    Some(Row {
        kind,
        number,
        what: next(),
        deed: next(),
        codes: next(),
        seen: [next(), next(), next(), next()],
    })
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.0 {
            match line {
                Line::Text(text) => writeln!(f, "{text}")?,
                Line::Row(Row {
                    number,
                    what,
                    deed,
                    codes,
                    seen,
                    ..
                }) => {
                    let seen = seen.join(" | ");
                    writeln!(f, "| {number} | {what} | {deed} | {codes} | {seen} |")?;
                }
            }
        }
        Ok(())
    }
}

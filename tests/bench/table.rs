//! The result as a table to read.

use crate::{
    client::Client,
    contract::{Against, Cell, Row},
    figure::{Unit, number},
};

const NOT_KNOWN: &str = "-";
const EXPLANATION: &str = "\
Each figure is the median, with the least and the most. A ratio tells how many times as good as that
program ours is, of the medians. The own share is the time from the start to the PATCH, and from the status
`running` to the prompt. The bare client attaches in the same terminal, has one thread and does nothing else.
A target that is a ratio counts against ";

/// The result as rows of words, the headings first.
pub(crate) struct Table {
    lines: Vec<Vec<String>>,
    against: String,
}

impl Table {
    /// Has one line for each row of the contract.
    pub(crate) fn new(clients: &[Client], against: Against, rows: &[Row]) -> Self {
        let mut lines = vec![headings(clients)];
        lines.extend(rows.iter().map(|row| line(row, clients.len(), against)));
        let newest = against.newest.map(|newest| clients[newest].name.as_str());
        Self {
            lines,
            against: newest.unwrap_or("kubectl, and there is none").to_owned(),
        }
    }

    /// For a terminal.
    pub(crate) fn aligned(&self) -> String {
        format!("{}\n{EXPLANATION}{}.\n", aligned(&self.lines), self.against)
    }

    /// For a page.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        for (number, line) in self.lines.iter().enumerate() {
            text.extend(["| ", &line.join(" | "), " |\n"]);
            if number == 0 {
                text.extend(["|", &"---|".repeat(line.len()), "\n"]);
            }
        }
        format!("{text}\n{EXPLANATION}{}.\n", self.against)
    }
}

fn headings(clients: &[Client]) -> Vec<String> {
    let mut headings = vec!["what".to_owned()];
    for (index, client) in clients.iter().enumerate() {
        headings.push(client.name.clone());
        if index > 0 {
            headings.push("ratio".to_owned());
        }
    }
    headings.extend(["target".to_owned(), "verdict".to_owned()]);
    headings
}

fn line(row: &Row, clients: usize, against: Against) -> Vec<String> {
    let mut line = vec![row.what.to_owned()];
    for index in 0..clients {
        line.push(
            row.cells
                .get(index)
                .map_or(NOT_KNOWN.to_owned(), |cell| text(cell, row.unit)),
        );
        if index > 0 {
            let ratio = row.ratio(index).map(|ratio| format!("{}x", number(ratio)));
            line.push(ratio.unwrap_or_else(|| NOT_KNOWN.to_owned()));
        }
    }
    line.extend([row.target(), row.verdict(against).name().to_owned()]);
    line
}

fn text(cell: &Cell, unit: Unit) -> String {
    let figure = cell.figure.map(|figure| {
        let median = format!("{} {}", number(figure.median), unit.name());
        let median = median.trim_end();
        if figure.runs == 1 {
            return median.to_owned();
        }
        let (min, max) = (number(figure.min), number(figure.max));
        format!("{median} ({min}..{max})")
    });
    let parts: Vec<_> = figure.into_iter().chain(cell.remark.clone()).collect();
    parts.join(", ")
}

fn aligned(lines: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let mut text = String::new();
    for line in lines {
        let mut padded = String::new();
        for (column, cell) in line.iter().enumerate() {
            padded.extend([&format!("{cell:<0$}", width(column)), "  "]);
        }
        text.extend([padded.trim_end(), "\n"]);
    }
    text
}

//! The result as a table to read.

use crate::{
    client::Client,
    contract::{Cell, Row},
    figure::{Unit, number},
};

const NOT_KNOWN: &str = "-";
const EXPLANATION: &str = "\
Each figure is the median, with the least and the most; a ratio is theirs / ours, of the medians.
The own share is the time from the start to the PATCH, and from the status `running` to the prompt.
A target that is a ratio counts against ";

/// Writes one line for each row of the contract.
pub(crate) fn render(clients: &[Client], newest: Option<usize>, rows: &[Row]) -> String {
    let mut lines = vec![headings(clients)];
    lines.extend(rows.iter().map(|row| line(row, clients.len(), newest)));
    let against = newest.map_or("kubectl, and there is none", |newest| &clients[newest].name);
    format!("{}\n{EXPLANATION}{against}.\n", aligned(&lines))
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

fn line(row: &Row, clients: usize, newest: Option<usize>) -> Vec<String> {
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
    line.extend([row.target.text(), row.verdict(newest).name().to_owned()]);
    line
}

fn text(cell: &Cell, unit: Unit) -> String {
    let figure = cell.figure.map(|figure| {
        let unit = match unit {
            Unit::Requests => "",
            Unit::Milliseconds | Unit::Megabytes => unit.name(),
        };
        let median = format!("{} {unit}", number(figure.median));
        if figure.runs == 1 {
            return median;
        }
        format!(
            "{} ({}..{})",
            median.trim_end(),
            number(figure.min),
            number(figure.max)
        )
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

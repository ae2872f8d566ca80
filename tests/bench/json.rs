//! The result as JSON.

use serde_json::{Map, Value, json};

use crate::{
    client::Client,
    contract::{Cell, Row, Verdict},
    rounds::Runs,
    series::Measured,
};

/// Writes what the table shows, and what was asked of the server.
pub(crate) fn render(
    clients: &[Client],
    newest: Option<usize>,
    measured: &Measured,
    rows: &[Row],
) -> String {
    let rows: Vec<Value> = rows.iter().map(|row| line(clients, newest, row)).collect();
    let result = json!({
        "programs": clients.iter().map(|client| &client.name).collect::<Vec<_>>(),
        "newest": newest.map(|newest| &clients[newest].name),
        "rows": rows,
        "requests": {
            "shell": requests(clients, &measured.shell),
            "command": requests(clients, &measured.command),
        },
    });
    format!("{result:#}")
}

fn line(clients: &[Client], newest: Option<usize>, row: &Row) -> Value {
    let named = clients.iter().zip(&row.cells).enumerate();
    let figures: Map<String, Value> = named
        .map(|(index, (client, cell))| (client.name.clone(), figure(cell, row.ratio(index))))
        .collect();
    let holds = match row.verdict(newest) {
        Verdict::Holds => Some(true),
        Verdict::Missed => Some(false),
        Verdict::NotMeasured | Verdict::NothingPromised => None,
    };
    let unit = (!row.cells.is_empty()).then(|| row.unit.name());
    json!({
        "what": row.what,
        "unit": unit,
        "figures": figures,
        "target": row.target.text(),
        "holds": holds,
    })
}

fn figure(cell: &Cell, ratio: Option<f64>) -> Value {
    json!({
        "median": cell.figure.map(|figure| figure.median),
        "min": cell.figure.map(|figure| figure.min),
        "max": cell.figure.map(|figure| figure.max),
        "runs": cell.figure.map_or(0, |figure| figure.runs),
        "times_ours": ratio,
        "remark": cell.remark,
    })
}

/// Returns the requests of the last run of each program.
fn requests(clients: &[Client], runs: &[Runs]) -> Value {
    let named = clients.iter().zip(runs);
    named
        .map(|(client, runs)| {
            let last = runs.seen.last();
            (client.name.clone(), json!(last.map(|seen| &seen.requests)))
        })
        .collect::<Map<_, _>>()
        .into()
}

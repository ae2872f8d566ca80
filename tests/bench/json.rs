//! The result as JSON.

use serde_json::{Map, Value, json};

use crate::{
    client::Client,
    contract::{Against, Cell, Row, Verdict},
    machine,
    rounds::Runs,
    series::Measured,
    visit::Seen,
};

/// Writes what the table shows, and what was asked of the server.
pub(crate) fn render(
    clients: &[Client],
    against: Against,
    measured: &Measured,
    rows: &[Row],
) -> String {
    let rows: Vec<Value> = rows.iter().map(|row| line(clients, against, row)).collect();
    let result = json!({
        "machine": machine::describe(),
        "programs": clients.iter().map(|client| &client.name).collect::<Vec<_>>(),
        "newest": against.newest.map(|newest| &clients[newest].name),
        "rows": rows,
        "requests": {
            "shell": requests(clients, &measured.shell),
            "command": requests(clients, &measured.command),
        },
    });
    format!("{result:#}")
}

fn line(clients: &[Client], against: Against, row: &Row) -> Value {
    let named = clients.iter().zip(&row.cells).enumerate();
    let figures: Map<String, Value> = named
        .map(|(index, (client, cell))| (client.name.clone(), figure(cell, row.ratio(index))))
        .collect();
    let holds = match row.verdict(against) {
        Verdict::Holds => Some(true),
        Verdict::Missed => Some(false),
        Verdict::NotMeasured | Verdict::NothingPromised => None,
    };
    json!({
        "what": row.what,
        "unit": row.unit.name(),
        "figures": figures,
        "target": row.target(),
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
fn requests(clients: &[Client], runs: &[Runs<Seen>]) -> Value {
    let named = clients.iter().zip(runs);
    named
        .map(|(client, runs)| {
            let last = runs.seen.last();
            (client.name.clone(), json!(last.map(|seen| &seen.requests)))
        })
        .collect::<Map<_, _>>()
        .into()
}

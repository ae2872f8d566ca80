//! In which words the containers of a list are shown.

use jiff::Timestamp;
use serde::Serialize;

use crate::{progress::Listed, report};

/// The columns of the table, and those that `-o wide` adds.
const COLUMNS: [&str; 8] = [
    "POD",
    "CONTAINER",
    "STATE",
    "REASON",
    "EXIT",
    "AGE",
    "IMAGE",
    "TARGET",
];
const MORE_COLUMNS: [&str; 5] = ["NODE", "USER", "ADDED BY", "ADDED", "IMAGE ID"];

/// What kubectl writes where there is nothing to say, and where something is not known.
const NOTHING: &str = "<none>";
const UNKNOWN: &str = "<unknown>";

/// Which columns a table has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    /// That of the namespace.
    pub(super) namespace: bool,
    /// Those that `-o wide` adds.
    pub(super) wide: bool,
    /// Whether their names stand above them.
    pub(super) named: bool,
}

/// A list as a document (`docs/reference/list.md`).
#[derive(Serialize)]
pub(super) struct Document<'a> {
    kind: &'static str,
    #[serde(rename = "apiVersion")]
    version: &'static str,
    items: &'a [Listed],
}

/// Returns the document that `-o json` and `-o yaml` write.
pub(super) fn document(containers: &[Listed]) -> Document<'_> {
    Document {
        kind: "EphemeralContainerList",
        version: "kubectl-ephemeral/v1",
        items: containers,
    }
}

/// Writes each container as the words by which `kubectl logs` and others find it.
pub(super) fn lines(containers: &[Listed]) -> String {
    let line = |one: &Listed| {
        let (pod, container, namespace) = (&one.pod, &one.container, &one.namespace);
        report::harmless(&format!("pod/{pod} -c {container} -n {namespace}"))
    };
    containers.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Writes a line for each container.
pub(super) fn table(containers: &[Listed], columns: Columns, now: Timestamp) -> String {
    let namespace = columns.namespace.then_some("NAMESPACE");
    let more = columns.wide.then_some(MORE_COLUMNS).into_iter().flatten();
    let names: Vec<_> = namespace.into_iter().chain(COLUMNS).chain(more).collect();
    let rows = containers.iter().map(|one| {
        let namespace = columns.namespace.then(|| one.namespace.clone());
        let more = columns.wide.then(|| more_cells_of(one, now));
        namespace
            .into_iter()
            .chain(cells_of(one, now))
            .chain(more.into_iter().flatten())
            .collect()
    });
    report::table(columns.named.then_some(&names), rows)
}

fn cells_of(one: &Listed, now: Timestamp) -> [String; 8] {
    let added = one.added_by.as_ref().and_then(|by| by.time.as_ref());
    [
        one.pod.clone(),
        one.container.clone(),
        one.state.as_str().to_owned(),
        or_nothing(one.reason.as_ref()),
        or_nothing(one.exit_code.as_ref()),
        age(one.started_at.as_ref().or(added), now),
        or_nothing(one.image.as_ref()),
        or_nothing(one.target.as_ref()),
    ]
}

fn more_cells_of(one: &Listed, now: Timestamp) -> [String; 5] {
    let by = one.added_by.as_ref();
    [
        or_nothing(one.node.as_ref()),
        or_nothing(one.user.as_ref()),
        or_nothing(by.map(|by| &by.manager)),
        age(by.and_then(|by| by.time.as_ref()), now),
        or_nothing(one.image_id.as_ref()),
    ]
}

fn or_nothing(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), ToString::to_string)
}

fn age(since: Option<&String>, now: Timestamp) -> String {
    let since = since.and_then(|time| time.parse().ok());
    since.map_or_else(
        || UNKNOWN.to_owned(),
        |since: Timestamp| report::age(since, now),
    )
}

#[cfg(test)]
mod tests;

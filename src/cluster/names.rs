//! Names of objects, with as little else as a server can be asked for: the rows that `kubectl get` prints.

use std::ops::ControlFlow;

use http::{HeaderValue, header};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Cluster, exchange,
    list::{Continued, ENOUGH, PAGE},
};
use crate::{cli::WorkloadKind, error::Error};

/// Rows without the objects they are of. Every server since 1.15 knows them.
const TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";

/// Somebody who takes names, and says whether there are enough.
pub trait Take: FnMut(Vec<NamedObject>) -> ControlFlow<()> {}

impl<T: FnMut(Vec<NamedObject>) -> ControlFlow<()>> Take for T {}

/// An object by its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NamedObject {
    pub name: String,
    /// How it is, in the words of `kubectl get`; empty where it does not say.
    pub status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Table {
    metadata: Continued,
    column_definitions: Vec<Column>,
    // Go writes an empty list as `null` where it likes.
    rows: Option<Vec<Row>>,
}

#[derive(Deserialize)]
struct Column {
    name: String,
}

#[derive(Deserialize)]
struct Row {
    cells: Vec<Value>,
}

impl Cluster {
    /// Lists the names of the pods of the namespace, with their states, a page at a time, until `take` has enough:
    /// ten thousand at most, in the order of the alphabet.
    pub async fn each_page_of_pod_names(&self, take: impl Take) -> Result<(), Error> {
        let path = format!("/api/v1/namespaces/{}/pods", self.namespace());
        self.names(&path, "pods", take).await
    }

    /// Lists the names of the namespaces, in the same way.
    pub async fn each_page_of_namespace_names(&self, take: impl Take) -> Result<(), Error> {
        self.names("/api/v1/namespaces", "namespaces", take).await
    }

    /// Lists the names of what has pods, in the same way.
    pub async fn each_page_of_workload_names(
        &self,
        kind: WorkloadKind,
        take: impl Take,
    ) -> Result<(), Error> {
        self.names(&self.kind_path(kind), kind.plural(), take).await
    }

    async fn names(
        &self,
        path: &str,
        resource: &'static str,
        mut take: impl Take,
    ) -> Result<(), Error> {
        let mut next = String::new();
        for _ in 0..ENOUGH {
            let path = format!("{path}?limit={PAGE}&includeObject=None{next}");
            let mut request = exchange::get(&path);
            let accept = HeaderValue::from_static(TABLE);
            request.headers_mut().insert(header::ACCEPT, accept);
            let action = self.action("list", resource);
            let table: Table = self.exchange(request, action).await?.read()?;
            let token = table.metadata.token.clone().unwrap_or_default();
            if take(table.names()).is_break() || token.is_empty() {
                break;
            }
            let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
            next = format!("&continue={token}");
        }
        Ok(())
    }
}

impl Table {
    fn names(self) -> Vec<NamedObject> {
        let column = |name: &str| {
            let mut columns = self.column_definitions.iter();
            columns.position(|column| column.name == name)
        };
        let (name, status) = (column("Name"), column("Status"));
        let cell = |row: &Row, at: Option<usize>| {
            let text = row.cells.get(at?)?.as_str()?;
            Some(text.to_owned())
        };
        let rows = self.rows.iter().flatten();
        rows.filter_map(|row| {
            Some(NamedObject {
                name: cell(row, name)?,
                status: cell(row, status).unwrap_or_default(),
            })
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(table: Value) -> Vec<(String, String)> {
        let table: Table = serde_json::from_value(table).unwrap();
        let names = table.names().into_iter();
        names.map(|it| (it.name, it.status)).collect()
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let columns = json!([{"name": "Ready"}, {"name": "Name"}, {"name": "Status"}]);
        let rows = json!([{"cells": ["1/1", "web", "Running"]}, {"cells": [1]}, {"cells": ["1/1", "db", null]}]);
        assert_eq!(
            names(json!({"columnDefinitions": columns, "rows": rows})),
            [("web", "Running"), ("db", "")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
    }

    #[test]
    fn no_rows_and_no_table_have_no_names() {
        assert_eq!(
            names(json!({"columnDefinitions": [{"name": "Name"}], "rows": null})),
            []
        );
        assert_eq!(names(json!({"kind": "PodList", "items": [{}]})), []);
    }
}

//! Whether a namespace is there at all: where it is not, the server says that the pod is not, or that
//! one has no right to it.

use serde::Deserialize;

use super::{Cluster, exchange};
use crate::{error::Error, nearest::nearest};

/// How many namespaces are looked at for a name that may have been meant.
const LOOKED_AT: usize = 1000;

#[derive(Deserialize)]
struct Namespaces {
    items: Vec<Namespace>,
}

#[derive(Deserialize)]
struct Namespace {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

impl Cluster {
    /// Returns what is more to the point than that a pod cannot be read: that its namespace is not
    /// there. As kubectl, it asks; where it may not, or gets no answer, it has nothing to add.
    pub(super) async fn or_no_namespace(&self, error: Error) -> Error {
        if !matches!(error, Error::NotFound { .. } | Error::Forbidden { .. }) {
            return error;
        }
        let get = exchange::get(&format!("/api/v1/namespaces/{}", self.namespace()));
        let missing = match self.exchange(get, self.action("get", "namespaces")).await {
            Err(Error::NotFound { message, .. }) => Some(message),
            Err(Error::Forbidden { .. }) => None,
            _ => return error,
        };
        let known = self.namespaces().await;
        let message = match (missing, &known) {
            (Some(message), _) => message,
            (None, Some(known)) if !known.iter().any(|known| known == self.namespace()) => {
                format!("namespaces \"{}\" not found", self.namespace())
            }
            (None, _) => return error,
        };
        let near = nearest(self.namespace(), &known.unwrap_or_default()).map(str::to_owned);
        Error::NoNamespace {
            message,
            near,
            there: self.there.clone(),
        }
    }

    /// Returns the names of the namespaces, if we may know all of them.
    async fn namespaces(&self) -> Option<Vec<String>> {
        let list = exchange::get(&format!("/api/v1/namespaces?limit={LOOKED_AT}"));
        let answer = self.exchange(list, self.action("list", "namespaces")).await;
        let namespaces: Namespaces = answer.ok()?.read().ok()?;
        let items = namespaces.items.into_iter();
        let names: Vec<_> = items.map(|namespace| namespace.metadata.name).collect();
        (names.len() < LOOKED_AT).then_some(names)
    }
}

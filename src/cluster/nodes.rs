//! Nodes, which many users may not see.

use super::{Cluster, exchange};
use crate::{error::Error, progress::Node};

impl Cluster {
    /// Reads a node.
    pub async fn node(&self, name: &str) -> Result<Node, Error> {
        let request = exchange::get(&format!("/api/v1/nodes/{name}"));
        self.exchange(request, self.action("get", "nodes"))
            .await?
            .read()
    }
}

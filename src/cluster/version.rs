//! What the server says of itself.

use serde_json::Value;

use super::{Cluster, exchange};
use crate::error::Error;

impl Cluster {
    /// Returns all that the server says about its version (`version.Info` of the API).
    pub async fn version_details(&self) -> Result<Value, Error> {
        let request = exchange::get("/version");
        let answer = self.exchange(request, self.action("get", "version"));
        answer.await?.read()
    }
}

//! What the server says of itself.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Cluster, exchange};
use crate::error::Error;

/// What the server answers, as far as the main job looks at it.
#[derive(Deserialize)]
struct Version {
    #[serde(rename = "gitVersion")]
    git_version: String,
}

impl Cluster {
    /// Returns the version that the server gives itself, such as `v1.36.2`.
    pub async fn version(&self) -> Result<String, Error> {
        let version: Version = self.told_version().await?;
        Ok(version.git_version)
    }

    /// Returns all that the server says about its version (`version.Info` of the API).
    pub async fn version_details(&self) -> Result<Value, Error> {
        self.told_version().await
    }

    async fn told_version<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let request = exchange::get("/version");
        let answer = self.exchange(request, self.action("get", "version"));
        answer.await?.read()
    }
}

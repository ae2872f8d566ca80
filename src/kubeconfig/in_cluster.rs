//! The access that every pod has to its own cluster.

use std::env;

use kube::Config;

use super::failed_because;
use crate::error::Error;

/// Returns the access and the namespace of the pod we run in, or nothing where we run in none.
pub(super) fn access() -> Result<Option<(Config, String)>, Error> {
    let in_a_pod = env::var_os("KUBERNETES_SERVICE_HOST").is_some_and(|host| !host.is_empty());
    if !in_a_pod {
        return Ok(None);
    }
    let config = Config::incluster().map_err(|error| {
        failed_because(
            "the service account of this pod cannot be used".to_owned(),
            error,
        )
    })?;
    let namespace = config.default_namespace.clone();
    Ok(Some((config, namespace)))
}

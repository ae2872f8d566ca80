//! The access that every pod has to its own cluster.

use std::env;

use kube::Config;

use super::{Access, failed_because};
use crate::error::Error;

/// Returns the access of the pod we run in, or nothing where we run in none.
pub(super) fn access() -> Result<Option<Access>, Error> {
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
    Ok(Some(Access {
        config,
        namespace,
        request_timeout: None,
    }))
}

//! The names that a kubeconfig has for its contexts, clusters and users.

use std::path::Path;

use super::files;
use crate::error::Error;

/// The names in a kubeconfig, in its order.
#[derive(Debug, Default)]
pub struct Names {
    /// Of contexts.
    pub contexts: Vec<String>,
    /// Of clusters.
    pub clusters: Vec<String>,
    /// Of users.
    pub users: Vec<String>,
}

impl Names {
    /// Reads the file of the flag, else those that kubectl reads. None at all has no names.
    pub fn read(flag: Option<&Path>) -> Result<Self, Error> {
        let kubeconfig = files::read(flag)?.kubeconfig.unwrap_or_default();
        let contexts = kubeconfig.contexts.into_iter();
        let clusters = kubeconfig.clusters.into_iter();
        let users = kubeconfig.auth_infos.into_iter();
        Ok(Self {
            contexts: contexts.map(|named| named.name).collect(),
            clusters: clusters.map(|named| named.name).collect(),
            users: users.map(|named| named.name).collect(),
        })
    }
}

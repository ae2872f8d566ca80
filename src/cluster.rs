//! The API server in our words: pods, what is added to them, how they change, their streams.

mod attach;
mod check;
mod connect;
mod dial;
mod distrust;
mod events;
mod exchange;
mod identity;
mod list;
mod listed_pods;
mod login;
mod names;
mod namespace;
mod nodes;
mod openid;
mod patience;
mod pods;
mod refusal;
mod trust;
mod version;
mod voice;
mod warm;
mod watch;
mod workload;

pub use attach::{Attachment, Opened, Streams};
pub use events::EventWatch;
pub use listed_pods::Pods;
pub use names::NamedObject;
pub use openid::logins_are_kept;
pub use pods::{Added, Addition, FIELD_MANAGER, Keep};
pub use voice::{Say, Voice};
pub use watch::{PodChange, PodWatch};

use std::{sync::Arc, time::Duration};

use login::Login;

use crate::{error::Error, kubeconfig::Access, shell::There};

/// A connection to one cluster, for one namespace. Cheap to clone.
#[derive(Clone)]
pub struct Cluster {
    login: Arc<Login>,
    there: There,
    server: String,
    /// How long an answer may take; zero for as long as it likes, nothing for our own limit.
    limit: Option<Duration>,
    /// Whether a request that fails in passing is sent again.
    patient: bool,
}

impl Cluster {
    /// Prepares the connection. Nothing is sent to the server yet; a login that has expired is
    /// renewed with who issued it.
    pub async fn connect(access: Access, voice: Voice) -> Result<Self, Error> {
        let server = access
            .config
            .cluster_url
            .to_string()
            .trim_end_matches('/')
            .to_owned();
        let login = Login::new(access.config, access.proxy, access.credentials, voice).await?;
        Ok(Self {
            login: Arc::new(login),
            there: access.there,
            server,
            limit: access.request_timeout,
            patient: true,
        })
    }

    /// Returns the same cluster, where a request that fails is not sent again: for those who know
    /// better when to try, and what to say meanwhile.
    pub fn impatient(&self) -> Self {
        Self {
            patient: false,
            ..self.clone()
        }
    }

    /// Uses no connection from before any more: they may lead nowhere, and say so late.
    pub fn forget_connections(&self) -> Result<(), Error> {
        self.login.connect_anew()
    }

    /// Returns the namespace that everything here is about.
    pub fn namespace(&self) -> &str {
        self.there.namespace()
    }

    /// Returns the words that lead here, for lines to paste.
    pub fn there(&self) -> &There {
        &self.there
    }
}

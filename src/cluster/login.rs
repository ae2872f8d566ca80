//! As whom we talk to the server: the client with the present credentials, and the next one when
//! these are not accepted any more.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use kube::{Client, Config};

use super::{connect, openid, voice::Voice, warm::Spares};
use crate::{
    error::Error,
    kubeconfig::{Credentials, Proxy},
};

/// The client of the moment.
pub(super) struct Login {
    proxy: Option<Proxy>,
    credentials: Credentials,
    current: Mutex<Arc<Current>>,
    voice: Voice,
    /// Whether the server has ever answered.
    known: AtomicBool,
    /// One at a time gets new credentials.
    renewing: tokio::sync::Mutex<()>,
}

/// A client with credentials that were good when it was made.
pub(super) struct Current {
    pub(super) client: Client,
    /// Dials ahead of need.
    pub(super) warm: Spares,
    config: Config,
}

impl Login {
    pub(super) async fn new(
        mut config: Config,
        proxy: Option<Proxy>,
        credentials: Credentials,
        voice: Voice,
    ) -> Result<Self, Error> {
        if let Some(openid) = credentials.openid().filter(|openid| !openid.is_good()) {
            Box::pin(openid::refresh(openid, &voice)).await?;
            config.auth_info = credentials.renewed().await?;
        }
        let (client, warm) = connect::client(&config, proxy.clone(), voice.clone())?;
        Ok(Self {
            proxy,
            credentials,
            current: Mutex::new(Arc::new(Current {
                client,
                warm,
                config,
            })),
            voice,
            known: AtomicBool::new(false),
            renewing: tokio::sync::Mutex::default(),
        })
    }

    pub(super) fn current(&self) -> Arc<Current> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    pub(super) fn voice(&self) -> &Voice {
        &self.voice
    }

    pub(super) fn server_answered(&self) {
        self.known.store(true, Ordering::Relaxed);
    }

    /// Tells whether the server has ever answered.
    pub(super) fn server_is_known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Tells whether there are other credentials to be had.
    pub(super) fn can_be_renewed(&self) -> bool {
        self.credentials.can_be_renewed()
    }

    /// Gets new credentials in place of those that were refused, unless somebody else just did.
    pub(super) async fn renew(&self, refused: &Arc<Current>) -> Result<(), Error> {
        let _one = self.renewing.lock().await;
        if !Arc::ptr_eq(refused, &self.current()) {
            return Ok(());
        }
        if let Some(openid) = self.credentials.openid() {
            Box::pin(openid::refresh(openid, &self.voice)).await?;
        }
        let mut config = refused.config.clone();
        config.auth_info = self.credentials.renewed().await?;
        self.connect(config)
    }

    /// Replaces the client by one without connections, with the same credentials.
    pub(super) fn connect_anew(&self) -> Result<(), Error> {
        self.connect(self.current().config.clone())
    }

    fn connect(&self, config: Config) -> Result<(), Error> {
        let (client, warm) = connect::client(&config, self.proxy.clone(), self.voice.clone())?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(Current {
            client,
            warm,
            config,
        });
        Ok(())
    }
}

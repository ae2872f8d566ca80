//! The network stack below the client: our own, from public parts of kube, hyper and tower.
//!
//! kube's ready-made one leaves `TCP_NODELAY` off, which makes the second of two quick keys wait
//! for the echo of the first, and retries silently for minutes (`docs/decisions/`).

use std::{
    env::consts::{ARCH, OS},
    sync::Arc,
};

use http::{HeaderValue, header};
use hyper_rustls::{
    DefaultServerNameResolver, FixedServerNameResolver, HttpsConnector, ResolveServerName,
};
use hyper_util::{client::legacy::Client as HttpClient, rt::TokioExecutor};
use kube::{
    Client, Config,
    client::{Body, ConfigExt},
};
use rustls::pki_types::ServerName;
use tower::ServiceBuilder;

use super::{
    dial::Dial,
    identity, trust,
    voice::{Told, Voice},
    warm::{self, Spares},
};
use crate::{error::Error, kubeconfig::Proxy};

/// How many headers an answer may have: admission may have a warning for each of its policies.
const MOST_HEADERS: usize = 1000;

/// Builds a client, and the handle that makes it dial ahead.
pub(super) fn client(
    config: &Config,
    proxy: Option<Proxy>,
    voice: Voice,
) -> Result<(Client, Spares), Error> {
    let mut config = config.clone();
    // It shows in the audit log of the cluster.
    let user_agent = format!(
        "kubectl-ephemeral/{} ({OS}/{ARCH})",
        env!("CARGO_PKG_VERSION")
    );
    if let Ok(user_agent) = HeaderValue::try_from(user_agent) {
        config.headers.push((header::USER_AGENT, user_agent));
    }
    if let Some(authorization) = identity::authorization(&config.auth_info)? {
        config.headers.push((header::AUTHORIZATION, authorization));
    }
    let tls = Arc::new(trust::tls(&config, proxy.as_ref())?);
    let resolver: Arc<dyn ResolveServerName + Send + Sync> = match &config.tls_server_name {
        Some(name) => Arc::new(FixedServerNameResolver::new(server_name(name)?)),
        None => Arc::new(DefaultServerNameResolver::default()),
    };
    let https = HttpsConnector::new(Dial::new(proxy, tls.clone()), tls, false, resolver);
    let (connector, spares) = warm::connector(https, config.cluster_url.clone());
    let transport = HttpClient::builder(TokioExecutor::new())
        .http1_max_headers(MOST_HEADERS)
        .build::<_, Body>(connector);
    let headers = config.extra_headers_layer().map_err(unusable)?;
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .layer(headers)
        .service(Told {
            inner: transport,
            voice,
        });
    Ok((
        Client::new(service, config.default_namespace.as_str()),
        spares,
    ))
}

fn server_name(name: &str) -> Result<ServerName<'static>, Error> {
    ServerName::try_from(name.to_owned()).map_err(|_| Error::Kubeconfig {
        message: format!("tls-server-name \"{name}\" cannot be the name of a server"),
        hint: None,
        source: None,
    })
}

fn unusable(error: kube::Error) -> Error {
    Error::Kubeconfig {
        message: "the user in the kubeconfig cannot be used".to_owned(),
        hint: None,
        source: Some(super::refusal::innermost(error)),
    }
}

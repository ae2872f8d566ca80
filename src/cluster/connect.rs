//! The network stack below the client: our own, from public parts of kube, hyper and tower.
//!
//! kube's ready-made one leaves `TCP_NODELAY` off, which makes the second of two quick keys wait
//! for the echo of the first, and retries silently for minutes (`docs/decisions/`).

use std::{
    env::consts::{ARCH, OS},
    time::Duration,
};

use http::{HeaderValue, header};
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use kube::{
    Client, Config,
    client::{Body, ConfigExt},
};
use tower::{BoxError, ServiceBuilder};

use super::warm::{self, Spares};
use crate::error::Error;

/// Lets TCP notice a peer that is gone.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Builds a client, and the handle that makes it dial ahead.
pub(super) fn client(config: &Config) -> Result<(Client, Spares), Error> {
    let mut config = config.clone();
    // It shows in the audit log of the cluster.
    let user_agent = format!(
        "kubectl-ephemeral/{} ({OS}/{ARCH})",
        env!("CARGO_PKG_VERSION")
    );
    if let Ok(user_agent) = HeaderValue::try_from(user_agent) {
        config.headers.push((header::USER_AGENT, user_agent));
    }
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_keepalive(Some(KEEPALIVE));
    http.set_keepalive_interval(Some(KEEPALIVE));
    let https = config
        .rustls_https_connector_with_connector(http)
        .map_err(|error| unusable("the certificates for the cluster cannot be used", error))?;
    let (connector, spares) = warm::connector(https, config.cluster_url.clone());
    let transport = HttpClient::builder(TokioExecutor::new()).build::<_, Body>(connector);
    let auth = config
        .auth_layer()
        .map_err(|error| unusable("the credentials in the kubeconfig cannot be used", error))?;
    let headers = config
        .extra_headers_layer()
        .map_err(|error| unusable("the user in the kubeconfig cannot be used", error))?;
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(auth)
        .layer(headers)
        .map_err(BoxError::from)
        .service(transport);
    Ok((
        Client::new(service, config.default_namespace.as_str()),
        spares,
    ))
}

fn unusable(message: &str, error: kube::Error) -> Error {
    Error::Kubeconfig {
        message: message.to_owned(),
        hint: None,
        source: Some(super::refusal::innermost(error)),
    }
}

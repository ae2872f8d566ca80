//! Gets a connection to a server: straight, or through a proxy.

use std::{
    error::Error as StdError,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, Uri, uri::Scheme};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::legacy::connect::{
        HttpConnector,
        proxy::{SocksV5, Tunnel},
    },
    rt::TokioIo,
};
use rustls::ClientConfig;
use thiserror::Error;
use tokio::net::TcpStream;
use tower::{BoxError, Service};

use super::refusal;
use crate::kubeconfig::{Proxy, ProxyKind};

/// Lets TCP notice a peer that is gone.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// A connector for TCP, which goes the way that the access prescribes.
#[derive(Clone)]
pub(super) struct Dial {
    tcp: HttpConnector,
    proxy: Option<Proxy>,
    /// How a proxy that speaks TLS is recognised: like the server, as in Go.
    tls: Arc<ClientConfig>,
}

/// What went wrong on the way to a proxy, or there.
#[derive(Debug, Error)]
#[error("the proxy {address} ({named_by}): {what}")]
struct ProxyFault {
    address: String,
    named_by: String,
    what: String,
}

impl Dial {
    pub(super) fn new(proxy: Option<Proxy>, tls: Arc<ClientConfig>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_keepalive_interval(Some(KEEPALIVE));
        Self { tcp, proxy, tls }
    }

    async fn straight(mut self, server: Uri) -> Result<Stream, BoxError> {
        Ok(MaybeHttpsStream::Http(self.tcp.call(server).await?))
    }

    async fn through(self, proxy: Proxy, server: Uri) -> Result<Stream, BoxError> {
        let server = with_port(server);
        let connected = match proxy.kind {
            ProxyKind::Http => {
                let mut tunnel = tunnel(&proxy, self.tcp);
                let connected = tunnel.call(server).await.map_err(BoxError::from);
                connected.map(MaybeHttpsStream::Http)
            }
            ProxyKind::Https => {
                let secured = HttpsConnector::from((self.tcp, self.tls));
                let mut tunnel = tunnel(&proxy, secured);
                tunnel.call(server).await.map_err(BoxError::from)
            }
            ProxyKind::Socks5 => {
                let mut socks = SocksV5::new(proxy.address.clone(), self.tcp);
                if let Some((user, password)) = proxy.login.clone() {
                    socks = socks.with_auth(user, password);
                }
                let connected = socks.call(server).await.map_err(BoxError::from);
                connected.map(MaybeHttpsStream::Http)
            }
        };
        connected.map_err(|error| {
            let fault = ProxyFault {
                address: proxy.to_string(),
                what: in_words(error),
                named_by: proxy.named_by,
            };
            fault.into()
        })
    }
}

fn tunnel<C>(proxy: &Proxy, connector: C) -> Tunnel<C> {
    let tunnel = Tunnel::new(proxy.address.clone(), connector);
    let basic = proxy.login.as_ref().and_then(|(user, password)| {
        let login = STANDARD.encode(format!("{user}:{password}"));
        let mut basic = HeaderValue::try_from(format!("Basic {login}")).ok()?;
        basic.set_sensitive(true);
        Some(basic)
    });
    match basic {
        Some(basic) => tunnel.with_auth(basic),
        None => tunnel,
    }
}

/// A proxy is told a port in any case.
fn with_port(server: Uri) -> Uri {
    if server.port().is_some() || server.scheme() != Some(&Scheme::HTTP) {
        return server;
    }
    let host = server.host().unwrap_or_default();
    format!("http://{host}:80/").parse().unwrap_or(server)
}

fn in_words(error: BoxError) -> String {
    let words = refusal::innermost(error).to_string();
    // The library has no better ones.
    match words.as_str() {
        "proxy authorization required" | "tunnel error: proxy authorization required" => {
            "it wants other credentials, as in http://USER:PASSWORD@HOST:PORT".to_owned()
        }
        "SOCKS error: failed to create underlying connection" => "nobody answers there".to_owned(),
        "unsuccessful" | "tunnel error: unsuccessful" => {
            "it does not let us through to the server".to_owned()
        }
        _ => words,
    }
}

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

impl Service<Uri> for Dial {
    type Response = Stream;
    type Error = Box<dyn StdError + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let dial = self.clone();
        match self.proxy.clone() {
            Some(proxy) => Box::pin(dial.through(proxy, server)),
            None => Box::pin(dial.straight(server)),
        }
    }
}

//! Speaks HTTP with a sandbox as its admin.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use sandbox::Sandbox;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

pub(crate) struct Client {
    address: String,
    tls: TlsConnector,
}

impl Client {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        let text = std::fs::read_to_string(sandbox.kubeconfig()).unwrap();
        let pem = |field: &str| -> Vec<u8> {
            let (_, rest) = text.split_once(&format!("{field}: ")).unwrap();
            STANDARD.decode(rest.lines().next().unwrap()).unwrap()
        };
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(&pem("certificate-authority-data"));
        roots.add(authority.unwrap()).unwrap();
        // The first user of the file is the admin.
        let certificate = CertificateDer::from_pem_slice(&pem("client-certificate-data"));
        let key = PrivateKeyDer::from_pem_slice(&pem("client-key-data"));
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![certificate.unwrap()], key.unwrap())
            .unwrap();
        Self {
            address: sandbox.url().trim_start_matches("https://").to_owned(),
            tls: TlsConnector::from(Arc::new(config)),
        }
    }

    /// A new connection.
    pub(crate) async fn connect(&self) -> TlsStream<TcpStream> {
        let tcp = TcpStream::connect(&self.address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        self.tls.connect(name, tcp).await.unwrap()
    }

    /// Sends a request whose answer may be read bit by bit, such as a watch.
    pub(crate) async fn open(&self, request: http::Request<Bytes>) -> http::Response<Incoming> {
        let stream = TokioIo::new(self.connect().await);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        sender.send_request(request.map(Full::new)).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = http::Request::get(path).body(Bytes::new()).unwrap();
        let body = self.open(request).await.into_body();
        serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap()
    }

    pub(crate) async fn watch(&self, path: &str) -> Watch {
        let request = http::Request::get(path).body(Bytes::new()).unwrap();
        let body = self.open(request).await.into_body();
        let text = Vec::new();
        Watch { body, text }
    }
}

/// An open watch.
pub(crate) struct Watch {
    body: Incoming,
    text: Vec<u8>,
}

impl Watch {
    /// The next event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.text.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.text.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            let frame = self.body.frame().await?.ok()?;
            self.text.extend_from_slice(&frame.into_data().ok()?);
        }
    }
}

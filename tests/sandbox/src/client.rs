//! A bare client: TLS as one of the users, and nothing that hides what the server sends.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::Sandbox;
use crate::tls::Credential;

/// An open connection to the API server, to write requests to and to read answers from.
pub type Connection = StreamOwned<ClientConnection, TcpStream>;

impl Sandbox {
    /// Connects as a user of the world, or as nobody if there is none of that name.
    pub fn connect(&self, user: &str) -> io::Result<Connection> {
        let accounts = &self.started.accounts;
        let known = accounts.iter().find(|(account, _)| account.user == user);
        let config = config(
            &self.started.authority_pem,
            known.map(|(_, credential)| credential),
        )?;
        let name = ServerName::try_from("127.0.0.1").map_err(io::Error::other)?;
        let tls = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        let address = self.url().trim_start_matches("https://");
        let tcp = TcpStream::connect(address)?;
        tcp.set_nodelay(true)?;
        Ok(StreamOwned::new(tls, tcp))
    }
}

fn config(authority_pem: &str, credential: Option<&Credential>) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let authority =
        CertificateDer::from_pem_slice(authority_pem.as_bytes()).map_err(io::Error::other)?;
    roots.add(authority).map_err(io::Error::other)?;
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots);
    let Some(credential) = credential else {
        return Ok(builder.with_no_client_auth());
    };
    let key =
        PrivateKeyDer::from_pem_slice(credential.key_pem.as_bytes()).map_err(io::Error::other)?;
    builder
        .with_client_auth_cert(vec![credential.der.clone()], key)
        .map_err(io::Error::other)
}

//! A bare client: TLS as one of the users, and nothing that hides what the server sends.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

pub use self::frames::Frame;
pub use self::http::Answer;
use crate::Sandbox;
use crate::tls::Credential;

mod frames;
mod http;

/// After which silence of the server reading fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open connection to the API server.
pub struct Client {
    connection: StreamOwned<ClientConnection, Counted>,
    /// What has been read from the server and not been asked for.
    read: Vec<u8>,
    /// What has been taken out of the chunks of an answer's body.
    body: Vec<u8>,
}

impl Sandbox {
    /// Connects as a user of the world, or as nobody if there is none of that name.
    pub fn connect(&self, user: &str) -> io::Result<Client> {
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
        tcp.set_read_timeout(Some(PATIENCE))?;
        Ok(Client {
            connection: StreamOwned::new(tls, Counted { tcp, received: 0 }),
            read: Vec::new(),
            body: Vec::new(),
        })
    }
}

/// Counts what comes from the server.
struct Counted {
    tcp: TcpStream,
    received: usize,
}

impl io::Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.tcp.read(buffer)?;
        self.received += length;
        Ok(length)
    }
}

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

impl Client {
    /// How many bytes have come from the server, with all that TLS adds.
    pub fn received(&self) -> usize {
        self.connection.sock.received
    }

    /// Bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.connection.write_all(bytes)?;
        self.connection.flush()
    }

    /// Reads what there is, and waits if there is nothing; how much it was, 0 at the end.
    fn fill(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 16 * 1024];
        let length = self.connection.read(&mut buffer)?;
        self.read.extend_from_slice(&buffer[..length]);
        Ok(length)
    }

    /// Takes exactly so many bytes.
    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.read.len() < length {
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.read.drain(..length).collect())
    }

    /// All bytes until the connection ends, and how it ends.
    pub fn rest(&mut self) -> (Vec<u8>, io::Result<()>) {
        let end = loop {
            match self.fill() {
                Ok(0) => break Ok(()),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        (std::mem::take(&mut self.read), end)
    }

    /// Waits so long at most for the server, from now on.
    pub fn patience(&mut self, time: Duration) -> io::Result<()> {
        self.connection.sock.tcp.set_read_timeout(Some(time))
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

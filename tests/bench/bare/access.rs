//! The way to the cluster: as much of a kubeconfig as a file has in which nothing is elsewhere.

use std::{env, fs, io, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use serde_json::Value;

/// A server and who we are there.
pub(super) struct Access {
    /// Host and port.
    pub(super) address: String,
    pub(super) namespace: String,
    pub(super) token: Option<String>,
    config: Arc<ClientConfig>,
}

impl Access {
    /// Reads the file of `KUBECONFIG`.
    pub(super) fn read() -> io::Result<Self> {
        let path = env::var_os("KUBECONFIG").unwrap_or_default();
        let text = fs::read_to_string(path)?;
        let file: Value = serde_saphyr::from_str(&text).map_err(io::Error::other)?;
        let context = named(&file["contexts"], &file["current-context"], "context");
        let cluster = named(&file["clusters"], &context["cluster"], "cluster");
        let user = named(&file["users"], &context["user"], "user");
        let server = cluster["server"].as_str().unwrap_or_default();
        let address = server.trim_start_matches("https://").trim_end_matches('/');
        Ok(Self {
            address: if address.contains(':') {
                address.to_owned()
            } else {
                format!("{address}:443")
            },
            namespace: context["namespace"]
                .as_str()
                .unwrap_or("default")
                .to_owned(),
            token: user["token"].as_str().map(str::to_owned),
            config: Arc::new(config(cluster, user)?),
        })
    }

    pub(super) fn connection(&self) -> io::Result<ClientConnection> {
        let host = self
            .address
            .rsplit_once(':')
            .map_or("", |(host, _)| host)
            .to_owned();
        let name = ServerName::try_from(host).map_err(io::Error::other)?;
        ClientConnection::new(Arc::clone(&self.config), name).map_err(io::Error::other)
    }
}

fn named<'a>(list: &'a Value, name: &Value, field: &str) -> &'a Value {
    let found = list
        .as_array()
        .into_iter()
        .flatten()
        .find(|entry| entry["name"] == *name);
    found.map_or(&Value::Null, |entry| &entry[field])
}

fn config(cluster: &Value, user: &Value) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let authorities = pem(&cluster["certificate-authority-data"])?;
    for authority in CertificateDer::pem_slice_iter(&authorities) {
        roots
            .add(authority.map_err(io::Error::other)?)
            .map_err(io::Error::other)?;
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots);
    if user["client-key-data"].is_null() {
        return Ok(tls.with_no_client_auth());
    }
    let certificates = pem(&user["client-certificate-data"])?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&certificates).collect();
    let key = PrivateKeyDer::from_pem_slice(&pem(&user["client-key-data"])?);
    tls.with_client_auth_cert(
        chain.map_err(io::Error::other)?,
        key.map_err(io::Error::other)?,
    )
    .map_err(io::Error::other)
}

fn pem(data: &Value) -> io::Result<Vec<u8>> {
    let data = data.as_str().unwrap_or_default();
    STANDARD.decode(data).map_err(io::Error::other)
}

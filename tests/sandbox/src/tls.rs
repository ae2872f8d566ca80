//! The cluster's own authority, made at start: a certificate for the server and one for each user.

use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use any_certificate::AnyCertificate;

mod any_certificate;

/// A certificate with its key, as a kubeconfig has them.
#[derive(Debug)]
pub(crate) struct Credential {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) certificate_pem: String,
    pub(crate) key_pem: String,
}

pub(crate) struct Authority {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> io::Result<Self> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = distinguished_name("kubernetes", &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(io::Error::other)?;
        Ok(Self {
            certificate,
            issuer: Issuer::new(params, key),
        })
    }

    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// The certificate of a user: its name as CN, its groups as O.
    pub(crate) fn user(&self, name: &str, groups: &[String]) -> io::Result<Credential> {
        let mut params = CertificateParams::default();
        params.distinguished_name = distinguished_name(name, groups);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params)
    }

    /// What the server speaks TLS with: clients may show a certificate, or none.
    pub(crate) fn server(&self) -> io::Result<ServerConfig> {
        let names = ["127.0.0.1", "localhost", "kubernetes"].map(String::from);
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.distinguished_name = distinguished_name("kube-apiserver", &[]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params
            .signed_by(&key, &self.issuer)
            .map_err(io::Error::other)?;

        let mut roots = RootCertStore::empty();
        roots
            .add(self.certificate.der().clone())
            .map_err(io::Error::other)?;
        let provider = Arc::new(ring::default_provider());
        let verifier = Arc::new(AnyCertificate {
            welcome: roots.subjects(),
            known: provider.signature_verification_algorithms,
        });
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn sign(&self, params: &CertificateParams) -> io::Result<Credential> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params
            .signed_by(&key, &self.issuer)
            .map_err(io::Error::other)?;
        Ok(Credential {
            der: certificate.der().clone(),
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
        })
    }
}

fn distinguished_name(name: &str, groups: &[String]) -> rcgen::DistinguishedName {
    let mut distinguished = rcgen::DistinguishedName::new();
    // One O: rcgen keeps one value of each kind. A user here has at most one group of its own.
    for group in groups {
        distinguished.push(DnType::OrganizationName, group.as_str());
    }
    distinguished.push(DnType::CommonName, name);
    distinguished
}

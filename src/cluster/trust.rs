//! How the server is recognised: by webpki, and in one case more, in which Go and kubectl accept a
//! server that webpki does not; by the store of the system where the cluster has no authority of its own.

use std::sync::Arc;

use http::uri::Scheme;
use kube::Config;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::{identity, refusal};
use crate::{
    error::{Error, Source},
    kubeconfig::{Proxy, ProxyKind},
};

/// Builds the TLS side of a connection.
///
/// An authority that cannot be read is passed over as long as another can, as in Go. The store of
/// this machine is read only where TLS is spoken at all: it is slow, and not every machine has one.
pub(super) fn tls(config: &Config, proxy: Option<&Proxy>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Option<Arc<dyn ServerCertVerifier>> = match authorities(config)? {
        _ if config.accept_invalid_certs => Some(Arc::new(Credulous)),
        Some((roots, known)) => Some(Arc::new(Verifier {
            webpki: webpki(roots, provider.clone()).map_err(unusable)?,
            known,
        })),
        None if is_spoken(config, proxy) => Some(Arc::new(of_this_machine(provider.clone())?)),
        None => None,
    };
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.into()))?;
    let tls = match verifier {
        Some(verifier) => tls.dangerous().with_custom_certificate_verifier(verifier),
        // It will not be asked; if it is, it trusts nobody.
        None => tls.with_root_certificates(RootCertStore::empty()),
    };
    match identity::of(&config.auth_info)? {
        Some((chain, key)) => tls
            .with_client_auth_cert(chain, key)
            .map_err(|error| identity::unusable(&error)),
        None => Ok(tls.with_no_client_auth()),
    }
}

fn is_spoken(config: &Config, proxy: Option<&Proxy>) -> bool {
    let is_proxys = proxy.is_some_and(|proxy| proxy.kind == ProxyKind::Https);
    is_proxys || config.cluster_url.scheme() == Some(&Scheme::HTTPS)
}

/// The authorities that a cluster has of its own: in a store, and as they are.
type Authorities = (RootCertStore, Vec<CertificateDer<'static>>);

fn authorities(config: &Config) -> Result<Option<Authorities>, Error> {
    let certificates = config.root_cert.iter().flatten();
    let certificates: Vec<_> = certificates.cloned().map(CertificateDer::from).collect();
    if certificates.is_empty() {
        return Ok(None);
    }
    let mut roots = RootCertStore::empty();
    let (_, ignored) = roots.add_parsable_certificates(certificates.iter().cloned());
    if roots.is_empty() {
        return Err(unusable(
            format!("{ignored} of {ignored} cannot be read").into(),
        ));
    }
    Ok(Some((roots, certificates)))
}

fn webpki(
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Source> {
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    Ok(builder.build()?)
}

/// Trusts what the other programs of this machine trust. It reads their store, which is slow.
fn of_this_machine(
    provider: Arc<CryptoProvider>,
) -> Result<rustls_platform_verifier::Verifier, Error> {
    rustls_platform_verifier::Verifier::new(provider).map_err(|error| Error::Kubeconfig {
        message:
            "the cluster has no certificate authority, and those of this machine cannot be used"
                .to_owned(),
        hint: Some("--certificate-authority names one".to_owned()),
        source: Some(if let TlsError::General(words) = error {
            // Written as an error it begins with `unexpected error`.
            words.into()
        } else {
            refusal::innermost(error)
        }),
    })
}

fn unusable(source: Source) -> Error {
    Error::Kubeconfig {
        message: "the certificate authorities of the cluster cannot be used".to_owned(),
        hint: None,
        source: Some(source),
    }
}

/// Trusts what webpki trusts, and a server that shows one of the known certificates itself.
///
/// webpki refuses an authority as a server, and a server whose issuer is not known though it is
/// itself. The name still counts, and so does the time, which webpki looks at before the issuer.
#[derive(Debug)]
struct Verifier {
    webpki: Arc<WebPkiServerVerifier>,
    known: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        server: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified = self
            .webpki
            .verify_server_cert(server, intermediates, name, ocsp, now);
        match verified {
            Err(error) if is_about_the_issuer(&error) && self.known.contains(server) => {
                verify_server_name(&ParsedCertificate::try_from(server)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.webpki
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.webpki
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

/// Trusts whoever answers, as the user wants it (`insecure-skip-tls-verify`).
#[derive(Debug)]
struct Credulous;

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _server: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        // Nothing is checked, so everything is offered, the outworn included.
        vec![
            SignatureScheme::RSA_PKCS1_SHA1,
            SignatureScheme::ECDSA_SHA1_Legacy,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PSS_SHA384,
            SignatureScheme::RSA_PSS_SHA512,
            SignatureScheme::ED25519,
            SignatureScheme::ED448,
        ]
    }
}

fn is_about_the_issuer(error: &TlsError) -> bool {
    let TlsError::InvalidCertificate(error) = error else {
        return false;
    };
    if let CertificateError::Other(other) = error {
        return other.to_string().contains("CaUsedAsEndEntity");
    }
    *error == CertificateError::UnknownIssuer
}

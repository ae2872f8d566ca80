//! How the server is recognised: by webpki, and in one case more, in which Go and kubectl accept a
//! server that webpki does not.

use std::sync::Arc;

use kube::{Config, client::ConfigExt};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::refusal;
use crate::error::{Error, Source};

/// Builds the TLS side of a connection.
///
/// An authority that cannot be read is passed over as long as another can, as in Go.
pub(super) fn tls(config: &Config) -> Result<ClientConfig, Error> {
    let mut config = config.clone();
    config.root_cert_file = None;
    let certificates: Vec<_> = config.root_cert.take().unwrap_or_default();
    let certificates: Vec<_> = certificates.into_iter().map(CertificateDer::from).collect();
    let mut roots = RootCertStore::empty();
    let (_, ignored) = roots.add_parsable_certificates(certificates.iter().cloned());
    if !certificates.is_empty() && roots.is_empty() {
        return Err(unusable(
            format!("{ignored} of {ignored} cannot be read").into(),
        ));
    }
    if !roots.is_empty() {
        // What kube builds is thrown away; it must not be the store of the system, which is slow.
        config.root_cert = Some(Vec::new());
    }
    let mut tls = config
        .rustls_client_config()
        .map_err(|error| identity_unusable(&error))?;
    if !roots.is_empty() && !config.accept_invalid_certs {
        let verifier = Verifier {
            webpki: webpki(roots).map_err(unusable)?,
            known: certificates,
        };
        tls.dangerous().set_certificate_verifier(Arc::new(verifier));
    }
    Ok(tls)
}

fn webpki(roots: RootCertStore) -> Result<Arc<WebPkiServerVerifier>, Source> {
    let provider = Arc::new(ring::default_provider());
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    Ok(builder.build()?)
}

fn unusable(source: Source) -> Error {
    Error::Kubeconfig {
        message: "the certificate authorities of the cluster cannot be used".to_owned(),
        hint: None,
        source: Some(source),
    }
}

fn identity_unusable(error: &kube::Error) -> Error {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    while let Some(below) = cause.source() {
        cause = below;
    }
    let (message, hint) = match cause.downcast_ref() {
        Some(TlsError::InconsistentKeys(_)) => (
            "the client key does not belong to the client certificate",
            "both must come from the same place: flags replace each by itself",
        ),
        Some(TlsError::General(_)) => (
            "the client key is of a kind that is not supported",
            "it may be RSA with 2048 bits or more, P-256, P-384 or Ed25519",
        ),
        _ => {
            return Error::Kubeconfig {
                message: "the client certificate cannot be used".to_owned(),
                hint: None,
                source: Some(refusal::innermost(cause.to_string())),
            };
        }
    };
    Error::Kubeconfig {
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
        source: None,
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

fn is_about_the_issuer(error: &TlsError) -> bool {
    let TlsError::InvalidCertificate(error) = error else {
        return false;
    };
    if let CertificateError::Other(other) = error {
        return other.to_string().contains("CaUsedAsEndEntity");
    }
    *error == CertificateError::UnknownIssuer
}

//! The certificate that says who we are, with its key.

use base64::{Engine, engine::general_purpose::STANDARD};
use kube::config::AuthInfo;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use secrecy::ExposeSecret;

use super::pem::Pem;
use crate::error::Error;

/// Reads certificate and key of a user from where they are, and checks that they are such.
///
/// Afterwards both are inline.
pub(super) fn read(user: &mut AuthInfo, name: &str) -> Result<(), Error> {
    let of = format!("user \"{name}\"");
    let certificate = Pem::read(
        "client-certificate",
        user.client_certificate_data.as_deref(),
        user.client_certificate.take().as_deref(),
        &of,
    )?;
    let key_data = user.client_key_data.as_ref();
    let key = Pem::read(
        "client-key",
        key_data.map(ExposeSecret::expose_secret),
        user.client_key.take().as_deref(),
        &of,
    )?;
    let (Some(certificate), Some(key)) = (certificate, key) else {
        return Ok(());
    };
    if CertificateDer::from_pem_slice(&certificate.text).is_err() {
        return Err(certificate.fault("holds no certificate", None));
    }
    if is_encrypted(&key.text) {
        let hint = "`openssl pkey -in KEY -out PLAIN` decrypts it; kubectl cannot use it either";
        return Err(key.fault("is encrypted", Some(hint)));
    }
    if PrivateKeyDer::from_pem_slice(&key.text).is_err() {
        return Err(key.fault("holds no private key", None));
    }
    user.client_certificate_data = Some(STANDARD.encode(certificate.text));
    user.client_key_data = Some(STANDARD.encode(key.text).into());
    Ok(())
}

fn is_encrypted(key: &[u8]) -> bool {
    let text = String::from_utf8_lossy(key);
    text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_named_and_never_shown() {
        const ENCRYPTED: &str =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (certificate, key, expected) in [
            (
                "%",
                "eA==",
                "client-certificate-data of user \"me\" is not base64",
            ),
            (
                "eA==",
                "eA==",
                "client-certificate-data of user \"me\" holds no certificate",
            ),
            (
                &STANDARD.encode(CERTIFICATE),
                "%",
                "client-key-data of user \"me\" is not base64",
            ),
            (
                &STANDARD.encode(CERTIFICATE),
                "c2VjcmV0",
                "client-key-data of user \"me\" holds no private key",
            ),
            (
                &STANDARD.encode(CERTIFICATE),
                &STANDARD.encode(ENCRYPTED),
                "client-key-data of user \"me\" is encrypted",
            ),
        ] {
            let mut user = AuthInfo {
                client_certificate_data: Some(certificate.to_owned()),
                client_key_data: Some(key.to_owned().into()),
                ..AuthInfo::default()
            };
            assert_eq!(read(&mut user, "me").unwrap_err().to_string(), expected);
        }
    }
}

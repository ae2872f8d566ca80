//! The certificate that says who we are, with its key.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use kube::config::AuthInfo;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use secrecy::ExposeSecret;

use super::{failed, failed_because, in_words};
use crate::error::Error;

/// Reads certificate and key of a user from where they are, and checks that they are such.
///
/// Afterwards both are inline. Data counts before a file, as in client-go.
pub(super) fn read(user: &mut AuthInfo, name: &str) -> Result<(), Error> {
    let key_data = user.client_key_data.as_ref();
    let key_data = key_data.map(|key| key.expose_secret().to_owned());
    let certificate = pem(
        ["client-certificate-data", "client-certificate"],
        user.client_certificate_data.as_deref(),
        user.client_certificate.take(),
        name,
    )?;
    let key = pem(
        ["client-key-data", "client-key"],
        key_data.as_deref(),
        user.client_key.take(),
        name,
    )?;
    let (Some((certificate_field, certificate)), Some((key_field, key))) = (certificate, key)
    else {
        return Ok(());
    };
    if CertificateDer::from_pem_slice(&certificate).is_err() {
        return Err(failed(
            format!("{certificate_field} of user \"{name}\" holds no certificate"),
            None,
        ));
    }
    if is_encrypted(&key) {
        return Err(failed(
            format!("{key_field} of user \"{name}\" is encrypted"),
            Some("`openssl pkey -in KEY -out PLAIN` decrypts it; kubectl cannot use it either"),
        ));
    }
    if PrivateKeyDer::from_pem_slice(&key).is_err() {
        return Err(failed(
            format!("{key_field} of user \"{name}\" holds no private key"),
            None,
        ));
    }
    user.client_certificate_data = Some(STANDARD.encode(certificate));
    user.client_key_data = Some(STANDARD.encode(key).into());
    Ok(())
}

type Pem = Option<(&'static str, Vec<u8>)>;

fn pem(
    [data_field, file_field]: [&'static str; 2],
    data: Option<&str>,
    file: Option<String>,
    name: &str,
) -> Result<Pem, Error> {
    if let Some(data) = data {
        // Go passes over line breaks in base64.
        let data: String = data.split_whitespace().collect();
        return match STANDARD.decode(data) {
            Ok(pem) => Ok(Some((data_field, pem))),
            Err(_) => Err(failed(
                format!("{data_field} of user \"{name}\" is not base64"),
                None,
            )),
        };
    }
    let Some(path) = file else {
        return Ok(None);
    };
    match fs::read(&path) {
        Ok(pem) => Ok(Some((file_field, pem))),
        Err(error) => Err(failed_because(
            format!("cannot read {file_field} {path} of user \"{name}\""),
            in_words(&error),
        )),
    }
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

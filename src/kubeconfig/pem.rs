//! What a kubeconfig has in PEM: in base64 as a field of its own, or in a file that another field names.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use super::{failed, failed_because};
use crate::error::{Error, in_words};

/// A text in PEM. It may be secret, and is never shown.
pub(super) struct Pem {
    /// Where it stands: `client-key-data of user "me"`.
    place: String,
    pub(super) text: Vec<u8>,
}

impl Pem {
    /// Reads what the field, or the one with `-data` behind its name, has of somebody, such as `user "me"`.
    /// Data counts before a file, as in client-go.
    pub(super) fn read(
        field: &str,
        data: Option<&str>,
        file: Option<&str>,
        of: &str,
    ) -> Result<Option<Self>, Error> {
        if let Some(data) = data.filter(|data| !data.is_empty()) {
            let place = format!("{field}-data of {of}");
            // Go passes over line breaks in base64.
            let data: String = data.split_whitespace().collect();
            return match STANDARD.decode(data) {
                Ok(text) => Ok(Some(Self { place, text })),
                Err(_) => Err(failed(format!("{place} is not base64"), None)),
            };
        }
        let Some(path) = file.filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        let place = format!("{field} {path} of {of}");
        match fs::read(path) {
            Ok(text) => Ok(Some(Self { place, text })),
            Err(error) => Err(failed_because(
                format!("cannot read {place}"),
                in_words(&error),
            )),
        }
    }

    /// Returns the certificates in it, as DER, of which there is one at least. As in Go, an entry that
    /// cannot be read is passed over as long as another can.
    pub(super) fn certificates(&self) -> Result<Vec<Vec<u8>>, Error> {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&self.text)
            .filter_map(Result::ok)
            .map(|certificate| certificate.to_vec())
            .collect();
        if certificates.is_empty() {
            return Err(self.fault("holds no certificate", None));
        }
        Ok(certificates)
    }

    /// Says what is wrong with it.
    pub(super) fn fault(&self, what: &str, hint: Option<&str>) -> Error {
        failed(format!("{} {what}", self.place), hint)
    }
}

//! Who we are to the server: a header, or a certificate with its key.
//!
//! The credentials are at hand by now (`src/kubeconfig/credentials.rs`): nothing is read or run here.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use kube::config::AuthInfo;
use rustls::{
    Error as TlsError,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use secrecy::ExposeSecret;

use super::refusal;
use crate::error::{Error, Source};

/// The certificate with those that vouch for it, and its key.
type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Returns the value of `Authorization`, if a user has one. It is never shown.
///
/// As in client-go a name with a password counts before a token.
pub(super) fn authorization(user: &AuthInfo) -> Result<Option<HeaderValue>, Error> {
    let value = match (&user.username, &user.password, &user.token) {
        (Some(name), Some(password), _) => {
            let pair = format!("{name}:{}", password.expose_secret());
            format!("Basic {}", STANDARD.encode(pair))
        }
        (_, _, Some(token)) => format!("Bearer {}", token.expose_secret()),
        (_, _, None) => return Ok(None),
    };
    let mut value = HeaderValue::try_from(value).map_err(|error| {
        failed(
            "the credentials in the kubeconfig cannot be used",
            Some(error.into()),
        )
    })?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Returns the certificate of a user and its key, if there is one. Both are inline by now.
pub(super) fn of(user: &AuthInfo) -> Result<Option<Identity>, Error> {
    let (Some(chain), Some(key)) = (&user.client_certificate_data, &user.client_key_data) else {
        return Ok(None);
    };
    match identity(chain, key.expose_secret()) {
        Ok(identity) => Ok(Some(identity)),
        Err(error) => Err(not_to_be_read(error)),
    }
}

fn identity(chain: &str, key: &str) -> Result<Identity, Source> {
    let chain =
        CertificateDer::pem_slice_iter(&STANDARD.decode(chain)?).collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(&STANDARD.decode(key)?)?;
    Ok((chain, key))
}

fn not_to_be_read(source: Source) -> Error {
    failed(
        "the client certificate cannot be used",
        Some(refusal::innermost(source)),
    )
}

/// Says why certificate and key cannot be used.
pub(super) fn unusable(error: &TlsError) -> Error {
    let (message, hint) = if let TlsError::InconsistentKeys(_) = error {
        (
            "the client key does not belong to the client certificate",
            "both must come from the same place: flags replace each by itself",
        )
    } else if let TlsError::General(_) = error {
        (
            "the client key is of a kind that is not supported",
            "it may be RSA with 2048 bits or more, P-256, P-384 or Ed25519",
        )
    } else {
        return not_to_be_read(error.to_string().into());
    };
    Error::Kubeconfig {
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
        source: None,
    }
}

fn failed(message: &str, source: Option<Source>) -> Error {
    Error::Kubeconfig {
        message: message.to_owned(),
        hint: None,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_password_counts_before_a_token_and_neither_is_shown() {
        let token = AuthInfo {
            token: Some("t0k3n".to_owned().into()),
            username: Some("me".to_owned()),
            ..AuthInfo::default()
        };
        let both = AuthInfo {
            password: Some("secret".to_owned().into()),
            ..token.clone()
        };
        for (user, expected) in [(token, "Bearer t0k3n"), (both, "Basic bWU6c2VjcmV0")] {
            let value = authorization(&user).unwrap().unwrap();
            assert_eq!(value, expected);
            assert_eq!(format!("{value:?}"), "Sensitive");
        }
        assert!(authorization(&AuthInfo::default()).unwrap().is_none());
    }
}

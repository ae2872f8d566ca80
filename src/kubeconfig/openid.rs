//! A login with `OpenID Connect` that the kubeconfig keeps: an id-token, good for minutes, and a
//! refresh-token that gets the next one. The rules are client-go's
//! (`plugin/pkg/client/auth/oidc/oidc.go`), which also writes the new tokens back.

mod keeping;

use std::{
    collections::HashMap,
    fmt, mem,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::DecodePaddingMode,
    engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig},
};
use http::Uri;
use jiff::Timestamp;
use serde::Deserialize;

use super::{Proxy, failed, pem::Pem, proxy};
use crate::error::Error;

/// How much sooner a token counts as expired, because clocks differ.
const EARLY: Duration = Duration::from_secs(10);

/// A login that can be renewed.
#[derive(Clone)]
pub struct OpenId {
    /// The user of the kubeconfig.
    pub user: String,
    /// The URL of who issues the tokens.
    pub issuer: String,
    /// As whom the issuer knows this program.
    pub client_id: String,
    /// What proves that; many issuers want none.
    pub client_secret: Option<String>,
    /// The certificates by which the issuer is recognised, as DER; nothing for those of the machine.
    pub authorities: Option<Vec<Vec<u8>>>,
    /// Where the tokens are kept: one of these files.
    files: Vec<PathBuf>,
    tokens: Arc<Mutex<Tokens>>,
}

/// The tokens of a login.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Tokens {
    /// What the API server takes.
    pub id: Option<String>,
    /// What the issuer takes for the next one.
    pub refresh: Option<String>,
}

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Secrets stay here.
        f.debug_struct("OpenId")
            .field("user", &self.user)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

impl OpenId {
    /// Checks what the kubeconfig says of a login.
    pub(super) fn new(
        config: &HashMap<String, String>,
        user: &str,
        files: Vec<PathBuf>,
    ) -> Result<Self, Error> {
        let field = |name: &str| config.get(name).filter(|value| !value.is_empty()).cloned();
        let needed = |name: &str| {
            field(name).ok_or_else(|| {
                let what = format!("auth-provider oidc of user \"{user}\" has no {name}");
                failed(what, None)
            })
        };
        let id = field("id-token");
        if let Some(id) = &id {
            expiry(id).ok_or_else(|| {
                failed(
                    format!("id-token of user \"{user}\" is no JSON Web Token that ends"),
                    Some("log in again, as you did the first time"),
                )
            })?;
        }
        let authorities = Pem::read(
            "idp-certificate-authority",
            field("idp-certificate-authority-data").as_deref(),
            field("idp-certificate-authority").as_deref(),
            &format!("user \"{user}\""),
        )?;
        let tokens = Tokens {
            id,
            refresh: field("refresh-token"),
        };
        Ok(Self {
            user: user.to_owned(),
            issuer: needed("idp-issuer-url")?,
            client_id: needed("client-id")?,
            client_secret: field("client-secret"),
            authorities: authorities.map(|pem| pem.certificates()).transpose()?,
            files,
            tokens: Arc::new(Mutex::new(tokens)),
        })
    }

    /// Returns the tokens that there are.
    pub fn tokens(&self) -> Tokens {
        self.locked().clone()
    }

    /// Tells whether the id-token can still be used.
    pub fn is_good(&self) -> bool {
        let soon = Timestamp::now() + EARLY;
        let expiry = self.locked().id.as_deref().and_then(expiry);
        expiry.is_some_and(|expiry| soon < expiry)
    }

    /// Returns the day on which the id-token expired, as people write it.
    pub fn expired_on(&self) -> Option<String> {
        let expiry = self.locked().id.as_deref().and_then(expiry)?;
        Some(expiry.strftime("%Y-%m-%d").to_string())
    }

    /// Takes new tokens, and writes them where the old ones are kept.
    ///
    /// The tokens count in any case. The error is the reason why they are not kept.
    pub fn keep(&self, new: &Tokens) -> Result<(), String> {
        let old = mem::replace(&mut *self.locked(), new.clone());
        keeping::write(&self.files, &self.user, &old, new)
    }

    /// Returns the proxy through which a server of the issuer is reached: the environment's.
    pub fn proxy(&self, server: &Uri) -> Result<Option<Proxy>, Error> {
        proxy::of(server, None, "")
    }

    fn locked(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns when a token ends. Only the server can tell whether it is genuine.
fn expiry(token: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims = GeneralPurpose::new(&URL_SAFE, lenient)
        .decode(claims)
        .ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let seconds = Duration::try_from_secs_f64(claims.exp).ok()?.as_secs();
    Timestamp::from_second(seconds.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests;

//! Gets new tokens from who issued the old ones: discovery, then a refresh (RFC 6749, section 6).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use form_urlencoded::Serializer;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Limited};
use kube::{Config, client::Body};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{connect, distrust, refusal, voice::Voice};
use crate::{
    error::{Error, Source},
    kubeconfig::{OpenId, Tokens},
};

/// How long the issuer may take for one answer.
const LIMIT: Duration = Duration::from_secs(15);

/// How large an answer may be: tokens have some kilobytes.
const LARGEST: usize = 1024 * 1024;

/// Held while a login is renewed.
static UNDER_WAY: Mutex<()> = Mutex::const_new(());

/// What is needed of what an issuer says about itself.
#[derive(Deserialize)]
struct Discovery {
    token_endpoint: Option<String>,
}

/// What an issuer says to a refresh.
#[derive(Default, Deserialize)]
struct Answer {
    id_token: Option<String>,
    refresh_token: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// How a program proves itself to an issuer. There is no way to know which one it wants.
#[derive(Clone, Copy)]
enum Proof {
    Header,
    Body,
}

/// Waits until no login is being renewed.
///
/// An issuer that gives a new refresh-token may not take the old one again. Whoever ends the program before
/// the new one is kept has to log in anew.
pub async fn logins_are_kept() {
    drop(UNDER_WAY.lock().await);
}

/// Renews a login, and has the new tokens kept.
///
/// Once begun it goes on, also where nobody waits for it any more.
pub(super) async fn refresh(openid: &OpenId, voice: &Voice) -> Result<(), Error> {
    let (openid, voice) = (openid.clone(), voice.clone());
    let renewing = tokio::spawn(async move {
        let _held = UNDER_WAY.lock().await;
        renew(&openid, &voice).await
    });
    renewing.await.map_err(|error| Error::Unexpected {
        what: "the login cannot be renewed".to_owned(),
        source: Some(error.into()),
    })?
}

async fn renew(openid: &OpenId, voice: &Voice) -> Result<(), Error> {
    let tokens = refreshed(openid, voice).await.map_err(|source| {
        let user = openid.user.clone();
        Error::LoginNotRenewed { user, source }
    })?;
    if let Err(reason) = openid.keep(&tokens) {
        voice.notice(&format!(
            "warning: the new tokens of user \"{}\" cannot be kept in the kubeconfig, so a new login may be \
             needed soon: {reason}",
            openid.user
        ));
    }
    Ok(())
}

async fn refreshed(openid: &OpenId, voice: &Voice) -> Result<Tokens, Source> {
    let Some(old) = openid.tokens().refresh else {
        return Err(match openid.expired_on() {
            Some(day) => format!("its id-token expired on {day}, and there is no refresh-token"),
            None => "there is no id-token, and no refresh-token".to_owned(),
        }
        .into());
    };
    let endpoint = token_endpoint(openid, voice).await?;
    let request = question(openid, &old, Proof::Header)?;
    let mut answered = exchange(openid, voice, &endpoint, request).await?;
    if !answered.0.is_success() {
        let request = question(openid, &old, Proof::Body)?;
        answered = exchange(openid, voice, &endpoint, request).await?;
    }
    let (status, body) = answered;
    let answer: Answer = serde_json::from_slice(&body).unwrap_or_default();
    if !status.is_success() {
        let words: Vec<_> = [answer.error, answer.error_description]
            .into_iter()
            .flatten()
            .collect();
        let words = words.join(": ");
        let colon = if words.is_empty() { "" } else { ": " };
        return Err(format!("{} answered {status}{colon}{words}", openid.issuer).into());
    }
    let id = answer.id_token.ok_or_else(|| {
        format!(
            "{} gave no id_token, which it does for the scope `openid` only",
            openid.issuer
        )
    })?;
    Ok(Tokens {
        id: Some(id),
        refresh: answer
            .refresh_token
            .filter(|token| !token.is_empty())
            .or(Some(old)),
    })
}

async fn token_endpoint(openid: &OpenId, voice: &Voice) -> Result<Uri, Source> {
    let issuer = openid.issuer.trim_end_matches('/');
    let uri: Uri = format!("{issuer}/.well-known/openid-configuration")
        .parse()
        .map_err(|_| format!("{issuer} is no URL"))?;
    let request = Request::get("/").body(Body::empty())?;
    let (status, body) = exchange(openid, voice, &uri, request).await?;
    if status != StatusCode::OK {
        return Err(format!("{uri} answered {status}").into());
    }
    let discovery = serde_json::from_slice(&body).ok();
    let endpoint = discovery.and_then(|discovery: Discovery| discovery.token_endpoint);
    endpoint
        .and_then(|endpoint| endpoint.parse().ok())
        .ok_or_else(|| format!("{uri} names no token_endpoint").into())
}

fn question(openid: &OpenId, refresh: &str, proof: Proof) -> http::Result<Request<Body>> {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token");
    form.append_pair("refresh_token", refresh);
    let mut request =
        Request::post("/").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let secret = openid.client_secret.as_deref().unwrap_or_default();
    match proof {
        Proof::Header => {
            // Each is encoded as in a form first (RFC 6749, section 2.3.1).
            let encoded =
                |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let login = format!("{}:{}", encoded(&openid.client_id), encoded(secret));
            request = request.header(
                header::AUTHORIZATION,
                format!("Basic {}", STANDARD.encode(login)),
            );
        }
        Proof::Body => {
            form.append_pair("client_id", &openid.client_id);
            if !secret.is_empty() {
                form.append_pair("client_secret", secret);
            }
        }
    }
    request.body(Body::from(form.finish().into_bytes()))
}

/// Sends one request to a server of the issuer, as to an API server: over the proxy, in the time.
async fn exchange(
    openid: &OpenId,
    voice: &Voice,
    uri: &Uri,
    mut request: Request<Body>,
) -> Result<(StatusCode, Bytes), Source> {
    let place = uri.authority().ok_or("it has no host")?;
    let origin = format!("{}://{place}/", uri.scheme_str().unwrap_or("https"));
    let mut config = Config::new(origin.parse()?);
    config.root_cert.clone_from(&openid.authorities);
    let proxy = openid.proxy(uri)?;
    let (client, _) = connect::client(&config, proxy, voice.clone())?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse()?;
    let answered = async {
        let answer = client.send(request).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST).collect().await?;
        Ok::<_, Source>((status, body.to_bytes()))
    };
    match tokio::time::timeout(LIMIT, answered).await {
        Ok(Ok(answered)) => Ok(answered),
        Ok(Err(error)) => Err(match distrust::reason(error.as_ref()) {
            Some((what, _)) => format!("{place} cannot be trusted: {what}").into(),
            None => format!("cannot reach {place}: {}", refusal::innermost(error)).into(),
        }),
        Err(_) => Err(format!("{place} did not answer within {LIMIT:?}").into()),
    }
}

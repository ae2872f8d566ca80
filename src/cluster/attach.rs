//! Opens the stream to a container: an HTTP upgrade to a WebSocket.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Cluster, exchange, refusal};
use crate::error::{Error, Source};

const V5: &str = "v5.channel.k8s.io";
const V4: &str = "v4.channel.k8s.io";

/// Which streams of the container are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Streams {
    /// Standard output and standard error.
    Output,
    /// Those, and standard input.
    Pipe,
    /// A terminal, which has one stream each way.
    Terminal,
}

impl Streams {
    fn query(self) -> &'static str {
        match self {
            Self::Output => "stdout=true&stderr=true",
            Self::Pipe => "stdin=true&stdout=true&stderr=true",
            Self::Terminal => "stdin=true&stdout=true&tty=true",
        }
    }
}

/// An open stream to a container.
#[derive(Debug)]
pub struct Attachment {
    /// The connection, from here on a WebSocket.
    pub socket: TokioIo<Upgraded>,
    /// Whether the end of input can be told (`v5.channel.k8s.io`).
    pub half_close: bool,
}

/// What came of an attempt to attach.
#[derive(Debug)]
pub enum Opened {
    /// The stream is open.
    Stream(Attachment),
    /// The container does not run: not yet, or no more. The server's words.
    NotRunning(String),
    /// The connection broke before the answer was here: the stream may have been open for a moment.
    Broke(Error),
}

impl Cluster {
    /// Makes connections ahead of need.
    pub fn prepare(&self, connections: usize) {
        let current = self.login.current();
        for _ in 0..connections {
            current.warm.prepare();
        }
    }

    /// Attaches to a container that runs.
    pub async fn attach(
        &self,
        pod: &str,
        container: &str,
        streams: Streams,
    ) -> Result<Opened, Error> {
        let path = self.pod_path(pod, "/attach");
        let mut request =
            exchange::get(&format!("{path}?container={container}&{}", streams.query()));
        let key = STANDARD.encode(std::array::from_fn::<u8, 16, _>(|_| fastrand::u8(..)));
        upgrade_headers(request.headers_mut(), &key);
        let action = self.action("get", "pods/attach");
        let (action, key) = (&action, key.as_str());
        let opened = |answer: Response<Body>| async move {
            if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
                return upgraded(answer, key).await;
            }
            let status = answer.status();
            let body = self.whole(answer.into_body()).await?;
            match not_running(status, &body) {
                Some(words) => Ok(Opened::NotRunning(words)),
                None if upgrade_got_lost(status, &body) => Err(no_upgrade(status)),
                None => Err(refusal::refused(status, &body, action.clone())),
            }
        };
        match self.asked(&request, opened).await {
            Err(error) if exchange::broke_off(&error) => Ok(Opened::Broke(error)),
            opened => opened,
        }
    }
}

fn upgrade_headers(headers: &mut HeaderMap, key: &str) {
    const PROTOCOLS: HeaderValue = HeaderValue::from_static("v5.channel.k8s.io, v4.channel.k8s.io");
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(
        header::SEC_WEBSOCKET_VERSION,
        HeaderValue::from_static("13"),
    );
    headers.insert(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOLS);
    // Base64 is always a valid header.
    if let Ok(key) = HeaderValue::from_str(key) {
        headers.insert(header::SEC_WEBSOCKET_KEY, key);
    }
}

async fn upgraded(answer: Response<Body>, key: &str) -> Result<Opened, Error> {
    let said = |name: HeaderName| {
        answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if said(header::SEC_WEBSOCKET_ACCEPT) != Some(derive_accept_key(key.as_bytes()).as_str()) {
        return Err(unexpected(
            "the answer to the WebSocket upgrade is not from a WebSocket server",
            None,
        ));
    }
    let half_close = match said(header::SEC_WEBSOCKET_PROTOCOL) {
        Some(V5) => true,
        Some(V4) => false,
        other => {
            let other = other.unwrap_or("none").to_owned();
            return Err(unexpected(
                "the server speaks no protocol for attaching that we know",
                Some(format!("it chose `{other}`, we offered `{V5}` and `{V4}`").into()),
            ));
        }
    };
    let socket = hyper::upgrade::on(answer)
        .await
        .map_err(|error| unexpected("the WebSocket upgrade broke off", Some(error.into())))?;
    Ok(Opened::Stream(Attachment {
        socket: TokioIo::new(socket),
        half_close,
    }))
}

/// Finds out whether the node said that there is no such process. It says so in plain text: the
/// kubelet in the same words before the start and after the end, the runtime (containerd) with the
/// state it is in, while the kubelet has not heard of the end yet.
fn not_running(status: StatusCode, body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let absent = text.starts_with("container ") && text.contains(" not found in pod ");
    let not_now = !text.starts_with('{') && text.contains("container is in CONTAINER_");
    (status == StatusCode::INTERNAL_SERVER_ERROR && (absent || not_now)).then(|| text.to_owned())
}

/// Finds out whether the request arrived as a usual one. An API server says so itself (400), others
/// answer as if nothing were missing.
fn upgrade_got_lost(status: StatusCode, body: &[u8]) -> bool {
    let words = b"Upgrade request required";
    let is_missed = body.windows(words.len()).any(|part| part == words);
    status.is_success()
        || status == StatusCode::UPGRADE_REQUIRED
        || (status == StatusCode::BAD_REQUEST && is_missed)
}

fn no_upgrade(status: StatusCode) -> Error {
    unexpected(
        "the stream cannot be opened: something between here and the server strips the WebSocket upgrade",
        Some(format!("it answered {status}").into()),
    )
}

fn unexpected(what: &str, source: Option<Source>) -> Error {
    Error::Unexpected {
        what: what.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_not_there_is_told_from_other_failures() {
        let words = b"container again not found in pod app_default";
        assert!(not_running(StatusCode::INTERNAL_SERVER_ERROR, words).is_some());
        assert!(not_running(StatusCode::NOT_FOUND, words).is_none());
        for words in [
            &b"container is in CONTAINER_EXITED state"[..],
            b"rpc error: code = Unknown desc = container is in CONTAINER_CREATED state\n",
        ] {
            assert!(not_running(StatusCode::INTERNAL_SERVER_ERROR, words).is_some());
        }
        let status = br#"{"kind":"Status","message":"container x not found in pod y"}"#;
        assert!(not_running(StatusCode::INTERNAL_SERVER_ERROR, status).is_none());
    }
}

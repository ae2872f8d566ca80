//! The upgrade to a WebSocket: which protocol is spoken, and what is refused.

use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::answer::{self, Failure, Response};

/// How the frames of a session are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Protocol {
    /// As the client named it; `None` if it named none.
    name: Option<String>,
    /// Whether `[255, n]` closes channel n.
    pub(crate) has_close: bool,
    /// Whether channel 3 says how it ended, as it does since v4.
    pub(crate) has_status: bool,
    /// Whether frames are text, with a digit for the channel and base64 after it.
    pub(crate) is_base64: bool,
}

impl Protocol {
    fn new(name: Option<&str>) -> Self {
        Self {
            name: name.map(str::to_owned),
            has_close: name.is_some_and(|name| name.starts_with("v5.")),
            has_status: name.is_some_and(|name| name.starts_with("v4.") || name.starts_with("v5.")),
            is_base64: name.is_some_and(|name| name.contains("base64.")),
        }
    }
}

/// Whether the request asks for an upgrade to anything.
pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    upgrade_to(headers).is_some()
}

fn upgrade_to(headers: &HeaderMap) -> Option<String> {
    let asks = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.to_ascii_lowercase().contains("upgrade"));
    let protocol = headers.get(UPGRADE)?.to_str().ok()?;
    asks.then(|| protocol.to_ascii_lowercase())
}

/// Chooses the first protocol of the client that is spoken here, or says what is answered instead.
pub(crate) fn negotiate(headers: &HeaderMap, spoken: &[String]) -> Result<Protocol, Box<Response>> {
    match upgrade_to(headers).as_deref() {
        None => {
            return Err(Box::new(
                Failure::bad_request("Upgrade request required").response(),
            ));
        }
        Some("websocket") => {}
        Some(_) => {
            // SPDY with none of its protocols.
            let text = "406: Not Acceptable\n\nAvailable representations: ";
            return Err(Box::new(answer::text(StatusCode::NOT_ACCEPTABLE, text)));
        }
    }
    let asked: Vec<&str> = headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    if asked.is_empty() {
        return Ok(Protocol::new(None));
    }
    asked
        .iter()
        .find(|name| spoken.iter().any(|spoken| spoken == *name))
        .map(|name| Protocol::new(Some(name)))
        .ok_or_else(|| {
            let mut response = answer::empty(StatusCode::FORBIDDEN);
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
            Box::new(response)
        })
}

/// The 101 for a request and its protocol.
pub(crate) fn switching(headers: &HeaderMap, protocol: &Protocol) -> Response {
    let key = headers
        .get(SEC_WEBSOCKET_KEY)
        .map_or(&[][..], HeaderValue::as_bytes);
    let mut response = answer::empty(StatusCode::SWITCHING_PROTOCOLS);
    let answer = response.headers_mut();
    answer.insert(UPGRADE, HeaderValue::from_static("websocket"));
    answer.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key)) {
        answer.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    let name = protocol.name.as_deref().unwrap_or_default();
    if let Ok(name) = HeaderValue::from_str(name) {
        answer.insert(SEC_WEBSOCKET_PROTOCOL, name);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(protocol: Option<&'static str>) -> Result<Protocol, StatusCode> {
        let mut headers = HeaderMap::new();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        if let Some(protocol) = protocol {
            let value = HeaderValue::from_static(protocol);
            headers.insert(SEC_WEBSOCKET_PROTOCOL, value);
        }
        let spoken = ["v5.channel.k8s.io", "v4.channel.k8s.io"].map(String::from);
        negotiate(&headers, &spoken).map_err(|response| response.status())
    }

    #[test]
    fn the_clients_first_choice_wins() {
        let both = asked(Some("v4.channel.k8s.io, v5.channel.k8s.io")).expect("is spoken");
        assert_eq!(both.name.as_deref(), Some("v4.channel.k8s.io"));
        assert!(!both.has_close);
        assert!(
            asked(Some("v5.channel.k8s.io"))
                .expect("is spoken")
                .has_close
        );
        assert_eq!(asked(None).expect("is allowed").name, None);
        assert_eq!(asked(Some("v9.channel.k8s.io")), Err(StatusCode::FORBIDDEN));
    }

    #[test]
    fn what_is_no_upgrade_is_a_bad_request() {
        let refused = negotiate(&HeaderMap::new(), &[]);
        assert_eq!(
            refused.map_err(|response| response.status()),
            Err(StatusCode::BAD_REQUEST)
        );
    }
}

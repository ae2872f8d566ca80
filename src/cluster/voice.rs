//! What the user hears of the requests while they go on.

use std::{future::Future, pin::Pin, sync::Arc, task, time::Duration};

use http::{HeaderMap, Request, Response, header};
use kube::client::Body;
use tokio::time::Instant;
use tower::{BoxError, Service};

/// From this `-v` on each answer is told, and from the next ones on the headers of requests and of
/// answers, as kubectl does. Bodies are not: pods hold secrets.
const ANSWERS: u8 = 6;
const REQUEST_HEADERS: u8 = 7;
const ANSWER_HEADERS: u8 = 8;

/// Headers that prove who somebody is.
const SECRET: [header::HeaderName; 5] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
    header::SET_COOKIE,
    header::SEC_WEBSOCKET_KEY,
];

/// Somebody who says things to the user.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// Tells the user about requests.
#[derive(Clone)]
pub struct Voice {
    notice: Say,
    trace: Say,
    level: u8,
}

impl Voice {
    /// Says through `notice` what the user should know, and through `trace` what `-v` asks for.
    pub fn new(notice: Say, trace: Say, level: u8) -> Self {
        Self {
            notice,
            trace,
            level,
        }
    }

    /// Says nothing.
    pub fn silent() -> Self {
        Self::new(Arc::new(|_| {}), Arc::new(|_| {}), 0)
    }

    pub(super) fn notice(&self, text: &str) {
        (self.notice)(text);
    }

    fn request(&self, request: &Request<Body>) {
        if self.level >= REQUEST_HEADERS {
            (self.trace)(&format!(
                "\"Request\" verb=\"{}\" url=\"{}\" headers=<\n{} >",
                request.method(),
                request.uri(),
                shown(request.headers())
            ));
        }
    }

    fn answer<B>(&self, verb: &str, url: &str, answer: &Response<B>, took: Duration) {
        if self.level < ANSWERS {
            return;
        }
        let headers = if self.level >= ANSWER_HEADERS {
            format!(" headers=<\n{} >", shown(answer.headers()))
        } else {
            String::new()
        };
        (self.trace)(&format!(
            "\"Response\" verb=\"{verb}\" url=\"{url}\" status=\"{}\"{headers} milliseconds={}",
            answer.status(),
            took.as_millis()
        ));
    }
}

/// Writes headers one a line, without what they prove.
fn shown(headers: &HeaderMap) -> String {
    let line = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        let value = if SECRET.contains(name) || value.is_sensitive() {
            "<masked>".into()
        } else {
            String::from_utf8_lossy(value.as_bytes())
        };
        format!("\t{name}: {value}\n")
    };
    headers.iter().map(line).collect()
}

/// A transport that tells what passes.
#[derive(Clone)]
pub(super) struct Told<S> {
    pub(super) inner: S,
    pub(super) voice: Voice,
}

impl<S, B> Service<Request<Body>> for Told<S>
where
    S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>>,
    S::Future: Send + 'static,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<B>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut task::Context<'_>) -> task::Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.voice.request(&request);
        let (verb, url) = (request.method().to_string(), request.uri().to_string());
        let begin = Instant::now();
        let (voice, answer) = (self.voice.clone(), self.inner.call(request));
        Box::pin(async move {
            let answer = answer.await.map_err(Into::into)?;
            voice.answer(&verb, &url, &answer, begin.elapsed());
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_header_shows_what_it_proves() {
        let mut headers = HeaderMap::new();
        for name in SECRET {
            headers.insert(name, "secret".parse().unwrap());
        }
        headers.insert(header::ACCEPT, "application/json".parse().unwrap());
        let shown = shown(&headers);
        assert!(!shown.contains("secret"), "{shown}");
        assert!(shown.contains("\taccept: application/json\n"), "{shown}");
    }
}

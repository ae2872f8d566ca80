//! An answer out of a script.

use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::answer::{self, Failure, Response};

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    code: StatusCode,
    content_type: HeaderValue,
    body: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    fn json(code: StatusCode, value: &Value) -> Self {
        Self {
            code,
            content_type: HeaderValue::from_static("application/json"),
            body: format!("{value}\n"),
            headers: Vec::new(),
        }
    }

    /// A `Status` as the API server writes one when it has nothing more to say.
    pub(super) fn status(code: StatusCode) -> Self {
        if code.is_success() {
            let status =
                json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"});
            return Self::json(code, &status);
        }
        if code == StatusCode::UNAUTHORIZED {
            return Self::json(code, &Failure::unauthorized().status());
        }
        let (reason, message) = match code.as_u16() {
            429 => (
                "TooManyRequests",
                "Too many requests, please try again later.",
            ),
            500 => ("InternalError", "Internal error occurred: scripted"),
            503 => (
                "ServiceUnavailable",
                "the server is currently unable to handle the request",
            ),
            504 => (
                "Timeout",
                "request did not complete within the allotted timeout",
            ),
            409 => ("Conflict", "the object has been modified"),
            _ => ("", code.canonical_reason().unwrap_or_default()),
        };
        Self::json(code, &Failure::new(code, reason, message, None).status())
    }

    /// A watch whose version is too old.
    pub(super) fn expired_watch() -> Self {
        let failure = Failure::new(
            StatusCode::GONE,
            "Expired",
            "too old resource version: 1 (2)",
            None,
        );
        let event = json!({"type": "ERROR", "object": failure.status()});
        Self::json(StatusCode::OK, &event)
    }

    /// A watch in which nothing happens before it ends.
    pub(super) fn empty_watch() -> Self {
        let mut answer = Self::json(StatusCode::OK, &Value::Null);
        answer.body.clear();
        answer
    }

    pub(super) fn set_body(&mut self, content_type: &str, body: &str) {
        if let Ok(content_type) = HeaderValue::from_str(content_type) {
            self.content_type = content_type;
        }
        body.clone_into(&mut self.body);
    }

    pub(super) fn add_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.push((name, value));
    }

    pub(crate) fn response(&self) -> Response {
        let mut response = http::Response::new(answer::body(self.body.clone()));
        *response.status_mut() = self.code;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        response
    }
}

//! What the server sends back: bodies, and the one place where a `Status` is written.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;
pub(crate) type Response = http::Response<Body>;

pub(crate) fn body(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed_unsync()
}

fn with_type(code: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = code;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// An object or a list.
pub(crate) fn json(code: StatusCode, value: &Value) -> Response {
    let mut text = value.to_string();
    text.push('\n');
    let mut response = with_type(code, "application/json", body(text));
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, private"),
    );
    response
}

/// An answer that goes on and on, such as a watch or a log.
pub(crate) fn stream(content_type: &'static str, body: Body) -> Response {
    let mut response = with_type(StatusCode::OK, content_type, body);
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, private"),
    );
    response
}

/// Plain text, as the kubelet and `/healthz` write it.
pub(crate) fn text(code: StatusCode, text: impl Into<Bytes>) -> Response {
    with_type(code, "text/plain; charset=utf-8", body(text))
}

/// Nothing but a code.
pub(crate) fn empty(code: StatusCode) -> Response {
    let mut response = http::Response::new(body(Bytes::new()));
    *response.status_mut() = code;
    response
}

/// Something that is not valid in an object: one of the `causes` of a 422.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) field: String,
}

/// A refusal, which becomes a `Status`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: StatusCode,
    reason: &'static str,
    pub(crate) message: String,
    details: Option<Value>,
    /// Where a list may go on that has expired.
    pub(crate) go_on: Option<String>,
}

impl Failure {
    pub(crate) fn new(
        code: StatusCode,
        reason: &'static str,
        message: impl Into<String>,
        details: Option<Value>,
    ) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            details,
            go_on: None,
        }
    }

    pub(crate) fn not_found(resource: &str, name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            format!("{resource} \"{name}\" not found"),
            Some(json!({"name": name, "kind": resource})),
        )
    }

    /// No object of that name, in whatever group its resource is.
    pub(crate) fn not_found_in(group: &str, resource: &str, name: &str) -> Self {
        if group.is_empty() {
            return Self::not_found(resource, name);
        }
        Self::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            format!("{resource}.{group} \"{name}\" not found"),
            Some(json!({"name": name, "group": group, "kind": resource})),
        )
    }

    /// A path that leads nowhere.
    pub(crate) fn no_resource() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            "the server could not find the requested resource",
            Some(json!({})),
        )
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message, None)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Unauthorized",
            "Unauthorized",
            None,
        )
    }

    pub(crate) fn conflict(resource: &str, name: &str) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "Conflict",
            format!(
                "Operation cannot be fulfilled on {resource} \"{name}\": the object has been modified; \
                 please apply your changes to the latest version and try again"
            ),
            Some(json!({"name": name, "kind": resource})),
        )
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
            Some(json!({})),
        )
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "", message, None)
    }

    /// A patch that cannot be applied to the object.
    pub(crate) fn unprocessable() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Invalid",
            "the server rejected our request due to an error in our request",
            Some(json!({})),
        )
    }

    /// What an admission plugin refuses, with its whole message.
    pub(crate) fn admission(resource: &str, name: &str, message: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Forbidden",
            format!("{resource} \"{name}\" is forbidden: {message}"),
            Some(json!({"name": name, "kind": resource})),
        )
    }

    /// 422 with its causes; `details` is what of `group`, `kind` and `name` there is.
    pub(crate) fn invalid(kind: &str, name: &str, mut details: Value, causes: &[Cause]) -> Self {
        let mut errors: Vec<String> = causes
            .iter()
            .map(|cause| format!("{}: {}", cause.field, cause.message))
            .collect();
        errors.dedup();
        let errors = match errors.as_slice() {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        details["causes"] = causes
            .iter()
            .map(|cause| json!({"reason": cause.reason, "message": cause.message, "field": cause.field}))
            .collect();
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Invalid",
            format!("{kind} \"{name}\" is invalid: {errors}"),
            Some(details),
        )
    }

    /// 422 for a pod.
    pub(crate) fn invalid_pod(name: &str, causes: &[Cause]) -> Self {
        Self::invalid("Pod", name, json!({"name": name, "kind": "Pod"}), causes)
    }

    /// The `Status` itself, as in a body or in an ERROR event of a watch.
    pub(crate) fn status(&self) -> Value {
        let mut status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "code": self.code.as_u16(),
        });
        if !self.reason.is_empty() {
            status["reason"] = json!(self.reason);
        }
        if let Some(details) = &self.details {
            status["details"] = details.clone();
        }
        if let Some(token) = &self.go_on {
            status["metadata"]["continue"] = json!(token);
        }
        status
    }

    pub(crate) fn response(&self) -> Response {
        json(self.code, &self.status())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_causes_are_listed_in_brackets_and_twice_the_same_only_once() {
        let cause = |field: &str| Cause {
            reason: "FieldValueRequired",
            message: "Required value".to_owned(),
            field: field.to_owned(),
        };
        let two = Failure::invalid_pod("app", &[cause("a"), cause("b")]);
        assert_eq!(
            two.message,
            "Pod \"app\" is invalid: [a: Required value, b: Required value]"
        );
        let same = Failure::invalid_pod("app", &[cause("a"), cause("a")]);
        assert_eq!(same.message, "Pod \"app\" is invalid: a: Required value");
        assert_eq!(
            same.status()["details"]["causes"].as_array().map(Vec::len),
            Some(2)
        );
    }
}

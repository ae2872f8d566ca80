//! The headers that tell of a request's way through the server: its audit and its priority.

use http::header::{CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};

use super::query::Query;
use super::route::{Route, Target};
use crate::answer::{Failure, Response};
use crate::authorization::User;
use crate::identifier;

/// Numbers for the flow schemas, which are the same for as long as a cluster lives.
#[derive(Debug)]
pub(crate) struct Flows {
    masters: [String; 2],
    others: [String; 2],
}

impl Default for Flows {
    fn default() -> Self {
        let pair = || [identifier::uid(), identifier::uid()];
        Self {
            masters: pair(),
            others: pair(),
        }
    }
}

impl Flows {
    /// Says which flow a request was in; requests that stay do not wait in any.
    pub(crate) fn mark(&self, response: &mut Response, user: &User, route: &Route, query: &Query) {
        if stays(route, query) {
            return;
        }
        let [schema, level] = if user.is_master() {
            &self.masters
        } else {
            &self.others
        };
        insert(response, "x-kubernetes-pf-flowschema-uid", schema);
        insert(response, "x-kubernetes-pf-prioritylevel-uid", level);
    }
}

fn stays(route: &Route, query: &Query) -> bool {
    match route {
        Route::Path(_) => false,
        Route::Resource(Target { subresource, .. }) => {
            query.is("watch") || matches!(subresource.as_deref(), Some("attach" | "exec" | "log"))
        }
    }
}

/// Gives an answer its number in the audit; what the kubelet answers to a stream passes as it is.
pub(crate) fn audit(response: &mut Response) {
    let content_type = response.headers().get(CONTENT_TYPE);
    let is_kubelets = response.status() == StatusCode::SWITCHING_PROTOCOLS
        || content_type.is_none_or(|value| value == "text/plain; charset=utf-8");
    if !is_kubelets {
        insert(response, "audit-id", &identifier::uid());
    }
}

/// The answer to what is refused, on the way.
pub(super) fn refused(failure: &Failure) -> Response {
    let mut response = failure.response();
    // What the authorizer refuses is not to be sniffed at; what it has no words for is.
    let is_refusal =
        failure.code == StatusCode::FORBIDDEN && failure.message.contains("is forbidden: User");
    if is_refusal {
        let value = HeaderValue::from_static("nosniff");
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, value);
    }
    response
}

fn insert(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_stay_are_in_no_flow() {
        let stays = |path: &str, query: &str| stays(&Route::parse(path), &Query::parse(query));
        assert!(stays("/api/v1/pods", "watch=true"));
        assert!(stays("/api/v1/namespaces/default/pods/app/log", ""));
        assert!(!stays("/api/v1/namespaces/default/pods/app", ""));
        assert!(!stays("/version", ""));
    }
}

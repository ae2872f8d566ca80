//! What the API server refused, and why it could not be reached, in our words.
//!
//! This is the one place that takes answers and errors of the libraries below apart.

use std::{error::Error as StdError, io};

use http::StatusCode;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;

use crate::error::{Action, Error, Source, in_words};

/// How much of an answer that is no `Status` is shown.
const SHOWN: usize = 300;

/// Turns an answer that is no success into an error.
pub(super) fn refused(status: StatusCode, body: &[u8], action: Action) -> Error {
    let Some(answer) = parsed(body) else {
        return unexpected(status, body);
    };
    let causes = causes(&answer);
    let message = match answer.message.unwrap_or_default() {
        message if causes.len() > 1 => by_field(&message, &causes),
        message => message,
    };
    let reason = answer.reason.unwrap_or_else(|| status.as_str().to_owned());
    match status {
        StatusCode::UNAUTHORIZED => Error::Unauthorized { message },
        StatusCode::FORBIDDEN if is_about_rights(&message) => Error::Forbidden { message, action },
        StatusCode::NOT_FOUND => {
            let named = answer.details.and_then(|details| details.name);
            // A server without the subresource does not even look for the pod.
            if action.resource == "pods/ephemeralcontainers"
                && named.is_none_or(|name| name.is_empty())
            {
                return Error::NotServed { version: None };
            }
            Error::NotFound {
                message,
                resource: object(action.resource),
                there: action.there,
                meant: String::new(),
            }
        }
        _ => Error::Refused { reason, message },
    }
}

/// Returns the resource of the object that a subresource is of: `pods` of `pods/log`.
fn object(resource: &'static str) -> &'static str {
    resource
        .split_once('/')
        .map_or(resource, |(object, _)| object)
}

/// Returns what is wrong with each field; a server may tell the same twice.
fn causes(answer: &Status) -> Vec<String> {
    let details = answer.details.iter();
    let causes = details.flat_map(|details| details.causes.iter().flatten());
    let mut told = Vec::new();
    for cause in causes {
        let message = cause.message.as_deref().unwrap_or_default().trim_end();
        let text = match cause.field.as_deref() {
            None | Some("") => message.to_owned(),
            Some(field) => format!("{field}: {message}"),
        };
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told
}

/// Lists what is wrong, a line for each field, as kubectl does.
fn by_field(message: &str, causes: &[String]) -> String {
    match message.split_once(" is invalid:") {
        Some((what, _)) => format!("{what} is invalid:\n* {}", causes.join("\n* ")),
        None => message.to_owned(),
    }
}

/// Turns a refusal that the library has read already into an error.
pub(super) fn refused_with(status: &kube::core::Status, action: Action) -> Error {
    let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match serde_json::to_vec(status) {
        Ok(body) => refused(code, &body, action),
        Err(_) => unexpected(code, status.message.as_bytes()),
    }
}

/// Tells a missing right from a policy that looked at the request and did not like it.
fn is_about_rights(message: &str) -> bool {
    message.contains(" cannot ") && message.contains(" resource ")
}

fn parsed(body: &[u8]) -> Option<Status> {
    let status: Status = serde_json::from_slice(body).ok()?;
    (status.status.as_deref() == Some("Failure")).then_some(status)
}

/// Describes an answer that no API server gives: mostly that of a proxy in between.
fn unexpected(status: StatusCode, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let what = if status.is_redirection() {
        // Not followed: whoever is there would get the credentials.
        format!("the server answered {status}, as a proxy or a login page does and no API server")
    } else {
        format!("the server answered {status}")
    };
    let line = title(text).or_else(|| text.lines().next());
    let Some(line) = line.filter(|line| !line.is_empty()) else {
        return Error::Unexpected { what, source: None };
    };
    let shown: String = line.chars().take(SHOWN).collect();
    Error::Unexpected {
        what,
        source: Some(shown.into()),
    }
}

/// Returns the title of a page, which says more than its first line.
fn title(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("<title>")?;
    let (title, _) = rest.split_once("</title>")?;
    Some(title.trim())
}

/// Returns the deepest cause, which is the one that says something: the layers above repeat each
/// other.
pub(super) fn innermost(error: impl Into<Source>) -> Source {
    let error = error.into();
    let mut deepest: &(dyn StdError + 'static) = error.as_ref();
    while let Some(below) = below(deepest) {
        deepest = below;
    }
    match deepest.downcast_ref::<io::Error>() {
        Some(deepest) => in_words(deepest).into(),
        None => deepest.to_string().into(),
    }
}

/// Returns the cause of an error. An `io::Error` around another error hides it from `source`.
pub(super) fn below<'a>(
    error: &'a (dyn StdError + 'static),
) -> Option<&'a (dyn StdError + 'static)> {
    if let Some(inner) = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        return Some(inner);
    }
    error.source()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(resource: &'static str) -> Action {
        Action {
            verb: "get",
            group: "",
            resource,
            there: crate::shell::There::new("default", Vec::new()),
        }
    }

    fn status(reason: &str, message: &str, name: Option<&str>) -> Vec<u8> {
        let details = name.map(|name| serde_json::json!({"name": name, "kind": "pods"}));
        serde_json::json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "details": details,
        })
        .to_string()
        .into_bytes()
    }

    #[test]
    fn a_missing_right_is_told_from_a_policy() {
        let rights = status(
            "Forbidden",
            "pods \"app\" is forbidden: User \"viewer\" cannot patch resource \"pods/ephemeralcontainers\" in API group \"\" in the namespace \"default\"",
            Some("app"),
        );
        let error = refused(
            StatusCode::FORBIDDEN,
            &rights,
            action("pods/ephemeralcontainers"),
        );
        assert!(matches!(error, Error::Forbidden { .. }), "{error:?}");

        let policy = status(
            "Forbidden",
            "pods \"secure\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false",
            Some("secure"),
        );
        let error = refused(
            StatusCode::FORBIDDEN,
            &policy,
            action("pods/ephemeralcontainers"),
        );
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert!(
            error
                .to_string()
                .starts_with("Error from server (Forbidden): pods \"secure\"")
        );
    }

    #[test]
    fn a_missing_pod_is_told_from_a_missing_feature() {
        let missing = status("NotFound", "pods \"nope\" not found", Some("nope"));
        let error = refused(
            StatusCode::NOT_FOUND,
            &missing,
            action("pods/ephemeralcontainers"),
        );
        // The list in which it may be found is that of the pods.
        let pods = matches!(
            error,
            Error::NotFound {
                resource: "pods",
                ..
            }
        );
        assert!(pods, "{error:?}");

        let unserved = status(
            "NotFound",
            "the server could not find the requested resource",
            None,
        );
        let error = refused(
            StatusCode::NOT_FOUND,
            &unserved,
            action("pods/ephemeralcontainers"),
        );
        assert!(matches!(error, Error::NotServed { .. }), "{error:?}");
    }

    #[test]
    fn an_answer_that_is_no_status_is_shown_in_part() {
        let page = format!("<html>{}", "x".repeat(10_000));
        let error = refused(StatusCode::BAD_GATEWAY, page.as_bytes(), action("pods"));
        assert_eq!(error.to_string(), "the server answered 502 Bad Gateway");
        let source = StdError::source(&error).unwrap().to_string();
        assert!(source.starts_with("<html>xxx"));
        assert_eq!(source.chars().count(), SHOWN);
    }

    // Each system has its own numbers.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_deepest_cause_is_what_is_told() {
        let refused = io::Error::from_raw_os_error(111);
        let wrapped = io::Error::other(io::Error::other(refused));
        assert_eq!(innermost(wrapped).to_string(), "connection refused");
    }
}

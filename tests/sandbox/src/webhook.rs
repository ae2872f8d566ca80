//! A validating webhook: what is asked before a pod is stored, and how its answers reach a client.

use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Failure;

/// Why a webhook does not let a pod pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Forbidden,
    NotCalled,
}

impl Denial {
    /// An answer with nothing but a message: a 400 without a reason.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: Kind::Plain,
        }
    }

    /// An answer that says 403 and `Forbidden` itself.
    pub fn forbidden(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: Kind::Forbidden,
        }
    }

    /// No answer: the webhook cannot be called, and nothing may pass without it.
    pub fn not_called(why: impl Into<String>) -> Self {
        Self {
            text: why.into(),
            kind: Kind::NotCalled,
        }
    }
}

/// A webhook by its name, and what it makes of a pod as it is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Webhook {
    pub(crate) name: &'static str,
    pub(crate) review: fn(&Value) -> Option<Denial>,
}

/// Asks one after the other; the first denial is the answer.
pub(crate) fn review(webhooks: &[Webhook], pod: &Value) -> Result<(), Failure> {
    for webhook in webhooks {
        if let Some(denial) = (webhook.review)(pod) {
            return Err(failure(webhook.name, &denial));
        }
    }
    Ok(())
}

fn failure(name: &str, denial: &Denial) -> Failure {
    let text = &denial.text;
    let denied = format!("admission webhook \"{name}\" denied the request: {text}");
    match denial.kind {
        Kind::Plain => Failure::new(StatusCode::BAD_REQUEST, "", denied, None),
        Kind::Forbidden => Failure::new(StatusCode::FORBIDDEN, "Forbidden", denied, None),
        Kind::NotCalled => {
            let cause =
                format!("failed calling webhook \"{name}\": failed to call webhook: {text}");
            Failure::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                format!("Internal error occurred: {cause}"),
                Some(json!({"causes": [{"message": cause}]})),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_busybox(pod: &Value) -> Option<Denial> {
        let image = pod["spec"]["ephemeralContainers"][0]["image"].as_str()?;
        image
            .starts_with("busybox")
            .then(|| Denial::new("images come from ghcr.io"))
    }

    #[test]
    fn a_denial_is_told_with_the_name_of_the_webhook() {
        let webhooks = [Webhook {
            name: "images.example.com",
            review: no_busybox,
        }];
        let pod = json!({"spec": {"ephemeralContainers": [{"image": "busybox:1"}]}});
        let failure = review(&webhooks, &pod).expect_err("is denied");
        assert_eq!(
            failure.message,
            "admission webhook \"images.example.com\" denied the request: images come from ghcr.io"
        );
        assert_eq!(failure.code, StatusCode::BAD_REQUEST);
        assert!(failure.status()["reason"].is_null());
        assert!(review(&webhooks, &json!({})).is_ok());
    }

    #[test]
    fn a_webhook_that_cannot_be_called_is_an_internal_error() {
        let denial = Denial::not_called("Post \"https://hooks.example.com/\": EOF");
        assert_eq!(
            failure("a.example.com", &denial).message,
            "Internal error occurred: failed calling webhook \"a.example.com\": failed to call webhook: \
             Post \"https://hooks.example.com/\": EOF"
        );
    }
}

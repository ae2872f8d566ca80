//! How the user names a pod.

use super::name;
use crate::error::Error;

/// Words that name a pod in front of `/`.
const POD_WORDS: [&str; 3] = ["pod", "pods", "po"];
/// Words that are, or will be, verbs. A pod of such a name is written `pod/NAME`.
const VERBS: [&str; 4] = ["attach", "completion", "help", "container"];

/// The name of a pod, as it can stand in a URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PodName(String);

impl PodName {
    /// Reads `NAME` or `pod/NAME`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let name = match text.split_once('/') {
            Some((word, name)) if POD_WORDS.contains(&word) => name,
            Some((word, _)) => {
                return Err(Error::Usage {
                    message: format!(
                        "`{word}` in `{text}` is not supported; a pod is named as NAME or pod/NAME"
                    ),
                    hint: None,
                });
            }
            None if VERBS.contains(&text) => {
                return Err(Error::Usage {
                    message: format!("this version has no verb `{text}`"),
                    hint: Some(format!("a pod of that name is written `pod/{text}`")),
                });
            }
            None => text,
        };
        if name::is_subdomain(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Error::usage(format!(
                "`{name}` cannot be the name of a pod"
            )))
        }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

//! How the parts of an error are put in words.

use std::io;

/// As kubectl words it. A code in place of a reason is none.
pub(super) fn refusal(reason: &str, message: &str) -> String {
    match reason {
        "Invalid" if message.contains(" is invalid:") => format!("The {message}"),
        _ if reason.starts_with(|first: char| first.is_ascii_digit()) => {
            format!("Error from server: {message}")
        }
        _ => format!("Error from server ({reason}): {message}"),
    }
}

/// Tells the version of a server, where it is known.
pub(super) fn is_version(version: Option<&str>) -> String {
    version.map_or_else(String::new, |version| {
        format!(": it is Kubernetes {version}")
    })
}

/// Says an operating system's error without its number.
pub fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}

/// Writes names as a sentence has them: `` `a`, `b` ``.
pub fn listed(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() {
        "none".to_owned()
    } else {
        quoted.join(", ")
    }
}

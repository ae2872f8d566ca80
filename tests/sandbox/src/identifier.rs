//! Makes the identifiers that a cluster hands out: uids, container ids, name suffixes.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};

fn random() -> u64 {
    // Each RandomState has keys of its own, so that the hash of nothing is a new number.
    RandomState::new().hash_one(())
}

/// `count` hexadecimal digits.
pub(crate) fn hex(count: usize) -> String {
    let mut text = String::with_capacity(count + 16);
    while text.len() < count {
        if write!(text, "{:016x}", random()).is_err() {
            break;
        }
    }
    text.truncate(count);
    text
}

/// A uid, such as `80174703-05fb-477a-8b24-944436438b72`.
pub(crate) fn uid() -> String {
    let digits = hex(31);
    format!(
        "{}-{}-4{}-a{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..15],
        &digits[15..18],
        &digits[18..30]
    )
}

/// The id of a container in the runtime.
pub(crate) fn container() -> String {
    hex(64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_length_and_differ() {
        assert_eq!(uid().len(), 36);
        assert_eq!(container().len(), 64);
        assert_ne!(uid(), uid());
    }
}

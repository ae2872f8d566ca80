//! Names, as Kubernetes allows them.

/// The letters of a random name: those of Kubernetes' own, which spell no words.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
/// How many random letters a name has.
const SUFFIX: usize = 5;

/// Says what a name must be like, to be shown where one is not.
pub const LABEL_RULE: &str = "it must be at most 63 lower case letters, digits or `-`, and begin and end with a letter or digit";

/// Tells whether a name can be that of a container or a namespace (a DNS label of RFC 1123).
pub fn is_label(name: &str) -> bool {
    let within = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty()
        && name.len() <= 63
        && name.bytes().all(within)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Tells whether a name can be that of a pod (a DNS subdomain of RFC 1123).
pub fn is_subdomain(name: &str) -> bool {
    let within = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(within)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_part)
}

/// Returns a name for a debug container, from a source of random numbers below its argument.
pub fn of_debugger(mut below: impl FnMut(usize) -> usize) -> String {
    let suffix = (0..SUFFIX).map(|_| char::from(LETTERS[below(LETTERS.len())]));
    format!("debugger-{}", suffix.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_the_server_takes() {
        for name in ["a", "0", "web-1", &"x".repeat(63)] {
            assert!(is_label(name) && is_subdomain(name), "{name}");
        }
        for name in [
            "",
            "-a",
            "a-",
            "A",
            "a_b",
            "a b",
            "a/b",
            "..",
            "a\n",
            "é",
            "\u{1b}[0m",
        ] {
            assert!(!is_label(name) && !is_subdomain(name), "{name:?}");
        }
        assert!(!is_label("a.b") && is_subdomain("a.b"));
        assert!(!is_label(&"x".repeat(64)) && is_subdomain(&"x".repeat(253)));
        assert!(!is_subdomain(&"x".repeat(254)));
        assert!(!is_subdomain("a..b"));
    }

    #[test]
    fn a_debugger_is_named_by_chance() {
        let mut numbers = [0, 1, 2, 25, 26].into_iter();
        assert_eq!(of_debugger(|_| numbers.next().unwrap()), "debugger-bcd89");
    }
}

//! What can be the name of an image.
//!
//! The rules are those of the distribution project (`reference/regexp.go`, `reference/normalize.go`), by
//! which kubelets read names: `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.

/// The longest name, without tag and digest.
const LONGEST_NAME: usize = 255;
const LONGEST_TAG: usize = 128;

/// Checks the name of an image; an error says what is wrong with it.
pub(super) fn check(image: &str) -> Result<(), String> {
    if image.is_empty() {
        return Err("it is empty".to_owned());
    }
    if image.contains(char::is_whitespace) {
        return Err("there is a space in it".to_owned());
    }
    if let Some((_, rest)) = image.split_once("://") {
        return Err(format!("an image is named without a scheme: `{rest}`"));
    }
    let (rest, digest) = match image.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (image, None),
    };
    if let Some(digest) = digest {
        check_digest(digest)?;
    }
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        Some(_) | None => (rest, None),
    };
    check_name(name)?;
    tag.map_or(Ok(()), check_tag)
}

fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("no repository is named".to_owned());
    }
    if name.len() > LONGEST_NAME {
        return Err(format!("its name is longer than {LONGEST_NAME} characters"));
    }
    if name.len() == 64 && is_hexadecimal(name) {
        return Err("this looks like the ID of an image, which has no repository".to_owned());
    }
    let path = match name.split_once('/') {
        Some((first, rest)) if is_meant_as_host(first) => {
            check_host(first)?;
            rest
        }
        Some(_) | None => name,
    };
    path.split('/').try_for_each(check_part)
}

/// Tells a host from the first part of a path, as kubelets do.
fn is_meant_as_host(first: &str) -> bool {
    first.contains(['.', ':'])
        || first == "localhost"
        || first.contains(|letter: char| letter.is_ascii_uppercase())
}

fn check_host(host: &str) -> Result<(), String> {
    let wrong = || Err(format!("`{host}` is no host, nor a host with a port"));
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        Some(_) | None => (host, None),
    };
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return wrong();
    }
    let address = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    let is_label = |label: &str| {
        let within = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty()
            && label.bytes().all(within)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_good = match address {
        Some(address) => {
            !address.is_empty()
                && address
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit() || byte == b':')
        }
        None => name.split('.').all(is_label),
    };
    if is_good { Ok(()) } else { wrong() }
}

/// Checks one part of the path: small letters and digits, and between them `.`, `_`, `__` or any
/// number of `-`.
fn check_part(part: &str) -> Result<(), String> {
    if part.is_empty() {
        return Err("a part of its path is empty".to_owned());
    }
    if part.contains(|letter: char| letter.is_ascii_uppercase()) {
        let lower = part.to_ascii_lowercase();
        return Err(format!("a repository has no capital letters: `{lower}`"));
    }
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut between = part.split(|letter: char| letter.is_ascii_alphanumeric());
    let separators_are_good = between.all(|separator| {
        matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
    });
    let ends_are_good =
        part.bytes().next().is_some_and(is_letter) && part.bytes().last().is_some_and(is_letter);
    if separators_are_good && ends_are_good {
        Ok(())
    } else {
        Err(format!("`{part}` cannot be a part of its path"))
    }
}

fn check_tag(tag: &str) -> Result<(), String> {
    if tag.is_empty() {
        return Err("no tag follows the colon".to_owned());
    }
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let within = |byte: u8| is_word(byte) || byte == b'.' || byte == b'-';
    let begins_well = tag.bytes().next().is_some_and(is_word);
    if begins_well && tag.len() <= LONGEST_TAG && tag.bytes().all(within) {
        Ok(())
    } else {
        Err(format!("`{tag}` is no tag"))
    }
}

fn check_digest(digest: &str) -> Result<(), String> {
    let wrong = || {
        Err(format!(
            "`{digest}` is no digest: `sha256:` and 64 hexadecimal digits"
        ))
    };
    let Some((algorithm, hex)) = digest.split_once(':') else {
        return wrong();
    };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return wrong(),
    };
    if hex.len() == length && is_hexadecimal(hex) {
        Ok(())
    } else {
        wrong()
    }
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_kubelets_can_read_pass() {
        let hex = "a".repeat(64);
        for image in [
            "busybox",
            "busybox:1.37",
            "busybox:1.37-GLIBC_x",
            "nicolaka/netshoot",
            "ghcr.io/a/b-c/d__e.f:v1",
            "Registry.example.com:5000/x",
            "localhost:5000/x",
            "localhost/x",
            "Foo/bar",
            "[::1]:5000/x",
            "10.0.0.1:5000/x:y",
            "a---b",
            "x:5000",
            &format!("busybox@sha256:{hex}"),
            &format!("busybox:1.37@sha256:{hex}"),
        ] {
            assert_eq!(check(image), Ok(()), "{image}");
        }
    }

    #[test]
    fn what_no_kubelet_can_read_is_refused_with_what_is_wrong() {
        let long = "x".repeat(256);
        let id = "0123456789abcdef".repeat(4);
        let tag = format!("x:{}", "t".repeat(129));
        for (image, expected) in [
            ("", "it is empty"),
            ("a b", "there is a space in it"),
            ("busybox ", "there is a space in it"),
            ("Busybox", "a repository has no capital letters: `busybox`"),
            (
                "ghcr.io/Org/x",
                "a repository has no capital letters: `org`",
            ),
            ("http://x/y", "an image is named without a scheme: `x/y`"),
            ("busybox:", "no tag follows the colon"),
            (":1", "no repository is named"),
            ("busybox:-1", "`-1` is no tag"),
            ("a//b", "a part of its path is empty"),
            ("a/", "a part of its path is empty"),
            ("-a", "`-a` cannot be a part of its path"),
            ("a..b", "`a..b` cannot be a part of its path"),
            ("a___b", "`a___b` cannot be a part of its path"),
            ("é", "`é` cannot be a part of its path"),
            ("x.y:/z", "`x.y:` is no host, nor a host with a port"),
            ("x.y:p/z", "`x.y:p` is no host, nor a host with a port"),
            ("-x.y/z", "`-x.y` is no host, nor a host with a port"),
            (
                "busybox@sha256:zz",
                "`sha256:zz` is no digest: `sha256:` and 64 hexadecimal digits",
            ),
            (
                "busybox@",
                "`` is no digest: `sha256:` and 64 hexadecimal digits",
            ),
            (&long, "its name is longer than 255 characters"),
            (
                &id,
                "this looks like the ID of an image, which has no repository",
            ),
        ] {
            assert_eq!(check(image), Err(expected.to_owned()), "{image}");
        }
        assert!(check(&tag).is_err());
    }
}

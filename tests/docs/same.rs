//! Whether a screen shows what a page says, but for what differs from run to run.
//!
//! Any value will do for: the random end of a name (`debugger-x7k2p`, `shop-6d4b75cb6d-x2x5p`), a length of time
//! (`3m20s`, `0.4`), a time by RFC 3339, a uid, a digest or commit, a port of 127.0.0.1, a platform. Two spaces are as good as
//! three. A line `...` stands for any lines.

/// Tells whether a screen shows what a page says.
pub(crate) fn is_same(said: &[String], shown: &[String]) -> bool {
    let said: Vec<_> = said.iter().map(|line| settled(line)).collect();
    let shown: Vec<_> = shown.iter().map(|line| settled(line)).collect();
    matches(&said, &shown)
}

/// Returns what a page is to say: what the screen shows, but for the answers that are the same, which stay.
pub(crate) fn renewed(said: &[String], shown: &[String]) -> Vec<String> {
    let answers = |lines: &[String]| {
        let mut answers: Vec<Vec<String>> = Vec::new();
        for line in lines {
            let begins = line.starts_with("$ ");
            match answers.last_mut().filter(|_| !begins) {
                Some(answer) => answer.push(line.clone()),
                None => answers.push(vec![line.clone()]),
            }
        }
        answers
    };
    let (said, shown) = (answers(said), answers(shown));
    let mut renewed = Vec::new();
    for (at, answer) in shown.into_iter().enumerate() {
        let stays = said.get(at).filter(|said| is_same(said, &answer));
        renewed.extend(stays.cloned().unwrap_or(answer));
    }
    renewed
}

fn matches(said: &[String], shown: &[String]) -> bool {
    match said.split_first() {
        None => shown.is_empty(),
        Some((line, rest)) if line == "..." => {
            (0..=shown.len()).any(|passed| matches(rest, &shown[passed..]))
        }
        Some((line, rest)) => shown.first() == Some(line) && matches(rest, &shown[1..]),
    }
}

/// Replaces what differs from run to run.
fn settled(line: &str) -> String {
    let words = line.split_whitespace().map(|word| {
        let is_core = |c: char| c.is_ascii_alphanumeric();
        let core = word.trim_matches(|c| !is_core(c));
        if core.is_empty() {
            word.to_owned()
        } else {
            word.replacen(core, &settled_word(core), 1)
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn settled_word(word: &str) -> String {
    for (before, after) in [("=", 1), ("://", 3), ("/", 1)] {
        if let Some(at) = word.find(before)
            && at + after < word.len()
        {
            let (first, rest) = word.split_at(at + after);
            let first = &first[..at];
            if is_platform(word) {
                return "PLATFORM".to_owned();
            }
            return format!("{}{before}{}", settled_word(first), settled_word(rest));
        }
    }
    if let Some(port) = word.strip_prefix("127.0.0.1:") {
        let rest = port.trim_start_matches(|c: char| c.is_ascii_digit());
        return format!("127.0.0.1:PORT{rest}");
    }
    if is_time(word) {
        return "TIME".to_owned();
    }
    if is_length(word) {
        return "LENGTH".to_owned();
    }
    if is_uid(word) {
        return "UID".to_owned();
    }
    let digest = word.strip_prefix("sha256:").unwrap_or(word);
    if digest.len() >= 40 && digest.chars().all(|c| c.is_ascii_hexdigit()) {
        return "DIGEST".to_owned();
    }
    let parts: Vec<_> = word.split('-').collect();
    match parts.as_slice() {
        ["debugger", end, rest @ ..] if is_random(end) => ["debugger-*"]
            .into_iter()
            .chain(rest.iter().copied())
            .collect::<Vec<_>>()
            .join("-"),
        [first @ .., set, end] if !first.is_empty() && is_hash(set) && is_random(end) => {
            format!("{}-*", first.join("-"))
        }
        _ => word.to_owned(),
    }
}

fn is_random(word: &str) -> bool {
    word.len() == 5
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// The hash of a replica set, in the letters that Kubernetes takes for random names.
fn is_hash(word: &str) -> bool {
    (8..=10).contains(&word.len())
        && word
            .chars()
            .all(|c| "bcdfghjklmnpqrstvwxz2456789".contains(c))
}

fn is_time(word: &str) -> bool {
    let shape: String = word
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    shape.starts_with("0000-00-00T00:00:00")
}

/// `3m20s`, `0s`, `250ms`, and seconds with their fraction, `0.4`.
fn is_length(word: &str) -> bool {
    let is_unit = |c: char| matches!(c, 's' | 'm' | 'h' | 'd');
    let has_fraction = word.split_once('.').is_some_and(|(whole, part)| {
        part.len() == 1
            && [whole, part]
                .iter()
                .all(|it| it.chars().all(|c| c.is_ascii_digit()))
    });
    has_fraction
        || word.starts_with(|c: char| c.is_ascii_digit())
            && word.ends_with(is_unit)
            && word.chars().all(|c| c.is_ascii_digit() || is_unit(c))
}

fn is_uid(word: &str) -> bool {
    let lengths: Vec<_> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

fn is_platform(word: &str) -> bool {
    let Some((system, machine)) = word.split_once('/') else {
        return false;
    };
    ["linux", "darwin", "windows"].contains(&system) && ["amd64", "arm64"].contains(&machine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_differs_from_run_to_run_is_the_same() {
        for (said, shown) in [
            ("added `debugger-x7k2p` to", "added `debugger-00000` to"),
            ("pod/debugger-x7k2p   3m20s", "pod/debugger-aaaaa 0s"),
            ("shop-6d4b75cb6d-x2x5p  1/1", "shop-7f9c8d6b5-aaaaa 1/1"),
            (
                "uid: 6e1c2d3e-1111-2222-3333-444455556666",
                "uid: 00000000-1111-2222-3333-444455556666",
            ),
            (
                "  at: \"2026-01-02T03:04:05Z\"",
                "  at: \"2026-11-12T13:14:15.5Z\"",
            ),
            (
                "https://127.0.0.1:6443: refused",
                "https://127.0.0.1:40001: refused",
            ),
            ("a\n...\nd", "a\nb\nc\nd"),
            ("a\n...\nd", "a\nd"),
        ] {
            assert!(is_same(&lines(said), &lines(shown)), "{said}\n{shown}");
        }
    }

    #[test]
    fn answers_that_are_the_same_stay() {
        let said = lines("$ a\n...\nlast 1s\n$ b\nold");
        let shown = lines("$ a\nfirst\nlast 2s\n$ b\nnew");
        let expected = lines("$ a\n...\nlast 1s\n$ b\nnew");
        assert_eq!(renewed(&said, &shown), expected);
    }

    #[test]
    fn what_matters_is_not() {
        for (said, shown) in [
            ("added debugger-x7k2p", "added shell-x7k2p"),
            ("code 3", "code 4"),
            ("a\nb", "a"),
            ("a", "a\nb"),
            ("a\n...\nd", "a\nb\nc"),
            ("busybox:1.37", "busybox:1.36"),
            ("5m", "five"),
        ] {
            assert!(!is_same(&lines(said), &lines(shown)), "{said}\n{shown}");
        }
    }
}

//! Which entry of a list in the kubeconfig is meant.

use super::failed;
use crate::error::{Error, listed};

/// How many names are told where there are more.
const TOLD: usize = 10;

/// Says that a name is not there, which is most like it, and which are.
pub(super) fn unknown(what: &str, name: &str, of: &str, known: &[String]) -> Error {
    let near = nearest(name, known);
    let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let known = some(known);
    failed(
        format!("{what} \"{name}\"{of} does not exist"),
        Some(&format!("{near}the kubeconfig has {known}")),
    )
}

/// Writes names as a sentence has them, not more than one can read.
pub(super) fn some(known: &[String]) -> String {
    match known.len().checked_sub(TOLD) {
        None | Some(0) => listed(known),
        Some(more) => format!("{} and {more} more", listed(&known[..TOLD])),
    }
}

/// Returns the name that is most like another, if it is like enough to be meant.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let most = (name.chars().count() / 3).min(4);
    let near = known
        .iter()
        .map(|candidate| (distance(name, candidate), candidate.as_str()))
        .filter(|(distance, _)| *distance <= most)
        .min();
    let longer = || {
        let mut longer = known.iter().filter(|candidate| candidate.contains(name));
        longer
            .next()
            .filter(|_| name.len() > 2 && longer.next().is_none())
    };
    near.map(|(_, name)| name)
        .or_else(|| longer().map(String::as_str))
}

/// Counts the letters that must be changed, added or removed to make one word of another.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, theirs) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *theirs);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found_among_what_is_there() {
        let known = ["production", "staging", "kind-dev"].map(str::to_owned);
        for (name, expected) in [
            ("prodution", Some("production")),
            ("Staging", Some("staging")),
            ("dev", Some("kind-dev")),
            ("nope", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &known), expected, "{name}");
        }
    }

    #[test]
    fn a_list_is_no_longer_than_one_can_read() {
        let many: Vec<_> = (0..12).map(|number| format!("c{number}")).collect();
        assert!(some(&many).ends_with("`c9` and 2 more"));
        assert_eq!(some(&many[..2]), "`c0`, `c1`");
    }
}

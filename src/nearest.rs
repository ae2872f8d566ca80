//! Which name was meant, where the one that was given is not there.

use std::mem;

/// Returns the name that is most like another, if it is like enough to be meant.
pub fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
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

/// Counts the letters that must be changed, added, removed or swapped with their neighbour to make one
/// word of another.
fn distance(one: &str, other: &str) -> usize {
    let letters = |word: &str| word.to_lowercase().chars().collect::<Vec<_>>();
    let (one, other) = (letters(one), letters(other));
    // The distances of the beginnings: of the letters so far, and of one and two letters less.
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut row = vec![at + 1];
        for (column, theirs) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != theirs);
            let mut fewest = replaced.min(last[column + 1] + 1).min(row[column] + 1);
            let is_swapped =
                at > 0 && column > 0 && *letter == other[column - 1] && one[at - 1] == *theirs;
            if is_swapped {
                fewest = fewest.min(before[column - 1] + 1);
            }
            row.push(fewest);
        }
        before = mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
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
            ("tsaging", Some("staging")),
            ("kdni-dev", Some("kind-dev")),
            ("dev", Some("kind-dev")),
            ("nope", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &known), expected, "{name}");
        }
    }
}

//! Which name was meant, where the one that was given is not there.

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
}

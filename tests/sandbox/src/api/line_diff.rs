//! Compares two texts line by line, as a unified diff with three lines around each change.

/// A stretch of lines that both texts have: where it starts in each, and its length.
type Match = (usize, usize, usize);

const AROUND: usize = 3;

/// The diff without its head; empty if there is no difference.
pub(crate) fn unified(old: &[String], new: &[String]) -> String {
    let mut matches = Vec::new();
    collect(old, new, (0, 0), &mut matches);
    matches.push((old.len(), new.len(), 0));
    let mut out = String::new();
    for group in groups(&matches) {
        write(&mut out, old, new, &group);
    }
    out
}

/// The longest common stretch, then what is before and after it.
fn collect(old: &[String], new: &[String], at: (usize, usize), matches: &mut Vec<Match>) {
    let (mut start, mut longest) = ((0, 0), 0);
    let mut lengths = vec![0; new.len() + 1];
    for (i, line) in old.iter().enumerate() {
        let mut next = vec![0; new.len() + 1];
        for (j, other) in new.iter().enumerate() {
            if line == other {
                next[j + 1] = lengths[j] + 1;
                if next[j + 1] > longest {
                    longest = next[j + 1];
                    start = (i + 1 - longest, j + 1 - longest);
                }
            }
        }
        lengths = next;
    }
    if longest == 0 {
        return;
    }
    let (i, j) = start;
    collect(&old[..i], &new[..j], at, matches);
    matches.push((at.0 + i, at.1 + j, longest));
    let (i, j) = (i + longest, j + longest);
    collect(&old[i..], &new[j..], (at.0 + i, at.1 + j), matches);
}

/// A change: the lines that go and the lines that come.
#[derive(Debug, Clone, Copy)]
struct Change {
    old: (usize, usize),
    new: (usize, usize),
}

/// Changes that are close to each other are shown together.
fn groups(matches: &[Match]) -> Vec<Vec<Change>> {
    let mut groups: Vec<Vec<Change>> = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (old, new, length) in matches {
        if (i, j) != (*old, *new) {
            let change = Change {
                old: (i, *old),
                new: (j, *new),
            };
            match groups.last_mut() {
                Some(group)
                    if group
                        .last()
                        .is_some_and(|last| i - last.old.1 <= 2 * AROUND) =>
                {
                    group.push(change);
                }
                _ => groups.push(vec![change]),
            }
        }
        (i, j) = (old + length, new + length);
    }
    groups
}

fn write(out: &mut String, old: &[String], new: &[String], group: &[Change]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return;
    };
    let before = first.old.0.min(AROUND);
    let after = (old.len() - last.old.1).min(AROUND);
    let range = |start: usize, end: usize| {
        let (start, length) = (start - before, end + after - (start - before));
        match length {
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            _ => format!("{},{length}", start + 1),
        }
    };
    let (from, to) = (
        range(first.old.0, last.old.1),
        range(first.new.0, last.new.1),
    );
    out.extend([
        "@@ -", &from, " +", &to, " @@
",
    ]);
    let mut lines = |sign: char, lines: &[String]| {
        for line in lines {
            out.push(sign);
            out.push_str(line);
            out.push('\n');
        }
    };
    let mut at = first.old.0 - before;
    for change in group {
        lines(' ', &old[at..change.old.0]);
        lines('-', &old[change.old.0..change.old.1]);
        lines('+', &new[change.new.0..change.new.1]);
        at = change.old.1;
    }
    lines(' ', &old[at..at + after]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: &str, new: &str) -> String {
        let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        unified(&lines(old), &lines(new))
    }

    #[test]
    fn three_lines_are_shown_around_a_change() {
        assert_eq!(
            diff("a b c d e f g h", "a b c d X f g h"),
            "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+X\n f\n g\n h\n"
        );
        assert_eq!(diff("a b", "a b"), "");
    }

    #[test]
    fn what_comes_before_its_like_is_what_is_new() {
        assert_eq!(
            diff("[ { a } ]", "[ { b } { a } ]"),
            "@@ -1,4 +1,7 @@\n [\n+{\n+b\n+}\n {\n a\n }\n"
        );
    }

    #[test]
    fn changes_far_from_each_other_are_apart() {
        let found = diff("a 1 2 3 4 5 6 7 b", "A 1 2 3 4 5 6 7 B");
        assert_eq!(found.matches("@@ -").count(), 2);
    }
}

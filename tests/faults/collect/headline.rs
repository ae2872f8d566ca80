//! The one line of all that a run said that tells what happened.

/// How such a line begins or what it contains, from the most telling on.
const TELLING: [&str; 19] = [
    "error: ",
    "Error from server",
    " is invalid:",
    "warning: the stream stayed open",
    "the container ended: ",
    "connection lost: ",
    "log broke off",
    "comes from the log",
    "connected again",
    "nobody reads the output",
    "left container",
    "disconnected; ",
    "has printed nothing yet",
    "waiting: the exit code",
    "trying again: ",
    "the cluster changed",
    "warning: ",
    "hint: the container stays",
    "not suspended",
];
const LONGEST: usize = 160;

/// Returns the headline, without what differs from run to run.
pub(crate) fn of(said: &str) -> Option<String> {
    let plain = plain(said);
    let lines: Vec<_> = plain.split(['\n', '\r']).map(str::trim).collect();
    let line = TELLING
        .iter()
        .find_map(|telling| lines.iter().find(|line| line.contains(telling)))?;
    // What we say may come behind the prompt of a shell that is gone.
    let line = line.strip_prefix("/ # ").unwrap_or(line);
    let mut line = settled(line);
    if line.chars().count() > LONGEST {
        line = line.chars().take(LONGEST - 1).collect::<String>() + "…";
    }
    Some(line)
}

/// Takes out what moves a cursor or sets a colour.
fn plain(said: &str) -> String {
    let mut plain = String::new();
    let mut characters = said.chars();
    while let Some(character) = characters.next() {
        match character {
            '\x1b' => {
                if characters.next() == Some('[') {
                    characters.by_ref().find(char::is_ascii_alphabetic);
                }
            }
            '\n' | '\r' => plain.push(character),
            character if character.is_control() => {}
            character => plain.push(character),
        }
    }
    plain
}

fn settled(line: &str) -> String {
    let line = line.replace("the connection was reset", "the connection was cut");
    let line = without(
        &line,
        "debugger-",
        |letter| letter.is_ascii_alphanumeric(),
        "…",
    );
    let line = without(&line, "127.0.0.1:", |digit| digit.is_ascii_digit(), "PORT");
    let line = without(&line, "again after ", |digit| digit.is_ascii_digit(), "…");
    let line = without(&line, "exit code (", |digit| digit.is_ascii_digit(), "…");
    let line = without(
        &line,
        "/tmp/.tmp",
        |letter| letter.is_ascii_alphanumeric(),
        "…",
    );
    without(
        &line,
        "it is ",
        |letter| letter.is_ascii_digit() || letter == '-',
        "…",
    )
}

/// Replaces what follows a word, as far as it is of this kind.
fn without(line: &str, word: &str, kind: impl Fn(char) -> bool, by: &str) -> String {
    let mut settled = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(word) {
        let (before, after) = rest.split_at(at + word.len());
        let next = after.trim_start_matches(&kind);
        settled.push_str(before);
        if next.len() < after.len() {
            settled.push_str(by);
        }
        rest = next;
    }
    settled + rest
}

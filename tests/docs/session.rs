//! Plays what a page shows in a console.
//!
//! A line that begins with a prompt is typed: `$ ` to the reader's own shell, `> ` where that goes on, `/ # ` to a
//! shell in a container, where `<Ctrl-P>` is a key. All else is what the screen shows.

use crate::{block::Block, shell::Shell};

const HOME: &str = "$ ";
const GOES_ON: &str = "> ";
const INSIDE: &str = "/ # ";

/// Plays a block, and returns what the screen showed, without the last prompt.
///
/// Before each line that the reader's own shell gets, the cluster comes to rest.
pub(crate) fn play(
    block: &Block,
    shell: &mut Shell,
    rest: impl Fn(),
) -> Result<Vec<String>, String> {
    let mut said_of_keys = Vec::new();
    let mut leaving = None;
    let mut may_go_on = false;
    for line in &block.text {
        let prompts = [HOME, INSIDE, GOES_ON];
        let prompt = prompts.into_iter().find(|prompt| line.starts_with(prompt));
        let Some(prompt) = prompt.filter(|prompt| *prompt != GOES_ON || may_go_on) else {
            may_go_on = false;
            continue;
        };
        may_go_on = prompt != INSIDE;
        shell.wait_for_prompt(prompt)?;
        if prompt == HOME {
            rest();
        }
        let typed = &line[prompt.len()..];
        match keys(typed) {
            Some(keys) => {
                let row = shell.type_keys(&keys);
                said_of_keys.push((row, line.clone()));
            }
            None => {
                let row = shell.type_keys(&format!("{typed}\r"));
                let is_end = prompt == INSIDE && typed.starts_with("exit");
                leaving = leaving.or(is_end.then_some(row));
            }
        }
    }
    shell.wait_for_prompt(HOME)?;
    let mut shown = shell.lines();
    shown.pop();
    // The shell of this machine repeats the word, that of an image does not.
    if let Some(after) = leaving.map(|row| usize::from(row) + 1)
        && shown.get(after).is_some_and(|line| line == "exit")
    {
        shown.remove(after);
    }
    for (row, line) in said_of_keys {
        shown[usize::from(row)] = line;
    }
    Ok(shown)
}

/// Returns the bytes of keys, if only keys are named: `<Ctrl-P> <Ctrl-Q>`.
fn keys(typed: &str) -> Option<String> {
    let key = |word: &str| {
        let name = word.strip_prefix("<Ctrl-")?.strip_suffix('>')?;
        let letter = name.chars().next()?.to_ascii_uppercase();
        char::from_u32(u32::from(letter).checked_sub(0x40)?)
    };
    typed
        .split_whitespace()
        .map(key)
        .collect::<Option<String>>()
        .filter(|keys| !keys.is_empty())
}

#[test]
fn keys_are_told_from_words() {
    assert_eq!(keys("<Ctrl-P> <Ctrl-Q>").as_deref(), Some("\u{10}\u{11}"));
    assert_eq!(keys("echo <Ctrl-P>"), None);
    assert_eq!(keys(""), None);
}

//! Holds a command back until somebody is attached who sees all of its output, and holds its end
//! back until all of it has arrived.
//!
//! A stream carries only what is written after it was opened, and many servers lose what a
//! container writes just before it ends. So a small shell script goes in front of the command: it
//! waits for a line, runs the command, and waits for another one. What it says itself stands in
//! marks, each a token that nobody else writes, a word and a newline:
//!
//! | word | on | when |
//! |---|---|---|
//! | `go` | both streams | the line has come; the command runs now |
//! | `none` | standard error | the command could not be executed |
//! | `end` | standard output | the command has ended |
//! | its exit code | standard error | the command has ended |
//!
//! Without `go`, the output began before anybody saw it: nobody was attached for 20 seconds.
//!
//! Where a server cannot pass on the end of input, the first line is `frames`. What the command is to read
//! then comes in pieces, each after a line with its length in bytes; a length of 0 is the end.
//!
//! The script is what runtimes send SIGTERM to. It passes it on, and ends as the command does.

use bytes::Bytes;
use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::parts;

/// How long a command waits for somebody to attach, in seconds. The scripts have it too.
pub const LIMIT: u64 = 20;
/// How the script ends where the command that was to read a pipe was not run: nobody came, the container
/// was asked to end before, or the image has nothing that could take pieces apart.
pub const NOT_RUN: u8 = 124;

/// How the end of the input of a command comes to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Feed {
    /// The server passes it on.
    Plain,
    /// It is told within the input.
    Frames,
}

impl Feed {
    /// What opens the gate.
    pub fn opening(self) -> Bytes {
        Bytes::from_static(match self {
            Self::Plain => b"\n",
            Self::Frames => b"frames\n",
        })
    }

    /// Returns a piece of input as it is sent. None is empty: that would be the end.
    pub fn piece(self, input: Bytes) -> Bytes {
        match self {
            Self::Plain => input,
            Self::Frames if input.is_empty() => input,
            Self::Frames => [format!("{}\n", input.len()).as_bytes(), &input]
                .concat()
                .into(),
        }
    }

    /// Returns what is sent after the last piece, if something is.
    pub fn end(self) -> Option<Bytes> {
        match self {
            Self::Plain => None,
            Self::Frames => Some(Bytes::from_static(b"0\n")),
        }
    }
}

/// The command reads nothing, and runs in the end even if nobody comes.
const OUTPUT: &str = concat!(
    include_str!("gate/begin.sh"),
    include_str!("gate/output.sh"),
    include_str!("gate/end.sh")
);
/// The command reads what is sent after the first line; without anybody who sends it does not run.
const PIPE: &str = concat!(
    include_str!("gate/begin.sh"),
    include_str!("gate/pipe.sh"),
    include_str!("gate/end.sh")
);
const SHELL: &str = "sh";
/// How many words stand before the command: the shell, `-c`, the script, and the shell's name.
const SHELL_WORDS: usize = 4;
/// Where a token begins, so that whoever meets one in a log knows whose it is.
const PREFIX: &str = "kubectl-ephemeral:";
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// How many random letters each half of a token has: together 82 bits.
const HALF: usize = 8;

/// What stands between a command and its streams.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Gate {
    token: Token,
    passage: Passage,
}

/// What a command is given to read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Passage {
    /// Nothing.
    Output,
    /// What we are given.
    Pipe,
}

/// What nobody but the script writes.
///
/// The script's text has it in two parts, so that a list of processes does not show it whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token {
    first: String,
    second: String,
}

impl Token {
    /// Makes a token from a source of random numbers below its argument.
    pub fn new(mut below: impl FnMut(usize) -> usize) -> Self {
        let mut half = || -> String {
            let letters = (0..HALF).map(|_| char::from(LETTERS[below(LETTERS.len())]));
            letters.collect()
        };
        Self {
            first: format!("{PREFIX}{}", half()),
            second: half(),
        }
    }

    /// Finds the token in a script, if there is one.
    fn of(script: &str) -> Option<Self> {
        let line = script
            .lines()
            .find_map(|line| line.strip_prefix("_gate="))?;
        let (first, second) = line.strip_suffix('\'')?.split_once('\'')?;
        Some(Self {
            first: first.to_owned(),
            second: second.to_owned(),
        })
    }
}

impl Gate {
    /// Puts a gate in front of a container's command, where one can be: the command is known, it
    /// has no terminal, and no shell would take its first word for something else.
    pub fn hold(container: &mut EphemeralContainer, pod: &Pod, token: Token) -> bool {
        let Some((passage, command)) = held(container, pod) else {
            return false;
        };
        let script = Self { token, passage }.script();
        let shell = [SHELL, "-c", &script, SHELL].map(str::to_owned);
        container.command = Some([&shell[..], command].concat());
        container.stdin = Some(true);
        // When the client goes, the script sees the end of its input, and waits no longer.
        container.stdin_once = Some(true);
        true
    }

    /// Finds the gate of a container.
    pub fn of(container: &EphemeralContainer) -> Option<Self> {
        Self::before(container.command.as_deref()?)
    }

    /// Finds the gate before a command.
    fn before(command: &[String]) -> Option<Self> {
        let [shell, option, script, name, _, ..] = command else {
            return None;
        };
        if shell != SHELL || option != "-c" || name != SHELL {
            return None;
        }
        let token = Token::of(script)?;
        let gate = |passage| Self {
            token: token.clone(),
            passage,
        };
        [Passage::Output, Passage::Pipe]
            .into_iter()
            .map(gate)
            .find(|gate| gate.script() == *script)
    }

    /// What every mark begins with.
    pub fn token(&self) -> String {
        [self.token.first.as_str(), &self.token.second].concat()
    }

    /// What the command is given to read.
    pub fn passage(&self) -> Passage {
        self.passage
    }

    /// Returns a container as it would be without its gate.
    #[must_use]
    pub fn lift(mut container: EphemeralContainer) -> EphemeralContainer {
        let reads = container.stdin == Some(true);
        let (command, read) = Self::lifted(container.command.unwrap_or_default(), reads);
        if reads && !read {
            (container.stdin, container.stdin_once) = (None, None);
        }
        container.command = (!command.is_empty()).then_some(command);
        container
    }

    /// Returns a command, and whether it reads, as it would be without its gate.
    pub fn lifted(mut command: Vec<String>, reads: bool) -> (Vec<String>, bool) {
        let Some(gate) = Self::before(&command) else {
            return (command, reads);
        };
        command.drain(..SHELL_WORDS);
        (command, gate.passage == Passage::Pipe)
    }

    /// Tells whether the command behind a gate is the same shell.
    pub fn is_before_shell(container: &EphemeralContainer) -> bool {
        let command = container.command.as_deref().unwrap_or_default();
        command.get(SHELL_WORDS).is_some_and(|word| word == SHELL)
    }

    /// Tells whether what a runtime cannot find is the gate's own shell.
    pub fn is_shell(missing: &str) -> bool {
        missing == SHELL
    }

    fn script(&self) -> String {
        let script = match self.passage {
            Passage::Output => OUTPUT,
            Passage::Pipe => PIPE,
        };
        script
            .replace("@FIRST@", &self.token.first)
            .replace("@SECOND@", &self.token.second)
    }
}

/// Returns the command that can be held, and what it reads.
fn held<'a>(container: &'a EphemeralContainer, pod: &Pod) -> Option<(Passage, &'a [String])> {
    let passage = match (container.tty, container.stdin, container.stdin_once) {
        (Some(true), _, _) => return None,
        (_, Some(true), Some(true)) => Passage::Pipe,
        // Whoever wants its input to outlive us gets what was asked for.
        (_, Some(true), _) => return None,
        (_, _, _) => Passage::Output,
    };
    let command = container.command.as_deref()?;
    let first = command.first()?;
    let has_shell = !parts::is_windows(pod);
    (has_shell && !first.is_empty() && !first.starts_with('-')).then_some((passage, command))
}

#[cfg(test)]
mod tests;

#[cfg(test)]
#[cfg(unix)]
mod script_tests;

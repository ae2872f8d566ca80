//! What a shell wants to have completed: from the words so far to a question. Pure.

mod offered;

use std::ffi::OsString;

use clap::{Arg, Args, Command, CommandFactory, FromArgMatches};

use super::{Cli, ConnectionArgs, Kind, Program, WorkloadKind};

/// The first word by which our scripts for shells call us for it.
const VERB: &str = "__complete";

/// A word that may stand where the cursor is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Candidate {
    /// The whole word.
    pub word: String,
    /// What it means, or nothing.
    pub about: String,
}

/// What stands at the cursor, and what decides what may stand there.
#[derive(Clone, Debug)]
pub struct Completing {
    /// What stands before each answer, such as `deploy/`.
    pub kept: String,
    /// How an answer begins, after what is kept.
    pub begun: String,
    /// What may stand there.
    pub question: Question,
    /// Which cluster the words so far name, and as whom.
    pub connection: ConnectionArgs,
    /// The pod that they name: NAME or TYPE/NAME.
    pub pod: Option<String>,
}

/// What may stand where the cursor is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Question {
    /// Nothing that we know.
    Nothing,
    /// One of these.
    Words(Vec<Candidate>),
    /// A file; with one of these extensions, if there are any.
    File(&'static [&'static str]),
    /// A folder.
    Folder,
    /// The name of a context, a cluster or a user of the kubeconfig.
    Context,
    Cluster,
    User,
    Namespace,
    /// A pod, or after `pod/` its name.
    Pod,
    /// A pod, a type with `/`, or one of these words.
    PodOr(Vec<Candidate>),
    /// The name of one of these.
    Workload(WorkloadKind),
    /// A container of the pod whose processes can be seen.
    Target,
    /// An ephemeral container of the pod.
    Ephemeral,
    /// An image.
    Image,
}

impl Completing {
    /// Reads all words of a command line, if it asks for a completion; the first is the program's name.
    pub fn asked(words: &[OsString]) -> Option<Self> {
        let (program, words) = words.split_first()?;
        let program = Program::of(Some(program.as_os_str()));
        let words = match words.split_first() {
            _ if program.is_completer() => words,
            Some((verb, words)) if verb == VERB => words,
            _ => return None,
        };
        let words = words.iter().map(|word| word.to_string_lossy().into_owned());
        Some(Self::of(&words.collect::<Vec<_>>()))
    }

    /// Reads the words after `kubectl ephemeral`, of which the last is to be completed. What cannot
    /// be understood is passed over.
    fn of(words: &[String]) -> Self {
        let mut command = Cli::command();
        command.build();
        let (last, before) = match words.split_last() {
            Some((last, before)) => (last.as_str(), before),
            None => ("", words),
        };
        let mut line = Line::new(&command);
        for word in before {
            line.take(word);
        }
        let cursor = line.cursor(last);
        Self {
            kept: cursor.kept.to_owned(),
            begun: cursor.begun.to_owned(),
            question: cursor.question,
            connection: connection(&line.given),
            pod: line.positions.first().cloned(),
        }
    }
}

/// The words before the cursor, as far as they are understood.
struct Line<'a> {
    command: &'a Command,
    /// The main job or a verb, whose flags may follow.
    job: &'a Command,
    is_verb: bool,
    /// Flags with their values.
    given: Vec<(&'a Arg, String)>,
    /// Words that are neither flag nor value.
    positions: Vec<String>,
    /// The flag whose value comes next.
    open: Option<&'a Arg>,
    /// Whether `--` has been seen.
    is_over: bool,
}

impl<'a> Line<'a> {
    fn new(command: &'a Command) -> Self {
        Self {
            command,
            job: command,
            is_verb: false,
            given: Vec::new(),
            positions: Vec::new(),
            open: None,
            is_over: false,
        }
    }

    fn take(&mut self, word: &str) {
        if self.is_over {
        } else if let Some(flag) = self.open.take() {
            self.given.push((flag, word.to_owned()));
        } else if word == "--" {
            self.is_over = true;
        } else if let Some(flag) = word.strip_prefix("--") {
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (flag, None),
            };
            if let Some(flag) = self.long(name) {
                self.flag(flag, value);
            }
        } else if let Some((flag, value)) = self.last_short(word) {
            self.flag(flag, value);
        } else if !word.starts_with('-') || word == "-" {
            self.position(word);
        }
    }

    fn flag(&mut self, flag: &'a Arg, value: Option<&str>) {
        match value {
            None if wants_the_next_word(flag) => self.open = Some(flag),
            value => self
                .given
                .push((flag, value.unwrap_or_default().to_owned())),
        }
    }

    fn position(&mut self, word: &str) {
        let verb = self.command.find_subcommand(word);
        match verb.filter(|_| !self.is_verb && self.positions.is_empty()) {
            Some(verb) => {
                self.job = verb;
                self.is_verb = true;
            }
            None => self.positions.push(word.to_owned()),
        }
    }

    /// Finds a flag by its long name; `_` counts as `-`, as in kubectl.
    fn long(&self, name: &str) -> Option<&'a Arg> {
        let name = name.replace('_', "-");
        let is_named = |flag: &&Arg| flag.get_long() == Some(name.as_str());
        self.job.get_arguments().find(is_named)
    }

    /// Reads short flags in one word, and returns the last of them, with its value if it is in there.
    fn last_short<'b>(&mut self, word: &'b str) -> Option<(&'a Arg, Option<&'b str>)> {
        let mut letters = word.strip_prefix('-')?.chars();
        loop {
            let letter = letters.next()?;
            let is_named = |flag: &&Arg| flag.get_short() == Some(letter);
            let flag = self.job.get_arguments().find(is_named)?;
            let rest = letters.as_str();
            if let Some(value) = rest.strip_prefix('=') {
                return Some((flag, Some(value)));
            }
            if wants_the_next_word(flag) {
                return Some((flag, (!rest.is_empty()).then_some(rest)));
            }
            if rest.is_empty() {
                return Some((flag, None));
            }
            self.given.push((flag, String::new()));
        }
    }

    /// Says what may stand in the last word.
    fn cursor<'b>(&mut self, last: &'b str) -> Cursor<'b> {
        if self.is_over {
            return Cursor::whole(last, Question::File(&[]));
        }
        if let Some(flag) = self.open {
            return self.value(flag, "", last);
        }
        if let Some(flag) = last.strip_prefix("--") {
            return match flag.split_once('=') {
                // A shell puts the flag before what we answer, as kubectl's own scripts do.
                Some((name, value)) => match self.long(name) {
                    Some(flag) => self.value(flag, "", value),
                    None => Cursor::whole(last, Question::Nothing),
                },
                None => Cursor::whole(last, Question::Words(self.flags())),
            };
        }
        if last == "-" {
            return Cursor::whole(last, Question::Words(self.flags()));
        }
        if !last.starts_with('-') {
            return self.place(last);
        }
        match self.last_short(last) {
            Some((flag, Some(value))) => {
                let before = last.strip_suffix(value).unwrap_or_default();
                let kept = if before.ends_with('=') { "" } else { before };
                self.value(flag, kept, value)
            }
            Some((_, None)) | None => Cursor::whole(last, Question::Nothing),
        }
    }

    /// The flags that can still be given.
    fn flags(&self) -> Vec<Candidate> {
        let is_given = |flag: &Arg| {
            self.given
                .iter()
                .any(|(given, _)| given.get_id() == flag.get_id())
        };
        let flags = self.job.get_arguments();
        flags
            .filter(|flag| !is_given(flag) || offered::is_repeated(flag))
            .flat_map(offered::spellings)
            .collect()
    }

    /// A value of a flag, of which something stands before it in the same word.
    fn value<'b>(&self, flag: &Arg, kept: &'b str, value: &'b str) -> Cursor<'b> {
        let is_reused = self.given.iter().any(|(flag, _)| flag.get_id() == "reuse");
        let question = offered::value(flag, self.verb(), is_reused);
        match value.rsplit_once(',') {
            // Of a list the last item is completed.
            Some((items, last)) if flag.get_value_delimiter().is_some() => Cursor {
                kept: &value[..=items.len()],
                begun: last,
                question,
            },
            _ => Cursor {
                kept,
                begun: value,
                question,
            },
        }
    }

    /// A word that is neither flag nor value.
    fn place<'b>(&self, last: &'b str) -> Cursor<'b> {
        if !self.positions.is_empty() {
            return Cursor::whole(last, Question::Nothing);
        }
        let verbs = || offered::verbs(self.command);
        let verbs = match self.verb() {
            Some("help") => return Cursor::whole(last, Question::Words(verbs())),
            Some("completion" | "version") => {
                let words = self.job.get_positionals().flat_map(offered::listed);
                return Cursor::whole(last, Question::Words(words.collect()));
            }
            Some(_) => Vec::new(),
            None => verbs(),
        };
        let Some((word, name)) = last.split_once('/') else {
            return Cursor::whole(last, Question::PodOr(verbs));
        };
        Cursor {
            kept: &last[..=word.len()],
            begun: name,
            question: match Kind::of_word(word) {
                Some(Kind::Pod) => Question::Pod,
                Some(Kind::Workload(kind)) => Question::Workload(kind),
                Some(Kind::Node) | None => Question::Nothing,
            },
        }
    }

    fn verb(&self) -> Option<&str> {
        self.is_verb.then(|| self.job.get_name())
    }
}

/// The last word, and what may stand there.
struct Cursor<'b> {
    kept: &'b str,
    begun: &'b str,
    question: Question,
}

impl<'b> Cursor<'b> {
    fn whole(begun: &'b str, question: Question) -> Self {
        Self {
            kept: "",
            begun,
            question,
        }
    }
}

/// Flags with an optional value have it behind `=` only.
fn wants_the_next_word(flag: &Arg) -> bool {
    flag.get_action().takes_values() && !flag.is_require_equals_set()
}

/// Reads which cluster is meant. A flag that cannot be read is passed over.
fn connection(given: &[(&Arg, String)]) -> ConnectionArgs {
    let command = ConnectionArgs::augment_args(Command::new("kubectl-ephemeral"));
    let flags = given.iter().filter_map(|(flag, value)| {
        let is_ours = command
            .get_arguments()
            .any(|ours| ours.get_id() == flag.get_id());
        let word = || Some(format!("--{}={value}", flag.get_long()?));
        is_ours.then(word).flatten()
    });
    let read = |flags: &[String]| {
        let words = std::iter::once("kubectl-ephemeral".to_owned()).chain(flags.iter().cloned());
        let matches = command.clone().try_get_matches_from(words).ok()?;
        ConnectionArgs::from_arg_matches(&matches).ok()
    };
    let mut readable: Vec<String> = Vec::new();
    for flag in flags {
        readable.push(flag);
        if read(&readable).is_none() {
            readable.pop();
        }
    }
    read(&readable).unwrap_or_default()
}

#[cfg(test)]
mod tests;

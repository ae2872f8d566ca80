//! What we say: results to stdout, everything else to stderr.
//!
//! Text that comes from a cluster is made harmless before it gets to a terminal.

mod age;
mod changing;
mod formatted;
mod harmless;
mod kept;
mod record;
mod table;

pub use age::age;
pub use formatted::yaml;
pub use harmless::harmless;
pub use kept::Kept;
pub use record::{Phases, Record};
pub use table::table;

use std::{
    collections::VecDeque,
    io::{self, IsTerminal, Write},
    mem, process,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

use crate::{
    cli::{Color, OURS, Program, is_dumb_terminal},
    error::Error,
    size::Size,
};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// A wait shorter than this is not worth a line that comes and goes.
const UNNOTICED: Duration = Duration::from_millis(300);
/// How many lines are kept for later; of more, the last ones.
const MOST_HELD: usize = 200;

/// What is said to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stderr {
    /// A terminal: a line can be written over.
    Terminal,
    /// A terminal that understands no sequences.
    DumbTerminal,
    /// A file or a pipe.
    Other,
}

impl Stderr {
    fn look() -> Self {
        if !io::stderr().is_terminal() {
            Self::Other
        } else if is_dumb_terminal() {
            Self::DumbTerminal
        } else {
            Self::Terminal
        }
    }
}

/// Says things to the user. Those who have a copy speak on one terminal.
#[derive(Clone, Debug)]
pub struct Reporter {
    quiet: bool,
    color: bool,
    stderr: Stderr,
    /// How large the terminal is just now.
    size: fn() -> Option<Size>,
    /// Whether the progress line is on the screen.
    line_shown: Arc<AtomicBool>,
    /// The last phase that was told as a line of its own.
    phase: Arc<Mutex<String>>,
    /// What is kept for later, while a program in the container has the terminal.
    held: Arc<Mutex<Option<VecDeque<String>>>>,
    /// What is typed to run us, if it is not what stands in the texts.
    typed: Option<Arc<str>>,
}

impl Reporter {
    /// Speaks on stderr; when `quiet`, of errors only.
    pub fn new(quiet: bool, color: Color) -> Self {
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
        };
        Self {
            quiet,
            color,
            stderr: Stderr::look(),
            size: || None,
            line_shown: Arc::default(),
            phase: Arc::default(),
            held: Arc::default(),
            typed: None,
        }
    }

    /// Makes lines to be typed begin with the name of this program.
    pub fn called(self, program: &Program) -> Self {
        let typed = Some(program.typed()).filter(|typed| typed != OURS);
        Self {
            typed: typed.map(Arc::from),
            ..self
        }
    }

    fn told(&self, text: &str) -> String {
        let text = harmless(text);
        match &self.typed {
            Some(typed) => text.replace(OURS, typed),
            None => text,
        }
    }

    /// Returns the same, whose changing line fits a terminal that is asked for its size.
    #[must_use]
    pub fn fitting(self, size: fn() -> Option<Size>) -> Self {
        Self { size, ..self }
    }

    /// Says what went wrong, why, in whose words, and what to do.
    pub fn error(&self, error: &Error) {
        let text = indented(&error.with_causes());
        // kubectl's own wording, which people search logs for, has no such prefix.
        let is_kubectls = text.starts_with("Error from server") || text.starts_with("The ");
        let prefix = if is_kubectls { "" } else { "error:" };
        self.say(ERROR, prefix, &text);
        for line in error.details() {
            self.write(&format!("  {}", self.told(line)));
        }
        if let Some(hint) = error.hint() {
            self.hint(&hint);
        }
    }

    /// Says what the user should know and may not expect.
    pub fn warning(&self, text: &str) {
        if !self.quiet {
            self.say(WARNING, "warning:", &indented(text));
        }
    }

    /// Says what is done or was decided.
    pub fn notice(&self, text: &str) {
        if !self.quiet {
            self.clear_line();
            self.write(&self.told(text));
        }
    }

    /// Says what `-v` asks for, in the form of kubectl's log lines.
    pub fn trace(&self, text: &str) {
        self.clear_line();
        let now = Timestamp::now().strftime("%m%d %H:%M:%S%.6f");
        let head = format!("I{now} {:>7} kubectl-ephemeral] ", process::id());
        let text = self.told(text);
        self.write(&format!("{head}{text}"));
    }

    /// Keeps what is to be said for later: a program in the container has the terminal now.
    pub fn hold(&self) {
        self.held().get_or_insert_default();
    }

    /// Tells whether there is something to be said that was kept.
    pub fn has_held(&self) -> bool {
        self.held().as_ref().is_some_and(|lines| !lines.is_empty())
    }

    /// Says what was kept, and from now on what is to be said.
    pub fn release(&self) {
        for line in self.held().take().into_iter().flatten() {
            self.raw(&line);
        }
    }

    /// Says something in the middle of a session that the user must know.
    pub fn aside(&self, text: &str) {
        if !self.quiet {
            self.answer(text);
        }
    }

    /// Says something in the middle of a session that the user asked for with a key.
    pub fn answer(&self, text: &str) {
        self.clear_line();
        self.raw(&self.ended(&self.told(text)));
    }

    /// Says how a wait goes that somebody may end with a key: on a terminal only, in a line that
    /// changes.
    pub fn countdown(&self, text: &str) {
        if self.stderr == Stderr::Terminal && !self.quiet {
            self.change_line(&self.told(text), "");
        }
    }

    /// Says how far something has come that takes longer than one notices, on a terminal. Elsewhere it would be many
    /// lines that nobody waits for.
    pub fn counted(&self, text: &str, elapsed: Duration) {
        if elapsed >= UNNOTICED {
            self.countdown(text);
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<VecDeque<String>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what to do next, however quiet we are.
    pub fn hint(&self, text: &str) {
        self.say(HINT, "hint:", text);
    }

    /// Says what is waited for, and how long already: on a terminal in a line that changes, else
    /// in one line for each phase.
    pub fn progress(&self, phase: &str, elapsed: Duration) {
        self.waiting(phase, elapsed, None);
    }

    /// Says what is waited for, and when something is tried again, about.
    pub fn waiting(&self, phase: &str, elapsed: Duration, next_try: Option<Duration>) {
        if self.quiet {
            return;
        }
        let phase = self.told(phase);
        if self.stderr != Stderr::Terminal {
            let mut told = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
            if mem::replace(&mut *told, phase.clone()) != phase {
                self.write(&format!("waiting: {phase}"));
            }
        } else if elapsed >= UNNOTICED {
            let next_try = next_try.filter(|next_try| !next_try.is_zero());
            let next_try = next_try.map_or_else(String::new, |next_try| {
                format!(", in about {} s", next_try.as_secs() + 1)
            });
            let times = format!("{next_try} ({} s)", elapsed.as_secs());
            self.change_line(&format!("waiting: {phase}"), &times);
        }
    }

    /// Writes over the line that changes. A second row of it would stay on the screen each time.
    fn change_line(&self, text: &str, end: &str) {
        let columns = (self.size)().map_or(changing::USUAL_WIDTH, Size::columns);
        let line = changing::one_row(&text.replace('\n', " "), end, columns);
        self.raw(&format!("\r\x1b[K{line}"));
        self.line_shown.store(true, Ordering::Relaxed);
    }

    /// Takes the progress line off the screen.
    pub fn clear_line(&self) {
        if self.line_shown.swap(false, Ordering::Relaxed) {
            self.raw("\r\x1b[K");
        }
    }

    /// Writes a result to stdout.
    pub fn result(&self, text: &str) -> Result<(), Error> {
        self.clear_line();
        writeln!(io::stdout(), "{text}").map_err(|error| Error::Output {
            source: error.into(),
        })
    }

    /// Writes a result that a reader may have enough of: whoever has gone away has what it wants.
    pub fn document(&self, text: &str) -> Result<(), Error> {
        self.written(&format!("{text}\n"))
    }

    fn written(&self, text: &str) -> Result<(), Error> {
        self.clear_line();
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes());
        match written.and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(|error| Error::Output {
                source: error.into(),
            }),
        }
    }

    fn say(&self, style: Style, prefix: &str, text: &str) {
        self.clear_line();
        let text = self.told(text);
        match (prefix, self.color) {
            ("", _) => self.write(&text),
            (_, true) => self.write(&format!("{style}{prefix}{style:#} {text}")),
            (_, false) => self.write(&format!("{prefix} {text}")),
        }
    }

    fn write(&self, line: &str) {
        let line = self.ended(line);
        match self.held().as_mut() {
            Some(lines) => {
                if lines.len() == MOST_HELD {
                    lines.pop_front();
                }
                lines.push_back(line);
            }
            None => self.raw(&line),
        }
    }

    fn ended(&self, line: &str) -> String {
        // The terminal may be raw just now, and then a newline alone does not begin a line.
        let end = match self.stderr {
            Stderr::Terminal | Stderr::DumbTerminal => "\r\n",
            Stderr::Other => "\n",
        };
        format!("{}{end}", line.replace('\n', end))
    }

    /// Nobody can be told if stderr is closed.
    #[expect(clippy::unused_self, reason = "whoever speaks does so as a reporter")]
    fn raw(&self, text: &str) {
        let mut stderr = io::stderr().lock();
        stderr.write_all(text.as_bytes()).ok();
        stderr.flush().ok();
    }
}

/// Moves the further lines of a text in. The words of a server may have several, and would else pass
/// for ours: `hint: run this`. The points of a list, which kubectl writes at the left, do not.
fn indented(text: &str) -> String {
    let text = text.trim_end().replace('\n', "\n  ");
    text.replace("\n  * ", "\n* ")
}

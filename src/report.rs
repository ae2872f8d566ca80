//! What we say: results to stdout, everything else to stderr.
//!
//! Text that comes from a cluster is made harmless before it gets to a terminal.

mod age;
mod document;
mod harmless;
mod table;

pub use age::age;
pub use document::{json, yaml};
pub use harmless::harmless;
pub use table::table;

use std::{
    error::Error as StdError,
    io::{self, IsTerminal, Write},
    mem, process,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

use crate::{cli::Color, error::Error};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// A wait shorter than this is not worth a line that comes and goes.
const UNNOTICED: Duration = Duration::from_millis(300);

/// Says things to the user. Those who have a copy speak on one terminal.
#[derive(Clone, Debug)]
pub struct Reporter {
    quiet: bool,
    color: bool,
    /// Whether a line can be written over.
    terminal: bool,
    /// Whether the progress line is on the screen.
    line_shown: Arc<AtomicBool>,
    /// The last phase that was told as a line of its own.
    phase: Arc<Mutex<String>>,
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
            terminal: io::stderr().is_terminal(),
            line_shown: Arc::default(),
            phase: Arc::default(),
        }
    }

    /// Says what went wrong, why, in whose words, and what to do.
    pub fn error(&self, error: &Error) {
        let mut text = error.to_string();
        let mut cause = StdError::source(error);
        while let Some(below) = cause {
            text = format!("{text}: {below}");
            cause = below.source();
        }
        // kubectl's own wording, which people search logs for, has no such prefix.
        let prefix = if text.starts_with("Error from server") {
            ""
        } else {
            "error:"
        };
        self.say(ERROR, prefix, &text);
        if let Some(details) = error.details() {
            for line in details.lines() {
                self.write(&format!("  {}", harmless(line)));
            }
        }
        if let Some(hint) = error.hint() {
            self.hint(&hint);
        }
    }

    /// Says what the user should know and may not expect.
    pub fn warning(&self, text: &str) {
        if !self.quiet {
            self.say(WARNING, "warning:", text);
        }
    }

    /// Says what is done or was decided.
    pub fn notice(&self, text: &str) {
        if !self.quiet {
            self.clear_line();
            self.write(&harmless(text));
        }
    }

    /// Says what `-v` asks for, in the form of kubectl's log lines.
    pub fn trace(&self, text: &str) {
        self.clear_line();
        let now = Timestamp::now().strftime("%m%d %H:%M:%S%.6f");
        let head = format!("I{now} {:>7} kubectl-ephemeral] ", process::id());
        let text = harmless(text);
        // A terminal may be raw, and then a new line is not at its left edge.
        if self.terminal {
            self.raw(&format!("{head}{}\r\n", text.replace('\n', "\r\n")));
        } else {
            self.write(&format!("{head}{text}"));
        }
    }

    /// Says what to do next, however quiet we are.
    pub fn hint(&self, text: &str) {
        self.say(HINT, "hint:", text);
    }

    /// Says what is waited for, and how long already: on a terminal in a line that changes, else
    /// in one line for each phase.
    pub fn progress(&self, phase: &str, elapsed: Duration) {
        if self.quiet {
            return;
        }
        let phase = harmless(phase);
        if !self.terminal {
            let mut told = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
            if mem::replace(&mut *told, phase.clone()) != phase {
                self.write(&format!("waiting: {phase}"));
            }
        } else if elapsed >= UNNOTICED {
            let seconds = elapsed.as_secs();
            self.raw(&format!("\r\x1b[Kwaiting: {phase} ({seconds} s)"));
            self.line_shown.store(true, Ordering::Relaxed);
        }
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
        self.clear_line();
        match writeln!(io::stdout(), "{text}") {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(|error| Error::Output {
                source: error.into(),
            }),
        }
    }

    fn say(&self, style: Style, prefix: &str, text: &str) {
        self.clear_line();
        let text = harmless(text);
        match (prefix, self.color) {
            ("", _) => self.write(&text),
            (_, true) => self.write(&format!("{style}{prefix}{style:#} {text}")),
            (_, false) => self.write(&format!("{prefix} {text}")),
        }
    }

    fn write(&self, line: &str) {
        // The terminal may be raw just now, and then a newline alone does not begin a line.
        let end = if self.terminal { "\r\n" } else { "\n" };
        self.raw(&format!("{}{end}", line.replace('\n', end)));
    }

    /// Nobody can be told if stderr is closed.
    #[expect(clippy::unused_self, reason = "whoever speaks does so as a reporter")]
    fn raw(&self, text: &str) {
        let mut stderr = io::stderr().lock();
        stderr.write_all(text.as_bytes()).ok();
        stderr.flush().ok();
    }
}

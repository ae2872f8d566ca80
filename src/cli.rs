//! The words of the command line, and nothing else.

mod attach;
mod called;
mod check;
mod completing;
mod completion;
mod connection;
mod debug;
mod duration;
mod form;
mod kind;
mod list;
mod outcome;
mod session;
mod setup;
mod tips;
mod version;

pub use attach::AttachArgs;
pub use called::{OUR_FILE, OURS, Program};
pub use check::CheckArgs;
pub use completing::{Candidate, Completing, Question};
pub use completion::{CompletionArgs, CompletionOf, completion_limit, path_folders};
pub use connection::ConnectionArgs;
pub use debug::{DEFAULT_IMAGE, DebugArgs, IMAGE_VARIABLE, default_image};
pub use form::DocumentForm;
pub use kind::{Kind, WorkloadKind};
pub use list::{ListArgs, ListOutput};
pub use outcome::{DryRun, DryRunWord, Format, OutcomeArgs};
pub use session::{CastForm, SessionArgs};
pub use setup::{Inherit, Profile, PullPolicy, SetupArgs};
pub use version::VersionArgs;

use std::{env, ffi::OsString};

use clap::{
    Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    builder::styling::{AnsiColor, Styles},
    error::ErrorKind,
    parser::ValueSource,
};

use crate::exit_status::ExitStatus;

const EXAMPLES: &str = "\
Examples:
  # A shell in the pod `web`, beside its processes
  kubectl ephemeral web

  # The same in one of the pods of a deployment: the newest that is ready
  kubectl ephemeral deploy/shop

  # One command; its output on stdout, its exit code as ours
  kubectl ephemeral web -n shop -- wget -qO- localhost:8080/healthz

  # Another image, and the processes of the container `api`
  kubectl ephemeral web --image nicolaka/netshoot --target api

  # With the variables and volumes of the target, as its user
  kubectl ephemeral web --inherit all

  # What would be added, as a file for -f
  kubectl ephemeral web --dry-run=client -o yaml > debugger.yaml

  # What a file describes: a pod with ephemeral containers, or such a container
  kubectl ephemeral -f debugger.yaml

  # Back to a session that was left
  kubectl ephemeral attach web -c debugger-x7k2p";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Green.on_default())
    .placeholder(AnsiColor::Cyan.on_default())
    .error(AnsiColor::Red.on_default().bold());

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "kubectl-ephemeral",
    bin_name = "kubectl ephemeral",
    version,
    about = "Put an ephemeral debug container into a running pod and work in it",
    override_usage = "kubectl ephemeral (POD | TYPE/NAME) [flags] [-- COMMAND [ARG...]]\n       \
                      kubectl ephemeral attach (POD | TYPE/NAME) [-c NAME] [flags]",
    after_help = EXAMPLES,
    styles = STYLES,
    disable_help_subcommand = false
)]
pub struct Cli {
    /// The main job, which needs no verb.
    #[command(flatten)]
    pub debug: DebugArgs,
    /// What every verb understands.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// The other jobs.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// All of it as it was written, without the program's name.
    #[arg(skip)]
    pub words: Vec<OsString>,
    /// What the program was called by.
    #[arg(skip)]
    pub program: Program,
}

/// A job that has a name.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Go back to a running ephemeral container
    #[command(override_usage = "kubectl ephemeral attach (POD | TYPE/NAME) [-c NAME] [flags]")]
    Attach(AttachArgs),
    /// Show the ephemeral containers that were ever added, and their state
    #[command(
        override_usage = "kubectl ephemeral list [POD | TYPE/NAME] [-A] [-l SELECTOR] [-o FORM] [flags]"
    )]
    List(ListArgs),
    /// Find out whether it would work here, without changing anything
    #[command(override_usage = "kubectl ephemeral check [POD | TYPE/NAME] [-o FORM] [flags]")]
    Check(CheckArgs),
    /// Show the versions of this program and of the server
    #[command(override_usage = "kubectl ephemeral version [--client] [-o FORM] [flags]")]
    Version(VersionArgs),
    /// Set up the completion of words in a shell
    #[command(
        override_usage = "kubectl ephemeral completion (bash|zsh|fish|powershell|elvish | install)"
    )]
    Completion(CompletionArgs),
}

/// The words that every verb understands.
#[derive(Args, Debug)]
pub struct GlobalArgs {
    /// Say nothing but errors
    #[arg(short, long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub quiet: Option<bool>,
    /// How much to tell of the requests, as in kubectl: 6 each, 7 and 8 their headers
    #[arg(
        short = 'v',
        long = "v",
        global = true,
        value_name = "LEVEL",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub verbosity: u8,
    /// Colours in what is said on stderr: auto, always or never
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: Color,
    /// Ask for nothing: no pod to pick, no login at the terminal
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub no_input: Option<bool>,
    /// Which cluster, and as whom.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The reason why parsing ended without a job: help was asked for, or the words are wrong.
#[derive(Debug)]
pub struct Stop {
    error: clap::Error,
    color: Option<Color>,
}

impl Stop {
    /// Prints the help to stdout, or what is wrong to stderr, and returns the ending.
    pub fn print(self) -> ExitStatus {
        let asked_for = matches!(
            self.error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        );
        let status = if asked_for {
            ExitStatus::Done
        } else {
            ExitStatus::Usage
        };
        let choice = match self.color {
            Some(Color::Always) => ColorChoice::Always,
            Some(Color::Never) => ColorChoice::Never,
            Some(Color::Auto) | None => ColorChoice::Auto,
        };
        let error = self.error.with_cmd(&Cli::command().color(choice));
        // A reader that went away (`--help | head`) has all that it wanted.
        error.print().ok();
        status
    }
}

impl Cli {
    /// Reads the words of the command line; the first one is the program's name.
    pub fn parse_words(words: impl IntoIterator<Item = OsString>) -> Result<Self, Stop> {
        let words = connection::with_dashes(words);
        match Self::checked(&words) {
            Ok(cli) => Ok(Self {
                program: Program::of(words.first().map(OsString::as_os_str)),
                words: words.into_iter().skip(1).collect(),
                ..cli
            }),
            Err(error) => Err(Stop {
                error,
                color: color_among(&words),
            }),
        }
    }

    fn checked(words: &[OsString]) -> Result<Self, clap::Error> {
        let program = Program::of(words.first().map(OsString::as_os_str));
        let mut command = called::named(Self::command(), &program);
        let matches = command
            .try_get_matches_from_mut(words)
            .map_err(|error| tips::with_a_tip(error, words, &command))?;
        if let Some((verb, _)) = matches.subcommand() {
            let owned: Vec<_> = command
                .get_arguments()
                .filter(|argument| !argument.is_global_set())
                .map(clap::Arg::get_id)
                .collect();
            let stray = matches.ids().find(|id| {
                owned.contains(id)
                    && matches.value_source(id.as_str()) == Some(ValueSource::CommandLine)
            });
            if let Some(stray) = stray {
                return Err(command.error(
                    ErrorKind::ArgumentConflict,
                    format!(
                        "`{stray}` before `{verb}` has no meaning; flags of a verb follow it, and a pod \
                         named `{verb}` is written `pod/{verb}`"
                    ),
                ));
            }
        }
        let cli = Self::from_arg_matches(&matches).map_err(|error| error.with_cmd(&command))?;
        // Somebody's script has an empty variable there.
        if cli.debug.command.is_empty() && words.last().is_some_and(|word| word == "--") {
            return Err(command.error(
                ErrorKind::TooFewValues,
                "no command follows `--`; without it, the image's own is run",
            ));
        }
        Ok(cli)
    }
}

/// Tells whether the environment says that the terminal understands no sequences.
pub fn is_dumb_terminal() -> bool {
    env::var_os("TERM").is_some_and(|name| name == "dumb")
}

/// Finds `--color` in words that could not be parsed as a whole.
fn color_among(words: &[OsString]) -> Option<Color> {
    words.iter().find_map(|word| match word.to_str() {
        Some("--color=always") => Some(Color::Always),
        Some("--color=never") => Some(Color::Never),
        _ => None,
    })
}

#[cfg(test)]
mod tests;

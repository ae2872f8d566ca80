//! The words of the command line, and nothing else.

mod connection;

pub use connection::ConnectionArgs;

use std::{env, ffi::OsString, time::Duration};

use clap::{
    ArgAction, Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    builder::styling::{AnsiColor, Styles},
    error::ErrorKind,
    parser::ValueSource,
};
use jiff::SignedDuration;

use crate::exit_status::ExitStatus;

/// The image that is used where nobody names one.
pub const DEFAULT_IMAGE: &str = "busybox:1.37";
/// The variable that names another default image.
pub const IMAGE_VARIABLE: &str = "KUBECTL_EPHEMERAL_IMAGE";

const IMAGE_HELP: &str =
    "The image of the debug container [default: $KUBECTL_EPHEMERAL_IMAGE, else busybox:1.37]";

const EXAMPLES: &str = "\
Examples:
  # A shell in the pod `web`, beside its processes
  kubectl ephemeral web

  # One command; its output on stdout, its exit code as ours
  kubectl ephemeral web -n shop -- wget -qO- localhost:8080/healthz

  # Another image, and the processes of the container `api`
  kubectl ephemeral web --image nicolaka/netshoot --target api

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
    override_usage = "kubectl ephemeral POD [flags] [-- COMMAND [ARG...]]\n       \
                      kubectl ephemeral attach POD [-c NAME] [flags]",
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
}

/// A job that has a name.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Go back to a running ephemeral container
    #[command(override_usage = "kubectl ephemeral attach POD [-c NAME] [flags]")]
    Attach(AttachArgs),
}

/// The words of the main job: add a container, wait for it, attach to it.
#[derive(Args, Debug)]
pub struct DebugArgs {
    /// The pod: its name, or pod/NAME
    #[arg(value_name = "POD")]
    pub pod: Option<String>,
    /// The image of the debug container
    #[arg(long, value_name = "IMAGE", help = IMAGE_HELP)]
    pub image: Option<String>,
    /// The container whose processes are seen [default: the pod's main container; "" for none]
    #[arg(long, value_name = "CONTAINER")]
    pub target: Option<String>,
    /// The name of the debug container [default: debugger-*]
    #[arg(short = 'c', long, value_name = "NAME")]
    pub container: Option<String>,
    /// Pass standard input on to the container
    #[arg(short = 'i', long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub stdin: Option<bool>,
    /// Give the container a terminal
    #[arg(short = 't', long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub tty: Option<bool>,
    /// With =false: add the container, print its name, and leave
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub attach: Option<bool>,
    /// How long to wait until the container runs; 0 for ever [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// What to run instead of the image's own command
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// The words of `attach`.
#[derive(Args, Debug)]
pub struct AttachArgs {
    /// The pod: its name, or pod/NAME
    #[arg(value_name = "POD")]
    pub pod: String,
    /// The ephemeral container [default: the newest that runs]
    #[arg(short = 'c', long, value_name = "NAME")]
    pub container: Option<String>,
    /// How long to wait until the container runs; 0 for ever [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
}

/// The words that every verb understands.
#[derive(Args, Debug)]
pub struct GlobalArgs {
    /// Say nothing but errors
    #[arg(short, long, global = true, action = ArgAction::SetTrue)]
    pub quiet: bool,
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
        Self::checked(&words).map_err(|error| Stop {
            error,
            color: color_among(&words),
        })
    }

    fn checked(words: &[OsString]) -> Result<Self, clap::Error> {
        let mut command = Self::command();
        let matches = command
            .try_get_matches_from_mut(words)
            .map_err(|error| with_the_command_tip(error, &command))?;
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
        Self::from_arg_matches(&matches).map_err(|error| error.with_cmd(&command))
    }
}

impl DebugArgs {
    /// Returns the image that was asked for: by flag, else by the environment, else the default.
    pub fn image(&self) -> String {
        let from_environment = || {
            env::var(IMAGE_VARIABLE)
                .ok()
                .filter(|name| !name.is_empty())
        };
        self.image
            .clone()
            .or_else(from_environment)
            .unwrap_or_else(|| DEFAULT_IMAGE.to_owned())
    }
}

/// Says where the container's command goes, which is the likeliest reason for a stray word.
fn with_the_command_tip(mut error: clap::Error, command: &clap::Command) -> clap::Error {
    use clap::error::{ContextKind, ContextValue};
    let stray = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) => word.clone(),
        _ => return error,
    };
    if error.kind() == ErrorKind::UnknownArgument && !stray.starts_with('-') {
        let tip =
            format!("a command for the container follows `--`: kubectl ephemeral POD -- {stray}");
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error.with_cmd(command)
}

/// Finds `--color` in words that could not be parsed as a whole.
fn color_among(words: &[OsString]) -> Option<Color> {
    words.iter().find_map(|word| match word.to_str() {
        Some("--color=always") => Some(Color::Always),
        Some("--color=never") => Some(Color::Never),
        _ => None,
    })
}

/// Reads a duration as Go writes it: `90s`, `5m`, `1h30m`, or `0`.
fn duration(text: &str) -> Result<Duration, String> {
    const FORMS: &str = "a duration is written like `90s`, `5m` or `1h30m`";
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let signed: SignedDuration = text.parse().map_err(|_| FORMS.to_owned())?;
    Duration::try_from(signed).map_err(|_| "a duration cannot be negative".to_owned())
}

#[cfg(test)]
mod tests;

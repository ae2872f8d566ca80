//! What the user wants, checked: words in, a request out. All that can be refused without a
//! cluster is refused here.

use std::time::Duration;

use k8s_openapi::api::core::v1::EphemeralContainer;

use super::{Aim, Setup, Who, image_reference, name};
use crate::{cli::DebugArgs, error::Error};

/// How long is waited where nobody says.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(5);

/// What the container is given for input and output.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// No input; standard output and standard error.
    Output,
    /// Those, and a standard input that ends when ours does.
    Pipe,
    /// A terminal.
    Terminal,
}

impl Mode {
    /// Returns what a container is given.
    pub fn of(container: &EphemeralContainer) -> Self {
        match (container.stdin, container.tty) {
            (Some(true), Some(true)) => Self::Terminal,
            (Some(true), _) => Self::Pipe,
            (_, _) => Self::Output,
        }
    }
}

/// Whose processes the container should see.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TargetWish {
    /// Those of the pod's main container.
    Main,
    /// Those of this one.
    Named(String),
    /// Nobody's.
    None,
}

/// How long to wait for the container.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Waiting {
    /// As long as is usual, and no longer than there is hope.
    Usual,
    /// As long as this, as the user said.
    AtMost(Duration),
    /// For ever, as the user said.
    ForEver,
}

/// A request to debug a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct DebugRequest {
    /// Who is debugged; nothing where the words do not say.
    pub who: Option<Who>,
    /// The image of the new container.
    pub image: String,
    /// The name of the new container, if the user chose one.
    pub container: Option<String>,
    /// Whose processes it should see.
    pub target: TargetWish,
    /// What it is besides: its privileges, its user, its environment.
    pub setup: Setup,
    /// What it runs instead of the image's own command.
    pub command: Vec<String>,
    /// What it is given for input and output.
    pub mode: Mode,
    /// What it is added for.
    pub aim: Aim,
    /// Whether a terminal was asked for, and there is none.
    pub terminal_missing: bool,
    /// How long to wait until it runs.
    pub waiting: Waiting,
}

impl Waiting {
    /// Reads `--timeout`: as long as it says, for ever if it says zero.
    pub fn new(timeout: Option<Duration>) -> Self {
        match timeout {
            None => Self::Usual,
            Some(Duration::ZERO) => Self::ForEver,
            Some(limit) => Self::AtMost(limit),
        }
    }

    /// Returns when to stop at the latest; nothing for never.
    pub fn at_most(self) -> Option<Duration> {
        match self {
            Self::Usual => Some(DEFAULT_TIMEOUT),
            Self::AtMost(limit) => Some(limit),
            Self::ForEver => None,
        }
    }

    /// Tells whether the user named a time, so that trouble that may pass is waited out.
    pub fn is_patient(self) -> bool {
        match self {
            Self::Usual => false,
            Self::AtMost(_) | Self::ForEver => true,
        }
    }
}

impl DebugRequest {
    /// Checks the words; `stdin` and `stdout` tell whether these are terminals.
    pub fn new(args: &DebugArgs, stdin: bool, stdout: bool) -> Result<Self, Error> {
        let image = args.image();
        image_reference::check(&image).map_err(|what| Error::Usage {
            message: format!("`{image}` cannot be the name of an image"),
            hint: Some(what),
        })?;
        let target = target(args.target.as_deref())?;
        let (mode, terminal_missing) = mode(args, stdin, stdout)?;
        Ok(Self {
            who: args.pod.as_deref().map(Who::parse).transpose()?,
            image,
            container: args.container.as_deref().map(container_name).transpose()?,
            setup: Setup::new(&args.setup, &target)?,
            target,
            command: args.command.clone(),
            mode,
            aim: Aim::new(args, mode)?,
            terminal_missing,
            waiting: Waiting::new(args.timeout),
        })
    }

    /// Tells whether the image's own command, mostly a shell that ends at once, runs without input though nobody said so:
    /// there is no terminal, or only half of one, as before `| tee`.
    pub fn runs_without_input(&self, args: &DebugArgs) -> bool {
        let says_what = args.filename.is_some() || args.custom.is_some();
        self.aim.stays()
            && self.mode == Mode::Output
            && self.command.is_empty()
            && args.stdin.is_none()
            && !self.terminal_missing
            && !says_what
    }

    /// Returns the same request for another container, beside the first of that name.
    #[must_use]
    pub fn beside(&self, first: &str) -> Self {
        let named = |_: &String| Some(format!("{first}-2")).filter(|name| name::is_label(name));
        Self {
            container: self.container.as_ref().and_then(named),
            ..self.clone()
        }
    }
}

/// Checks the name of a container.
pub(super) fn container_name(name: &str) -> Result<String, Error> {
    if name::is_label(name) {
        return Ok(name.to_owned());
    }
    Err(Error::Usage {
        message: format!("`{name}` cannot be the name of a container"),
        hint: Some(name::LABEL_RULE.to_owned()),
    })
}

fn target(name: Option<&str>) -> Result<TargetWish, Error> {
    match name {
        None => Ok(TargetWish::Main),
        Some("") => Ok(TargetWish::None),
        Some(name) => container_name(name).map(TargetWish::Named),
    }
}

/// Decides the mode, and whether a terminal was asked for in vain.
fn mode(args: &DebugArgs, stdin: bool, stdout: bool) -> Result<(Mode, bool), Error> {
    // Whoever leaves comes back later, perhaps from another terminal.
    let leaving = Aim::is_leaving(args);
    let terminals = leaving || (stdin && stdout);
    match (args.stdin, args.tty) {
        (None, None) if args.command.is_empty() && terminals => Ok((Mode::Terminal, false)),
        (Some(true), Some(true)) if leaving || stdin => Ok((Mode::Terminal, false)),
        (Some(true), Some(true)) => Ok((Mode::Pipe, true)),
        (Some(true), None | Some(false)) => Ok((Mode::Pipe, false)),
        (None | Some(false), Some(true)) => Err(Error::usage(
            "`-t` needs `-i`: a terminal that cannot be typed into is none",
        )),
        (None | Some(false), None | Some(false)) => Ok((Mode::Output, false)),
    }
}

#[cfg(test)]
mod tests;

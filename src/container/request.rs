//! What the user wants, checked: words in, a request out. All that can be refused without a
//! cluster is refused here.

use std::time::Duration;

use super::name;
use crate::{cli::DebugArgs, error::Error};

/// How long is waited where nobody says.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(5);

/// Words that name a pod in front of `/`.
const POD_WORDS: [&str; 3] = ["pod", "pods", "po"];
/// Words that are, or will be, verbs. A pod of such a name is written `pod/NAME`.
const VERBS: [&str; 7] = [
    "attach",
    "list",
    "check",
    "completion",
    "version",
    "help",
    "container",
];

/// The name of a pod, as it can stand in a URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PodName(String);

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
    /// As long as this.
    AtMost(Duration),
    /// For ever.
    ForEver,
}

/// A request to debug a pod.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DebugRequest {
    /// The pod.
    pub pod: PodName,
    /// The image of the new container.
    pub image: String,
    /// The name of the new container, if the user chose one.
    pub container: Option<String>,
    /// Whose processes it should see.
    pub target: TargetWish,
    /// What it runs instead of the image's own command.
    pub command: Vec<String>,
    /// What it is given for input and output.
    pub mode: Mode,
    /// Whether to wait for it and attach to it, or to leave once it is added.
    pub attach: bool,
    /// Whether a terminal was asked for, and there is none.
    pub terminal_missing: bool,
    /// How long to wait until it runs.
    pub waiting: Waiting,
}

impl Waiting {
    /// Reads `--timeout`: as long as it says, for ever if it says zero.
    pub fn new(timeout: Option<Duration>) -> Self {
        match timeout {
            Some(Duration::ZERO) => Self::ForEver,
            limit => Self::AtMost(limit.unwrap_or(DEFAULT_TIMEOUT)),
        }
    }
}

impl PodName {
    /// Reads `NAME` or `pod/NAME`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let name = match text.split_once('/') {
            Some((word, name)) if POD_WORDS.contains(&word) => name,
            Some((word, _)) => {
                return Err(Error::Usage {
                    message: format!(
                        "`{word}` in `{text}` is not supported; a pod is named as NAME or pod/NAME"
                    ),
                    hint: None,
                });
            }
            None if VERBS.contains(&text) => {
                return Err(Error::Usage {
                    message: format!("this version has no verb `{text}`"),
                    hint: Some(format!("a pod of that name is written `pod/{text}`")),
                });
            }
            None => text,
        };
        if name::is_subdomain(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Error::usage(format!(
                "`{name}` cannot be the name of a pod"
            )))
        }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DebugRequest {
    /// Checks the words; `stdin` and `stdout` tell whether these are terminals.
    pub fn new(args: &DebugArgs, stdin: bool, stdout: bool) -> Result<Self, Error> {
        let pod = args.pod.as_deref().ok_or_else(|| Error::Usage {
            message: "no pod named".to_owned(),
            hint: Some(
                "kubectl ephemeral POD [flags] [-- COMMAND [ARG...]]; `--help` tells more"
                    .to_owned(),
            ),
        })?;
        let image = args.image();
        if image.is_empty() || image.contains(char::is_whitespace) {
            return Err(Error::usage(format!(
                "`{image}` cannot be the name of an image"
            )));
        }
        let (mode, terminal_missing) = mode(args, stdin, stdout)?;
        Ok(Self {
            pod: PodName::parse(pod)?,
            image,
            container: args.container.as_deref().map(container_name).transpose()?,
            target: target(args.target.as_deref())?,
            command: args.command.clone(),
            mode,
            attach: args.attach != Some(false),
            terminal_missing,
            waiting: Waiting::new(args.timeout),
        })
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
    let leaving = args.attach == Some(false);
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
mod tests {
    use super::*;
    use crate::cli::Cli;

    fn request(words: &str, stdin: bool, stdout: bool) -> Result<DebugRequest, Error> {
        let words = words.split(' ').filter(|word| !word.is_empty());
        let words = ["kubectl-ephemeral"]
            .into_iter()
            .chain(words)
            .map(Into::into);
        DebugRequest::new(&Cli::parse_words(words).unwrap().debug, stdin, stdout)
    }

    #[test]
    fn the_mode_follows_from_flags_command_and_terminals() {
        for (words, stdin, stdout, expected) in [
            ("web", true, true, (Mode::Terminal, false)),
            ("web", true, false, (Mode::Output, false)),
            ("web", false, true, (Mode::Output, false)),
            ("web", false, false, (Mode::Output, false)),
            ("web -- ls", true, true, (Mode::Output, false)),
            ("web -i -- cat", true, true, (Mode::Pipe, false)),
            ("web -i", false, false, (Mode::Pipe, false)),
            ("web -it", true, true, (Mode::Terminal, false)),
            ("web -it -- top", true, true, (Mode::Terminal, false)),
            ("web -it -- top", true, false, (Mode::Terminal, false)),
            ("web -it", false, true, (Mode::Pipe, true)),
            ("web -i -t=false", true, true, (Mode::Pipe, false)),
            ("web -i=false", true, true, (Mode::Output, false)),
            ("web --attach=false", false, false, (Mode::Terminal, false)),
            (
                "web --attach=false -it -- sh",
                false,
                false,
                (Mode::Terminal, false),
            ),
            (
                "web --attach=false -- sleep 9",
                true,
                true,
                (Mode::Output, false),
            ),
            ("web --attach=true", true, true, (Mode::Terminal, false)),
        ] {
            let request = request(words, stdin, stdout).unwrap();
            assert_eq!(
                (request.mode, request.terminal_missing),
                expected,
                "{words} {stdin} {stdout}"
            );
        }
    }

    #[test]
    fn what_cannot_be_is_refused_before_anything_happens() {
        for (words, expected) in [
            ("", "no pod named"),
            ("web -t", "`-t` needs `-i`"),
            ("list", "this version has no verb `list`"),
            ("node/n1", "`node` in `node/n1` is not supported"),
            ("pod/", "`` cannot be the name of a pod"),
            ("pod/a/b", "`a/b` cannot be the name of a pod"),
            (
                "../../secrets/x",
                "`..` in `../../secrets/x` is not supported",
            ),
            ("x?y=1", "`x?y=1` cannot be the name of a pod"),
            ("x%2Fexec", "`x%2Fexec` cannot be the name of a pod"),
            ("Web", "`Web` cannot be the name of a pod"),
            ("web --image=", "`` cannot be the name of an image"),
            ("web -c=A", "`A` cannot be the name of a container"),
            (
                "web --target=a/b",
                "`a/b` cannot be the name of a container",
            ),
        ] {
            let error = request(words, true, true).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{words}: {error}");
            assert_eq!(error.exit_status().code(), 2);
        }
    }

    #[test]
    fn a_pod_is_named_in_every_way_of_kubectl() {
        for words in ["web", "pod/web", "pods/web", "po/web"] {
            assert_eq!(request(words, true, true).unwrap().pod.as_str(), "web");
        }
        assert_eq!(
            request("pod/attach", true, true).unwrap().pod.as_str(),
            "attach"
        );
    }

    #[test]
    fn the_wait_is_bounded_unless_the_user_wants_otherwise() {
        let waiting = |words| request(words, true, true).unwrap().waiting;
        assert_eq!(waiting("web"), Waiting::AtMost(Duration::from_mins(5)));
        assert_eq!(
            waiting("web --timeout=90s"),
            Waiting::AtMost(Duration::from_secs(90))
        );
        assert_eq!(waiting("web --timeout=0"), Waiting::ForEver);
    }

    #[test]
    fn no_target_is_told_from_the_main_one() {
        let target = |words| request(words, true, true).unwrap().target;
        assert_eq!(target("web"), TargetWish::Main);
        assert_eq!(target("web --target="), TargetWish::None);
        assert_eq!(
            target("web --target=api"),
            TargetWish::Named("api".to_owned())
        );
    }
}

//! What can go wrong, in the user's words, with what to do about it.

mod behind;
mod grant;
mod hint;

use std::{error::Error as StdError, io, time::Duration};

use thiserror::Error;

use crate::{exit_status::ExitStatus, shell::There};

/// The reason below an error, as whoever met it first told it.
pub type Source = Box<dyn StdError + Send + Sync>;

/// What a request to the API server was meant to do, in the words of its access rules.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Action {
    /// The verb of the rule: `get`, `patch`, `create`.
    pub verb: &'static str,
    /// The API group of the resource; that of pods is empty.
    pub group: &'static str,
    /// The resource of the rule: `pods`, `pods/attach`.
    pub resource: &'static str,
    /// The namespace it concerns, and how one gets there.
    pub there: There,
}

/// A thing that went wrong. Its text says what happened; [`Error::hint`] says what to do.
///
/// The cause, if there is one, is the source and never part of the text.
#[derive(Debug, Error)]
pub enum Error {
    /// The command line can be read, but cannot be carried out.
    #[error("{message}")]
    Usage {
        message: String,
        hint: Option<String>,
    },
    /// What the user wrote can be read, and is not what the API takes.
    #[error("{what}")]
    Invalid {
        what: String,
        /// Each fault, by the path of its field.
        faults: Vec<String>,
    },
    /// The kubeconfig does not say how to reach a cluster.
    #[error("{message}")]
    Kubeconfig {
        message: String,
        hint: Option<String>,
        source: Option<Source>,
    },
    /// Nobody answers where the API server should be.
    #[error("cannot reach the server at {server}")]
    Unreachable {
        server: String,
        /// Whether there was a connection, and it broke: another try may do better.
        broke: bool,
        source: Source,
    },
    /// Somebody answers, and cannot prove to be the API server.
    #[error("the server at {server} cannot be trusted: {what}")]
    Untrusted {
        server: String,
        what: String,
        hint: String,
    },
    /// The server broke off because of the client certificate.
    #[error("the server at {server} does not accept the client certificate")]
    IdentityRefused { server: String, source: Source },
    /// The login of a user has expired, and cannot be renewed.
    #[error("the login of user \"{user}\" cannot be renewed")]
    LoginNotRenewed { user: String, source: Source },
    /// The server did not answer in time.
    #[error("the server at {server} did not answer within {limit:?}")]
    NoAnswer { server: String, limit: Duration },
    /// The server does not know who we are.
    #[error("Error from server (Unauthorized): {message}")]
    Unauthorized { message: String },
    /// The server knows who we are, and does not let us.
    #[error("Error from server (Forbidden): {message}")]
    Forbidden { message: String, action: Action },
    /// There is no such pod or workload.
    #[error("Error from server (NotFound): {message}")]
    NotFound {
        message: String,
        /// What was looked for: `pods`, `deployments`.
        resource: &'static str,
        there: There,
        /// What else may have been meant, as a question; empty where nothing is like it.
        meant: String,
    },
    /// Nobody to debug is found.
    #[error("{message}")]
    NoPod { message: String, hint: String },
    /// There is no such namespace.
    #[error("Error from server (NotFound): {message}")]
    NoNamespace {
        message: String,
        near: Option<String>,
        there: There,
    },
    /// The server does not have ephemeral containers.
    #[error("this cluster does not offer ephemeral containers{}", is_version(version.as_deref()))]
    NotServed {
        /// What the server says of itself, if it does.
        version: Option<String>,
    },
    /// The server refused for a reason of its own.
    #[error("{}", refusal(reason, message))]
    Refused { reason: String, message: String },
    /// A policy of the cluster does not let it pass, and we know what would.
    #[error("{}", refusal(reason, message))]
    PolicyRefused {
        reason: String,
        message: String,
        hint: String,
    },
    /// What came back is not what the API promises.
    #[error("{what}")]
    Unexpected {
        what: String,
        source: Option<Source>,
    },
    /// No container can start in this pod any more, or ever could.
    #[error("no container can be added to pod `{pod}`: {reason}")]
    PodUnfit {
        pod: String,
        reason: &'static str,
        hint: String,
    },
    /// The container that was named is not in the pod.
    #[error("pod `{pod}` has no {what} `{container}`")]
    NoSuchContainer {
        pod: String,
        /// `container`, or `ephemeral container` where only those count.
        what: &'static str,
        container: String,
        known: Vec<String>,
    },
    /// The container is to run as its target does, and nobody says as whom that is.
    #[error("it is not known as which user container `{container}` runs")]
    TargetUserUnknown { container: String },
    /// The processes of the container that was named cannot be joined.
    #[error("container `{container}` cannot be the target: {reason}")]
    TargetUnfit {
        container: String,
        reason: String,
        hint: String,
    },
    /// There is nothing to go back to.
    #[error("pod `{pod}` has no ephemeral container that runs")]
    NothingRuns { pod: String, there: There },
    /// Another container of the pod has the name.
    #[error("pod `{pod}` has a container `{container}` already")]
    NameTaken {
        pod: String,
        container: String,
        /// The names of all containers of the pod.
        known: Vec<String>,
        /// Whether it is an ephemeral container, to which one can go.
        ephemeral: bool,
        there: There,
    },
    /// There is nothing in the file that the pod lacks.
    #[error(
        "pod `{pod}` has all containers of {file} already: {}",
        listed(containers)
    )]
    AllThere {
        pod: String,
        file: String,
        containers: Vec<String>,
        there: There,
    },
    /// No answer came, and nobody could tell whether the container is there.
    #[error("container `{container}` may have been added to pod `{pod}`, and may not")]
    PerhapsAdded {
        pod: String,
        container: String,
        there: There,
        source: Source,
    },
    /// The server is too old for what was asked for.
    #[error("{what} is not possible on this server, which has the API of Kubernetes 1.16 to 1.21")]
    TooOld { what: String, hint: &'static str },
    /// The container will not start, however long one waits.
    #[error("container `{container}` cannot start: {reason}")]
    NeverStarts {
        container: String,
        reason: String,
        message: String,
        hint: Option<String>,
    },
    /// The container starts once somebody has done something.
    #[error("container `{container}` cannot start now: {reason}")]
    StartNeedsYou {
        container: String,
        reason: String,
        message: String,
        hint: String,
    },
    /// The container did not start in time.
    #[error("container `{container}` did not start within {limit:?}: {last}")]
    StartedTooLate {
        container: String,
        limit: Duration,
        last: String,
        message: String,
        return_with: String,
    },
    /// The pod was deleted, or another one has its name now.
    #[error("pod `{pod}` {what}")]
    PodGone {
        pod: String,
        what: &'static str,
        there: There,
    },
    /// The stream ended, and the container did not.
    #[error("the session with container `{container}` was lost: {reason}")]
    SessionLost {
        container: String,
        reason: String,
        return_with: Option<String>,
    },
    /// The stream ended, and nobody said how the container did.
    #[error("the exit code of container `{container}` was never reported")]
    ExitCodeUnknown {
        pod: String,
        container: String,
        there: There,
    },
    /// The container has a terminal, and the user has none.
    #[error("container `{container}` has a terminal, and standard input is none")]
    NoTerminal {
        pod: String,
        container: String,
        there: There,
    },
    /// The user's terminal does not do what it must.
    #[error("the terminal cannot be used")]
    Terminal { source: Source },
    /// What should be passed on to the container cannot be read.
    #[error("standard input cannot be read")]
    Input { source: Source },
    /// There is no file that could take the recording.
    #[error("cannot record to `{path}`")]
    Recording {
        path: String,
        source: Source,
        hint: Option<&'static str>,
    },
    /// What the container wrote cannot be passed on.
    #[error("cannot write the container's output")]
    Output { source: Source },
    /// It went wrong after a container had been added, to which one can go back.
    #[error("{error}")]
    LeftBehind {
        error: Box<Error>,
        /// The line that goes back to it.
        line: String,
    },
}

impl Error {
    /// Returns how the program ends on it.
    pub fn exit_status(&self) -> ExitStatus {
        match self {
            Self::LeftBehind { error, .. } => error.exit_status(),
            Self::Usage { .. } | Self::Invalid { .. } => ExitStatus::Usage,
            Self::StartedTooLate { .. } => ExitStatus::TimedOut,
            Self::SessionLost { .. } | Self::ExitCodeUnknown { .. } => ExitStatus::Lost,
            Self::Kubeconfig { .. }
            | Self::Unreachable { .. }
            | Self::Untrusted { .. }
            | Self::IdentityRefused { .. }
            | Self::LoginNotRenewed { .. }
            | Self::NoAnswer { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::NoPod { .. }
            | Self::NotServed { .. }
            | Self::NoNamespace { .. }
            | Self::Refused { .. }
            | Self::PolicyRefused { .. }
            | Self::TargetUserUnknown { .. }
            | Self::Unexpected { .. }
            | Self::PodUnfit { .. }
            | Self::NoSuchContainer { .. }
            | Self::TargetUnfit { .. }
            | Self::NothingRuns { .. }
            | Self::NameTaken { .. }
            | Self::AllThere { .. }
            | Self::PerhapsAdded { .. }
            | Self::TooOld { .. }
            | Self::NeverStarts { .. }
            | Self::StartNeedsYou { .. }
            | Self::PodGone { .. }
            | Self::NoTerminal { .. }
            | Self::Terminal { .. }
            | Self::Input { .. }
            | Self::Recording { .. }
            | Self::Output { .. } => ExitStatus::Failed,
        }
    }

    /// Says what went wrong and why, as one sentence.
    pub fn with_causes(&self) -> String {
        if let Self::LeftBehind { error, .. } = self {
            return error.with_causes();
        }
        let mut text = self.to_string();
        let mut cause = StdError::source(self);
        while let Some(below) = cause {
            let words = match below.downcast_ref::<io::Error>() {
                Some(error) => in_words(error),
                None => below.to_string(),
            };
            text = format!("{text}: {words}");
            cause = below.source();
        }
        text
    }

    /// Returns the lines to be shown beneath: the cluster's own words on it, or each fault.
    pub fn details(&self) -> Vec<&str> {
        if let Self::Invalid { faults, .. } = self {
            faults.iter().map(String::as_str).collect()
        } else if let Self::NeverStarts { message, .. }
        | Self::StartNeedsYou { message, .. }
        | Self::StartedTooLate { message, .. } = self
        {
            message.lines().collect()
        } else {
            Vec::new()
        }
    }

    /// Returns the fault of a terminal that cannot be used.
    pub fn terminal(error: io::Error) -> Self {
        Self::Terminal {
            source: error.into(),
        }
    }

    /// Returns the same error, with lines to paste that lead to this cluster.
    #[must_use]
    pub fn reached_by(mut self, way: &There) -> Self {
        if let Self::NameTaken { there, .. } | Self::AllThere { there, .. } = &mut self {
            there.clone_from(way);
        }
        self
    }

    /// Returns a wrong use of the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: None,
        }
    }
}

/// As kubectl words it. A code in place of a reason is none.
fn refusal(reason: &str, message: &str) -> String {
    match reason {
        "Invalid" if message.contains(" is invalid:") => format!("The {message}"),
        _ if reason.starts_with(|first: char| first.is_ascii_digit()) => {
            format!("Error from server: {message}")
        }
        _ => format!("Error from server ({reason}): {message}"),
    }
}

fn is_version(version: Option<&str>) -> String {
    version.map_or_else(String::new, |version| {
        format!(": it is Kubernetes {version}")
    })
}

/// Says an operating system's error without its number.
pub fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}

/// Writes names as a sentence has them: `` `a`, `b` ``.
pub fn listed(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() {
        "none".to_owned()
    } else {
        quoted.join(", ")
    }
}

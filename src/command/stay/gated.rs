//! A stay with a command that is held by a gate: its output is whole, both streams apart, and its
//! exit code is known at once.

mod talk;

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::time::{self, Instant};

use self::talk::{Parting, Report, Talk, converse};
use super::{
    Place,
    attached::{Joined, open},
    ending::{self, NOTICED_WITHIN, REPORTED_WITHIN},
    logged, piped,
    rest::{Known, rest},
};
use crate::{
    cli::SessionArgs,
    cluster::PodWatch,
    container::{Gate, Passage, gate, parts},
    error::Error,
    exit_status::ExitStatus,
    progress::{self, ContainerState, Ended, container_state},
    report::Reporter,
    session::SessionEnd,
};

/// Between two looks whether a container runs.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// The exit code of a command that was not found; shells of all kinds have it.
const NOT_FOUND: u8 = 127;
/// From this exit code on a signal may have ended the command, and the pod may know more.
const SIGNALS: u8 = 128;

/// A stay with a held command.
struct Guest<'a> {
    place: &'a Place<'a>,
    gate: &'a Gate,
    pod: &'a Pod,
    rules: &'a SessionArgs,
    report: &'a Reporter,
}

/// Lets the command go, and stays until it has ended and all of its output is here.
pub(in crate::command) async fn gated(
    place: &Place<'_>,
    gate: &Gate,
    pod: &Pod,
    mut watch: PodWatch,
    rules: &SessionArgs,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let guest = Guest {
        place,
        gate,
        pod,
        rules,
        report,
    };
    match open(place, &mut watch).await {
        Ok(Joined::Stream(attachment)) => {
            let talk = converse(place, gate, attachment, &mut watch).await?;
            guest.after(talk, watch).await
        }
        Ok(Joined::TooLate(ended)) => {
            guest.never_ran(Some(&ended))?;
            logged(place, watch, Some(ended), rules, report).await
        }
        Err(refused) if gate.passage() == Passage::Output && is_for_good(&refused) => {
            guest.without_stream(watch, refused).await
        }
        Err(error) => Err(error),
    }
}

/// Tells whether the stream was refused, so that only the log is left.
fn is_for_good(error: &Error) -> bool {
    matches!(
        error,
        Error::Forbidden { .. } | Error::Refused { .. } | Error::Unexpected { .. }
    )
}

impl Guest<'_> {
    /// Ends as the command did, once what is missing of its output is here.
    async fn after(&self, talk: Talk, mut watch: PodWatch) -> Result<ExitStatus, Error> {
        match talk.parting {
            Parting::Stream(SessionEnd::OutputClosed) => {
                Ok(ending::unread(self.place, self.report))
            }
            Parting::Told(Report { code, found }) => {
                if !found && code == NOT_FOUND {
                    return Err(self.no_command());
                }
                Ok(self.ended(talk.ended, code, &mut watch).await)
            }
            Parting::Stream(_) | Parting::Missed if self.gate.passage() == Passage::Pipe => {
                self.pipe_broke(talk, watch).await
            }
            Parting::Missed => {
                self.report.notice(
                    "the command ran before it was attached to; its output comes from the log, both streams in one",
                );
                logged(self.place, watch, talk.ended, self.rules, self.report).await
            }
            Parting::Stream(ref end) => {
                self.report.notice(&format!(
                    "{}; the rest of the output comes from the log, both streams in one",
                    words(end)
                ));
                let known = Known {
                    came: talk.came,
                    ended: talk.ended,
                };
                rest(self.place, self.pod, watch, known, self.rules, self.report).await
            }
        }
    }

    /// The pod's status counts for more than what the gate said, if it is known or worth the wait.
    async fn ended(&self, known: Option<Ended>, code: u8, watch: &mut PodWatch) -> ExitStatus {
        let known = match known {
            // A record has the times, too, which only the pod knows.
            None if code > SIGNALS || self.place.shelf.is_some() => {
                ending::reported(self.place, watch, REPORTED_WITHIN, self.report).await
            }
            known => known,
        };
        match known {
            Some(ended) => ending::with(&ended, self.report),
            None => ExitStatus::Container(code.into()),
        }
    }

    /// A pipe cannot be taken up again: its command has seen an end of input.
    async fn pipe_broke(&self, talk: Talk, mut watch: PodWatch) -> Result<ExitStatus, Error> {
        let (why, patience) = match &talk.parting {
            Parting::Stream(
                end @ (SessionEnd::Finished | SessionEnd::Outlived | SessionEnd::OutputClosed),
            ) => (words(end), REPORTED_WITHIN),
            Parting::Stream(end) => (words(end), NOTICED_WITHIN),
            Parting::Told(_) | Parting::Missed => (
                "the beginning of the output did not come".to_owned(),
                NOTICED_WITHIN,
            ),
        };
        let is_finished = matches!(talk.parting, Parting::Stream(SessionEnd::Finished));
        let (place, report) = (self.place, self.report);
        let is_known = talk.ended.is_some();
        let ended = match talk.ended {
            Some(ended) => Some(ended),
            None => ending::reported(place, &mut watch, patience, report).await,
        };
        match ended {
            // What it waited for was cut off, or its answer was.
            Some(Ended { code, .. }) if !talk.went && code == i32::from(gate::NOT_RUN) => {
                Err(Error::SessionLost {
                    container: place.container.clone(),
                    reason: format!("{why}; the command was not run"),
                    return_with: None,
                })
            }
            Some(ended) if is_known || is_finished => {
                report.warning("the end of the output did not come: some of it may be missing");
                Ok(ending::with(&ended, report))
            }
            ended => Err(piped::lost(place, &why, ended.as_ref())),
        }
    }

    /// Nobody may attach, or can: the command runs once it has waited long enough for somebody.
    async fn without_stream(&self, watch: PodWatch, refused: Error) -> Result<ExitStatus, Error> {
        let (place, report) = (self.place, self.report);
        report.notice(&format!(
            "cannot attach: {}; the command starts without that after {} seconds, and its output comes from the log, both streams in one",
            refused.with_causes(),
            gate::LIMIT
        ));
        self.until_it_runs().await?;
        let read = logged(place, watch, None, self.rules, report).await;
        match read {
            // Of two rights that are missing, the one that serves better is the one to ask for.
            Err(Error::Forbidden { .. }) => Err(refused),
            read => read,
        }
    }

    /// There is no log before the pod says that the container runs.
    async fn until_it_runs(&self) -> Result<(), Error> {
        let begin = Instant::now();
        loop {
            let pod = self.place.cluster.pod(&self.place.pod).await?;
            match container_state(&pod, &self.place.container) {
                ContainerState::Running | ContainerState::Ended(_) => return Ok(()),
                ContainerState::Unknown | ContainerState::Waiting { .. } => {}
            }
            if begin.elapsed() > REPORTED_WITHIN {
                return Ok(());
            }
            time::sleep(LOOK_AGAIN).await;
        }
    }

    /// A command that reads a pipe is not run if nobody comes.
    fn never_ran(&self, ended: Option<&Ended>) -> Result<(), Error> {
        match (self.gate.passage(), ended) {
            (Passage::Pipe, Some(_)) => Err(Error::NeverStarts {
                container: self.place.container.clone(),
                reason: format!("nobody was attached to it within {} seconds", gate::LIMIT),
                message: String::new(),
                hint: Some("the command was not run; try again".to_owned()),
            }),
            _ => Ok(()),
        }
    }

    fn no_command(&self) -> Error {
        let name = &self.place.container;
        let container = parts::ephemeral_of_name(self.pod, name).cloned();
        let command = container.and_then(|container| Gate::lift(container).command);
        let first = command.iter().flatten().next();
        let command = first.map_or("", String::as_str);
        let trouble = progress::no_such_command(self.pod, name, command, &self.place.wording);
        Error::NeverStarts {
            container: name.clone(),
            reason: trouble
                .as_ref()
                .map_or_else(String::new, |trouble| trouble.cause.clone()),
            message: String::new(),
            hint: trouble.map(|trouble| trouble.hint),
        }
    }
}

/// Says how a stream ended.
fn words(end: &SessionEnd) -> String {
    match end {
        SessionEnd::Finished | SessionEnd::Closed => {
            "the stream ended before the command did".to_owned()
        }
        SessionEnd::Outlived => "the stream stayed open after the container had ended".to_owned(),
        SessionEnd::OutputClosed => "nobody reads the output".to_owned(),
        SessionEnd::Failed(why) | SessionEnd::Lost(why) => why.clone(),
    }
}

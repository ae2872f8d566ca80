//! A stay that only listens: the container's log, from its first byte to its last.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::{
    sync::mpsc,
    time::{self, Instant},
};

use super::{
    Place,
    ending::{self, REPORTED_WITHIN},
    sink::Sink,
    strain::Strain,
};
use crate::{
    cli::SessionArgs,
    cluster::PodWatch,
    error::Error,
    exit_status::ExitStatus,
    progress::Ended,
    report::Reporter,
    session::{PlaceInLog, Rotated, Tally},
    terminal::Target,
};

/// How long the pod may take to say that the log is over because the container is.
const GRACE: Duration = Duration::from_millis(1500);
/// Between two tries: at first, and at most.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How the reading of the log ended.
enum Read {
    ToItsEnd,
    BrokeOff(Error),
    Rotated,
    /// Nobody takes what we write.
    Unread,
}

/// A time in which nothing new was read of the log.
struct Outage {
    begin: Option<Instant>,
    /// How often the log came to an end.
    ends: usize,
    pause: Duration,
    told: bool,
}

impl Default for Outage {
    fn default() -> Self {
        Self {
            begin: None,
            ends: 0,
            pause: SHORTEST_PAUSE,
            told: false,
        }
    }
}

impl Outage {
    fn next_pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = LONGEST_PAUSE.min(pause * 2);
        pause
    }
}

/// How all of it ended.
enum Told {
    Ended(Option<Ended>),
    Unread,
}

/// Shows what the container has written and writes, until it ends.
///
/// `known` is how it ended, if that is known already. A connection that breaks is got back: the log
/// is read again from its first byte, and what was shown is passed over.
pub(in crate::command) async fn logged(
    place: &Place<'_>,
    watch: PodWatch,
    known: Option<Ended>,
    rules: &SessionArgs,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    rest_logged(place, watch, known, Tally::default(), rules, report).await
}

/// The same, of which `came` was shown already, over a stream.
pub(super) async fn rest_logged(
    place: &Place<'_>,
    watch: PodWatch,
    known: Option<Ended>,
    came: Tally,
    rules: &SessionArgs,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let stdout = Sink::start(Target::Stdout, place);
    let mut listener = Listener {
        place,
        watch,
        known,
        limit: rules.reconnect,
        report,
        stdout_tx: stdout.sender(),
        shown: PlaceInLog::default(),
        strain: Strain::new(place.gate.as_ref(), came),
    };
    let told = listener.listen().await;
    let rest = listener.strain.rest();
    if !rest.is_empty() {
        // Whoever went away misses nothing.
        listener.stdout_tx.send(rest).await.ok();
    }
    let is_exact = listener.strain.is_exact();
    drop(listener);
    ending::written(stdout).await?;
    let told = told?;
    if !is_exact {
        report.warning(
            "what came before the connection was lost is not in the log as it came: output may be missing, or there twice",
        );
    }
    match told {
        Told::Unread => Ok(ending::unread(place, report)),
        Told::Ended(Some(ended)) => Ok(ending::with(&ended, report)),
        Told::Ended(None) => Err(ending::code_unknown(place)),
    }
}

struct Listener<'a> {
    place: &'a Place<'a>,
    watch: PodWatch,
    known: Option<Ended>,
    /// How long is tried to get a lost connection back.
    limit: Duration,
    report: &'a Reporter,
    stdout_tx: mpsc::Sender<Bytes>,
    shown: PlaceInLog,
    strain: Strain,
}

impl Listener<'_> {
    async fn listen(&mut self) -> Result<Told, Error> {
        let Place {
            cluster,
            pod,
            container,
            ..
        } = self.place;
        let mut log = Some(cluster.log(pod, container).await?);
        let mut outage = Outage::default();
        loop {
            let read = match log.take() {
                Some(log) => self.show(log, &mut outage).await,
                None => match cluster.impatient().log(pod, container).await {
                    Ok(log) => self.show(log, &mut outage).await,
                    Err(error) => Read::BrokeOff(error),
                },
            };
            match read {
                Read::Unread => return Ok(Told::Unread),
                Read::Rotated => {
                    return Err(self.lost("the node has dropped a part of its log meanwhile"));
                }
                Read::ToItsEnd => {
                    if self.is_over(&mut outage).await {
                        return Ok(Told::Ended(self.known.take()));
                    }
                }
                Read::BrokeOff(error) => self.broken(&mut outage, &error).await?,
            }
            self.shown.again();
        }
    }

    /// Tells whether the end of the log is that of the container. It may be that of a connection
    /// between API server and node, which looks the same. So the log is read once more at once,
    /// while the status of the container is on its way.
    async fn is_over(&mut self, outage: &mut Outage) -> bool {
        let ends = outage.ends;
        outage.ends += 1;
        let begin = *outage.begin.get_or_insert_with(Instant::now);
        if self.limit.is_zero() {
            self.ended_within(REPORTED_WITHIN).await;
            return true;
        }
        // With something new since the last end, this one is the first.
        if ends == 0 {
            return false;
        }
        if self.ended_within(GRACE).await {
            return true;
        }
        let rest = REPORTED_WITHIN.saturating_sub(begin.elapsed());
        self.ended_within(outage.next_pause().min(rest)).await || rest.is_zero()
    }

    /// Waits before the next try, if there is to be one.
    async fn broken(&self, outage: &mut Outage, error: &Error) -> Result<(), Error> {
        let why = error.with_causes();
        let begin = *outage.begin.get_or_insert_with(Instant::now);
        let pause = outage.next_pause();
        if begin.elapsed() + pause > self.limit {
            return Err(self.lost(&format!("its log broke off: {why}")));
        }
        if !std::mem::replace(&mut outage.told, true) {
            self.report
                .notice(&format!("the container's log broke off, reading on: {why}"));
            self.place.cluster.forget_connections()?;
        }
        time::sleep(pause).await;
        Ok(())
    }

    /// Waits until the pod says how the container ended, if it is not known.
    async fn ended_within(&mut self, patience: Duration) -> bool {
        if self.known.is_none() {
            self.known = ending::reported(self.place, &mut self.watch, patience, self.report).await;
        }
        self.known.is_some()
    }

    fn lost(&self, reason: &str) -> Error {
        ending::lost(self.place, reason.to_owned())
    }

    /// Hands on what was not shown yet; then the outage, if there was one, is over.
    async fn show(
        &mut self,
        mut log: impl Stream<Item = Result<Bytes, Error>> + Unpin,
        outage: &mut Outage,
    ) -> Read {
        loop {
            let bytes = match log.next().await {
                Some(Ok(bytes)) => bytes,
                Some(Err(error)) => return Read::BrokeOff(error),
                None if self.shown.is_reached() => return Read::ToItsEnd,
                // It is shorter than it was.
                None => return Read::Rotated,
            };
            match self.shown.take(bytes) {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => {
                    *outage = Outage::default();
                    for bytes in self.strain.take(bytes) {
                        if self.stdout_tx.send(bytes).await.is_err() {
                            return Read::Unread;
                        }
                    }
                }
                Err(Rotated) => return Read::Rotated,
            }
        }
    }
}

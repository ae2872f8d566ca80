//! A terminal session, across everything that can interrupt it.

use std::{future, pin::pin, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    time::{self, Instant},
};

use super::{
    Place,
    ending::{self, News},
    greeting::{Greeting, SILENT_AND_WELL},
    logged::logged,
    outage::{Back, Outage},
    sink::Sink,
};
use crate::{
    cli::SessionArgs,
    cluster::{Attachment, PodWatch},
    error::Error,
    exit_status::ExitStatus,
    progress::Ended,
    report::Reporter,
    session::{self, Input, Keyboard, Near, Order, Protocol, SessionEnd},
    terminal::{self, Job, Jobs, NOT_SUSPENDED, RawMode, Target},
};

/// One that lasts this long is no failed attempt, even without a word.
const SILENT_AND_SURE: Duration = Duration::from_mins(1);

/// A terminal session in a container.
pub(super) struct Visit<'a> {
    pub(super) place: &'a Place<'a>,
    /// The pod that was there at first; another one of its name is not meant.
    pub(super) uid: Option<String>,
    pub(super) watch: PodWatch,
    pub(super) rules: &'a SessionArgs,
    pub(super) report: &'a Reporter,
    /// Whether the container ran before this session: then it has drawn its screen for somebody else.
    pub(super) ran: bool,
    /// Whether the container was heard in this session.
    pub(super) joined: bool,
}

/// How one connection of a session ended.
enum Parting {
    /// The container ended.
    Ended(Ended),
    /// The user left.
    Left(Order),
    /// The stream ended, and nobody said that the container did.
    Stream(SessionEnd),
}

impl Visit<'_> {
    /// Stays until the container ends or the user leaves, over as many connections as it takes.
    pub(super) async fn stay(mut self, mut attachment: Attachment) -> Result<ExitStatus, Error> {
        let mut outage = None;
        let mut was_heard = false;
        loop {
            let begin = Instant::now();
            let (parting, heard) = self.converse(attachment, outage.as_ref()).await?;
            was_heard |= heard;
            self.joined |= heard || begin.elapsed() > SILENT_AND_WELL;
            // Servers may take half a minute to find out that they cannot reach the node.
            if heard || begin.elapsed() > SILENT_AND_SURE {
                outage = None;
            }
            let end = match parting {
                Parting::Ended(ended) => return self.ended(ended, was_heard).await,
                Parting::Left(order) => return Ok(self.left(order)),
                Parting::Stream(SessionEnd::OutputClosed) => {
                    return Ok(ending::unread(self.place, self.report));
                }
                Parting::Stream(end) => end,
            };
            let lost = outage.get_or_insert_with(|| Outage::begin(&end));
            attachment = match self.bring_back(lost, end).await? {
                Back::Stream(attachment) => attachment,
                Back::Ended(ended) => return self.ended(ended, was_heard).await,
                Back::Left(order) => return Ok(self.left(order)),
            };
        }
    }

    /// Ends as the container did. What it wrote before we were attached did not come over the stream;
    /// of a command that ended at once that is all, and the log has it.
    async fn ended(self, ended: Ended, was_heard: bool) -> Result<ExitStatus, Error> {
        let Self {
            place,
            watch,
            rules,
            report,
            ..
        } = self;
        if was_heard || !place.is_new {
            return Ok(ending::with(&ended, report));
        }
        let read = logged(place, watch, Some(ended.clone()), rules, report).await;
        read.or_else(|error| {
            report.warning(&format!(
                "the container ended before its output came, and its log cannot be read: {}",
                error.with_causes()
            ));
            Ok(ending::with(&ended, report))
        })
    }

    fn left(&self, order: Order) -> ExitStatus {
        match order {
            Order::Detach => ending::detached(self.place, self.report),
            Order::Disconnect | Order::Suspend | Order::Help => {
                ending::disconnected(self.place, self.report)
            }
        }
    }

    /// Runs the session over one connection. Tells how that ended, and whether the container was
    /// heard over it.
    async fn converse(
        &mut self,
        attachment: Attachment,
        outage: Option<&Outage>,
    ) -> Result<(Parting, bool), Error> {
        let greeting = match outage {
            Some(outage) => Greeting::after(outage, self.report),
            None => Greeting::of_the_first(self.rules, self.report),
        };
        if terminal::is_full_screen() {
            // On its screen, which comes back at once, it would stand in the way.
            greeting.tell_early();
        }
        // Not before the stream is up: a refusal never touches the terminal.
        let _held = Held::new(self.report);
        let raw_mode = RawMode::enter().map_err(Error::terminal)?;
        let stdout = Sink::start(Target::Screen, self.place);
        let stderr = Sink::start(Target::Stderr, self.place);
        let sizes = terminal::watch_size();
        let tape = self.place.tape.as_ref();
        let _recorded = tape.map(|tape| tape.follow(sizes.clone()));
        let (chunks_rx, _reading) = terminal::read_keys().map_err(Error::terminal)?;
        let (orders_tx, orders_rx) = mpsc::unbounded_channel();
        let SessionArgs {
            escape_char,
            ref detach_keys,
            ..
        } = *self.rules;
        let mut keyboard = Keyboard::new(chunks_rx, escape_char, detach_keys.clone(), orders_tx);
        let (ended_tx, ended_rx) = oneshot::channel();
        let on_first_output = || greeting.heard();
        let near = Near {
            input: Input::Keys(&mut keyboard),
            sizes,
            redraw: self.joined || self.ran,
            stdout: stdout.sender(),
            stderr: stderr.sender(),
            ended_rx,
            on_first_output: &on_first_output,
        };
        let protocol = Protocol::new(attachment.half_close);
        let pump = session::run(attachment.socket, protocol, near);
        let news = News::new(ended_tx);
        let orders = Orders {
            typed_rx: orders_rx,
            jobs: Jobs::listen().ok(),
            raw_mode: &raw_mode,
        };
        let parting = self.listen(pump, news, orders, &greeting).await?;
        ending::written(stdout).await?;
        ending::written(stderr).await?;
        Ok((parting, greeting.was_heard()))
    }

    /// Lets the session run, and does what the user, the shell and the pod want meanwhile.
    async fn listen(
        &mut self,
        pump: impl Future<Output = SessionEnd>,
        mut news: News,
        mut orders: Orders<'_>,
        greeting: &Greeting<'_>,
    ) -> Result<Parting, Error> {
        let mut pump = pin!(pump);
        loop {
            tokio::select! {
                biased;
                order = orders.next() => match order? {
                    Order::Help => self.report.answer(&escapes(self.rules)),
                    Order::Suspend => {
                        if !orders.raw_mode.stop().map_err(Error::terminal)? {
                            self.report.answer(&format!("not suspended: {NOT_SUSPENDED}"));
                        }
                    }
                    order @ (Order::Detach | Order::Disconnect) => return Ok(Parting::Left(order)),
                },
                end = &mut pump => return Ok(match news.ended {
                    Some(ended) => {
                        if end == SessionEnd::Outlived {
                            ending::output_may_be_missing(self.report);
                        }
                        Parting::Ended(ended)
                    }
                    None => Parting::Stream(end),
                }),
                () = news.next(self.place, &mut self.watch) => {}
                () = due(greeting.due_at()) => greeting.tell(),
            }
        }
    }
}

/// What the user and the shell want of us.
pub(super) struct Orders<'a> {
    pub(super) typed_rx: mpsc::UnboundedReceiver<Order>,
    pub(super) jobs: Option<Jobs>,
    pub(super) raw_mode: &'a RawMode,
}

impl Orders<'_> {
    /// Waits for an order. May be dropped and called again at any time.
    pub(super) async fn next(&mut self) -> Result<Order, Error> {
        loop {
            tokio::select! {
                Some(order) = self.typed_rx.recv() => return Ok(order),
                job = job(self.jobs.as_mut()) => match job {
                    Job::Stop => return Ok(Order::Suspend),
                    Job::Continued => self.raw_mode.resume().map_err(Error::terminal)?,
                },
            }
        }
    }
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => time::sleep_until(at).await,
        None => future::pending().await,
    }
}

async fn job(jobs: Option<&mut Jobs>) -> Job {
    match jobs {
        Some(jobs) => jobs.next().await,
        None => future::pending().await,
    }
}

/// Keeps what is to be said, so that it harms no program in the container.
struct Held<'a>(&'a Reporter);

impl<'a> Held<'a> {
    fn new(report: &'a Reporter) -> Self {
        report.hold();
        Self(report)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.0.has_held() {
            terminal::begin_line();
        }
        self.0.release();
    }
}

/// Lists what can be typed to us and not to the container.
pub(super) fn escapes(rules: &SessionArgs) -> String {
    let mut lines = vec!["\nAt the start of a line:".to_owned()];
    if let Some(key) = rules.escape_char.name() {
        for (second, what) in [
            (".", "end the session; the container goes on"),
            ("^Z", "suspend this program"),
            ("?", "this list"),
            (key.as_str(), "send the character itself"),
        ] {
            lines.push(format!("  {:<4} {what}", format!("{key}{second}")));
        }
    }
    let keys = rules.detach_keys.names();
    if !keys.is_empty() {
        lines.push(format!(
            "At any time: {keys} leaves the session; the container goes on"
        ));
    }
    lines.join("\n")
}

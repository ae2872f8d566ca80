//! The stream to a held command: lets it go, sorts its output from its gate's marks, lets it end.

use std::{cell::Cell, convert::Infallible, future, pin::pin, time::Duration};

use bytes::Bytes;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time,
};

use super::super::{Place, ending, sink::Sink};
use crate::{
    cluster::{Attachment, PodWatch},
    container::{Gate, Passage, gate::Feed},
    error::Error,
    progress::Ended,
    session::{self, Input, Mark, Near, Piece, Protocol, Scanner, SessionEnd, Tally},
    terminal::{self, Reading, Target},
};

/// What lets a gate close.
const LINE: &[u8] = b"\n";
/// How long the pod may take to say that the container has ended, once its gate has. Servers of today do
/// so within a tenth of a second, kubelets before 1.36 in up to a second: they are not waited for.
const GOODBYE: Duration = Duration::from_millis(300);
/// How many chunks may wait between the stream and our output.
const WAITING: usize = 4;

/// How the command ended, as its gate says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report {
    pub(super) code: u8,
    /// Whether the command could be executed.
    pub(super) found: bool,
}

/// How the talk came to its end.
#[derive(Debug)]
pub(super) enum Parting {
    /// All of the output is here.
    Told(Report),
    /// The command did not wait for us.
    Missed,
    /// The stream ended first.
    Stream(SessionEnd),
}

/// What came of the talk.
pub(super) struct Talk {
    pub(super) parting: Parting,
    /// How the container ended, if the pod has said so.
    pub(super) ended: Option<Ended>,
    /// What was shown of the output.
    pub(super) came: Tally,
    /// Whether the command was let go.
    pub(super) went: bool,
}

/// What was heard of the gate, on both streams.
#[derive(Default)]
struct Heard {
    stdout: Side,
    stderr: Side,
    not_found: Cell<bool>,
    code: Cell<Option<u8>>,
    missed: Cell<bool>,
    news: Notify,
}

#[derive(Default)]
struct Side {
    went: Cell<bool>,
    ended: Cell<bool>,
    came: Cell<Tally>,
}

impl Heard {
    fn parting(&self) -> Option<Parting> {
        if self.missed.get() {
            return Some(Parting::Missed);
        }
        if !(self.stdout.ended.get() && self.stderr.ended.get()) {
            return None;
        }
        let found = !self.not_found.get();
        let code = self.code.get()?;
        Some(Parting::Told(Report { code, found }))
    }

    async fn wait(&self) -> Parting {
        loop {
            let news = self.news.notified();
            if let Some(parting) = self.parting() {
                return parting;
            }
            news.await;
        }
    }
}

/// One of the two streams, on its way to the user.
struct Sieve<'a> {
    scanner: Scanner,
    came: Tally,
    heard: &'a Heard,
    side: &'a Side,
    from: mpsc::Receiver<Bytes>,
    to: mpsc::Sender<Bytes>,
}

impl<'a> Sieve<'a> {
    fn new(
        gate: &Gate,
        heard: &'a Heard,
        side: &'a Side,
        from: mpsc::Receiver<Bytes>,
        to: mpsc::Sender<Bytes>,
    ) -> Self {
        Self {
            scanner: Scanner::new(&gate.token()),
            came: Tally::default(),
            heard,
            side,
            from,
            to,
        }
    }

    /// Hands on the output, until the stream ends or nobody takes it.
    ///
    /// What is held back at the end is no output that could be relied upon: the log has it.
    async fn run(mut self) {
        while let Some(bytes) = self.from.recv().await {
            for piece in self.scanner.take(bytes) {
                let bytes = match piece {
                    Piece::Mark(mark) => {
                        self.mark(mark);
                        continue;
                    }
                    Piece::Output(bytes) => bytes,
                };
                if !self.side.went.get() {
                    self.heard.missed.set(true);
                    self.heard.news.notify_waiters();
                    return future::pending().await;
                }
                self.came.count(&bytes);
                self.side.came.set(self.came);
                if self.to.send(bytes).await.is_err() {
                    return;
                }
            }
        }
    }

    fn mark(&self, mark: Mark) {
        match mark {
            Mark::Go => self.side.went.set(true),
            Mark::None => self.heard.not_found.set(true),
            Mark::End => self.side.ended.set(true),
            Mark::Code(code) => {
                self.heard.code.set(Some(code));
                self.side.ended.set(true);
            }
        }
        if self.side.ended.get() {
            let missed = !self.side.went.get();
            self.heard.missed.set(self.heard.missed.get() || missed);
            self.heard.news.notify_waiters();
        }
    }
}

/// Lets the command go, and passes on what it reads and writes until it has ended.
pub(super) async fn converse(
    place: &Place<'_>,
    gate: &Gate,
    attachment: Attachment,
    watch: &mut PodWatch,
) -> Result<Talk, Error> {
    let stdout = Sink::start(Target::Stdout, place);
    let stderr = Sink::start(Target::Stderr, place);
    let heard = Heard::default();
    let sieve = |side, output: &Sink| {
        let (from_tx, from) = mpsc::channel(WAITING);
        (
            from_tx,
            Sieve::new(gate, &heard, side, from, output.sender()),
        )
    };
    let (stdout_tx, stdout_sieve) = sieve(&heard.stdout, &stdout);
    let (stderr_tx, stderr_sieve) = sieve(&heard.stderr, &stderr);
    let (stdin, _reading) = stdin(gate.passage())?;
    let feed_by = match gate.passage() {
        Passage::Pipe if !attachment.half_close => Feed::Frames,
        Passage::Pipe | Passage::Output => Feed::Plain,
    };
    let (input_tx, input_rx) = mpsc::channel(1);
    let (ended_tx, ended_rx) = oneshot::channel();
    let near = Near {
        input: Input::Pipe(input_rx),
        sizes: None,
        redraw: false,
        stdout: stdout_tx,
        stderr: stderr_tx,
        ended_rx,
        on_first_output: &|| {},
    };
    let pump = session::run(
        attachment.socket,
        Protocol::new(attachment.half_close),
        near,
    );
    let session = async { tokio::join!(pump, stdout_sieve.run(), stderr_sieve.run()).0 };
    let feeding = feed(input_tx, stdin, feed_by, &heard);
    let mut news = ending::News::new(ended_tx);
    let parting = {
        let (mut session, mut feeding) = (pin!(session), pin!(feeding));
        let (parting, runs) = tokio::select! {
            biased;
            end = &mut session => (heard.parting().unwrap_or(Parting::Stream(end)), false),
            parting = heard.wait() => (parting, true),
            never = watched(place, &mut news, watch) => match never {},
            never = &mut feeding => match never {},
        };
        // The script behind a pipe takes longer to end than anybody wants to wait.
        if runs && gate.passage() == Passage::Output && matches!(parting, Parting::Told(_)) {
            goodbye(session, feeding, ended(place, &mut news, watch)).await;
        }
        parting
    };
    ending::written(stdout).await?;
    ending::written(stderr).await?;
    Ok(Talk {
        parting,
        ended: news.ended,
        came: heard.stdout.came.get() + heard.stderr.came.get(),
        went: heard.stdout.went.get() && heard.stderr.went.get(),
    })
}

/// Lets the container end, and the pod tell it. Nothing depends on it: when we are gone, the script
/// sees the end of its input.
async fn goodbye(
    session: impl Future<Output = SessionEnd>,
    feeding: impl Future<Output = Infallible>,
    ended: impl Future<Output = ()>,
) {
    let session = async {
        session.await;
        future::pending::<Infallible>().await
    };
    let end = async {
        tokio::select! {
            () = ended => {}
            never = session => match never {},
            never = feeding => match never {},
        }
    };
    time::timeout(GOODBYE, end).await.ok();
}

/// Waits until the pod says that the container has ended.
async fn ended(place: &Place<'_>, news: &mut ending::News, watch: &mut PodWatch) {
    while news.ended.is_none() {
        news.next(place, watch).await;
    }
}

/// Follows what the pod says.
async fn watched(place: &Place<'_>, news: &mut ending::News, watch: &mut PodWatch) -> Infallible {
    loop {
        news.next(place, watch).await;
    }
}

/// Sends the line that opens the gate, then what the command reads, then lets the gate close.
async fn feed(
    input_tx: mpsc::Sender<Bytes>,
    stdin: Option<mpsc::Receiver<Bytes>>,
    by: Feed,
    heard: &Heard,
) -> Infallible {
    // It fails where the session is over; then nothing needs to be sent.
    input_tx.send(by.opening()).await.ok();
    match stdin {
        None => {
            heard.wait().await;
            input_tx.send(Bytes::from_static(LINE)).await.ok();
        }
        Some(mut stdin_rx) => {
            while let Some(bytes) = stdin_rx.recv().await {
                if input_tx.send(by.piece(bytes)).await.is_err() {
                    break;
                }
            }
            if let Some(end) = by.end() {
                input_tx.send(end).await.ok();
            }
        }
    }
    drop(input_tx);
    future::pending().await
}

/// Begins to read what the command is to read, which ends when the second value is dropped.
fn stdin(passage: Passage) -> Result<(Option<mpsc::Receiver<Bytes>>, Option<Reading>), Error> {
    match passage {
        Passage::Output => Ok((None, None)),
        Passage::Pipe => {
            let (stdin_rx, reading) = terminal::read_stdin().map_err(Error::terminal)?;
            Ok((Some(stdin_rx), Some(reading)))
        }
    }
}

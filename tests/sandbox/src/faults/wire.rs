//! A connection's bytes, with what is scripted for them.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{FutureExt as _, task::AtomicWaker};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep};
use tokio_rustls::server::TlsStream;

use super::count::Count;
use super::pings::Pings;
use super::plan::{Bytes, End};
use crate::lock;

/// Between two tries to send again over a connection that is silent; a real server waits longer each time, up to two
/// minutes.
const AGAIN: Duration = Duration::from_secs(1);

/// What happens to a connection; shared by its bytes, its requests and whoever ends it from outside.
#[derive(Debug)]
pub(crate) struct Line {
    /// Whether anything is to happen: most of the time nothing is, and bytes pass as they are.
    faulty: AtomicBool,
    state: Mutex<State>,
    end: watch::Sender<Option<End>>,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

#[derive(Debug)]
struct State {
    bytes: Bytes,
    count: Count,
    pings: Pings,
}

impl Line {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            faulty: AtomicBool::new(false),
            state: Mutex::new(State::new(Bytes::default())),
            end: watch::Sender::new(None),
            reader: AtomicWaker::new(),
            writer: AtomicWaker::new(),
        })
    }

    /// What happens from the next answer on.
    pub(crate) fn follow(&self, bytes: Bytes) {
        let faulty = bytes.is_faulty() || self.end.borrow().is_some();
        *lock(&self.state) = State::new(bytes);
        self.faulty.store(faulty, Ordering::Release);
    }

    pub(crate) fn end(&self, end: End) {
        // First, since whoever learns of the end may write at once.
        self.faulty.store(true, Ordering::Release);
        self.end.send_replace(Some(end));
        self.reader.wake();
        self.writer.wake();
    }

    /// Waits until the connection has been ended; it never is if it falls silent.
    pub(crate) async fn ended(&self) {
        let mut end = self.end.subscribe();
        let ended = end.wait_for(|end| matches!(end, Some(End::Reset | End::Cut)));
        if ended.await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn is_faulty(&self) -> bool {
        self.faulty.load(Ordering::Acquire)
    }

    /// Whether it goes on; `Pending` for ever if it has fallen silent.
    fn goes_on(&self) -> Poll<io::Result<()>> {
        match *self.end.borrow() {
            None => Poll::Ready(Ok(())),
            Some(End::Silence) => Poll::Pending,
            Some(End::Reset | End::Cut) => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        }
    }
}

impl State {
    fn new(bytes: Bytes) -> Self {
        let left = bytes.end.map_or(usize::MAX, |(left, _)| left);
        Self {
            bytes,
            count: Count::new(left),
            pings: Pings::default(),
        }
    }

    /// How its script ends the connection, once all that may be sent has been.
    fn due(&self) -> Option<End> {
        let (_, end) = self.bytes.end?;
        self.count.is_over().then_some(end)
    }
}

/// The server's side of a connection.
#[derive(Debug)]
pub(crate) struct Wire {
    io: TlsStream<TcpStream>,
    line: Arc<Line>,
    pause: Option<Pin<Box<Sleep>>>,
    idle: Option<Pin<Box<Sleep>>>,
    again: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    pub(crate) fn new(io: TlsStream<TcpStream>, line: Arc<Line>) -> Self {
        Self {
            io,
            line,
            pause: None,
            idle: None,
            again: None,
        }
    }

    /// A byte has gone: the time until it counts as idle begins anew.
    fn touch(&mut self) {
        let time = lock(&self.line.state).bytes.idle;
        match (&mut self.idle, time) {
            // Whoever waits for it goes on waiting.
            (Some(idle), Some(time)) => idle.as_mut().reset(Instant::now() + time),
            (idle, _) => *idle = None,
        }
    }

    /// Resets the connection if no byte has gone for as long as is scripted.
    fn poll_idle(&mut self, cx: &mut Context<'_>) {
        let Some(time) = lock(&self.line.state).bytes.idle else {
            return;
        };
        let idle = self
            .idle
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + time)));
        if idle.as_mut().poll(cx).is_ready() {
            self.line.end(End::Reset);
        }
    }

    /// Whether it goes on. One that is silent does not, until the client has given it up: then the client's system
    /// answers the next try to send with a reset, and who was held up by the silence goes on.
    fn poll_goes_on(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.line.goes_on().is_pending() {
            let again = self
                .again
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(AGAIN)));
            ready!(again.as_mut().poll(cx));
            self.again = None;
            let tcp = self.io.get_ref().0;
            let ready = tcp.ready(Interest::READABLE).now_or_never();
            if ready.is_some_and(|ready| ready.is_ok_and(Ready::is_read_closed)) {
                self.line.end(End::Reset);
            }
        }
        self.line.goes_on()
    }

    /// Ends the connection if all that may be sent has been; before that, it is flushed.
    fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(end) = lock(&self.line.state).due() else {
            return Poll::Ready(Ok(()));
        };
        ready!(Pin::new(&mut self.io).poll_flush(cx))?;
        if end == End::Cut {
            // Now, since a socket that is dropped with unread input is reset.
            let tcp = Pin::new(self.io.get_mut().0);
            ready!(tcp.poll_shutdown(cx)).ok();
        }
        self.line.end(end);
        Poll::Ready(Ok(()))
    }

    fn poll_faulty_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_due(cx))?;
        ready!(self.poll_goes_on(cx))?;
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let (allowed, pause) = {
            let state = lock(&self.line.state);
            let slice = state.bytes.slice.unwrap_or(usize::MAX).min(bytes.len());
            (state.count.allowed(&bytes[..slice]), state.bytes.pause)
        };
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, &bytes[..allowed]))?;
        lock(&self.line.state).count.sent(&bytes[..written]);
        self.touch();
        if !pause.is_zero() {
            self.pause = Some(Box::pin(tokio::time::sleep(pause)));
        }
        // If it is not over yet, the flush that follows ends it.
        if let Poll::Ready(Err(error)) = self.poll_due(cx) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(written))
    }

    fn after_read(&mut self, bytes: &mut [u8]) {
        self.touch();
        let mut state = lock(&self.line.state);
        if state.bytes.ignores_pings && state.count.head_has_gone() {
            state.pings.silence(bytes);
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if *self.line.end.borrow() == Some(End::Reset) {
            self.io.get_ref().0.set_zero_linger().ok();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.line.reader.register(cx.waker());
        if this.line.is_faulty() {
            this.poll_idle(cx);
            ready!(this.poll_goes_on(cx))?;
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.io).poll_read(cx, buffer))?;
        if this.line.is_faulty() {
            this.after_read(&mut buffer.filled_mut()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.line.writer.register(cx.waker());
        if this.line.is_faulty() {
            return this.poll_faulty_write(cx, bytes);
        }
        Pin::new(&mut this.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.line.writer.register(cx.waker());
        if this.line.is_faulty() {
            let first = slices.iter().find(|slice| !slice.is_empty());
            return this.poll_faulty_write(cx, first.map_or(&[], |slice| slice));
        }
        Pin::new(&mut this.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.line.writer.register(cx.waker());
        if this.line.is_faulty() {
            ready!(this.poll_due(cx))?;
            // Also here: while an answer goes on and on, nothing is read.
            this.poll_idle(cx);
            ready!(this.poll_goes_on(cx))?;
        }
        Pin::new(&mut this.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.line.is_faulty() {
            ready!(this.poll_due(cx))?;
            ready!(this.poll_goes_on(cx))?;
        }
        Pin::new(&mut this.io).poll_shutdown(cx)
    }
}

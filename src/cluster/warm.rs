//! Connections made ahead of need, so that the shell does not wait for a handshake.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use tokio::{
    task::JoinHandle,
    time::{self, Instant},
};
use tower::{BoxError, Service, ServiceExt};

/// How long a connection may take, from the first packet to the end of the TLS handshake.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long an unused connection is trusted: API servers close one after half a minute without a
/// request.
const FRESH: Duration = Duration::from_secs(15);

/// Asks for a connection before anybody needs it.
#[derive(Clone)]
pub(super) struct Spares {
    dial: Arc<dyn Fn() + Send + Sync>,
}

impl Spares {
    /// Starts to dial one more connection; the next request that finds none idle takes it.
    pub(super) fn prepare(&self) {
        (self.dial)();
    }
}

/// Wraps a connector for `server`, so that it can dial ahead.
pub(super) fn connector<C>(inner: C, server: Uri) -> (Warm<C>, Spares)
where
    C: Service<Uri, Error = BoxError> + Clone + Send + Sync + 'static,
    C::Response: Send,
    C::Future: Send,
{
    let warm = Warm {
        inner,
        waiting: Arc::default(),
    };
    let dialer = warm.clone();
    let dial = Arc::new(move || {
        let dialling = tokio::spawn(dial(dialer.inner.clone(), server.clone()));
        dialer.waiting().push((Instant::now(), dialling));
    });
    (warm, Spares { dial })
}

/// A connector that hands out what was dialled ahead, and dials when there is nothing.
pub(super) struct Warm<C: Service<Uri>> {
    inner: C,
    waiting: Arc<Mutex<Vec<Waiting<C::Response>>>>,
}

type Waiting<T> = (Instant, JoinHandle<Result<T, BoxError>>);

impl<C: Service<Uri>> Warm<C> {
    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting<C::Response>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Service<Uri> + Clone> Clone for Warm<C> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            waiting: self.waiting.clone(),
        }
    }
}

impl<C> Service<Uri> for Warm<C>
where
    C: Service<Uri, Error = BoxError> + Clone + Send + 'static,
    C::Response: Send + 'static,
    C::Future: Send,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let mut waiting = self.waiting();
        waiting.retain(|(since, _)| since.elapsed() < FRESH);
        let ahead = waiting.pop();
        drop(waiting);
        let inner = self.inner.clone();
        Box::pin(async move {
            if let Some((_, dialling)) = ahead
                && let Ok(Ok(connection)) = dialling.await
            {
                return Ok(connection);
            }
            dial(inner, server).await
        })
    }
}

async fn dial<C>(connector: C, server: Uri) -> Result<C::Response, BoxError>
where
    C: Service<Uri, Error = BoxError>,
{
    match time::timeout(CONNECT_LIMIT, connector.oneshot(server)).await {
        Ok(connected) => connected,
        Err(_) => {
            let seconds = CONNECT_LIMIT.as_secs();
            let error = format!("no connection within {seconds} seconds");
            Err(io::Error::new(io::ErrorKind::TimedOut, error).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    fn server() -> Uri {
        Uri::from_static("https://127.0.0.1:6443")
    }

    /// Dials connections that are numbers, counted from one; the numbers in `fails` fail.
    fn counting(fails: &'static [usize]) -> (Warm<impl Dialling>, Spares) {
        let dialled = Arc::new(AtomicUsize::new(0));
        let inner = tower::service_fn(move |_: Uri| {
            let number = dialled.fetch_add(1, Ordering::SeqCst) + 1;
            std::future::ready(if fails.contains(&number) {
                Err(BoxError::from("refused"))
            } else {
                Ok(number)
            })
        });
        connector(inner, server())
    }

    trait Dialling:
        Service<Uri, Response = usize, Error = BoxError, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
    {
    }

    impl<T> Dialling for T where
        T: Service<Uri, Response = usize, Error = BoxError, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static
    {
    }

    #[tokio::test]
    async fn what_was_dialled_ahead_is_taken_once() {
        let (mut warm, spares) = counting(&[]);
        spares.prepare();
        tokio::task::yield_now().await;
        assert_eq!(warm.call(server()).await.unwrap(), 1);
        assert_eq!(warm.call(server()).await.unwrap(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_dialled_long_ago_is_not_trusted() {
        let (mut warm, spares) = counting(&[]);
        spares.prepare();
        time::sleep(FRESH).await;
        assert_eq!(warm.call(server()).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_dial_ahead_that_failed_is_made_up_for() {
        let (mut warm, spares) = counting(&[1]);
        spares.prepare();
        assert_eq!(warm.call(server()).await.unwrap(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_does_not_answer_is_given_up() {
        let never = tower::service_fn(|_: Uri| pending::<Result<(), BoxError>>());
        let (mut warm, _spares) = connector(never, server());
        let begin = Instant::now();
        let error = warm.call(server()).await.unwrap_err();
        assert_eq!(error.to_string(), "no connection within 10 seconds");
        assert_eq!(begin.elapsed(), CONNECT_LIMIT);
    }
}

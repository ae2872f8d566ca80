//! Accepts connections, finds out whose they are, and records each request.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::answer::{self, Failure, Response};
use crate::api::query::Query;
use crate::api::{self, Api, Call};
use crate::authorization::User;
use crate::faults::plan::{End, Outcome, Plan};
use crate::faults::wire::{Line, Wire};
use crate::faults::{Faults, by_somebody_else};
use crate::lock;

/// The largest body that is read; 3 MiB in reality.
const LARGEST_BODY: usize = 3 * 1024 * 1024;

/// A request that was made.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// `GET`, `PATCH`, ...
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The user it was made as.
    pub user: String,
    /// What the client calls itself.
    pub user_agent: String,
    /// What was sent with it, once it has come.
    pub body: Bytes,
    /// The status of the answer, once there is one.
    pub status: Option<u16>,
    /// When its connection was accepted, before the TLS handshake.
    pub connected: Instant,
    /// When it came.
    pub at: Instant,
    /// When it came, by the wall clock.
    pub time: SystemTime,
}

/// The certificate that a client has shown, if any, and whose it is, if anybody's.
type Shown = Option<Option<User>>;

/// The users by their credentials.
#[derive(Debug, Default)]
pub(crate) struct Users {
    /// By the certificate itself: the authority signed no other.
    pub(crate) certificates: HashMap<Vec<u8>, User>,
    pub(crate) tokens: HashMap<String, User>,
}

pub(crate) struct Server {
    pub(crate) api: Api,
    pub(crate) users: Users,
    pub(crate) requests: Arc<Mutex<Vec<Recorded>>>,
    pub(crate) faults: Arc<Faults>,
    /// Those that are open, and some that were.
    pub(crate) connections: Mutex<Vec<Weak<Line>>>,
}

impl Server {
    /// Accepts until it is dropped.
    pub(crate) async fn run(self: Arc<Self>, listener: Arc<TcpListener>, tls: TlsAcceptor) {
        loop {
            let Ok((tcp, _)) = listener.accept().await else {
                // Out of file descriptors, perhaps: others may close theirs.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            };
            let (server, tls) = (Arc::clone(&self), tls.clone());
            tokio::spawn(async move {
                // A client that breaks off has itself to blame.
                server.connection(tcp, tls).await.ok();
            });
        }
    }

    /// Resets every connection, with all that goes on over it.
    pub(crate) fn reset_connections(&self) {
        for line in std::mem::take(&mut *lock(&self.connections)) {
            if let Some(line) = line.upgrade() {
                line.end(End::Reset);
            }
        }
    }

    fn line(&self) -> Arc<Line> {
        let line = Line::new();
        let mut connections = lock(&self.connections);
        connections.retain(|line| line.strong_count() > 0);
        connections.push(Arc::downgrade(&line));
        line
    }

    async fn connection(self: Arc<Self>, tcp: TcpStream, tls: TlsAcceptor) -> io::Result<()> {
        let connected = Instant::now();
        tcp.set_nodelay(true)?;
        let line = self.line();
        let stream = tokio::select! {
            stream = tls.accept(tcp) => stream?,
            () = line.ended() => return Ok(()),
        };
        let certificate = stream
            .get_ref()
            .1
            .peer_certificates()
            .and_then(|chain| chain.first())
            .map(|certificate| self.users.certificates.get(certificate.as_ref()).cloned());
        let wire = Wire::new(stream, Arc::clone(&line));
        let service = service_fn(move |request| {
            let (server, certificate) = (Arc::clone(&self), certificate.clone());
            let line = Arc::clone(&line);
            async move {
                let response = server.request(request, certificate, line, connected);
                Ok::<_, Infallible>(response.await)
            }
        });
        http1::Builder::new()
            .timer(TokioTimer::new())
            .title_case_headers(true)
            .serve_connection(TokioIo::new(wire), service)
            .with_upgrades()
            .await
            .map_err(io::Error::other)
    }

    async fn request(
        &self,
        mut request: Request<Incoming>,
        certificate: Shown,
        line: Arc<Line>,
        connected: Instant,
    ) -> Response {
        let plan = self.faults.plan(&request);
        plan.strip(&mut request);
        line.follow(plan.bytes.clone());
        let identity = self.identify(request.headers(), certificate);
        let user = identity.as_ref().map_or("", |user| user.name.as_str());
        let index = self.record(&request, user, connected);
        let mut response = self.planned(request, identity, &plan, &line, index).await;
        api::audit(&mut response);
        plan.rewrite(&mut response);
        if let Some(recorded) = lock(&self.requests).get_mut(index) {
            recorded.status = Some(response.status().as_u16());
        }
        response
    }

    /// The answer, or what is scripted in its place.
    async fn planned(
        &self,
        request: Request<Incoming>,
        identity: Result<User, Failure>,
        plan: &Plan,
        line: &Arc<Line>,
        index: usize,
    ) -> Response {
        if !plan.delay.is_zero() {
            tokio::time::sleep(plan.delay).await;
        }
        match &plan.outcome {
            Outcome::Instead(answer) => return answer.response(),
            Outcome::Reset => {
                // What is answered is not sent any more.
                line.end(End::Reset);
                return answer::empty(StatusCode::BAD_GATEWAY);
            }
            Outcome::Silence => {
                line.end(End::Silence);
                std::future::pending::<()>().await;
            }
            Outcome::Answered
            | Outcome::ApplyThenReset
            | Outcome::ApplyThenInstead(_)
            | Outcome::Overtaken
            | Outcome::Forbidden => {}
        }
        let user = match identity {
            Ok(user) => user,
            Err(failure) => return failure.response(),
        };
        let response = self.answer(request, user, plan, line, index).await;
        match &plan.outcome {
            Outcome::ApplyThenReset => line.end(End::Reset),
            Outcome::ApplyThenInstead(answer) => return answer.response(),
            Outcome::Answered
            | Outcome::Instead(_)
            | Outcome::Overtaken
            | Outcome::Forbidden
            | Outcome::Reset
            | Outcome::Silence => {}
        }
        response
    }

    fn record(&self, request: &Request<Incoming>, user: &str, connected: Instant) -> usize {
        let path = request.uri().path_and_query();
        let agent = request.headers().get(USER_AGENT);
        let mut requests = lock(&self.requests);
        requests.push(Recorded {
            method: request.method().to_string(),
            path: path.map_or("/", |path| path.as_str()).to_owned(),
            user: user.to_owned(),
            user_agent: agent
                .and_then(|agent| agent.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            body: Bytes::new(),
            status: None,
            connected,
            at: Instant::now(),
            time: SystemTime::now(),
        });
        requests.len() - 1
    }

    /// A certificate counts before a token; with neither, the user is anonymous.
    /// A certificate that nobody knows is as a token that nobody knows: not refused by TLS.
    fn identify(&self, headers: &HeaderMap, certificate: Shown) -> Result<User, Failure> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let token = text(AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
        let user = match (certificate, token) {
            (Some(Some(user)), _) => user,
            (Some(None), None) => return Err(Failure::unauthorized()),
            (_, Some(token)) => {
                let known = self.users.tokens.get(token.trim()).cloned();
                known.ok_or_else(Failure::unauthorized)?
            }
            (None, None) => User::anonymous(),
        };
        Ok(user)
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
        user: User,
        plan: &Plan,
        line: &Arc<Line>,
        index: usize,
    ) -> Response {
        let upgrade = request.extensions_mut().remove::<OnUpgrade>();
        let (parts, body) = request.into_parts();
        let body = match read(body).await {
            Ok(body) => body,
            Err(failure) => return failure.response(),
        };
        if let Some(recorded) = lock(&self.requests).get_mut(index) {
            recorded.body = body.clone();
        }
        let call = Call {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            headers: parts.headers,
            body,
            upgrade,
            user,
            line: Arc::clone(line),
            lie: plan.lie.clone(),
        };
        if matches!(plan.outcome, Outcome::Forbidden) {
            return Api::forbid(&call).response();
        }
        if matches!(plan.outcome, Outcome::Overtaken) {
            drop(self.api.answer(by_somebody_else(&call)));
        }
        self.api.answer(call)
    }
}

async fn read(body: Incoming) -> Result<Bytes, Failure> {
    let too_large = |_| {
        Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            format!("limit is {LARGEST_BODY}"),
            None,
        )
    };
    let body = Limited::new(body, LARGEST_BODY).collect().await;
    body.map(http_body_util::Collected::to_bytes)
        .map_err(too_large)
}

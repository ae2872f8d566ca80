//! One request and its answer.

mod answer;

pub(super) use answer::Answer;

use std::{future::Future, time::Duration};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::{Client, client::Body};
use serde_json::Value;

use super::{
    Cluster, distrust,
    patience::{self, Broken, Patience},
    refusal,
};
use crate::error::{Action, Error, Source};

/// How long the server may take for an answer that it has at hand.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);
/// How large an answer about one object may be, so that a server which never ends cannot fill our memory.
/// etcd takes 1.5 MiB for an object; written as JSON it is a few times as large, and admission may add to it.
const LARGEST_OBJECT: usize = 32 * MEBIBYTE;
/// The same for a page of a list, which has five hundred objects.
pub(super) const LARGEST_PAGE: usize = 1024 * MEBIBYTE;
const MEBIBYTE: usize = 1024 * 1024;
const BROKE: &str = "the connection broke";

/// A request that came to nothing, as far as we know.
pub(super) struct Failed {
    pub(super) error: Error,
    /// Why another try may do better, where it may.
    pub(super) passing: Option<Passing>,
    /// Whether the server may have done what was asked for nonetheless.
    pub(super) perhaps_done: bool,
}

/// Why another try may do better.
pub(super) struct Passing {
    pub(super) why: String,
    /// How long the server wants to be left alone.
    pub(super) wish: Option<Duration>,
}

/// What one try came to.
enum Turn<T> {
    Done(T),
    /// The credentials are not accepted, and there may be others.
    Unauthorized,
    Failed(Failed),
}

impl<T> Turn<T> {
    fn failed(error: Error, perhaps_done: bool) -> Self {
        Self::Failed(Failed {
            error,
            passing: None,
            perhaps_done,
        })
    }

    fn passing(mut self, why: &str, wish: Option<Duration>) -> Self {
        if let Self::Failed(failed) = &mut self {
            let why = why.to_owned();
            failed.passing = Some(Passing { why, wish });
        }
        self
    }
}

impl Cluster {
    /// Sends a request and reads the whole answer, within a limit.
    pub(super) async fn exchange(
        &self,
        request: Request<Bytes>,
        action: Action,
    ) -> Result<Answer, Error> {
        let action = &action;
        let read = |answer| self.read_whole(answer, action);
        self.asked(&request, read).await
    }

    /// Reads the whole answer, which may be a refusal.
    pub(super) async fn read_whole(
        &self,
        answer: Response<Body>,
        action: &Action,
    ) -> Result<Answer, Error> {
        let (head, body) = answer.into_parts();
        let body = self.whole(body).await?;
        if head.status.is_success() {
            Ok(Answer {
                headers: head.headers,
                body,
            })
        } else {
            Err(refusal::refused(head.status, &body, action.clone()))
        }
    }

    /// Sends a request and makes something of its answer, within a limit.
    ///
    /// Where the server does not accept the credentials any more, new ones are got, once. What
    /// fails in passing is tried again: what is asked this way can be asked twice. Only an upgrade
    /// whose connection broke may have had effects.
    pub(super) async fn asked<T, F: Future<Output = Result<T, Error>>>(
        &self,
        request: &Request<Bytes>,
        read: impl Fn(Response<Body>) -> F,
    ) -> Result<T, Error> {
        let mut renewable = self.login.can_be_renewed();
        let mut patience = Patience::new(self.limit);
        loop {
            let Failed { error, passing, .. } =
                match self.once(request, &mut renewable, &read).await {
                    Ok(done) => return Ok(done),
                    Err(failed) => failed,
                };
            let again = passing.and_then(|passing| self.pause(&mut patience, &passing));
            match again {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// Returns how long to wait before the next try, which is said; nothing if there is none.
    pub(super) fn pause(&self, patience: &mut Patience, passing: &Passing) -> Option<Duration> {
        if !self.patient {
            return None;
        }
        let pause = patience.next(passing.wish, self.login.server_is_known())?;
        if patience.is_new(&passing.why) {
            let voice = self.login.voice();
            voice.notice(&format!("trying again: {}", passing.why));
        }
        Some(pause)
    }

    /// Sends a request once; twice, where other credentials may be accepted.
    pub(super) async fn once<T, F: Future<Output = Result<T, Error>>>(
        &self,
        request: &Request<Bytes>,
        renewable: &mut bool,
        read: &impl Fn(Response<Body>) -> F,
    ) -> Result<T, Failed> {
        loop {
            let current = self.login.current();
            let attempt = self.attempt(&current.client, request, *renewable, read);
            let turn = self.answered(async { Ok(attempt.await) }).await;
            let turn = turn.unwrap_or_else(|error| Turn::failed(error, true));
            match turn {
                Turn::Done(done) => return Ok(done),
                Turn::Failed(failed) => return Err(failed),
                Turn::Unauthorized => {
                    let renewed = self.login.renew(&current).await;
                    renewed.map_err(|error| Failed {
                        error,
                        passing: None,
                        perhaps_done: false,
                    })?;
                    *renewable = false;
                }
            }
        }
    }

    async fn attempt<T, F: Future<Output = Result<T, Error>>>(
        &self,
        client: &Client,
        request: &Request<Bytes>,
        renewable: bool,
        read: &impl Fn(Response<Body>) -> F,
    ) -> Turn<T> {
        let answer = match client.send(with_body(request)).await {
            Ok(answer) => answer,
            Err(error) => {
                let broken = patience::broken(&error);
                let error = self.unreachable(error);
                let upgrade = request.headers().contains_key(header::UPGRADE);
                return match broken {
                    Broken::Refused => {
                        Turn::failed(error, false).passing("connection refused", None)
                    }
                    Broken::Lost if !upgrade => Turn::failed(error, true).passing(BROKE, None),
                    Broken::Lost => Turn::failed(error, true),
                    Broken::Else => Turn::failed(error, false),
                };
            }
        };
        self.login.server_answered();
        let status = answer.status();
        if renewable && status == StatusCode::UNAUTHORIZED {
            return Turn::Unauthorized;
        }
        let wish = patience::wish(answer.headers());
        match read(answer).await {
            Ok(done) => Turn::Done(done),
            Err(error) => {
                // A success that cannot be read is one nonetheless.
                let perhaps_done = status.is_success() || status.is_server_error();
                let broke_off = broke_off(&error);
                let failed = Turn::failed(error, perhaps_done);
                if patience::is_passing(status, wish) {
                    failed.passing(&format!("the server answered {status}"), wish)
                } else if broke_off {
                    failed.passing(BROKE, None)
                } else {
                    failed
                }
            }
        }
    }

    /// Reads a body to its end: what is said of one object, or why not.
    pub(super) async fn whole(&self, body: Body) -> Result<Bytes, Error> {
        self.whole_within(body, LARGEST_OBJECT).await
    }

    /// Reads a body to its end, and no more than so many bytes.
    pub(super) async fn whole_within(&self, body: Body, most: usize) -> Result<Bytes, Error> {
        match Limited::new(body, most).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Error::Unexpected {
                what: format!("the server's answer is larger than {} MiB", most / MEBIBYTE),
                source: None,
            }),
            Err(error) => Err(self.unreachable(error)),
        }
    }

    /// Bounds the wait for an answer.
    pub(super) async fn answered<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let limit = self.limit.unwrap_or(ANSWER_LIMIT);
        if limit.is_zero() {
            return answer.await;
        }
        match tokio::time::timeout(limit, answer).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::NoAnswer {
                server: self.server.clone(),
                limit,
            }),
        }
    }

    pub(super) fn unreachable(&self, error: impl Into<Source>) -> Error {
        let (server, error) = (self.server.clone(), error.into());
        if distrust::refuses_ours(error.as_ref()) {
            return Error::IdentityRefused {
                server,
                source: refusal::innermost(error),
            };
        }
        match distrust::reason(error.as_ref()) {
            Some((what, hint)) => Error::Untrusted { server, what, hint },
            None => Error::Unreachable {
                server,
                broke: patience::broken(error.as_ref()) == Broken::Lost,
                source: refusal::innermost(error),
            },
        }
    }

    /// Returns an action on this cluster's namespace.
    pub(super) fn action(&self, verb: &'static str, resource: &'static str) -> Action {
        Action {
            verb,
            group: "",
            resource,
            there: self.there.clone(),
        }
    }

    /// Returns the path of a pod, or of what is below it. Names are checked before they get here.
    pub(super) fn pod_path(&self, pod: &str, below: &str) -> String {
        format!("/api/v1/namespaces/{}/pods/{pod}{below}", self.namespace())
    }
}

/// Tells whether a connection broke before all of the answer was here.
pub(super) fn broke_off(error: &Error) -> bool {
    matches!(error, Error::Unreachable { broke: true, .. })
}

/// Builds a request without a body.
pub(super) fn get(path: &str) -> Request<Bytes> {
    request("GET", path, Bytes::new())
}

/// Builds a request that asks something with a body and changes nothing.
pub(super) fn post(path: &str, question: &Value) -> Request<Bytes> {
    let mut request = request("POST", path, question.to_string().into());
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    request
}

/// Builds a strategic merge patch.
pub(super) fn merge_patch(path: &str, change: &Value) -> Request<Bytes> {
    let mut request = request("PATCH", path, change.to_string().into());
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/strategic-merge-patch+json"),
    );
    request
}

fn with_body(request: &Request<Bytes>) -> Request<Body> {
    let request = request.clone();
    if request.body().is_empty() {
        request.map(|_| Body::empty())
    } else {
        request.map(|body| Body::from(body.to_vec()))
    }
}

fn request(method: &str, path: &str, body: Bytes) -> Request<Bytes> {
    let mut request = Request::new(body);
    *request.method_mut() = method.parse().unwrap_or_default();
    // A path from checked names always parses; anything else asks for `/`, which harms nobody.
    *request.uri_mut() = path.parse().unwrap_or_default();
    request.headers_mut().insert(
        header::ACCEPT,
        header::HeaderValue::from_static("application/json"),
    );
    request
}

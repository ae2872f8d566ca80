//! The subresource `pods/NAME/log`: which container, which lines, and whether to wait for more.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::watch;

use super::query::Query;
use crate::answer::{self, Failure, Response};
use crate::clock;
use crate::kubelet::Kubelet;
use crate::kubelet::log::{Line, Log, Reader};
use crate::kubelet::status::{self, Kind};
use crate::stream;

/// What of a log is wanted.
#[derive(Debug, Clone)]
struct Options {
    follow: bool,
    timestamps: bool,
    tail: Option<usize>,
    since: Option<Timestamp>,
    limit: Option<usize>,
}

impl Options {
    fn parse(query: &Query) -> Self {
        let seconds = query
            .number("sinceSeconds")
            .map(|seconds| Timestamp::now() - SignedDuration::from_secs(seconds));
        Self {
            follow: query.is("follow"),
            timestamps: query.is("timestamps"),
            tail: query.number("tailLines"),
            since: query.number("sinceTime").or(seconds),
            limit: query.number("limitBytes"),
        }
    }

    fn wants(&self, line: &Line) -> bool {
        self.since.is_none_or(|since| line.time >= since)
    }

    fn write(&self, line: &Line, out: &mut BytesMut) {
        if self.timestamps {
            out.extend_from_slice(clock::nanoseconds(line.time).as_bytes());
            out.extend_from_slice(b" ");
        }
        out.extend_from_slice(&line.text);
    }
}

pub(crate) fn read(kubelet: &Kubelet, pod: &Value, query: &Query) -> Result<Response, Failure> {
    let container = stream::container(pod, query)?;
    let uid = pod["metadata"]["uid"].as_str().unwrap_or_default();
    let previous = query.is("previous");
    let log = kubelet
        .log(uid, &container, previous)
        .ok_or_else(|| no_log(pod, &container, previous))?;
    let options = Options::parse(query);
    let follower = Follower {
        changed: log.subscribe(),
        left: options.limit,
        reader: Reader::default(),
        is_first: true,
        log,
        options,
    };
    let pieces = futures_util::stream::unfold(follower, |mut follower| async move {
        let piece = follower.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(piece)), follower))
    });
    Ok(answer::stream(
        "text/plain",
        StreamBody::new(pieces).boxed_unsync(),
    ))
}

/// Why a container has no log, in the kubelet's words.
fn no_log(pod: &Value, container: &str, previous: bool) -> Failure {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    if previous {
        return Failure::bad_request(format!(
            "previous terminated container \"{container}\" in pod \"{name}\" not found"
        ));
    }
    let waiting = [Kind::Ordinary, Kind::Ephemeral]
        .iter()
        .find_map(|kind| status::of(pod, *kind, container))
        .and_then(|status| status["state"]["waiting"]["reason"].as_str());
    let why = match waiting {
        Some("ErrImagePull") => "image can't be pulled".to_owned(),
        Some("ImagePullBackOff") => "trying and failing to pull image".to_owned(),
        Some(reason) => reason.to_owned(),
        None => {
            return Failure::bad_request(format!(
                "container \"{container}\" in pod \"{name}\" is not available"
            ));
        }
    };
    Failure::bad_request(format!(
        "container \"{container}\" in pod \"{name}\" is waiting to start: {why}"
    ))
}

struct Follower {
    log: Arc<Log>,
    reader: Reader,
    changed: watch::Receiver<()>,
    options: Options,
    left: Option<usize>,
    is_first: bool,
}

impl Follower {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.left == Some(0) || !(self.is_first || self.options.follow) {
                return None;
            }
            self.changed.mark_unchanged();
            let mut lines: VecDeque<Line> = self.reader.read(&self.log).into();
            lines.retain(|line| self.options.wants(line));
            if std::mem::take(&mut self.is_first)
                && let Some(tail) = self.options.tail
            {
                lines.drain(..lines.len().saturating_sub(tail));
            }
            let mut out = BytesMut::new();
            for line in &lines {
                self.options.write(line, &mut out);
            }
            if let Some(left) = &mut self.left {
                out.truncate(*left);
                *left -= out.len();
            }
            if !out.is_empty() {
                return Some(out.freeze());
            }
            if self.reader.has_ended() {
                return None;
            }
            if self.options.follow && self.changed.changed().await.is_err() {
                return None;
            }
        }
    }
}

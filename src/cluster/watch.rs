//! Follows one pod, across everything that can interrupt a watch.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt};
use http::Request;
use k8s_openapi::api::core::v1::Pod;
use kube::core::WatchEvent;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Cluster, login::Current, refusal};
use crate::{container::parts, error::Error};

/// How long a watch that cannot be opened is tried again: at first as long as any request, later,
/// when a session hangs on it, long enough for a server to be restarted.
const PATIENCE_AT_FIRST: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(30);
/// The first pause between two tries; it doubles up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A change of the pod.
#[derive(Debug)]
pub enum PodChange {
    /// The pod is like this now.
    Now(Box<Pod>),
    /// The pod is gone; it was like this last.
    Deleted(Box<Pod>),
    /// Another pod has the name now.
    Replaced,
    /// The pod cannot be seen just now, for this reason; that is tried again.
    Unseen(String),
}

/// The changes of one pod, from the version on that it was started with.
#[derive(Debug)]
pub struct PodWatch {
    changes_rx: mpsc::Receiver<Result<PodChange, Error>>,
    /// Ends with this value.
    _task: JoinSet<()>,
}

impl PodWatch {
    /// Waits for the next change. May be dropped and called again at any time.
    ///
    /// Returns an error where the pod cannot be followed any more; nothing comes after it.
    pub async fn next(&mut self) -> Result<PodChange, Error> {
        match self.changes_rx.recv().await {
            Some(change) => change,
            None => Err(Error::Unexpected {
                what: "the watch of the pod has ended".to_owned(),
                source: None,
            }),
        }
    }
}

impl Cluster {
    /// Follows a pod, beginning right after the version that is handed in: nothing is missed in
    /// between, and nothing is asked twice.
    pub fn watch(&self, pod: &Pod) -> PodWatch {
        let (changes_tx, changes_rx) = mpsc::channel(16);
        let watcher = Watcher {
            cluster: self.clone(),
            name: parts::name(pod).to_owned(),
            uid: pod.metadata.uid.clone(),
            version: pod.metadata.resource_version.clone(),
            may_watch: true,
            opened: false,
            told: 0,
            changes_tx,
        };
        let mut task = JoinSet::new();
        task.spawn(watcher.run());
        PodWatch {
            changes_rx,
            _task: task,
        }
    }
}

struct Watcher {
    cluster: Cluster,
    name: String,
    uid: Option<String>,
    /// The last version seen; none, if it is too old for the server and the pod must be read.
    version: Option<String>,
    may_watch: bool,
    /// Whether the pod could be followed before.
    opened: bool,
    /// How many states were told.
    told: usize,
    changes_tx: mpsc::Sender<Result<PodChange, Error>>,
}

/// The watch is over: told everything, or nobody listens.
struct Over;

impl Watcher {
    async fn run(mut self) {
        let mut pause = SHORTEST_PAUSE;
        let mut working = Instant::now();
        let mut complained = false;
        loop {
            let patience = if self.opened {
                PATIENCE
            } else {
                PATIENCE_AT_FIRST
            };
            let before = self.told;
            match self.follow().await {
                Ok(ControlFlow::Break(Over)) => return,
                Ok(ControlFlow::Continue(())) => {
                    working = Instant::now();
                    complained &= !self.opened;
                }
                Err(error) if working.elapsed() > patience || is_final(&error) => {
                    // Nobody may be listening any more.
                    self.changes_tx.send(Err(error)).await.ok();
                    return;
                }
                Err(_) if complained => {}
                Err(error) if !self.opened => {
                    self.cluster
                        .login
                        .voice()
                        .notice(&format!("trying again: {error}"));
                    complained = true;
                }
                // Later there may be a full-screen program on the terminal, which goes on unharmed: who
                // follows the pod knows whether it may be told.
                Err(error) => {
                    let unseen = PodChange::Unseen(error.with_causes());
                    if self.changes_tx.send(Ok(unseen)).await.is_err() {
                        return;
                    }
                    complained = true;
                }
            }
            // A server that ends each watch at once must not be asked without pause.
            pause = if self.told == before {
                LONGEST_PAUSE.min(pause * 2)
            } else {
                SHORTEST_PAUSE
            };
            sleep(pause).await;
        }
    }

    /// Reads or watches the pod, for as long as that goes well.
    async fn follow(&mut self) -> Result<ControlFlow<Over>, Error> {
        if self.version.is_none() || !self.may_watch {
            return self.read().await;
        }
        match self.watch().await {
            Err(Error::Forbidden { .. }) => {
                self.may_watch = false;
                self.read().await
            }
            // The version is too old, and this server does not say so in the stream.
            Err(Error::Refused { reason, .. }) if is_about_the_version(&reason) => {
                self.version = None;
                self.read().await
            }
            watched => watched,
        }
    }

    async fn read(&mut self) -> Result<ControlFlow<Over>, Error> {
        match self.cluster.pod_again(&self.name).await {
            Ok(pod) if self.version == pod.metadata.resource_version => {
                Ok(ControlFlow::Continue(()))
            }
            Ok(pod) => Ok(self.tell(pod).await),
            Err(error) => Err(error),
        }
    }

    async fn watch(&mut self) -> Result<ControlFlow<Over>, Error> {
        let events = match self.open().await {
            Err((Error::Unauthorized { .. }, refused)) if self.cluster.login.can_be_renewed() => {
                self.cluster.login.renew(&refused).await?;
                self.open().await
            }
            opened => opened,
        };
        let events = events.map_err(|(error, _)| error)?;
        self.opened = true;
        let mut events = events.boxed();
        while let Some(event) = events.next().await {
            match event {
                Ok(WatchEvent::Added(pod) | WatchEvent::Modified(pod)) if !self.is_ours(&pod) => {}
                Ok(WatchEvent::Deleted(pod)) if !self.is_ours(&pod) => {}
                Ok(WatchEvent::Added(pod) | WatchEvent::Modified(pod)) => {
                    if self.tell(pod).await.is_break() {
                        return Ok(ControlFlow::Break(Over));
                    }
                }
                Ok(WatchEvent::Deleted(pod)) => {
                    return Ok(self.tell_last(PodChange::Deleted(Box::new(pod))).await);
                }
                Ok(WatchEvent::Bookmark(bookmark)) => {
                    self.version = Some(bookmark.metadata.resource_version);
                }
                // 410 mostly: the version is too old. Whatever it is, reading the pod helps.
                // So it does after a line that nobody can read: it may have been a change.
                Ok(WatchEvent::Error(_)) | Err(kube::Error::SerdeError(_)) => {
                    self.version = None;
                    break;
                }
                // The stream broke; go on from the last version.
                Err(_) => break,
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Opens a watch; where that fails, says with which credentials.
    async fn open(
        &self,
    ) -> Result<impl Stream<Item = kube::Result<WatchEvent<Pod>>> + use<>, (Error, Arc<Current>)>
    {
        let current = self.cluster.login.current();
        let client = current.client.clone();
        let opening = async {
            let events = client.request_events::<Pod>(self.request()).await;
            events.map_err(|error| {
                self.cluster
                    .refused_or_unreachable(error, self.cluster.action("watch", "pods"))
            })
        };
        let events = self.cluster.answered(opening).await;
        events.map_err(|error| (error, current))
    }

    fn request(&self) -> Request<Vec<u8>> {
        let path = format!(
            "/api/v1/namespaces/{}/pods?watch=true&allowWatchBookmarks=true&fieldSelector=metadata.name%3D{}&resourceVersion={}",
            self.cluster.namespace(),
            self.name,
            self.version.as_deref().unwrap_or_default(),
        );
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = path.parse().unwrap_or_default();
        request
    }

    /// Whatever filters in between, only this pod counts.
    fn is_ours(&self, pod: &Pod) -> bool {
        pod.metadata.name.as_ref() == Some(&self.name)
    }

    async fn tell(&mut self, pod: Pod) -> ControlFlow<Over> {
        if self.uid.is_some() && pod.metadata.uid != self.uid {
            return self.tell_last(PodChange::Replaced).await;
        }
        self.version.clone_from(&pod.metadata.resource_version);
        self.told += 1;
        match self
            .changes_tx
            .send(Ok(PodChange::Now(Box::new(pod))))
            .await
        {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(Over),
        }
    }

    async fn tell_last(&self, change: PodChange) -> ControlFlow<Over> {
        // Nobody may be listening any more.
        self.changes_tx.send(Ok(change)).await.ok();
        ControlFlow::Break(Over)
    }
}

impl Cluster {
    fn refused_or_unreachable(&self, error: kube::Error, action: crate::error::Action) -> Error {
        if let kube::Error::Api(status) = &error {
            return refusal::refused_with(status, action);
        }
        self.unreachable(error)
    }
}

/// Tells whether a refusal is about the version from which a watch should begin.
fn is_about_the_version(reason: &str) -> bool {
    matches!(reason, "Expired" | "Gone" | "410")
}

/// Tells whether trying again is in vain.
fn is_final(error: &Error) -> bool {
    matches!(
        error,
        Error::NotFound { .. } | Error::Unauthorized { .. } | Error::Forbidden { .. }
    )
}

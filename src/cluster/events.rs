//! What the cluster says about a pod in passing.
//!
//! Events come sooner than a pod's status, and are hints only: they may be forbidden, kept by
//! another store with versions of its own, held back after a burst, or late. So whatever goes wrong
//! here is not told: the status says the same later.

use std::{mem, ops::ControlFlow, time::Duration};

use futures_util::StreamExt;
use http::{Request, StatusCode};
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::core::WatchEvent;
use tokio::{sync::mpsc, task::JoinSet, time::sleep};

use super::Cluster;

/// The first pause between two watches; it doubles up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// The events of one pod, as far as the cluster lets us have them.
#[derive(Debug)]
pub struct EventWatch {
    events_rx: mpsc::Receiver<Event>,
    /// Ends with this value.
    _task: JoinSet<()>,
}

impl EventWatch {
    /// Waits for the next event. Without any more it waits for ever: somebody else must know when
    /// to stop. May be dropped and called again at any time.
    pub async fn next(&mut self) -> Event {
        match self.events_rx.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }
}

impl Cluster {
    /// Follows the events of a pod, beginning right after the version that is handed in.
    ///
    /// The same event may come twice, where a watch had to begin anew.
    pub fn watch_events(&self, pod: &Pod) -> EventWatch {
        let (events_tx, events_rx) = mpsc::channel(16);
        let follower = Follower {
            cluster: self.clone(),
            uid: pod.metadata.uid.clone().unwrap_or_default(),
            renewable: self.login.can_be_renewed(),
            version: pod.metadata.resource_version.clone(),
            events_tx,
        };
        let mut task = JoinSet::new();
        task.spawn(follower.run());
        EventWatch {
            events_rx,
            _task: task,
        }
    }
}

struct Follower {
    cluster: Cluster,
    uid: String,
    /// Whether new credentials may be tried, once.
    renewable: bool,
    /// The last version seen; none, if that is not one of this store's, or too old.
    version: Option<String>,
    events_tx: mpsc::Sender<Event>,
}

/// Nothing more will come: it is forbidden, or nobody listens.
struct Over;

impl Follower {
    async fn run(mut self) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let before = self.version.clone();
            if self.follow().await.is_break() {
                return;
            }
            // A server that ends each watch at once must not be asked without pause.
            pause = if self.version == before {
                LONGEST_PAUSE.min(pause * 2)
            } else {
                SHORTEST_PAUSE
            };
            sleep(pause).await;
        }
    }

    /// Watches, for as long as that goes well. Without a version all events that there are come
    /// first, as the server does it by itself.
    async fn follow(&mut self) -> ControlFlow<Over> {
        let current = self.cluster.login.current();
        let opened = current.client.request_events::<Event>(self.request()).await;
        let events = match opened {
            Ok(events) => events,
            Err(kube::Error::Api(status)) if status.code == StatusCode::UNAUTHORIZED => {
                let renewable = mem::replace(&mut self.renewable, false);
                if renewable && self.cluster.login.renew(&current).await.is_ok() {
                    return ControlFlow::Continue(());
                }
                return ControlFlow::Break(Over);
            }
            Err(kube::Error::Api(status)) => {
                let forbidden = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
                if forbidden.iter().any(|code| *code == status.code) {
                    return ControlFlow::Break(Over);
                }
                // 410, or 504 for a version of another store.
                self.version = None;
                return ControlFlow::Continue(());
            }
            Err(_) => return ControlFlow::Continue(()),
        };
        let mut events = events.boxed();
        while let Some(event) = events.next().await {
            match event {
                Ok(WatchEvent::Added(event) | WatchEvent::Modified(event)) => {
                    self.version.clone_from(&event.metadata.resource_version);
                    if self.tell(event).await.is_break() {
                        return ControlFlow::Break(Over);
                    }
                }
                Ok(WatchEvent::Deleted(event)) => {
                    self.version.clone_from(&event.metadata.resource_version);
                }
                Ok(WatchEvent::Bookmark(bookmark)) => {
                    self.version = Some(bookmark.metadata.resource_version);
                }
                Ok(WatchEvent::Error(_)) => {
                    self.version = None;
                    break;
                }
                // A line that is none of ours.
                Err(kube::Error::SerdeError(_)) => {}
                Err(_) => break,
            }
        }
        ControlFlow::Continue(())
    }

    fn request(&self) -> Request<Vec<u8>> {
        let path = format!(
            "/api/v1/namespaces/{}/events?watch=true&fieldSelector=involvedObject.uid%3D{}",
            self.cluster.namespace(),
            self.uid,
        );
        let from = match &self.version {
            Some(version) => format!("&resourceVersion={version}"),
            None => String::new(),
        };
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = format!("{path}{from}").parse().unwrap_or_default();
        request
    }

    async fn tell(&self, event: Event) -> ControlFlow<Over> {
        // Whatever filters in between, only this pod's events count.
        if event.involved_object.uid.as_deref() != Some(self.uid.as_str()) {
            return ControlFlow::Continue(());
        }
        match self.events_tx.send(event).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(Over),
        }
    }
}

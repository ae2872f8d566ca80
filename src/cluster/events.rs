//! What the cluster says about a pod in passing.
//!
//! Events come sooner than a pod's status, and are hints only: they may be forbidden, kept by
//! another store with versions of its own, held back after a burst, or late.

use futures_util::{Stream, StreamExt};
use http::Request;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::core::WatchEvent;
use tokio::{sync::mpsc, task::JoinSet};

use super::Cluster;

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
    pub fn watch_events(&self, pod: &Pod) -> EventWatch {
        let (events_tx, events_rx) = mpsc::channel(16);
        let path = format!(
            "/api/v1/namespaces/{}/events?watch=true&fieldSelector=involvedObject.uid%3D{}&resourceVersion={}",
            self.namespace,
            pod.metadata.uid.as_deref().unwrap_or_default(),
            pod.metadata.resource_version.as_deref().unwrap_or_default(),
        );
        let cluster = self.clone();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let Some(events) = cluster.open_events(&path).await else {
                return;
            };
            let mut events = events.boxed();
            while let Some(Ok(event)) = events.next().await {
                if let WatchEvent::Added(event) | WatchEvent::Modified(event) = event
                    && events_tx.send(event).await.is_err()
                {
                    return;
                }
            }
        });
        EventWatch {
            events_rx,
            _task: task,
        }
    }
    /// Opens a watch of events, with new credentials where the old ones are not accepted any more.
    async fn open_events(
        &self,
        path: &str,
    ) -> Option<impl Stream<Item = kube::Result<WatchEvent<Event>>> + use<>> {
        let mut renewable = self.login.can_be_renewed();
        loop {
            let current = self.login.current();
            let mut request = Request::new(Vec::new());
            *request.uri_mut() = path.parse().unwrap_or_default();
            match current.client.request_events::<Event>(request).await {
                Ok(events) => return Some(events),
                Err(kube::Error::Api(status)) if status.code == 401 && renewable => {
                    self.login.renew(&current).await.ok()?;
                    renewable = false;
                }
                Err(_) => return None,
            }
        }
    }
}

//! Looks after one pod: starts its containers, and ends them when it is deleted.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::container::Lifecycle;
use super::event::{self, Event};
use super::status::{self, Kind};
use super::{Kubelet, process};
use crate::clock;
use crate::lock;
use crate::store::Key;

pub(crate) fn key_of(pod: &Value) -> Key {
    let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    Key::new("pods", text("namespace"), text("name"))
}

pub(crate) struct PodWorker {
    pub(super) kubelet: Weak<Kubelet>,
    pub(super) key: Key,
    pub(super) uid: String,
    pub(super) stopping: watch::Sender<bool>,
    tasks: Mutex<JoinSet<()>>,
    known: Mutex<HashSet<String>>,
    /// What the containers of a deleted pod ended with; reported together.
    pub(super) last: Mutex<Vec<(Kind, Value)>>,
}

impl PodWorker {
    pub(super) fn new(kubelet: &Arc<Kubelet>, pod: &Value) -> Arc<Self> {
        Arc::new(Self {
            kubelet: Arc::downgrade(kubelet),
            key: key_of(pod),
            uid: pod["metadata"]["uid"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            stopping: watch::Sender::new(false),
            tasks: Mutex::default(),
            known: Mutex::default(),
            last: Mutex::default(),
        })
    }

    /// Starts the containers it does not know yet.
    pub(super) fn sync(self: &Arc<Self>, pod: &Value) {
        // Ephemeral containers are started first, as by the kubelet.
        for kind in [Kind::Ephemeral, Kind::Ordinary] {
            for spec in pod["spec"][kind.spec_field()]
                .as_array()
                .into_iter()
                .flatten()
            {
                let name = spec["name"].as_str().unwrap_or_default();
                if lock(&self.known).insert(name.to_owned()) {
                    let lifecycle = Lifecycle::new(self, kind, spec.clone(), pod);
                    lock(&self.tasks).spawn(lifecycle.run());
                }
            }
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits, or less long if the pod is to end.
    pub(super) async fn pause(&self, time: Duration) {
        let mut stopping = self.stopping.subscribe();
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }

    /// The end of a deleted pod: SIGTERM, the grace period, SIGKILL, the last status, and then it is gone.
    pub(super) async fn terminate(&self) {
        let Some(kubelet) = self.kubelet.upgrade() else {
            return;
        };
        self.stopping.send_replace(true);
        kubelet.update_status(&self.key, status::refresh);
        let Some(pod) = kubelet.store.get(&self.key) else {
            return;
        };
        let asked = pod["metadata"]["deletionGracePeriodSeconds"].as_u64();
        let grace = kubelet
            .timing
            .grace
            .min(Duration::from_secs(asked.unwrap_or(30)));
        self.ask_to_end(&kubelet, &pod);
        let mut tasks = std::mem::take(&mut *lock(&self.tasks));
        let all_ended = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, all_ended).await.is_err() {
            process::kill_all_of(&kubelet.folder.join(&self.uid));
            while tasks.join_next().await.is_some() {}
        }
        tokio::time::sleep(kubelet.timing.exit_lag).await;
        let last = std::mem::take(&mut *lock(&self.last));
        kubelet.update_status(&self.key, |pod, now| {
            for (kind, status) in last {
                status::set(pod, kind, status, now);
            }
            finish(pod);
        });
        tokio::time::sleep(kubelet.timing.removal).await;
        let marked = kubelet.store.update(&self.key, |pod| {
            pod["metadata"]["deletionTimestamp"] = json!(clock::now());
            pod["metadata"]["deletionGracePeriodSeconds"] = json!(0);
            Ok::<(), Infallible>(())
        });
        if matches!(marked, Ok(Some(_))) {
            kubelet.store.delete(&self.key);
        }
    }

    fn ask_to_end(&self, kubelet: &Kubelet, pod: &Value) {
        for kind in [Kind::Ordinary, Kind::Ephemeral] {
            for spec in pod["spec"][kind.spec_field()]
                .as_array()
                .into_iter()
                .flatten()
            {
                let name = spec["name"].as_str().unwrap_or_default();
                if let Some(running) = kubelet.running(&self.uid, name) {
                    let field_path = format!("spec.{}{{{name}}}", kind.spec_field());
                    let event = Event::normal("Killing", format!("Stopping container {name}"));
                    event::record(&kubelet.store, pod, &field_path, &event);
                    process::ask_to_end(running.pid, !running.shares_processes);
                }
            }
        }
    }
}

/// A pod all of whose containers have ended has failed if one of the ordinary ones has.
fn finish(pod: &mut Value) {
    let failed = pod["status"]["containerStatuses"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|status| status["state"]["terminated"]["exitCode"] != 0);
    pod["status"]["phase"] = json!(if failed { "Failed" } else { "Succeeded" });
}

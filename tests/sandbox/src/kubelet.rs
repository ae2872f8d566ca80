//! The node's kubelet: runs the containers of pods as processes of this machine and reports their status.

pub(crate) mod container;
pub(crate) mod event;
mod launch;
pub(crate) mod log;
pub(crate) mod output;
mod pod;
mod preparation;
pub(crate) mod process;
mod program;
mod reference;
mod restart;
pub(crate) mod status;
pub(crate) mod still;
mod termination;
pub(crate) mod timing;
mod user;

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::sync::watch;

use self::container::Running;
use self::log::Log;
use self::pod::PodWorker;
use self::timing::Timing;
use crate::image::{self, Image};
use crate::store::{Key, Store};
use crate::{clock, lock};

/// A container of a pod, by the pod's uid.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(crate) pod: String,
    pub(crate) container: String,
}

/// The logs of a container's last two runs.
#[derive(Debug, Clone, Default)]
struct Logs {
    current: Option<Arc<Log>>,
    previous: Option<Arc<Log>>,
}

pub(crate) struct Kubelet {
    pub(crate) store: Arc<Store>,
    pub(crate) timing: Timing,
    folder: PathBuf,
    images: Mutex<BTreeMap<String, Image>>,
    pods: Mutex<HashMap<String, Arc<PodWorker>>>,
    running: Mutex<HashMap<Id, Arc<Running>>>,
    logs: Mutex<HashMap<Id, Logs>>,
    restarts: watch::Sender<()>,
}

impl Kubelet {
    pub(crate) fn new(
        store: Arc<Store>,
        timing: Timing,
        folder: &Path,
        images: BTreeMap<String, Image>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            timing,
            folder: folder.to_owned(),
            images: Mutex::new(images),
            pods: Mutex::default(),
            running: Mutex::default(),
            logs: Mutex::default(),
            restarts: watch::Sender::new(()),
        })
    }

    /// Starts what is new in a pod.
    pub(crate) fn sync(self: &Arc<Self>, pod: &Value) {
        let Some(uid) = pod["metadata"]["uid"].as_str() else {
            return;
        };
        let done = matches!(
            pod["status"]["phase"].as_str(),
            Some("Succeeded" | "Failed")
        );
        let is_bound = pod["spec"]["nodeName"].is_string();
        if done || !is_bound || pod["metadata"]["deletionTimestamp"].is_string() {
            return;
        }
        let worker = Arc::clone(
            lock(&self.pods)
                .entry(uid.to_owned())
                .or_insert_with(|| PodWorker::start(self, pod)),
        );
        worker.changed();
    }

    /// Ends the processes of a pod and then removes it; the API server has marked it before.
    pub(crate) fn delete(self: &Arc<Self>, pod: &Value) {
        let uid = pod["metadata"]["uid"].as_str().unwrap_or_default();
        let worker = lock(&self.pods).remove(uid);
        if let Some(worker) = worker {
            worker.stop();
        } else {
            self.store.delete(&pod::key_of(pod));
        }
    }

    /// A container that runs now.
    pub(crate) fn running(&self, pod: &str, container: &str) -> Option<Arc<Running>> {
        let id = Id {
            pod: pod.to_owned(),
            container: container.to_owned(),
        };
        lock(&self.running).get(&id).cloned()
    }

    /// The log of a container's present or previous run.
    pub(crate) fn log(&self, pod: &str, container: &str, previous: bool) -> Option<Arc<Log>> {
        let id = Id {
            pod: pod.to_owned(),
            container: container.to_owned(),
        };
        let logs = lock(&self.logs).get(&id).cloned()?;
        if previous {
            logs.previous
        } else {
            logs.current
        }
    }

    /// Whether all containers of all pods have been started or have failed to.
    pub(crate) fn has_settled(&self) -> bool {
        let keys: Vec<Key> = lock(&self.pods)
            .values()
            .map(|worker| worker.key.clone())
            .collect();
        keys.iter().all(|key| {
            let Some(pod) = self.store.get(key) else {
                return true;
            };
            let reason = |status: &Value| status["state"]["waiting"]["reason"].clone();
            let init = pod["status"]["initContainerStatuses"].as_array();
            let is_held_up = init.is_some_and(|init| {
                init.iter().any(|status| {
                    let is_running = status["state"]["running"].is_object();
                    is_running || !(reason(status).is_null() || reason(status) == "PodInitializing")
                })
            });
            let started = |status: &Value| match reason(status).as_str() {
                Some("ContainerCreating") => false,
                Some("PodInitializing") => is_held_up,
                _ => true,
            };
            let specs = pod["spec"]["containers"].as_array().map_or(0, Vec::len);
            pod["status"]["containerStatuses"]
                .as_array()
                .is_some_and(|statuses| statuses.len() == specs && statuses.iter().all(started))
        })
    }

    /// Ends every process, at once.
    pub(crate) fn kill_all(&self) {
        let running = std::mem::take(&mut *lock(&self.running));
        for container in running.values() {
            process::kill_group(container.pid);
        }
        process::kill_all_of(&self.folder);
    }

    fn recipe(&self, name: &str) -> Image {
        lock(&self.images)
            .get(name)
            .cloned()
            .unwrap_or_else(|| image::standard(name))
    }

    fn mark_pulled(&self, name: &str) {
        let mut recipe = self.recipe(name);
        recipe.mark_present();
        lock(&self.images).insert(name.to_owned(), recipe);
    }

    fn start_log(&self, id: &Id) -> Arc<Log> {
        let log = Arc::new(Log::new());
        let mut logs = lock(&self.logs);
        let logs = logs.entry(id.clone()).or_default();
        logs.previous = logs.current.replace(Arc::clone(&log));
        log
    }

    fn update_status(&self, key: &Key, change: impl FnOnce(&mut Value, &str)) {
        let updated = self.store.update(key, |pod| {
            change(pod, &clock::now());
            Ok::<(), Infallible>(())
        });
        // A pod that is gone has no status to report.
        match updated {
            Ok(_) => {}
            Err(never) => match never {},
        }
    }
}

#[cfg(test)]
mod tests;

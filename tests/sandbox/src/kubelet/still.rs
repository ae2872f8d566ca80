//! Pods that only exist: by their status they run, and nothing runs for them until one of them is changed.

use serde_json::Value;

use super::container::{Run, State};
use super::pod::PodTask;
use super::status::{self, Kind};
use crate::{clock, identifier};

/// Gives a pod the status of one whose containers have just been started.
pub(crate) fn run(pod: &mut Value) {
    let now = clock::now();
    let specs = pod["spec"]["containers"].as_array().cloned();
    for spec in specs.into_iter().flatten() {
        let state = status::running(&now);
        let id = identifier::container();
        let status = status::created(Kind::Ordinary, pod, &spec, &id, &state);
        status::put(pod, Kind::Ordinary, status);
    }
    status::refresh(pod, &now);
}

impl PodTask {
    /// Takes over a container that runs by the status of its pod; it is played from now on.
    pub(super) fn adopt(&mut self, index: usize, pod: &Value) {
        let container = &self.containers[index];
        let Some(status) = status::of(pod, container.kind, &container.name) else {
            return;
        };
        let started = status["state"]["running"]["startedAt"].as_str();
        let id = status["containerID"].as_str().unwrap_or_default();
        let id = id.trim_start_matches("containerd://");
        let name = container.spec["image"].as_str().unwrap_or_default();
        let image = self.kubelet.recipe(name);
        let Some(started) = started.filter(|_| image.is_echo()) else {
            return;
        };
        if self.start(index, pod, image, id).is_ok() {
            let container = &mut self.containers[index];
            let run: Run = container.next_run(id, started, State::Running);
            container.seen = Some(run.clone());
            container.run = Some(run);
        }
    }
}

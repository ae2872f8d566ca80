//! The end of a deleted pod: SIGTERM, the grace period, SIGKILL, the last status, and then it is gone.

use std::convert::Infallible;
use std::time::Duration;

use serde_json::{Value, json};

use super::container::Container;
use super::event::Event;
use super::pod::PodTask;
use super::process;
use super::status::{self, Kind};
use crate::clock;

impl PodTask {
    /// Ends what runs and reports it; a container that has not been started is left as it is.
    pub(super) async fn terminate(mut self) {
        let timing = self.kubelet.timing.clone();
        self.kubelet.update_status(&self.key, status::refresh);
        let Some(pod) = self.kubelet.store.get(&self.key) else {
            return;
        };
        let asked = pod["metadata"]["deletionGracePeriodSeconds"].as_u64();
        let grace = Duration::from_secs(asked.unwrap_or(30)).min(timing.grace);
        self.end_all(grace).await;
        self.write_last_status();
        tokio::time::sleep(timing.removal).await;
        let marked = self.kubelet.store.update(&self.key, |pod| {
            pod["metadata"]["deletionTimestamp"] = json!(clock::now());
            pod["metadata"]["deletionGracePeriodSeconds"] = json!(0);
            Ok::<(), Infallible>(())
        });
        if matches!(marked, Ok(Some(_))) {
            self.kubelet.store.delete(&self.key);
        }
    }

    /// Whether the pod has come to its end by itself.
    pub(super) fn is_over(&self) -> bool {
        let pod = self.kubelet.store.get(&self.key).unwrap_or_default();
        matches!(
            pod["status"]["phase"].as_str(),
            Some("Succeeded" | "Failed")
        )
    }

    /// With its own containers a pod ends; what else runs in it, such as an ephemeral one, is killed.
    pub(super) async fn end_what_is_left(&mut self) {
        if !self.containers.iter().any(Container::is_running) {
            return;
        }
        let pod = self.kubelet.store.get(&self.key).unwrap_or_default();
        let asked = pod["spec"]["terminationGracePeriodSeconds"].as_u64();
        let grace = Duration::from_secs(asked.unwrap_or(30)).min(self.kubelet.timing.grace);
        self.end_all(grace).await;
        self.write_status(true);
    }

    async fn end_all(&mut self, grace: Duration) {
        self.ask_all_to_end();
        if tokio::time::timeout(grace, self.all_ended()).await.is_err() {
            for container in &self.containers {
                if let Some(running) = self.kubelet.running(&self.uid, &container.name) {
                    running.stop.notify_one();
                }
            }
            process::kill_all_of(&self.kubelet.folder.join(&self.uid));
            self.all_ended().await;
        }
        tokio::time::sleep(self.kubelet.timing.exit_lag).await;
        for container in &mut self.containers {
            container.seen.clone_from(&container.run);
        }
    }

    fn ask_all_to_end(&self) {
        for kind in [Kind::Ordinary, Kind::Init, Kind::Ephemeral] {
            for (index, container) in self.containers.iter().enumerate() {
                if container.kind != kind {
                    continue;
                }
                let running = self.kubelet.running(&self.uid, &container.name);
                if let Some(running) = running {
                    let message = format!("Stopping container {}", container.name);
                    self.record(index, &Event::normal("Killing", message));
                    running.stop.notify_one();
                    process::ask_to_end(running.pid, !running.shares_processes);
                }
            }
        }
    }

    async fn all_ended(&mut self) {
        while self.containers.iter().any(Container::is_running) {
            match self.received.recv().await {
                Some(message) => self.hear(message),
                None => return,
            }
        }
    }

    fn write_last_status(&self) {
        self.kubelet.update_status(&self.key, |pod, now| {
            for container in &self.containers {
                // What never ran keeps the words it had; of the pod's own it is said that it is lost.
                let mut new = match status::of(pod, container.kind, &container.name) {
                    Some(old) if container.run.is_none() => old.clone(),
                    _ => container.status("ContainerCreating", pod, true),
                };
                if container.kind != Kind::Ephemeral && container.run.is_none() {
                    new["state"] = json!({"terminated": {
                        "exitCode": 137,
                        "reason": "ContainerStatusUnknown",
                        "message": "The container could not be located when the pod was terminated",
                        "startedAt": null,
                        "finishedAt": null,
                    }});
                }
                status::put(pod, container.kind, new);
            }
            finish(pod, now);
        });
    }
}

/// A pod all of whose containers have ended has failed if one of the ordinary ones has.
fn finish(pod: &mut Value, now: &str) {
    let statuses = pod["status"]["containerStatuses"].as_array();
    let failed = statuses
        .into_iter()
        .flatten()
        .any(|status| status["state"]["terminated"]["exitCode"] != 0);
    status::refresh(pod, now);
    let (phase, reason) = if failed {
        ("Failed", "PodFailed")
    } else {
        ("Succeeded", "PodCompleted")
    };
    pod["status"]["phase"] = json!(phase);
    let conditions = pod["status"]["conditions"].as_array_mut();
    for condition in conditions.into_iter().flatten() {
        let kind = condition["type"].as_str();
        if matches!(kind, Some("Ready" | "ContainersReady")) {
            condition["reason"] = json!(reason);
            if let Some(condition) = condition.as_object_mut() {
                condition.remove("message");
            }
        } else if kind == Some("PodReadyToStartContainers") && condition["status"] != "False" {
            condition["status"] = json!("False");
            condition["lastTransitionTime"] = json!(now);
        }
    }
}

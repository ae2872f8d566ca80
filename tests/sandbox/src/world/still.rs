//! Pods that only exist, for clusters that are large.

use serde_json::{Value, json};

use super::World;

impl World {
    /// Adds a pod that only exists: by its status it runs, and no process is started for it.
    #[must_use]
    pub fn still_pod(mut self, mut pod: Value) -> Self {
        if pod["metadata"]["namespace"].is_null() {
            pod["metadata"]["namespace"] = json!("default");
        }
        pod["kind"] = json!("Pod");
        self.still.push(pod);
        self
    }

    /// Adds so many of them, `still-0` and on, all of the application `still`.
    #[must_use]
    pub fn still_pods(self, count: usize) -> Self {
        (0..count).fold(self, |world, number| {
            world.still_pod(json!({
                "metadata": {"name": format!("still-{number}"), "labels": {"app": "still"}},
                "spec": {"containers": [{"name": "still", "image": "pause:1"}]},
            }))
        })
    }
}

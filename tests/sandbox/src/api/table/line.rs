//! What the table says of a pod, by the rules of the API server's printer.

use serde_json::Value;

/// The cells of a pod that are counted or judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) ready: usize,
    pub(super) all: usize,
    pub(super) status: String,
    pub(super) restarts: u64,
    /// When the last of the restarted ended.
    pub(super) last: Option<String>,
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

impl Line {
    pub(super) fn of(pod: &Value) -> Self {
        let phase = pod["status"]["phase"].as_str().unwrap_or("Unknown");
        let sidecars = list(&pod["spec"]["initContainers"]);
        let sidecars = sidecars
            .iter()
            .filter(|spec| spec["restartPolicy"] == "Always");
        let mut line = Self {
            ready: 0,
            all: list(&pod["spec"]["containers"]).len() + sidecars.clone().count(),
            status: phase.to_owned(),
            restarts: 0,
            last: None,
        };
        let is_sidecar =
            |status: &Value| sidecars.clone().any(|spec| spec["name"] == status["name"]);
        let init = list(&pod["status"]["initContainerStatuses"]);
        let is_initializing = line.count_init(pod, init, is_sidecar);
        let conditions = list(&pod["status"]["conditions"]);
        let is = |kind: &str| {
            let condition = conditions
                .iter()
                .find(|condition| condition["type"] == kind);
            condition.is_some_and(|condition| condition["status"] == "True")
        };
        if !is_initializing || is("Initialized") {
            (line.restarts, line.last) = (0, None);
            for status in init.iter().filter(|status| is_sidecar(status)) {
                line.count_restarts(status);
            }
            line.count_ordinary(list(&pod["status"]["containerStatuses"]), is("Ready"));
        }
        let is_over = matches!(phase, "Succeeded" | "Failed");
        if pod["metadata"]["deletionTimestamp"].is_string() && !is_over {
            "Terminating".clone_into(&mut line.status);
        }
        line
    }

    /// Judges the first init container that has not done its work; whether there is one.
    fn count_init(
        &mut self,
        pod: &Value,
        statuses: &[Value],
        is_sidecar: impl Fn(&Value) -> bool,
    ) -> bool {
        for (number, status) in statuses.iter().enumerate() {
            self.count_restarts(status);
            let state = &status["state"];
            if state["terminated"]["exitCode"] == 0 {
                continue;
            }
            if is_sidecar(status) && status["started"] == true {
                self.ready += usize::from(status["ready"] == true);
                continue;
            }
            let waiting = state["waiting"]["reason"].as_str();
            let waiting = waiting.filter(|reason| *reason != "PodInitializing");
            self.status = match (ended(state), waiting) {
                (Some(reason), _) => format!("Init:{reason}"),
                (None, Some(reason)) => format!("Init:{reason}"),
                (None, None) => {
                    format!(
                        "Init:{number}/{}",
                        list(&pod["spec"]["initContainers"]).len()
                    )
                }
            };
            return true;
        }
        false
    }

    /// The first container in trouble has the last word.
    fn count_ordinary(&mut self, statuses: &[Value], is_pod_ready: bool) {
        let mut is_any_running = false;
        for status in statuses.iter().rev() {
            self.count_restarts(status);
            let state = &status["state"];
            if let Some(reason) = state["waiting"]["reason"].as_str() {
                reason.clone_into(&mut self.status);
            } else if let Some(reason) = ended(state) {
                self.status = reason;
            } else if status["ready"] == true && state["running"].is_object() {
                is_any_running = true;
                self.ready += 1;
            }
        }
        if self.status == "Completed" && is_any_running {
            let status = if is_pod_ready { "Running" } else { "NotReady" };
            status.clone_into(&mut self.status);
        }
    }

    fn count_restarts(&mut self, status: &Value) {
        self.restarts += status["restartCount"].as_u64().unwrap_or_default();
        let ended = status["lastState"]["terminated"]["finishedAt"].as_str();
        self.last = self.last.take().max(ended.map(str::to_owned));
    }
}

/// How a container ended, in a word.
fn ended(state: &Value) -> Option<String> {
    let terminated = &state["terminated"];
    if !terminated.is_object() {
        return None;
    }
    let reason = terminated["reason"]
        .as_str()
        .filter(|reason| !reason.is_empty());
    let or = || match terminated["signal"].as_i64() {
        Some(signal) if signal != 0 => format!("Signal:{signal}"),
        _ => format!("ExitCode:{}", terminated["exitCode"]),
    };
    Some(reason.map_or_else(or, str::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(init: &Value, ordinary: &Value, is_initialized: &str) -> Value {
        json!({
            "spec": {
                "initContainers": [{"name": "i"}, {"name": "s", "restartPolicy": "Always"}],
                "containers": [{"name": "c"}],
            },
            "status": {
                "phase": "Pending",
                "conditions": [{"type": "Initialized", "status": is_initialized}],
                "initContainerStatuses": init,
                "containerStatuses": ordinary,
            },
        })
    }

    #[test]
    fn a_pod_that_is_being_initialized_says_how_far_it_is() {
        let waiting = json!([{"name": "c", "state": {"waiting": {"reason": "PodInitializing"}}}]);
        let line = |state: Value| {
            let init = json!([{"name": "i", "state": state, "restartCount": 2},
                {"name": "s", "state": {"waiting": {"reason": "PodInitializing"}}}]);
            Line::of(&pod(&init, &waiting, "False"))
        };
        let running = line(json!({"running": {}}));
        assert_eq!(running.status, "Init:0/2");
        assert_eq!((running.ready, running.all, running.restarts), (0, 2, 2));
        let failed = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
        assert_eq!(line(failed).status, "Init:Error");
        let crashing = json!({"waiting": {"reason": "CrashLoopBackOff"}});
        assert_eq!(line(crashing).status, "Init:CrashLoopBackOff");
        let done = json!({"terminated": {"exitCode": 0, "reason": "Completed"}});
        assert_eq!(line(done).status, "Init:1/2");
    }

    #[test]
    fn a_sidecar_counts_as_the_others_do() {
        let init = json!([
            {"name": "i", "state": {"terminated": {"exitCode": 0}}, "restartCount": 5},
            {"name": "s", "state": {"running": {}}, "started": true, "ready": true,
             "restartCount": 1},
        ]);
        let running = json!([{"name": "c", "state": {"running": {}}, "ready": true}]);
        let line = Line::of(&pod(&init, &running, "True"));
        assert_eq!((line.ready, line.all, line.restarts), (2, 2, 1));
        assert_eq!(line.status, "Pending");
    }
}

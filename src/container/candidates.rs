//! Which pod of several is debugged, where any will do.

use std::cmp::Reverse;

use k8s_openapi::api::core::v1::Pod;

use super::{can_take_one, parts};

/// The pod that was chosen of several.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The pod.
    pub pod: Pod,
    /// How it stands.
    pub rank: Rank,
    /// Of how many it was chosen: those in which a container can start; where there are none, all.
    pub of: usize,
}

/// How a pod stands; a better one is chosen before a worse one.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Rank {
    /// Nothing can start in it any more.
    Unfit,
    /// It does not run yet.
    Pending,
    /// It runs, and is not ready.
    Running,
    /// It runs and is ready.
    Ready,
}

impl Choice {
    /// Says which pod was taken, and why that one.
    pub fn told(&self, whose: &str) -> String {
        let pod = parts::name(&self.pod);
        let (of, how) = (self.of, self.rank);
        match (of, how) {
            (1, _) => format!("using pod `{pod}`, the only one of {whose}"),
            (_, Rank::Ready) => {
                format!("using pod `{pod}`, the newest of {whose} that is ready ({of} pods)")
            }
            (_, Rank::Running | Rank::Pending) => {
                format!("using pod `{pod}` of {whose}: none of its {of} pods is ready")
            }
            (_, Rank::Unfit) => format!("using pod `{pod}`, the newest of {whose} ({of} pods)"),
        }
    }
}

/// Chooses one of several pods: one that is ready before others, then the newest.
///
/// A pod in which nothing can start is chosen only where there is no other, so that its refusal
/// gives the reason.
pub fn choose_pod(pods: Vec<Pod>) -> Option<Choice> {
    let all = pods.len();
    let fit = pods.iter().filter(|pod| can_take_one(pod)).count();
    let best = pods.into_iter().max_by_key(|pod| {
        let metadata = &pod.metadata;
        let born = metadata.creation_timestamp.as_ref().map(|time| time.0);
        // The names are for choosing the same one each time.
        (rank(pod), born, Reverse(metadata.name.clone()))
    })?;
    Some(Choice {
        rank: rank(&best),
        pod: best,
        of: if fit == 0 { all } else { fit },
    })
}

fn rank(pod: &Pod) -> Rank {
    if !can_take_one(pod) {
        return Rank::Unfit;
    }
    let Some(status) = pod.status.as_ref() else {
        return Rank::Pending;
    };
    let conditions = status.conditions.iter().flatten();
    let is_ready = conditions
        .into_iter()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True");
    match status.phase.as_deref() {
        Some("Running") if is_ready => Rank::Ready,
        Some("Running") => Rank::Running,
        _ => Rank::Pending,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A pod of a name, made at a minute of an hour, in a phase or otherwise special.
    fn pod(name: &str, minute: u32, how: &str) -> Value {
        let ready = if how == "ready" { "True" } else { "False" };
        let phase = match how {
            "ready" | "deleting" => "Running",
            phase => phase,
        };
        let mut pod = json!({
            "metadata": {"name": name, "creationTimestamp": format!("2026-11-20T07:{minute:02}:00Z")},
            "status": {"phase": phase, "conditions": [{"type": "Ready", "status": ready}]},
        });
        if how == "deleting" {
            pod["metadata"]["deletionTimestamp"] = json!("2026-11-20T08:00:00Z");
        }
        pod
    }

    fn told(pods: &[Value]) -> Option<String> {
        let pods = serde_json::from_value(json!(pods)).unwrap();
        choose_pod(pods).map(|choice| choice.told("deployment `shop`"))
    }

    #[test]
    fn ready_pods_come_before_others_and_then_the_newest() {
        for (pods, expected) in [
            (
                &[pod("a", 1, "ready")][..],
                "using pod `a`, the only one of deployment `shop`",
            ),
            (
                &[
                    pod("a", 1, "ready"),
                    pod("b", 2, "ready"),
                    pod("c", 3, "Running"),
                ],
                "using pod `b`, the newest of deployment `shop` that is ready (3 pods)",
            ),
            (
                &[pod("b", 1, "ready"), pod("a", 1, "ready")],
                "using pod `a`, the newest of deployment `shop` that is ready (2 pods)",
            ),
            (
                &[
                    pod("a", 1, "ready"),
                    pod("b", 2, "deleting"),
                    pod("c", 3, "Failed"),
                ],
                "using pod `a`, the only one of deployment `shop`",
            ),
            (
                &[pod("a", 1, "Running"), pod("b", 2, "Pending")],
                "using pod `a` of deployment `shop`: none of its 2 pods is ready",
            ),
            (
                &[pod("a", 1, "Succeeded"), pod("b", 2, "Succeeded")],
                "using pod `b`, the newest of deployment `shop` (2 pods)",
            ),
        ] {
            assert_eq!(told(pods).as_deref(), Some(expected));
        }
        assert_eq!(told(&[]), None);
    }
}

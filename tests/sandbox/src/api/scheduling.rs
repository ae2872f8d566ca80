//! The scheduler: whether the one node takes a pod.

use serde_json::{Value, json};

use crate::store::{Key, Store};

/// The words of a real scheduler, 1.36.
const NO_MATCH: &str = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to \
                        deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";

/// Takes the node away from a new pod whose `nodeSelector` asks for another.
pub(super) fn leave_unless_it_fits(store: &Store, pod: &mut Value, now: &str) {
    let node = store.get(&Key::new("nodes", "", "node-1"));
    let has = |label: &str, value: &Value| {
        node.as_ref()
            .is_some_and(|node| node["metadata"]["labels"][label] == *value)
    };
    let selector = pod["spec"]["nodeSelector"].as_object();
    if selector.is_none_or(|selector| selector.iter().all(|(label, value)| has(label, value))) {
        return;
    }
    if let Some(spec) = pod["spec"].as_object_mut() {
        spec.remove("nodeName");
    }
    pod["status"] = json!({
        "phase": "Pending",
        "conditions": [{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": NO_MATCH,
            "lastProbeTime": null, "lastTransitionTime": now,
        }],
        "qosClass": "BestEffort",
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_that_wants_another_node_stays_without() {
        let store = Store::new();
        let node = json!({"metadata": {"name": "node-1", "labels": {"disk": "ssd"}}});
        store.create(&Key::new("nodes", "", "node-1"), node);
        for (disk, fits) in [("ssd", true), ("tape", false)] {
            let mut pod = json!({"spec": {"nodeName": "node-1", "nodeSelector": {"disk": disk}}});
            leave_unless_it_fits(&store, &mut pod, "2026-11-20T07:42:53Z");
            assert_eq!(pod["spec"]["nodeName"].is_string(), fits, "{disk}");
        }
    }
}

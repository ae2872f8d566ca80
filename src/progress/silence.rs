//! What can be said where neither pod nor events say anything of a container.

use std::{collections::BTreeMap, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use serde::Deserialize;

/// How long a node may be silent before it is looked at, and between two looks. A healthy one
/// answers within milliseconds, a busy one within seconds.
pub(super) const SILENCE: Duration = Duration::from_secs(15);

/// The first version whose kubelets have the feature always on.
const FEATURE_IS_STABLE: (u32, u32) = (1, 25);

/// What there is to see of a node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NodeView {
    /// It is there.
    There {
        /// Why it is not ready, in the cluster's words; nothing if it is.
        not_ready: Option<String>,
        /// The version of its kubelet, with the `v`.
        kubelet: String,
        /// Whether it is no machine at all, but a service that plays one.
        is_virtual: bool,
    },
    /// The cluster has no node of that name.
    Gone,
    /// We may not look.
    Hidden,
}

/// A node, as far as it is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    metadata: Metadata,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    labels: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    conditions: Vec<Condition>,
    node_info: Info,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Info {
    kubelet_version: String,
}

impl NodeView {
    /// Looks at a node.
    pub fn of(node: Node) -> Self {
        let mut conditions = node.status.conditions.into_iter();
        let ready = conditions.find(|condition| condition.kind == "Ready");
        let not_ready = match ready {
            Some(ready) if ready.status == "True" => None,
            Some(ready) => Some(ready.message),
            None => Some(String::new()),
        };
        let kind = node.metadata.labels.get("type");
        Self::There {
            not_ready,
            kubelet: node.status.node_info.kubelet_version,
            is_virtual: kind.is_some_and(|kind| kind == "virtual-kubelet"),
        }
    }
}

/// Says what is known of a container that nobody says anything about.
pub(super) fn explained(pod: &Pod, node: &str, view: &NodeView) -> String {
    match view {
        NodeView::Gone => format!("the pod's node `{node}` is not in the cluster any more"),
        NodeView::There {
            not_ready: Some(why),
            ..
        } => {
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(": {why}")
            };
            format!("node `{node}` is not ready{why}")
        }
        NodeView::There {
            is_virtual: true, ..
        } => format!(
            "node `{node}` is no machine but a service (virtual-kubelet), and most of those have no ephemeral containers"
        ),
        NodeView::There { kubelet, .. } if may_lack_the_feature(kubelet) => format!(
            "node `{node}` is ready and says nothing; its kubelet ({kubelet}) may have ephemeral containers switched off"
        ),
        NodeView::There { kubelet, .. } => format!(
            "node `{node}` is ready, and its kubelet ({kubelet}) {}",
            seen(pod)
        ),
        NodeView::Hidden => format!("the kubelet of node `{node}` {}", seen(pod)),
    }
}

/// Since 1.34 a pod's status says which of its changes the kubelet has seen.
fn seen(pod: &Pod) -> &'static str {
    let seen = pod
        .status
        .as_ref()
        .and_then(|status| status.observed_generation);
    match (seen, pod.metadata.generation) {
        (Some(seen), Some(now)) if seen < now => "has not seen the new container yet",
        (Some(_), Some(_)) => "has seen the new container and does nothing",
        _ => "says nothing of the new container",
    }
}

fn may_lack_the_feature(kubelet: &str) -> bool {
    let mut numbers = kubelet.trim_start_matches('v').split('.');
    let mut next = || numbers.next()?.parse().ok();
    match (next(), next()) {
        (Some(major), Some(minor)) => (major, minor) < FEATURE_IS_STABLE,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn view(ready: &Value, kubelet: &str, labels: &Value) -> NodeView {
        let node = json!({
            "metadata": {"name": "n", "labels": labels},
            "status": {"conditions": [{"type": "MemoryPressure", "status": "False"}, ready], "nodeInfo": {"kubeletVersion": kubelet}},
        });
        NodeView::of(serde_json::from_value(node).unwrap())
    }

    fn told(view: &NodeView, pod: &Value) -> String {
        explained(&serde_json::from_value(pod.clone()).unwrap(), "n", view)
    }

    #[test]
    fn what_can_be_seen_of_a_node_is_told() {
        let ready = json!({"type": "Ready", "status": "True"});
        let unknown = json!({"type": "Ready", "status": "Unknown", "message": "Kubelet stopped posting node status."});
        let plain = json!({});
        for (view, expected) in [
            (
                view(&unknown, "v1.36.2", &plain),
                "node `n` is not ready: Kubelet stopped posting node status.",
            ),
            (
                view(&ready, "v1.21.14", &plain),
                "node `n` is ready and says nothing; its kubelet (v1.21.14) may have ephemeral containers switched off",
            ),
            (
                view(&ready, "v1.36.2", &json!({"type": "virtual-kubelet"})),
                "node `n` is no machine but a service (virtual-kubelet), and most of those have no ephemeral containers",
            ),
            (
                view(&ready, "v1.30.1", &plain),
                "node `n` is ready, and its kubelet (v1.30.1) says nothing of the new container",
            ),
            (
                NodeView::Gone,
                "the pod's node `n` is not in the cluster any more",
            ),
            (
                NodeView::Hidden,
                "the kubelet of node `n` says nothing of the new container",
            ),
        ] {
            assert_eq!(told(&view, &plain), expected);
        }
    }

    #[test]
    fn the_generation_tells_what_the_kubelet_has_seen() {
        let view = view(
            &json!({"type": "Ready", "status": "True"}),
            "v1.36.2",
            &json!({}),
        );
        for (observed, expected) in [
            (1, "has not seen the new container yet"),
            (2, "has seen the new container and does nothing"),
        ] {
            let pod =
                json!({"metadata": {"generation": 2}, "status": {"observedGeneration": observed}});
            let expected = format!("node `n` is ready, and its kubelet (v1.36.2) {expected}");
            assert_eq!(told(&view, &pod), expected);
        }
    }
}

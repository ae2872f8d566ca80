use serde_json::{Map, Value, json};

use super::*;

fn listed(pod: Value) -> Vec<Listed> {
    let pod: ListedPod = serde_json::from_value(pod).unwrap();
    pod.into_containers()
}

#[test]
fn each_state_is_told_as_the_pod_has_it() {
    let started = "2026-11-20T08:06:48Z";
    for (status, state, reason, code, begin) in [
        (json!([]), ListedState::Waiting, None, None, None),
        (
            json!([{"name": "d", "state": {}}]),
            ListedState::Waiting,
            None,
            None,
            None,
        ),
        (
            json!([{"name": "d", "state": {"waiting": {"reason": "ErrImagePull"}}}]),
            ListedState::Waiting,
            Some("ErrImagePull"),
            None,
            None,
        ),
        (
            json!([{"name": "other", "state": {}}, {"name": "d", "state": {"running": {"startedAt": started}}}]),
            ListedState::Running,
            None,
            None,
            Some(started),
        ),
        (
            json!([{"name": "d", "state": {"terminated":
                {"exitCode": 128, "reason": "StartError", "startedAt": NO_TIME, "finishedAt": started}}}]),
            ListedState::Terminated,
            Some("StartError"),
            Some(128),
            None,
        ),
    ] {
        let pod = json!({
            "spec": {"ephemeralContainers": [{"name": "d"}]},
            "status": {"ephemeralContainerStatuses": status},
        });
        let [one] = <[Listed; 1]>::try_from(listed(pod)).unwrap();
        assert_eq!(one.state, state, "{status}");
        assert_eq!(one.reason.as_deref(), reason, "{status}");
        assert_eq!(one.exit_code, code, "{status}");
        assert_eq!(one.started_at.as_deref(), begin, "{status}");
    }
}

#[test]
fn the_user_is_the_one_it_has_else_the_one_that_was_asked_for() {
    for (real, own, of_pod, expected) in [
        (json!({"linux": {"uid": 0}}), json!(1), json!(2), Some(0)),
        (json!({}), json!(1), json!(2), Some(1)),
        (json!({}), json!(null), json!(2), Some(2)),
        (json!({}), json!(null), json!(null), None),
    ] {
        let pod = json!({
            "spec": {
                "securityContext": {"runAsUser": of_pod},
                "ephemeralContainers": [{"name": "d", "securityContext": {"runAsUser": own}}],
            },
            "status": {"ephemeralContainerStatuses": [{"name": "d", "user": real}]},
        });
        assert_eq!(listed(pod)[0].user, expected);
    }
}

#[test]
fn who_added_it_is_who_owns_it() {
    let owned = |names: &[&str]| {
        let keys = names
            .iter()
            .map(|name| (format!("k:{{\"name\":\"{name}\"}}"), json!({".": {}})));
        let keys: Map<_, _> = keys.chain([(".".to_owned(), json!({}))]).collect();
        json!({"f:spec": {"f:ephemeralContainers": keys}})
    };
    let pod = json!({
        "metadata": {"managedFields": [
            {"manager": "kubelet", "fieldsV1": {"f:status": {"f:phase": {}}}},
            {"manager": "kubectl-debug", "time": "2026-11-20T08:07:00Z", "fieldsV1": owned(&["a", "b"])},
            {"manager": "kubectl-ephemeral", "time": "2026-11-20T08:08:00Z", "fieldsV1": owned(&["c"])},
            {"manager": "old"},
        ]},
        "spec": {"ephemeralContainers": [{"name": "a"}, {"name": "c"}, {"name": "lost"}]},
    });
    let by = listed(pod).into_iter().map(|one| one.added_by);
    let by: Vec<_> = by.map(|by| by.map(|by| (by.manager, by.time))).collect();
    let at = |time: &str| Some(time.to_owned());
    assert_eq!(
        by,
        [
            Some(("kubectl-debug".to_owned(), at("2026-11-20T08:07:00Z"))),
            Some(("kubectl-ephemeral".to_owned(), at("2026-11-20T08:08:00Z"))),
            None,
        ]
    );
}

#[test]
fn a_pod_without_any_lists_nothing() {
    assert_eq!(listed(json!({"metadata": {"name": "web"}})), []);
}

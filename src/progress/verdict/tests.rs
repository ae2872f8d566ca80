use serde_json::{Value, json};

use super::*;
use crate::shell::There;

const NOW: Duration = Duration::ZERO;
const HURRY: Manner = Manner {
    patient: false,
    by_event: true,
};

fn pod_with(status: &Value) -> Pod {
    serde_json::from_value(json!({
        "metadata": {"name": "app", "namespace": "default"},
        "spec": {"nodeName": "node-1", "containers": [], "ephemeralContainers": [
            {"name": "debugger", "image": "busybox:1"}
        ]},
        "status": status,
    }))
    .unwrap()
}

fn pod(state: &Value) -> Pod {
    let status = json!({"name": "debugger", "state": state, "ready": false, "restartCount": 0, "image": "", "imageID": ""});
    pod_with(&json!({"phase": "Running", "ephemeralContainerStatuses": [status]}))
}

fn waiting(reason: &str, message: &str) -> Pod {
    pod(&json!({"waiting": {"reason": reason, "message": message}}))
}

fn event(name: &str, count: u32, reason: &str, message: &str) -> Event {
    serde_json::from_value(json!({
        "metadata": {"name": name},
        "involvedObject": {"fieldPath": "spec.ephemeralContainers{debugger}"},
        "reason": reason, "message": message, "count": count,
    }))
    .unwrap()
}

fn waiter(manner: Manner) -> Waiter {
    Waiter::new(
        &pod_with(&json!({"phase": "Running"})),
        "debugger",
        &Wording::at(&There::new("default", Vec::new())),
        manner,
    )
}

fn phase_of(waiter: &Waiter) -> String {
    let verdict = waiter.verdict();
    let Verdict::MayStillCome(phase) = verdict else {
        panic!("{verdict:?}")
    };
    phase.what
}

fn judged(pod: &Pod) -> Verdict {
    Waiter::new(
        pod,
        "debugger",
        &Wording::at(&There::new("default", Vec::new())),
        HURRY,
    )
    .verdict()
}

#[test]
fn what_runs_has_started_and_what_ended_has_ended() {
    assert_eq!(judged(&pod(&json!({"running": {}}))), Verdict::Started);
    let ended = judged(&pod(
        &json!({"terminated": {"exitCode": 3, "reason": "Error"}}),
    ));
    assert!(
        matches!(ended, Verdict::Ended(Ended { code: 3, .. })),
        "{ended:?}"
    );
}

#[test]
fn a_start_that_is_reported_as_an_end_is_a_failure() {
    let state = json!({"exitCode": 128, "reason": "StartError", "message": "exec: \"bash\": executable file not found in $PATH"});
    let verdict = judged(&pod(&json!({"terminated": state})));
    let Verdict::NeverWill(trouble) = verdict else {
        panic!("{verdict:?}")
    };
    assert_eq!(trouble.cause, "image `busybox:1` has no `bash`");
}

#[test]
fn the_event_counts_as_a_start_only_where_it_is_enough() {
    let started = event("a", 1, "Started", "Container started");
    let mut hurried = waiter(HURRY);
    hurried.hear(&started, NOW);
    assert_eq!(hurried.verdict(), Verdict::Started);
    let mut by_status = waiter(Manner {
        by_event: false,
        ..HURRY
    });
    by_status.hear(&started, NOW);
    assert_eq!(phase_of(&by_status), "starting the container");
}

#[test]
fn an_image_is_given_a_second_chance_and_no_third() {
    let mut waiter = waiter(HURRY);
    let first = waiting("ErrImagePull", "x: not found");
    waiter.see(first.clone(), NOW);
    waiter.see(first, NOW);
    assert_eq!(
        phase_of(&waiter),
        "image `busybox:1` was not found in its registry; it is tried again",
        "the same word twice"
    );
    let second = "Back-off pulling image \"busybox:1\"";
    waiter.see(waiting("ImagePullBackOff", second), NOW);
    let Verdict::NeverWill(trouble) = waiter.verdict() else {
        panic!("it goes on")
    };
    // An old kubelet does not say again why.
    assert_eq!(
        (trouble.cause.as_str(), trouble.message.as_str()),
        (
            "image `busybox:1` was not found in its registry",
            "x: not found"
        )
    );
}

#[test]
fn events_are_counted_once_however_often_they_are_told() {
    let failed = |name, count| {
        event(
            name,
            count,
            "Failed",
            "Failed to pull image \"busybox:1\": not found",
        )
    };
    let mut waiter = waiter(HURRY);
    for _ in 0..3 {
        waiter.hear(&failed("a", 1), NOW);
        waiter.hear(&event("b", 1, "Failed", "Error: ErrImagePull"), NOW);
    }
    assert!(matches!(waiter.verdict(), Verdict::MayStillCome(_)));
    waiter.see(waiting("ErrImagePull", "not found"), NOW);
    assert!(
        matches!(waiter.verdict(), Verdict::MayStillCome(_)),
        "the status tells of the same failure"
    );
    waiter.hear(&failed("a", 2), NOW);
    assert!(matches!(waiter.verdict(), Verdict::NeverWill(_)));
}

#[test]
fn who_named_a_time_is_given_it_and_told_when_it_is_tried_again() {
    let mut waiter = waiter(Manner {
        patient: true,
        ..HURRY
    });
    for (count, at, next) in [(1, 0, 10), (2, 11, 31), (3, 40, 80), (9, 600, 900)] {
        let failed = event(
            "a",
            count,
            "Failed",
            "Failed to pull image \"busybox:1\": 429 Too Many Requests",
        );
        waiter.hear(&failed, Duration::from_secs(at));
        let Verdict::MayStillCome(phase) = waiter.verdict() else {
            panic!("it stops at {count}")
        };
        assert_eq!(phase.next_try, Some(Duration::from_secs(next)), "{count}");
        assert_eq!(phase.message, "429 Too Many Requests");
    }
    waiter.hear(&event("p", 10, "Pulling", ""), NOW);
    assert_eq!(phase_of(&waiter), "pulling image `busybox:1` again");
    waiter.hear(&event("q", 1, "Pulled", ""), NOW);
    assert_eq!(phase_of(&waiter), "creating the container");
}

#[test]
fn what_no_kubelet_tries_again_ends_the_wait_at_once() {
    for (reason, message, cause) in [
        (
            "RunContainerError",
            "exec: \"nosuch\": executable file not found in $PATH",
            "image `busybox:1` has no command `nosuch`",
        ),
        (
            "RunContainerError",
            "something else",
            "its process cannot be started",
        ),
        (
            "InvalidImageName",
            "couldn't parse",
            "`busybox:1` is no valid image name",
        ),
        (
            "ErrImageNeverPull",
            "Container image is not present with pull policy of Never",
            "image `busybox:1` is not on the node, and its pull policy is Never",
        ),
        (
            "ErrImageNeverPull",
            "lacks credentials",
            "image `busybox:1` is not for this pod to use, and its pull policy is Never",
        ),
        (
            "ImageInspectError",
            "broken",
            "the node cannot read image `busybox:1`",
        ),
        (
            "SignatureValidationFailed",
            "no signature",
            "the node does not accept the signature of image `busybox:1`",
        ),
        (
            "CreateContainerConfigError",
            "container has runAsNonRoot and image will run as root",
            "a user that is not root is demanded, and image `busybox:1` runs as root",
        ),
        // CRI-O finds out before a kubelet thinks that anything runs.
        (
            "CreateContainerError",
            "container create failed: exec: \"nosuch\": executable file not found in $PATH",
            "image `busybox:1` has no command `nosuch`",
        ),
    ] {
        let verdict = judged(&waiting(reason, message));
        let Verdict::NeverWill(trouble) = verdict else {
            panic!("{reason}: {verdict:?}")
        };
        assert_eq!(
            (trouble.cause.as_str(), trouble.message.as_str()),
            (cause, message)
        );
    }
}

#[test]
fn what_somebody_can_cure_is_told_as_that() {
    let verdict = judged(&waiting(
        "CreateContainerConfigError",
        "secret \"db\" not found",
    ));
    assert!(matches!(verdict, Verdict::NeedsYou(_)), "{verdict:?}");
}

#[test]
fn a_failure_after_the_creation_is_one_of_the_process() {
    let failed = event("b", 1, "Failed", "Error: who knows");
    let mut created = waiter(HURRY);
    created.hear(&event("a", 1, "Created", "Container created"), NOW);
    created.hear(&failed, NOW);
    assert!(matches!(created.verdict(), Verdict::NeverWill(_)));
    let mut before = waiter(HURRY);
    before.hear(&failed, NOW);
    assert_eq!(
        phase_of(&before),
        "the node cannot create it; it is tried again"
    );
    before.hear(&event("c", 1, "Failed", "Error: who knows it"), NOW);
    assert!(matches!(before.verdict(), Verdict::NeverWill(_)));
}

#[test]
fn what_may_still_come_is_waited_for() {
    for (reason, expected) in [
        ("ContainerCreating", "creating the container"),
        ("PodInitializing", "creating the container"),
        ("Whatever", "Whatever"),
        (
            "CreateContainerError",
            "the node cannot create it; it is tried again",
        ),
    ] {
        let waiter = Waiter::new(
            &waiting(reason, "x"),
            "debugger",
            &Wording::at(&There::new("default", Vec::new())),
            HURRY,
        );
        assert_eq!(phase_of(&waiter), expected);
    }
}

#[test]
fn a_pod_in_which_nothing_starts_any_more_ends_the_wait() {
    let mut deleted = waiting("ContainerCreating", "");
    deleted.metadata.deletion_timestamp =
        serde_json::from_value(json!("2026-11-20T07:53:23Z")).unwrap();
    let evicted = json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."});
    for (pod, cause, message) in [
        (deleted, "the pod is being deleted", ""),
        (
            pod_with(&evicted),
            "the pod has finished (Evicted)",
            "The node was low on resource: memory.",
        ),
        (
            pod_with(&json!({"phase": "Succeeded"})),
            "the pod has finished (Succeeded)",
            "",
        ),
    ] {
        let verdict = judged(&pod);
        let Verdict::NeverWill(trouble) = verdict else {
            panic!("{cause}: {verdict:?}")
        };
        assert_eq!(
            (trouble.cause.as_str(), trouble.message.as_str()),
            (cause, message)
        );
    }
}

#[test]
fn a_pod_without_a_node_says_why() {
    let unscheduled = |status: Value| {
        let mut pod = pod_with(&status);
        pod.spec.as_mut().unwrap().node_name = None;
        Waiter::new(
            &pod,
            "debugger",
            &Wording::at(&There::new("default", Vec::new())),
            HURRY,
        )
    };
    let mut waiter = unscheduled(json!({"phase": "Pending"}));
    assert_eq!(phase_of(&waiter), "no node has taken the pod yet");
    let words = "0/3 nodes are available: 3 Insufficient cpu.";
    let mut failed = event("a", 1, "FailedScheduling", words);
    failed.involved_object.field_path = None;
    waiter.hear(&failed, NOW);
    let expected = format!("no node takes the pod: {words}");
    assert_eq!(phase_of(&waiter), expected);
    let condition = json!({"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words});
    let waiter = unscheduled(json!({"phase": "Pending", "conditions": [condition]}));
    assert_eq!(phase_of(&waiter), expected);
    assert_eq!(waiter.asks_for_node(SILENCE), None);
}

#[test]
fn a_silent_node_is_looked_at_after_a_while_and_again() {
    let mut waiter = waiter(HURRY);
    assert_eq!(phase_of(&waiter), "the node has not answered yet");
    assert_eq!(waiter.asks_for_node(SILENCE / 2), None);
    assert_eq!(waiter.asks_for_node(SILENCE).as_deref(), Some("node-1"));
    waiter.look(NodeView::Gone, SILENCE);
    assert_eq!(
        phase_of(&waiter),
        "the pod's node `node-1` is not in the cluster any more"
    );
    assert_eq!(waiter.asks_for_node(SILENCE), None);
    assert!(waiter.asks_for_node(SILENCE * 2).is_some());
    waiter.look(NodeView::Hidden, SILENCE * 2);
    assert_eq!(waiter.asks_for_node(SILENCE * 9), None, "it is forbidden");
    let mut volume = event(
        "v",
        1,
        "FailedMount",
        "MountVolume.SetUp failed for volume \"data\"",
    );
    volume.involved_object.field_path = None;
    waiter.hear(&volume, NOW);
    assert_eq!(
        phase_of(&waiter),
        "a volume of the pod is not there: MountVolume.SetUp failed for volume \"data\""
    );
    let words = "MountVolume.SetUp failed for volume \"data\" : secret \"db\" not found";
    volume.message = Some(words.to_owned());
    waiter.hear(&volume, NOW);
    assert_eq!(
        phase_of(&waiter),
        format!("a volume of the pod is made of secret `db`, which does not exist: {words}")
    );
    waiter.see(waiting("ContainerCreating", ""), NOW);
    assert_eq!(phase_of(&waiter), "creating the container");
}

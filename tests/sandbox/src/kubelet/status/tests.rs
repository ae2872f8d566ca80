use super::*;

fn pod() -> Value {
    let mut pod = json!({
        "metadata": {"generation": 2},
        "spec": {"restartPolicy": "Always"},
    });
    initial(&mut pod, "10.99.1.1", "t0");
    pod
}

fn set(pod: &mut Value, kind: Kind, status: Value, now: &str) {
    put(pod, kind, status);
    refresh(pod, now);
}

fn ready(pod: &Value) -> &Value {
    &pod["status"]["conditions"][2]
}

#[test]
fn a_pod_is_ready_when_its_containers_are() {
    let mut pod = pod();
    let spec = json!({"name": "app", "image": "busybox:1"});
    set(
        &mut pod,
        Kind::Ordinary,
        waiting(Kind::Ordinary, &spec, "ContainerCreating", None),
        "t1",
    );
    assert_eq!(pod["status"]["phase"], "Pending");
    assert_eq!(
        ready(&pod)["message"],
        "containers with unready status: [app]"
    );
    let status = created(Kind::Ordinary, &Value::Null, &spec, "id", &running("t2"));
    set(&mut pod, Kind::Ordinary, status, "t2");
    assert_eq!(pod["status"]["phase"], "Running");
    assert_eq!(ready(&pod)["status"], "True");
    assert_eq!(ready(&pod)["lastTransitionTime"], "t2");
    assert_eq!(pod["status"]["observedGeneration"], 2);
}

#[test]
fn ephemeral_containers_change_neither_phase_nor_readiness() {
    let mut pod = pod();
    let spec = json!({"name": "app", "image": "busybox:1"});
    let status = created(Kind::Ordinary, &Value::Null, &spec, "id", &running("t1"));
    set(&mut pod, Kind::Ordinary, status, "t1");
    for name in ["b", "a"] {
        let spec = json!({"name": name, "image": "busybox:1"});
        let state = terminated(3, "t1", "t2", "id");
        set(
            &mut pod,
            Kind::Ephemeral,
            created(Kind::Ephemeral, &Value::Null, &spec, "id", &state),
            "t2",
        );
    }
    assert_eq!(pod["status"]["phase"], "Running");
    assert_eq!(ready(&pod)["status"], "True");
    assert_eq!(pod["status"]["ephemeralContainerStatuses"][0]["name"], "a");
    assert!(of(&pod, Kind::Ephemeral, "b").is_some());
}

#[test]
fn a_pod_that_is_not_restarted_ends_as_its_containers_do() {
    let spec = json!({"name": "app", "image": "busybox:1"});
    for (code, phase) in [(0, "Succeeded"), (3, "Failed")] {
        let mut pod = pod();
        pod["spec"]["restartPolicy"] = json!("Never");
        let state = terminated(code, "t1", "t2", "id");
        set(
            &mut pod,
            Kind::Ordinary,
            created(Kind::Ordinary, &Value::Null, &spec, "id", &state),
            "t2",
        );
        assert_eq!(pod["status"]["phase"], phase);
    }
}

use serde_json::{Value, json};

use super::*;

fn pod(containers: &[&str], running: &[&str], extra: &Value) -> Pod {
    let status = |name: &&str| {
        let state = if running.contains(name) {
            json!({"running": {}})
        } else {
            json!({"waiting": {"reason": "CrashLoopBackOff"}})
        };
        json!({"name": name, "state": state, "ready": true, "restartCount": 0, "image": "", "imageID": ""})
    };
    let mut pod = json!({
        "metadata": {"name": "web", "annotations": extra["annotations"]},
        "spec": {"containers": containers.iter().map(|name| json!({"name": name})).collect::<Vec<_>>()},
        "status": {"containerStatuses": containers.iter().map(status).collect::<Vec<_>>()},
    });
    if extra["shared"] == true {
        pod["spec"]["shareProcessNamespace"] = json!(true);
    }
    serde_json::from_value(pod).unwrap()
}

fn main(containers: &[&str], running: &[&str], extra: &Value) -> Target {
    choose_target(&TargetWish::Main, &pod(containers, running, extra)).unwrap()
}

#[test]
fn the_main_container_is_the_annotated_else_the_first_that_is_no_sidecar() {
    let none = Value::Null;
    assert_eq!(
        main(&["api"], &["api"], &none),
        Target::Main("api".to_owned())
    );
    assert_eq!(
        main(&["istio-proxy", "api"], &["istio-proxy", "api"], &none),
        Target::Main("api".to_owned())
    );
    assert_eq!(
        main(&["istio-proxy"], &["istio-proxy"], &none),
        Target::Main("istio-proxy".to_owned())
    );
    let annotated = json!({"annotations": {DEFAULT_CONTAINER: "two"}});
    assert_eq!(
        main(&["one", "two"], &["one", "two"], &annotated),
        Target::Main("two".to_owned())
    );
    let wrong = json!({"annotations": {DEFAULT_CONTAINER: "gone"}});
    assert_eq!(
        main(&["one", "two"], &["one", "two"], &wrong),
        Target::Main("one".to_owned())
    );
}

#[test]
fn a_main_container_that_does_not_run_is_not_joined() {
    assert_eq!(
        main(&["api"], &[], &Value::Null),
        Target::NotRunning("api".to_owned())
    );
}

#[test]
fn a_pod_that_shares_its_processes_needs_no_target() {
    assert_eq!(
        main(&["api"], &["api"], &json!({"shared": true})),
        Target::Shared
    );
}

#[test]
fn a_named_target_must_be_there_and_run() {
    let pod = pod(&["api", "db"], &["api"], &Value::Null);
    let named = |name: &str| choose_target(&TargetWish::Named(name.to_owned()), &pod);
    assert_eq!(named("api").unwrap(), Target::Named("api".to_owned()));
    let error = named("db").unwrap_err();
    assert_eq!(
        error.to_string(),
        "container `db` cannot be the target: it does not run (CrashLoopBackOff)"
    );
    assert_eq!(
        error.hint().as_deref(),
        Some(
            "try again while it runs, or name one that does: `api`; `--target=\"\"` goes on without"
        )
    );
    let error = named("nope").unwrap_err();
    assert_eq!(error.to_string(), "pod `web` has no container `nope`");
    assert_eq!(error.hint().as_deref(), Some("it has `api`, `db`"));
}

/// A pod with a main container, init containers that run, wait or have ended, and an ephemeral one.
fn with_init_containers() -> Pod {
    let status = |name: &str, state: Value| json!({"name": name, "state": state, "ready": true, "restartCount": 0, "image": "", "imageID": ""});
    serde_json::from_value(json!({
        "metadata": {"name": "web", "annotations": {}},
        "spec": {
            "containers": [{"name": "api"}],
            "initContainers": [{"name": "mesh", "restartPolicy": "Always"}, {"name": "migrate"}, {"name": "later"}],
            "ephemeralContainers": [{"name": "debugger-1"}],
        },
        "status": {
            "containerStatuses": [status("api", json!({"running": {}}))],
            "initContainerStatuses": [
                status("mesh", json!({"running": {}})),
                status("migrate", json!({"terminated": {"exitCode": 0, "reason": "Completed"}})),
                status("later", json!({"waiting": {}})),
            ],
        },
    }))
    .unwrap()
}

#[test]
fn an_init_container_that_runs_can_be_the_target() {
    let mut pod = with_init_containers();
    let named = |name: &str| choose_target(&TargetWish::Named(name.to_owned()), &pod);
    assert_eq!(named("mesh").unwrap(), Target::Named("mesh".to_owned()));
    for (name, expected) in [
        (
            "migrate",
            "container `migrate` cannot be the target: it has ended (Completed)",
        ),
        (
            "later",
            "container `later` cannot be the target: it does not run",
        ),
        (
            "debugger-1",
            "container `debugger-1` cannot be the target: it is an ephemeral container itself",
        ),
        ("mehs", "pod `web` has no container `mehs`"),
    ] {
        assert_eq!(named(name).unwrap_err().to_string(), expected);
    }
    assert_eq!(
        named("mash").unwrap_err().hint().as_deref(),
        Some("did you mean `mesh`? it has `api`, `mesh`, `migrate`, `later`")
    );
    // It is the main one only where the pod says so.
    let main = |pod: &Pod| choose_target(&TargetWish::Main, pod).unwrap();
    assert_eq!(main(&pod), Target::Main("api".to_owned()));
    let annotations = pod.metadata.annotations.as_mut().unwrap();
    annotations.insert(DEFAULT_CONTAINER.to_owned(), "mesh".to_owned());
    assert_eq!(main(&pod), Target::Main("mesh".to_owned()));
}

#[test]
fn a_target_is_named_for_a_pod_that_has_not_started() {
    let pod = json!({"spec": {"containers": [{"name": "api"}]}, "status": {"phase": "Pending"}});
    let pod = serde_json::from_value(pod).unwrap();
    let named = choose_target(&TargetWish::Named("api".to_owned()), &pod);
    assert_eq!(named.unwrap(), Target::Named("api".to_owned()));
    let main = choose_target(&TargetWish::Main, &pod);
    assert_eq!(main.unwrap(), Target::NotRunning("api".to_owned()));
}

#[test]
fn where_no_target_has_an_effect_there_is_none() {
    for (spec, expected) in [
        (json!({"hostPID": true}), Target::OfNode),
        (json!({"shareProcessNamespace": true}), Target::Shared),
        (json!({"os": {"name": "windows"}}), Target::None),
        (
            json!({"os": {"name": "linux"}}),
            Target::NotRunning("api".to_owned()),
        ),
    ] {
        let mut spec = spec;
        spec["containers"] = json!([{"name": "api"}]);
        let pod = serde_json::from_value(json!({"spec": spec})).unwrap();
        let main = choose_target(&TargetWish::Main, &pod).unwrap();
        assert_eq!(main, expected, "{spec}");
        assert_eq!(
            choose_target(&TargetWish::None, &pod).unwrap(),
            Target::None
        );
    }
}

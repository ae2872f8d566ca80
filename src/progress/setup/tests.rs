use serde_json::{Value, json};

use super::*;
use crate::{progress::Wording, shell::There};

fn pod(target: &Value) -> Pod {
    serde_json::from_value(json!({
        "metadata": {"name": "app", "namespace": "default"},
        "spec": {"containers": [], "ephemeralContainers": [
            {"name": "debugger", "image": "busybox:1", "targetContainerName": "app"}
        ]},
        "status": {"containerStatuses": [
            {"name": "app", "state": target, "ready": false, "restartCount": 0, "image": "", "imageID": ""}
        ]},
    }))
    .unwrap()
}

fn found_by(target: &Value, message: &str) -> Finding {
    let pod = pod(target);
    not_created(
        &Subject::of(
            &pod,
            "debugger",
            &Wording::at(&There::new("default", Vec::new())),
        ),
        &pod,
        message,
    )
}

#[test]
fn what_the_kubelet_misses_is_named() {
    let line = "kubectl ephemeral pod/app -n default --image=busybox:1";
    for (message, cause, hint) in [
        (
            r#"secret "db" not found"#,
            "secret `db` does not exist",
            "`kubectl get secrets -n default` lists those that do".to_owned(),
        ),
        (
            "couldn't find key user in ConfigMap default/db",
            "ConfigMap `db` has no key `user`",
            "`kubectl describe configmap db -n default` lists its keys".to_owned(),
        ),
        (
            r#"container has runAsNonRoot and image will run as root (pod: "app", container: debugger)"#,
            "a user that is not root is demanded, and image `busybox:1` runs as root",
            format!("`{line} --run-as=65532` adds one as another user"),
        ),
        (
            "container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root",
            "a user that is not root is demanded, and that of image `busybox:1` is known by name only",
            format!("`{line} --run-as=65532` names one by its number"),
        ),
        (
            "container's runAsUser breaks non-root policy",
            "root was asked for, and the pod demands a user that is not root",
            format!(
                "`{line} --run-as=root` lifts that for this one container, where the cluster lets it; `{line} --run-as=65532` does without root"
            ),
        ),
    ] {
        let found = found_by(&json!({}), message);
        assert_eq!(found.chances, Chances::None, "{message}");
        assert_eq!(
            (found.trouble.cause.as_str(), found.trouble.hint),
            (cause, hint)
        );
    }
}

#[test]
fn a_target_that_does_not_run_is_told_with_its_state() {
    let message = "unable to find target container app";
    let head = "the container `app` whose processes it should see";
    for (state, cause, chances) in [
        (
            json!({"waiting": {"reason": "CrashLoopBackOff"}}),
            format!("{head} does not run (CrashLoopBackOff)"),
            Chances::OneUnlessTold,
        ),
        (
            json!({"terminated": {"exitCode": 1}}),
            format!("{head} has ended"),
            Chances::OneUnlessTold,
        ),
        (
            json!({"waiting": {"reason": "PodInitializing"}}),
            format!("{head} does not run"),
            Chances::Many,
        ),
        (
            json!({"running": {}}),
            format!("{head} does not run"),
            Chances::OneUnlessTold,
        ),
    ] {
        let found = found_by(&state, message);
        assert_eq!((found.trouble.cause, found.chances), (cause, chances));
        assert_eq!(
            found.trouble.hint,
            "`kubectl ephemeral pod/app -n default --image=busybox:1 --target=\"\"` adds one that sees its own processes only"
        );
    }
}

#[test]
fn what_nobody_understands_has_one_more_chance_and_what_is_not_read_yet_has_many() {
    let unknown = found_by(&json!({}), "failed to reserve container name");
    assert_eq!(unknown.chances, Chances::One);
    assert_eq!(unknown.trouble.cause, "the node cannot create it");
    let not_yet = "failed to sync configmap cache: timed out waiting for the condition";
    assert_eq!(found_by(&json!({}), not_yet).chances, Chances::Many);
}

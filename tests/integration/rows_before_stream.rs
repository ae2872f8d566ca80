//! What can go wrong before a container is added, by the rows of the list of faults: one clear error
//! with its cure, and nothing changed.

use std::time::Duration;

use sandbox::{Denial, Request, Sandbox, Timing, World};
use serde_json::{Value, json};

use crate::plugin::{Ended, Plugin, settled};

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Ended {
    Plugin::on(sandbox).args(["-q"]).args(args).run()
}

/// Fails unless the plugin ended with 125, said exactly this on stderr, and nothing on stdout.
fn assert_refused(ended: &Ended, stderr: &str) {
    assert_eq!(settled(&ended.stderr), stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
}

/// Fails if a container was added to the pod.
fn assert_untouched(sandbox: &Sandbox, namespace: &str, pod: &str) {
    let pod = sandbox.pod(namespace, pod).unwrap();
    assert!(
        pod["spec"]["ephemeralContainers"].is_null(),
        "a container was added"
    );
}

/// The rights that are needed, as they are told to a user.
fn rights(user: &str) -> String {
    format!(
        "hint: somebody who may give rights gives all that are needed with\n\
         kubectl apply -f - <<'END'\n\
         apiVersion: rbac.authorization.k8s.io/v1\n\
         kind: Role\n\
         metadata: {{name: ephemeral-debugger, namespace: default}}\n\
         rules:\n\
         - {{apiGroups: [\"\"], resources: [pods], verbs: [get, watch, list]}}\n\
         - {{apiGroups: [\"\"], resources: [pods/ephemeralcontainers], verbs: [patch]}}\n\
         - {{apiGroups: [\"\"], resources: [pods/attach], verbs: [get, create]}}\n\
         - {{apiGroups: [\"\"], resources: [pods/log], verbs: [get]}}\n\
         - {{apiGroups: [\"\"], resources: [events], verbs: [watch]}}\n\
         ---\n\
         apiVersion: rbac.authorization.k8s.io/v1\n\
         kind: RoleBinding\n\
         metadata: {{name: ephemeral-debugger, namespace: default}}\n\
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: ephemeral-debugger}}\n\
         subjects:\n\
         - {{apiGroup: rbac.authorization.k8s.io, kind: User, name: \"{user}\"}}\n\
         END\n"
    )
}

#[test]
fn row_02_a_missing_right_to_read() {
    let world = World::plain().account("nobody", "nobody", "nobodies");
    let sandbox = Sandbox::start(world).unwrap();
    assert_refused(
        &run(&sandbox, &["app", "--context", "nobody"]),
        &format!(
            "Error from server (Forbidden): pods \"app\" is forbidden: User \"nobody\" cannot get resource \"pods\" in \
             API group \"\" in the namespace \"default\"\n{}",
            rights("nobody")
        ),
    );
}

#[test]
fn row_02_a_missing_right_to_patch() {
    let sandbox = plain();
    assert_refused(
        &run(&sandbox, &["app", "--context", "sandbox-viewer"]),
        &format!(
            "Error from server (Forbidden): pods \"app\" is forbidden: User \"viewer\" cannot patch resource \
             \"pods/ephemeralcontainers\" in API group \"\" in the namespace \"default\"\n{}",
            rights("viewer")
        ),
    );
    assert_untouched(&sandbox, "default", "app");
}

#[test]
fn row_02_a_missing_right_to_attach_leaves_a_container_that_is_told() {
    let world = World::plain().account("adder", "adder", "adders").rule(
        "adders",
        true,
        &["get", "list", "watch", "patch"],
        &["pods", "events", "pods/ephemeralcontainers"],
    );
    let sandbox = Sandbox::start(world).unwrap();
    assert_refused(
        &run(&sandbox, &["app", "-i", "--context", "adder", "--", "cat"]),
        &format!(
            "Error from server (Forbidden): pods \"app\" is forbidden: User \"adder\" cannot get resource \
             \"pods/attach\" in API group \"\" in the namespace \"default\"\n{}the container stays in the pod; `kubectl ephemeral attach \
             pod/app -c debugger-* -n default --context=adder` goes back to it\n",
            rights("adder")
        ),
    );
}

#[test]
fn row_03_credentials_that_are_not_accepted() {
    let sandbox = plain();
    sandbox.on(Request::watch().path("/pods")).unauthorized();
    let ended = run(&sandbox, &["app", "--", "sleep", "100"]);
    assert_eq!(ended.code, 125);
    assert_eq!(
        settled(&ended.stderr),
        "Error from server (Unauthorized): Unauthorized\n\
         hint: log in again; the credentials in the kubeconfig are not accepted\n\
         the container stays in the pod; `kubectl ephemeral attach pod/app -c debugger-* -n default` goes back to it\n"
    );
}

#[test]
fn row_05_a_static_pod() {
    let world = World::new().still_pod(json!({
        "metadata": {"name": "etcd", "annotations": {"kubernetes.io/config.mirror": "x"}},
        "spec": {"containers": [{"name": "etcd", "image": "pause:1"}]},
    }));
    let sandbox = Sandbox::start(world).unwrap();
    assert_refused(
        &run(&sandbox, &["etcd"]),
        "error: no container can be added to pod `etcd`: it is a static pod, which its node runs from a file\n\
         hint: debug its node instead: `kubectl debug node/NODE`\n",
    );
    assert_untouched(&sandbox, "default", "etcd");
}

#[test]
fn row_07_a_pod_that_is_being_deleted() {
    let slow = json!({
        "metadata": {"name": "slow"},
        "spec": {"terminationGracePeriodSeconds": 60, "containers": [
            {"name": "slow", "image": "busybox:1", "command": ["sh", "-c", "trap '' TERM; sleep 60"]}
        ]},
    });
    let timing = Timing {
        grace: Duration::from_mins(1),
        ..Timing::default()
    };
    let sandbox = Sandbox::start(World::new().timing(timing).pod(slow)).unwrap();
    sandbox.delete_pod("default", "slow");
    assert_refused(
        &run(&sandbox, &["slow"]),
        "error: no container can be added to pod `slow`: it is being deleted\n\
         hint: another pod of the same workload may run already; `kubectl get pods -n default` lists them\n",
    );
}

fn no_images_of_others(pod: &Value) -> Option<Denial> {
    let image = pod["spec"]["ephemeralContainers"][0]["image"].as_str()?;
    match image {
        "busybox:1.37" => Some(Denial::new("images come from ghcr.io")),
        "busybox:1.36" => Some(Denial::forbidden("images come from ghcr.io")),
        _ => Some(Denial::not_called(
            "Post \"https://hooks.example.com/\": EOF",
        )),
    }
}

#[test]
fn row_10_a_webhook_that_says_no_or_nothing() {
    let sandbox = Sandbox::start(World::plain().webhook("images.example.com", no_images_of_others));
    let sandbox = sandbox.unwrap();
    let denied = "admission webhook \"images.example.com\" denied the request: images come from ghcr.io\n\
                  hint: that is a rule of this cluster, not of Kubernetes; who runs the webhook `images.example.com` \
                  knows what it lets pass\n";
    for (image, stderr) in [
        ("busybox:1.37", format!("Error from server: {denied}")),
        ("busybox:1.36", format!("Error from server (Forbidden): {denied}")),
        (
            "busybox:1.35",
            "Error from server (InternalError): Internal error occurred: failed calling webhook \"images.example.com\": \
             failed to call webhook: Post \"https://hooks.example.com/\": EOF\n\
             hint: webhook `images.example.com` must let it pass and does not answer; `kubectl get \
             validatingwebhookconfigurations,mutatingwebhookconfigurations` lists where webhooks are\n"
                .to_owned(),
        ),
    ] {
        assert_refused(&run(&sandbox, &["app", "--image", image, "--", "true"]), &stderr);
    }
    assert_untouched(&sandbox, "default", "app");
    let patches = |sandbox: &Sandbox| {
        let requests = sandbox.requests();
        requests
            .iter()
            .filter(|request| request.method == "PATCH")
            .count()
    };
    assert_eq!(patches(&sandbox), 3, "none was tried again");
}

#[test]
fn row_10_a_fault_of_the_server_is_tried_again_only_if_it_says_when() {
    let sandbox = plain();
    sandbox
        .on(Request::patch().first())
        .answer(500)
        .header("Retry-After", "1");
    let ended = run(&sandbox, &["app", "--", "echo", "hi"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "hi\n"),
        "{ended:?}"
    );
}

#[test]
fn what_is_wrong_is_listed_by_field_in_kubectls_form() {
    let sandbox = plain();
    let cause = |field: &str| {
        json!({"reason": "FieldValueForbidden", "field": field,
        "message": "Forbidden: cannot be set for an Ephemeral Container"})
    };
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "Pod \"app\" is invalid: [spec.a: Forbidden: cannot be set for an Ephemeral Container, spec.b: …]",
        "reason": "Invalid", "code": 422, "details": {"name": "app", "kind": "Pod",
        "causes": [cause("spec.a"), cause("spec.b"), cause("spec.a")]}});
    sandbox
        .on(Request::patch())
        .answer(422)
        .body("application/json", &status.to_string());
    assert_refused(
        &run(&sandbox, &["app", "--", "true"]),
        "The Pod \"app\" is invalid:\n\
         * spec.a: Forbidden: cannot be set for an Ephemeral Container\n\
         * spec.b: Forbidden: cannot be set for an Ephemeral Container\n",
    );
}

#[test]
fn row_30_an_answer_of_a_proxy_is_told_in_part_and_never_followed() {
    for (status, body, stderr) in [
        (
            200,
            "<html>\n<title>Log in\u{1b}[2J</title>",
            "error: the server's answer cannot be read: expected value at line 1 column 1\n",
        ),
        (
            302,
            "<html>\n<title>Log in\u{1b}[2J</title>",
            "error: the server answered 302 Found, as a proxy or a login page does and no API server: Log in\\u{1b}[2J\n",
        ),
        (
            502,
            "no upstream\nmore",
            "error: the server answered 502 Bad Gateway: no upstream\n",
        ),
    ] {
        let (sandbox, elsewhere) = (plain(), plain());
        let target = format!("{}/api/v1/namespaces/default/pods/app", elsewhere.url());
        sandbox
            .on(Request::any())
            .answer(status)
            .html(body)
            .header("Location", &target);
        let args = ["app", "--request-timeout", "1s", "--", "true"];
        assert_refused(&run(&sandbox, &args), stderr);
        assert!(
            elsewhere.requests().is_empty(),
            "the credentials went elsewhere"
        );
    }
}

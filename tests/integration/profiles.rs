//! What the added container may do, as whom it runs, and what is said about it.

use sandbox::{Image, Sandbox, World};
use serde_json::{Value, json};

use crate::plugin::{Ended, Plugin, settled};

const RECORDED: &str = include_str!("../sandbox/tests/transcripts/kubectl-profiles.json");

/// A plain namespace, a strict one, and one that warns; each with a pod or two.
fn world() -> World {
    let label = |mode: &str| format!("pod-security.kubernetes.io/{mode}");
    let pod = |namespace: &str, name: &str, context: &Value| {
        json!({
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"securityContext": context, "containers": [
                {"name": name, "image": "distroless-app:1", "securityContext": context["own"]}]},
        })
    };
    let strict = json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}});
    let mut of_its_own = strict.clone();
    of_its_own["runAsUser"] = json!(4242);
    let mut poisoned = pod("strict", "poisoned", &json!({"own": of_its_own}));
    poisoned["spec"]["ephemeralContainers"] =
        json!([{"name": "debugger-old", "image": "busybox:1", "command": ["true"]}]);
    let mut shared = pod("default", "shared", &json!({}));
    shared["spec"]["shareProcessNamespace"] = json!(true);
    shared["spec"]["containers"][0]["name"] = json!("web");
    let mut nobody = pod("default", "nobody", &json!({"runAsNonRoot": true}));
    nobody["spec"]["containers"][0]["image"] = json!("rootless:1");
    nobody["spec"]["containers"][0]["command"] = json!(["sleep", "1000000"]);
    World::demo()
        .pod(shared)
        .namespace("strict", &[(&label("enforce"), "restricted")])
        .pod(pod("strict", "own", &json!({"own": of_its_own})))
        .pod(pod("strict", "older", &json!({})))
        .pod(poisoned)
        .namespace("careful", &[(&label("enforce"), "baseline")])
        .pod(pod("careful", "app", &json!({})))
        .namespace("warning", &[(&label("warn"), "restricted")])
        .pod(pod("warning", "app", &json!({})))
        .image("rootless:1", Image::shell().non_root())
        .pod(nobody)
        .pod(pod(
            "default",
            "user",
            &json!({"runAsNonRoot": true, "runAsUser": 1000}),
        ))
}

fn added(sandbox: &Sandbox, args: &[&str]) -> Ended {
    Plugin::on(sandbox)
        .args(["--attach=false"])
        .args(args)
        .run()
}

/// Returns the containers that were asked for in patches so far.
fn patches(sandbox: &Sandbox) -> Vec<Value> {
    let requests = sandbox.requests();
    let patches = requests.iter().filter(|request| request.method == "PATCH");
    patches
        .map(|request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            body["spec"]["ephemeralContainers"][0].clone()
        })
        .collect()
}

fn user(sandbox: &Sandbox, namespace: &str, pod: &str) -> Value {
    let pod = sandbox.pod(namespace, pod).unwrap();
    let containers = pod["spec"]["ephemeralContainers"].as_array().unwrap();
    containers.last().unwrap()["securityContext"]["runAsUser"].clone()
}

#[test]
fn each_named_profile_sends_what_kubectl_sends_and_is_let_in_where_its_is() {
    let sandbox = Sandbox::start(world()).unwrap();
    let runs: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
    let mut tried = 0;
    for run in &runs {
        let text = |field: &str| run[field].as_str().unwrap();
        if text("client") != "1.36.4" || !run["patchBody"].is_object() {
            continue;
        }
        let mut expected = run["patchBody"]["spec"]["ephemeralContainers"][0].clone();
        expected.as_object_mut().unwrap().remove("resources");
        let of = |field: &str| expected[field].as_str().unwrap();
        let ended = added(
            &sandbox,
            &[
                text("pod"),
                "-it",
                "-n",
                text("namespace"),
                "--profile",
                text("profile"),
                "--image",
                "busybox:1",
                "--target",
                of("targetContainerName"),
                "-c",
                of("name"),
                "--",
                "sh",
            ],
        );
        let _: &Ended = &ended;
        assert_eq!(*patches(&sandbox).last().unwrap(), expected, "{ended:?}");
        let refusal = run["messages"].as_array().unwrap().iter().find_map(|line| {
            let line = line.as_str().unwrap();
            line.starts_with("Error from server").then_some(line)
        });
        match refusal {
            Some(line) => {
                let cure = "hint: `--profile restricted` would pass; without --profile the strongest one that passes is taken\n";
                assert!(
                    ended.stderr.ends_with(&format!("{line}\n{cure}")),
                    "{}",
                    ended.stderr
                );
                assert_eq!(ended.code, 125);
            }
            None => assert_eq!(ended.code, 0, "{ended:?}"),
        }
        let legacy = "--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other \
            profile, for example \"--profile=general\".\n";
        assert_eq!(
            ended.stderr.contains(legacy),
            text("profile") == "legacy",
            "{}",
            ended.stderr
        );
        tried += 1;
    }
    assert_eq!(tried, 12);
}

#[test]
fn auto_takes_what_pod_security_lets_pass_and_says_what_was_given_up() {
    let sandbox = Sandbox::start(world()).unwrap();
    let baseline = "Pod Security `baseline` here: the container runs as the user of its image without SYS_PTRACE, so it can see \
                    but not trace processes\n";
    let restricted = |user: u32| {
        format!(
            "Pod Security `restricted` here: the container runs as user {user} without SYS_PTRACE, so it can see but not \
             trace processes\n"
        )
    };
    for (namespace, pod, said, own_user, sent) in [
        ("default", "shared", String::new(), Value::Null, 1),
        (
            "default",
            "user",
            "the container runs as user 1000, so SYS_PTRACE has no effect; `--run-as root` makes it root\n".to_owned(),
            Value::Null,
            1,
        ),
        ("careful", "app", baseline.to_owned(), Value::Null, 2),
        ("restricted-ns", "secure", restricted(1000), Value::Null, 2),
        ("strict", "own", restricted(4242), json!(4242), 2),
    ] {
        let before = patches(&sandbox).len();
        let ended = added(&sandbox, &[pod, "-n", namespace]);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert_eq!(patches(&sandbox).len() - before, sent, "{pod}");
        let tail = format!("added container `debugger-*` to pod `{pod}`\n{said}");
        assert!(settled(&ended.stderr).ends_with(&tail), "{}", ended.stderr);
        assert_eq!(user(&sandbox, namespace, pod), own_user, "{pod}");
    }
}

#[test]
fn a_shell_runs_where_nobody_may_be_root() {
    let sandbox = Sandbox::start(world()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["nobody", "--", "echo", "in"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "in\n"),
        "{ended:?}"
    );
    let said = "the container runs as user 65532, so SYS_PTRACE has no effect; `--run-as root` makes it root\n";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert_eq!(user(&sandbox, "default", "nobody"), 65532);

    let ended = Plugin::on(&sandbox)
        .args(["secure", "-n", "restricted-ns", "-q", "--", "echo", "in"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (0, "in\n", "")
    );
}

#[test]
fn row_09_older_containers_that_the_policy_objects_to_are_named() {
    let sandbox = Sandbox::start(world()).unwrap();
    let ended = added(&sandbox, &["poisoned", "-n", "strict", "-q"]);
    assert_eq!(ended.code, 125);
    assert_eq!(
        ended.stderr,
        "Error from server (Forbidden): pods \"poisoned\" is forbidden: violates PodSecurity \"restricted:latest\": \
         allowPrivilegeEscalation != false (container \"debugger-old\" must set \
         securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"debugger-old\" must set \
         securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"debugger-old\" must set \
         securityContext.runAsNonRoot=true), seccompProfile (pod or container \"debugger-old\" must set \
         securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")\n\
         hint: what Pod Security `restricted` objects to was added to this pod before: `debugger-old`; an ephemeral \
         container cannot be removed, so take another pod of the workload, or delete this one and debug the one that \
         replaces it\n"
    );

    let ended = added(&sandbox, &["older", "-n", "strict", "-q"]);
    let hint = "hint: Pod Security `restricted` objects to the pod's own `older`, whatever is added: the rule is newer than \
        the pod\n";
    assert!(ended.stderr.ends_with(hint), "{}", ended.stderr);
}

#[test]
fn a_namespace_that_only_warns_is_heard_once() {
    let sandbox = Sandbox::start(world()).unwrap();
    let ended = added(&sandbox, &["app", "-n", "warning"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let warnings = ended
        .stderr
        .matches("would violate PodSecurity \"restricted:latest\"");
    assert_eq!(warnings.count(), 1, "{}", ended.stderr);
    let ours = &patches(&sandbox)[0]["securityContext"];
    assert_eq!(*ours, json!({"capabilities": {"add": ["SYS_PTRACE"]}}));
}

#[test]
fn root_is_root_also_where_the_pod_wants_nobody_to_be() {
    let sandbox = Sandbox::start(world()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["user", "-q", "--run-as", "root", "--", "echo", "in"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "in\n"),
        "{ended:?}"
    );
    assert_eq!(
        patches(&sandbox)[0]["securityContext"],
        json!({"capabilities": {"add": ["SYS_PTRACE"]}, "runAsUser": 0, "runAsNonRoot": false})
    );

    let ended = added(
        &sandbox,
        &["secure", "-n", "restricted-ns", "-q", "--run-as", "root"],
    );
    assert_eq!(ended.code, 125);
    let hint = "hint: Pod Security `restricted` lets nobody run as root; leave the user to us, or name another one with \
        --run-as\n";
    assert!(ended.stderr.ends_with(hint), "{}", ended.stderr);
    assert_eq!(patches(&sandbox).len(), 2);
}

#[test]
fn the_target_says_as_whom_to_run() {
    let sandbox = Sandbox::start(world()).unwrap();
    let ended = added(&sandbox, &["own", "-n", "strict", "--run-as", "target"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(user(&sandbox, "strict", "own"), 4242);
}

#[test]
fn a_named_profile_says_what_has_no_effect() {
    let sandbox = Sandbox::start(world()).unwrap();
    let ended = added(&sandbox, &["user", "--profile", "netadmin"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let warning = "warning: the container runs as user 1000, so NET_ADMIN and NET_RAW have no effect; `--run-as root` makes it \
        root\n";
    assert!(ended.stderr.ends_with(warning), "{}", ended.stderr);
}

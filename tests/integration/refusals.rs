//! Each thing that can go wrong: one clear error with a cure, and the right code.

use std::{fs, time::Duration};

use sandbox::{Sandbox, Timing, World};
use serde_json::json;

use crate::plugin::{Ended, Plugin, settled, wait_while};

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

/// Fails unless the plugin ended with that code, said exactly this on stderr, and nothing on stdout.
fn assert_refused(ended: &Ended, code: i32, stderr: &str) {
    assert_eq!(settled(&ended.stderr), stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (code, ""));
}

/// Fails if a container was added to the pod `app`.
fn assert_untouched(sandbox: &Sandbox) {
    let pod = sandbox.pod("default", "app").unwrap();
    assert!(
        pod["spec"]["ephemeralContainers"].is_null(),
        "a container was added"
    );
}

#[test]
fn row_01_a_pod_that_is_not_there() {
    let sandbox = plain();
    assert_refused(
        &Plugin::on(&sandbox).args(["nope"]).run(),
        125,
        "Error from server (NotFound): pods \"nope\" not found\n\
         hint: `kubectl get pods -n default` lists the pods of that namespace\n",
    );
}

#[test]
fn no_kubeconfig_at_all() {
    let plugin = Plugin::nowhere().args(["app"]);
    let looked_at = plugin.home().join(".kube/config").display().to_string();
    assert_refused(
        &plugin.run(),
        125,
        &format!(
            "error: there is no kubeconfig: `{looked_at}` not found\n\
             hint: name one with --kubeconfig or the variable KUBECONFIG\n"
        ),
    );
}

#[test]
fn a_kubeconfig_named_by_flag_that_is_not_there() {
    assert_refused(
        &Plugin::nowhere()
            .args(["app", "--kubeconfig", "/nonexistent/config"])
            .run(),
        125,
        "error: the kubeconfig /nonexistent/config does not exist\n",
    );
}

#[test]
fn a_kubeconfig_that_cannot_be_read_is_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    fs::write(
        &path,
        "users:\n- name: me\n  user:\n    token: SUPERSECRET\n   bad",
    )
    .unwrap();
    let ended = Plugin::with_kubeconfig(&path).args(["app"]).run();
    assert_eq!(ended.code, 125);
    assert!(ended.stderr.starts_with(&format!(
        "error: the kubeconfig {} is not valid: ",
        path.display()
    )));
    assert!(!ended.stderr.contains("SUPERSECRET"), "{}", ended.stderr);
}

#[test]
fn a_context_that_is_not_there() {
    let sandbox = plain();
    assert_refused(
        &Plugin::on(&sandbox)
            .args(["app", "--context", "nope"])
            .run(),
        125,
        "error: context \"nope\" does not exist\n\
         hint: the kubeconfig has `sandbox`, `sandbox-viewer`, `sandbox-dev`\n",
    );
}

#[test]
fn row_29_a_server_that_is_down() {
    let sandbox = plain();
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("config");
    fs::copy(sandbox.kubeconfig(), &kubeconfig).unwrap();
    sandbox.stop_server();
    assert_refused(
        &Plugin::with_kubeconfig(&kubeconfig).args(["app"]).run(),
        125,
        "trying again: connection refused\n\
         error: cannot reach the server at https://127.0.0.1:PORT: connection refused\n\
         hint: is the cluster up, and is this the right context? `kubectl config current-context` tells\n",
    );
}

#[test]
fn row_28_a_server_that_is_not_the_one_of_the_kubeconfig() {
    let (sandbox, other) = (plain(), plain());
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("config");
    let text = fs::read_to_string(sandbox.kubeconfig()).unwrap();
    fs::write(&kubeconfig, text.replace(sandbox.url(), other.url())).unwrap();
    assert_refused(
        &Plugin::with_kubeconfig(&kubeconfig).args(["app"]).run(),
        125,
        "error: the server at https://127.0.0.1:PORT cannot be trusted: its certificate is signed by an \
         unknown authority\n\
         hint: the kubeconfig names another authority, or something in between inspects TLS; \
         --certificate-authority names one\n",
    );
}

#[test]
fn an_unknown_flag() {
    let ended = Plugin::nowhere().args(["app", "--imge", "x"]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(
        ended
            .stderr
            .starts_with("error: unexpected argument '--imge' found"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("'--image'"), "{}", ended.stderr);
}

#[test]
fn words_that_cannot_be_carried_out_are_refused_before_anything_is_asked() {
    for (args, stderr) in [
        (&[][..], "error: no pod named\n"),
        (
            &["container"],
            "error: this version has no verb `container`\nhint: a pod of that name is written `pod/container`\n",
        ),
        (
            &["../../secrets/x"],
            "error: `..` in `../../secrets/x` is no kind of object that has pods",
        ),
        (
            &["app", "-n", "../x"],
            "error: `../x` cannot be the name of a namespace\n",
        ),
        (
            &["app", "--image", "Busy Box"],
            "error: `Busy Box` cannot be the name of an image\nhint: there is a space in it\n",
        ),
        (&["app", "-t"], "error: `-t` needs `-i`"),
        (
            &["app", "-c", "A"],
            "error: `A` cannot be the name of a container\n",
        ),
        (
            &["app\u{1b}[2J"],
            "error: `app\\u{1b}[2J` cannot be the name of a pod\n",
        ),
    ] {
        let sandbox = plain();
        let ended = Plugin::on(&sandbox).args(args).run();
        assert!(
            ended.stderr.starts_with(stderr),
            "{args:?}: {}",
            ended.stderr
        );
        assert_eq!(ended.code, 2, "{args:?}");
        assert!(sandbox.requests().is_empty(), "{args:?}");
    }
}

#[test]
fn a_target_that_is_not_in_the_pod() {
    let sandbox = plain();
    assert_refused(
        &Plugin::on(&sandbox).args(["two", "--target", "nope"]).run(),
        125,
        "error: pod `two` has no container `nope`\nhint: it has `web`, `side`\n",
    );
}

#[test]
fn a_name_that_another_container_has() {
    let sandbox = plain();
    assert_refused(
        &Plugin::on(&sandbox).args(["app", "-q", "-c", "app"]).run(),
        125,
        "error: pod `app` has a container `app` already\n\
         hint: it has `app`; choose another name\n",
    );
    assert_untouched(&sandbox);
}

#[test]
fn row_06_a_pod_in_which_nothing_can_start() {
    let done = json!({
        "metadata": {"name": "done"},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "job", "image": "busybox:1", "command": ["true"]}]},
    });
    let sandbox = Sandbox::start(World::new().pod(done)).unwrap();
    wait_while(|| sandbox.pod("default", "done").unwrap()["status"]["phase"] != "Succeeded");
    assert_refused(
        &Plugin::on(&sandbox).args(["done"]).run(),
        125,
        "error: no container can be added to pod `done`: it has finished (Succeeded)\n\
         hint: what it wrote is in `kubectl logs done -n default`\n",
    );
}

#[test]
fn pods_that_are_being_deleted_have_failed_or_are_static() {
    let pod = |name: &str, command: &[&str]| {
        json!({
            "metadata": {"name": name},
            "spec": {"restartPolicy": "Never", "containers": [
                {"name": "job", "image": "busybox:1", "command": command}]},
        })
    };
    let stays = ["sh", "-c", "trap : TERM; while :; do sleep 0.1; done"];
    let mut mirror = pod("static", &stays);
    mirror["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "x"});
    let world = World::new()
        .pod(pod("going", &stays))
        .pod(pod("failed", &["false"]))
        .still_pod(mirror);
    let sandbox = Sandbox::start(world).unwrap();
    sandbox.delete_pod("default", "going");
    assert!(
        sandbox.wait_until("default", "failed", |pod| pod["status"]["phase"]
            == "Failed")
    );
    for (name, reason) in [
        (
            "going",
            "it is being deleted\n\
             hint: another pod of the same workload may run already; `kubectl get pods -n default` lists them\n",
        ),
        (
            "failed",
            "it has finished (Failed)\n\
             hint: what it wrote is in `kubectl logs failed -n default`, why it failed in \
             `kubectl describe pod failed -n default`\n",
        ),
        (
            "static",
            "it is a static pod, which its node runs from a file\n\
             hint: debug its node instead: `kubectl debug node/NODE`\n",
        ),
    ] {
        let expected = format!("error: no container can be added to pod `{name}`: {reason}");
        assert_refused(&Plugin::on(&sandbox).args([name]).run(), 125, &expected);
    }
    let requests = sandbox.requests();
    assert!(requests.iter().all(|request| request.method == "GET"));
}

#[test]
fn a_main_container_that_does_not_run_is_done_without() {
    let crash = json!({
        "metadata": {"name": "crash"},
        "spec": {"containers": [{"name": "crash", "image": "distroless-app:1", "args": ["crash"]}]},
    });
    let timing = Timing {
        crash_back_off: Duration::from_hours(1),
        crash_back_off_max: Duration::from_hours(1),
        ..Timing::default()
    };
    let sandbox = Sandbox::start(World::new().timing(timing).pod(crash)).unwrap();
    let waiting = |pod: &serde_json::Value| {
        pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    };
    wait_while(|| !waiting(&sandbox.pod("default", "crash").unwrap()));
    let ended = Plugin::on(&sandbox)
        .args(["crash", "--", "echo", "in"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "in\n"),
        "{ended:?}"
    );
    let warning = "warning: container `crash` does not run, so its processes cannot be seen; going on without\n";
    assert!(ended.stderr.starts_with(warning), "{}", ended.stderr);

    let ended = Plugin::on(&sandbox)
        .args(["crash", "--target", "crash", "--", "true"])
        .run();
    assert_refused(
        &ended,
        125,
        "error: container `crash` cannot be the target: it does not run (CrashLoopBackOff)\n\
         hint: try again while it runs; `--target=\"\"` goes on without its processes\n",
    );
}

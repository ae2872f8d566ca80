//! Names that lead nowhere, each with its exact answer; the numbers are rows of a list of bad inputs
//! that clients of this kind are known to meet.

use std::{ffi::OsString, os::unix::ffi::OsStringExt, time::Duration};

use sandbox::{Request, Sandbox, World};
use serde_json::json;

use crate::plugin::{Ended, Plugin};

fn shop() -> World {
    World::plain().deployment(json!({"metadata": {"name": "shop"},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [
            {"name": "main", "image": "busybox:1", "command": ["sleep", "1000000"]}]}}}}))
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Ended {
    Plugin::on(sandbox).args(args).run()
}

/// Fails unless that is all that is said, with that code.
fn assert_said(ended: &Ended, code: i32, stderr: &str) {
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (code, "", stderr)
    );
}

#[test]
fn a_pod_that_is_not_there_may_be_one_that_is() {
    let sandbox = Sandbox::start(shop()).unwrap();
    for (args, meant) in [
        (&["shop"][..], "did you mean `deployment/shop`? "),
        (&["attach", "shop"], "did you mean `deployment/shop`? "),
        (&["apq"], "did you mean `app`? "),
        (&["nothing-like-it"], ""),
    ] {
        let name = args.last().unwrap();
        let expected = format!(
            "Error from server (NotFound): pods \"{name}\" not found\n\
             hint: {meant}`kubectl get pods -n default` lists the pods of that namespace\n"
        );
        assert_said(&run(&sandbox, args), 125, &expected);
    }
}

#[test]
fn who_may_not_list_pods_is_told_that_it_is_not_there_all_the_same() {
    let world = shop().no_rules().rule("devs", true, &["get"], &["pods"]);
    let sandbox = Sandbox::start(world).unwrap();
    assert_said(
        &run(&sandbox, &["apq", "--context", "sandbox-dev"]),
        125,
        "Error from server (NotFound): pods \"apq\" not found\n\
         hint: `kubectl get pods -n default --context=sandbox-dev` lists the pods of that namespace\n",
    );
}

#[test]
fn a_slow_list_does_not_keep_the_error_waiting() {
    let sandbox = Sandbox::start(shop()).unwrap();
    let slow = sandbox
        .on(Request::get().path("/pods?limit"))
        .delay(Duration::from_secs(20));
    assert_said(
        &run(&sandbox, &["apq"]),
        125,
        "Error from server (NotFound): pods \"apq\" not found\n\
         hint: `kubectl get pods -n default` lists the pods of that namespace\n",
    );
    assert_eq!(slow.hits(), 1);
}

const ACCEPTED: &str = "hint: a pod is named as NAME or pod/NAME, and one of the pods of a deployment, \
                        replicaset, statefulset, daemonset, job, cronjob or service as TYPE/NAME\n";
const LABEL: &str = "hint: it must be at most 63 lower case letters, digits or `-`, and begin and end with a \
                     letter or digit\n";
const USAGE: &str = "\nUsage: kubectl ephemeral (POD | TYPE/NAME) [flags] [-- COMMAND [ARG...]]\n       \
                     kubectl ephemeral attach (POD | TYPE/NAME) [-c NAME] [flags]\n\n\
                     For more information, try '--help'.\n";

/// Fails unless that is refused, in these words and before anything is asked.
fn assert_refused_at_once(args: &[&str], stderr: &str) {
    let sandbox = Sandbox::start(World::new()).unwrap();
    assert_said(&run(&sandbox, args), 2, stderr);
    assert!(sandbox.requests().is_empty(), "{args:?}");
}

#[test]
fn input_01_no_pod() {
    let no_pod = "error: no pod named\n\
                  hint: kubectl ephemeral POD [flags] [-- COMMAND [ARG...]]; `--help` tells more\n";
    assert_refused_at_once(&[], no_pod);
    assert_refused_at_once(&["--", "ls"], no_pod);
}

#[test]
fn input_02_a_pod_without_a_name() {
    let empty = format!("error: the name of the pod is empty\n{ACCEPTED}");
    for args in [&[""][..], &["pod/"], &["attach", ""], &["attach", "pod/"]] {
        assert_refused_at_once(args, &empty);
    }
}

#[test]
fn input_03_words_and_slashes() {
    let not_a_pod = |name: &str| format!("error: `{name}` cannot be the name of a pod\n{ACCEPTED}");
    let no_kind = |word: &str, text: &str| {
        format!("error: `{word}` in `{text}` is no kind of object that has pods\n{ACCEPTED}")
    };
    for (word, expected) in [
        ("pod/a/b", not_a_pod("a/b")),
        ("/x", no_kind("", "/x")),
        ("/", no_kind("", "/")),
        ("foo/x", no_kind("foo", "foo/x")),
        (
            "deployments.v1beta1.apps/x",
            no_kind("deployments.v1beta1.apps", "deployments.v1beta1.apps/x"),
        ),
        (
            "deploy/",
            format!("error: the name of the deployment is empty\n{ACCEPTED}"),
        ),
        (
            "node/n1",
            "error: `node/n1` is a node, and ephemeral containers are for pods\n\
             hint: `kubectl debug node/n1` debugs a node\n"
                .to_owned(),
        ),
    ] {
        assert_refused_at_once(&[word], &expected);
    }
    let sandbox = Sandbox::start(World::new()).unwrap();
    assert_said(
        &run(&sandbox, &["deploy/x"]),
        125,
        "Error from server (NotFound): deployments.apps \"x\" not found\n\
         hint: `kubectl get deployments -n default` lists the deployments of that namespace\n",
    );
}

#[test]
fn input_04_names_that_no_pod_can_have() {
    let long = "x".repeat(254);
    for (name, shown) in [
        (long.as_str(), long.as_str()),
        ("Web", "Web"),
        ("a_b", "a_b"),
        ("a\nb", "a\n  b"),
        ("a\u{1b}[2J", "a\\u{1b}[2J"),
        ("a\u{202e}b", "a\\u{202e}b"),
        ("🦀", "🦀"),
        ("-", "-"),
    ] {
        let expected = format!("error: `{shown}` cannot be the name of a pod\n{ACCEPTED}");
        assert_refused_at_once(&[name], &expected);
    }
}

#[test]
fn input_05_names_that_would_lead_elsewhere_in_a_url() {
    for name in ["x?y=1", "x%2Fexec", "x#", "..", "x;y"] {
        let expected = format!("error: `{name}` cannot be the name of a pod\n{ACCEPTED}");
        assert_refused_at_once(&[name], &expected);
    }
    assert_refused_at_once(
        &["../../secrets/x"],
        &format!("error: `..` in `../../secrets/x` is no kind of object that has pods\n{ACCEPTED}"),
    );
    assert_refused_at_once(
        &["deploy/../../secrets/x"],
        &format!("error: `../../secrets/x` cannot be the name of a deployment\n{ACCEPTED}"),
    );
}

#[test]
fn input_06_namespaces() {
    assert_refused_at_once(
        &["app", "-n", "../x"],
        &format!("error: `../x` cannot be the name of a namespace\n{LABEL}"),
    );
    assert_refused_at_once(
        &["app", "-n", "a", "-n", "b"],
        &format!("error: the argument '--namespace <NAME>' cannot be used multiple times\n{USAGE}"),
    );
    // Empty is as if it were not there, as in kubectl.
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = run(&sandbox, &["app", "-n", "", "--attach=false", "-c", "mine"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "mine\n"));
}

#[test]
fn input_07_all_namespaces_is_no_flag_here() {
    assert_refused_at_once(
        &["app", "-n", "default", "--all-namespaces"],
        &format!(
            "error: unexpected argument '--all-namespaces' found\n\n  \
             tip: `--all-namespaces` is a flag of `kubectl ephemeral list`\n{USAGE}"
        ),
    );
}

#[test]
fn input_08_the_dashes_before_the_command_are_missing() {
    assert_refused_at_once(
        &["app", "ls", "-la"],
        &format!(
            "error: unexpected argument 'ls' found\n\n  \
             tip: a command for the container follows `--`: kubectl ephemeral POD -- ls\n{USAGE}"
        ),
    );
    assert_refused_at_once(
        &["deploy", "shop"],
        &format!(
            "error: unexpected argument 'shop' found\n\n  \
             tip: type and name are one word: deploy/shop\n{USAGE}"
        ),
    );
}

#[test]
fn input_11_words_that_are_no_text() {
    let word = || OsString::from_vec(b"w\xffb\x1b".to_vec());
    let expected = format!("error: not valid UTF-8: `w\\xffb\\x1b`\n{USAGE}");
    assert_said(&Plugin::nowhere().args([word()]).run(), 2, &expected);
    let words = ["app".into(), "--".into(), word()];
    assert_said(&Plugin::nowhere().args(words).run(), 2, &expected);
}

#[test]
fn input_17_a_container_of_that_name_is_there() {
    let pod = json!({
        "metadata": {"name": "web"},
        "spec": {
            "initContainers": [{"name": "first", "image": "busybox:1", "command": ["true"]}],
            "containers": [{"name": "main", "image": "distroless-app:1"}],
        },
    });
    let sandbox = Sandbox::start(World::new().pod(pod)).unwrap();
    let added = run(&sandbox, &["web", "--attach=false", "-c", "mine"]);
    assert_eq!(added.code, 0, "{added:?}");
    for (name, cure) in [
        ("main", ""),
        ("first", ""),
        (
            "mine",
            ", or go to that one: `kubectl ephemeral attach pod/web -c mine -n default`",
        ),
    ] {
        let expected = format!(
            "error: pod `web` has a container `{name}` already\n\
             hint: it has `main`, `first`, `mine`; choose another name{cure}\n"
        );
        assert_said(&run(&sandbox, &["web", "-q", "-c", name]), 125, &expected);
    }
}

#[test]
fn input_18_names_that_no_container_can_have() {
    let long = "x".repeat(64);
    for name in [long.as_str(), "", "A", "a.b", "a_b", "-a", "a b"] {
        let expected = format!("error: `{name}` cannot be the name of a container\n{LABEL}");
        assert_refused_at_once(&["app", &format!("--container={name}")], &expected);
    }
}

#[test]
fn input_19_targets() {
    let pod = json!({
        "metadata": {"name": "web"},
        "spec": {
            "initContainers": [
                {"name": "mesh", "image": "busybox:1", "command": ["sleep", "1000000"], "restartPolicy": "Always"},
                {"name": "first", "image": "busybox:1", "command": ["true"]},
            ],
            "containers": [{"name": "main", "image": "distroless-app:1"}],
        },
    });
    let sandbox = Sandbox::start(World::new().pod(pod)).unwrap();
    assert!(sandbox.wait_until("default", "web", |pod| {
        pod["status"]["containerStatuses"][0]["state"]["running"].is_object()
    }));
    let added = run(&sandbox, &["web", "--attach=false", "-c", "mine"]);
    assert_eq!(added.code, 0, "{added:?}");
    for (target, expected) in [
        (
            "nope",
            "error: pod `web` has no container `nope`\nhint: it has `main`, `mesh`, `first`\n",
        ),
        (
            "mian",
            "error: pod `web` has no container `mian`\n\
             hint: did you mean `main`? it has `main`, `mesh`, `first`\n",
        ),
        (
            "mine",
            "error: container `mine` cannot be the target: it is an ephemeral container itself\n\
             hint: the pod's own containers are `main`, `mesh`, `first`; `kubectl ephemeral attach` goes to an \
             ephemeral one\n",
        ),
        (
            "first",
            "error: container `first` cannot be the target: it has ended (Completed)\n\
             hint: try again while it runs, or name one that does: `main`, `mesh`; `--target=\"\"` goes on without\n",
        ),
    ] {
        assert_said(&run(&sandbox, &["web", "--target", target]), 125, expected);
    }
    let seen = run(&sandbox, &["web", "-q", "--target", "mesh", "--", "true"]);
    assert_eq!((seen.code, seen.stderr.as_str()), (0, ""));
    let pod = sandbox.pod("default", "web").unwrap();
    let added = pod["spec"]["ephemeralContainers"].as_array().unwrap();
    let targets = added
        .iter()
        .map(|container| &container["targetContainerName"]);
    assert!(
        targets.into_iter().any(|target| target == "mesh"),
        "{added:?}"
    );
    assert_refused_at_once(
        &["web", "--target", "A"],
        &format!("error: `A` cannot be the name of a container\n{LABEL}"),
    );
}

#[test]
fn input_62_a_flag_that_is_nearly_one() {
    assert_refused_at_once(
        &["app", "--imge", "x"],
        &format!(
            "error: unexpected argument '--imge' found\n\n  \
             tip: a similar argument exists: '--image'\n{USAGE}"
        ),
    );
}

//! One of the pods of a workload: which is chosen, what is said, and why there may be none.

use sandbox::{Sandbox, World};
use serde_json::{Value, json};

use crate::{
    plugin::{Plugin, settled},
    screen::Screen,
    stock,
};

fn template() -> Value {
    json!({"spec": {"terminationGracePeriodSeconds": 1, "containers": [
        {"name": "main", "image": "busybox:1", "command": ["sleep", "1000000"]}]}})
}

fn workload(kind: &str, name: &str) -> Value {
    json!({"kind": kind, "metadata": {"name": name}, "spec": {"template": template()}})
}

/// One workload of each kind, each with one pod.
fn one_of_each() -> World {
    World::new()
        .deployment(json!({"metadata": {"name": "deploy"}, "spec": {"template": template()}}))
        .workload(workload("StatefulSet", "set"))
        .workload(workload("DaemonSet", "daemon"))
        .workload(workload("ReplicationController", "old"))
        .workload(workload("Job", "job"))
        .workload(json!({"kind": "CronJob", "metadata": {"name": "cron"},
            "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": template()}}}}))
        .object(service("entry", &json!({"selector": {"app": "deploy"}})))
}

fn service(name: &str, spec: &Value) -> Value {
    json!({"kind": "Service", "metadata": {"name": name, "namespace": "default"}, "spec": spec})
}

/// A deployment of two pods with labels of its own, one older and ready, and one that never runs.
fn shop(replicas: u32) -> World {
    World::new().deployment(json!({"metadata": {"name": "shop"},
        "spec": {"replicas": replicas, "template": template()}}))
}

fn still(name: &str, minute: u32, ready: &str) -> Value {
    json!({
        "metadata": {"name": name, "labels": {"app": "still"},
            "creationTimestamp": format!("2026-11-20T07:{minute:02}:00Z")},
        "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "pause:1"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]},
    })
}

#[test]
fn a_container_is_added_to_a_pod_of_each_kind_of_workload() {
    let sandbox = Sandbox::start(one_of_each()).unwrap();
    for (word, told) in [
        ("deploy/deploy", "deployment `deploy`"),
        ("Deployment.v1.apps/deploy", "deployment `deploy`"),
        ("sts/set", "statefulset `set`"),
        ("ds/daemon", "daemonset `daemon`"),
        ("rc/old", "replicationcontroller `old`"),
        ("jobs.batch/job", "job `job`"),
        ("cj/cron", "cronjob `cron`"),
        ("svc/entry", "service `entry`"),
    ] {
        let ended = Plugin::on(&sandbox)
            .args([word, "--", "sh", "-c", "echo $HOSTNAME; exit 3"])
            .run();
        let pod = ended.stdout.trim_end();
        let expected = format!(
            "using pod `{pod}`, the only one of {told}\n\
             the processes of container `main` are visible (--target names another one)\n\
             added container `debugger-*` to pod `{pod}`\n"
        );
        assert!(
            settled(&ended.stderr).starts_with(&expected),
            "{word}: {ended:?}"
        );
        assert_eq!(ended.code, 3, "{word}");
    }
}

#[test]
fn the_newest_ready_pod_is_taken() {
    let world = World::new()
        .object(service("still", &json!({"selector": {"app": "still"}})))
        .still_pod(still("a", 1, "True"))
        .still_pod(still("b", 2, "True"));
    let sandbox = Sandbox::start(world).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["svc/still", "--attach=false", "-c", "mine"])
        .run();
    assert_eq!(
        (
            ended.code,
            ended.stdout.as_str(),
            ended.stderr.lines().next()
        ),
        (
            0,
            "mine\n",
            Some("using pod `b`, the newest of service `still` that is ready (2 pods)")
        ),
        "{ended:?}"
    );
    let pod = sandbox.pod("default", "b").unwrap();
    assert_eq!(pod["spec"]["ephemeralContainers"][0]["name"], "mine");
}

#[test]
fn a_workload_costs_two_requests_more() {
    let sandbox = Sandbox::start(shop(2)).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["deploy/shop", "-q", "--attach=false"])
        .run();
    assert_eq!(ended.code, 0, "{ended:?}");
    let requests = sandbox.requests();
    let asked: Vec<_> = requests
        .iter()
        .map(|request| (request.method.as_str(), request.path.as_str()))
        .collect();
    assert_eq!(
        asked[..2],
        [
            ("GET", "/apis/apps/v1/namespaces/default/deployments/shop"),
            (
                "GET",
                "/api/v1/namespaces/default/pods?labelSelector=app%3Dshop&limit=500"
            ),
        ]
    );
    assert_eq!((asked.len(), asked[2].0), (3, "PATCH"));
}

#[test]
fn a_list_is_read_to_its_last_page() {
    let world = World::new()
        .object(service("still", &json!({"selector": {"app": "still"}})))
        .still_pods(501)
        .still_pod(still("zuletzt", 59, "True"));
    let sandbox = Sandbox::start(world).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["svc/still", "--attach=false"])
        .run();
    assert!(ended.stderr.contains("(502 pods)"), "{ended:?}");
    let pages = sandbox.requests();
    let pages = pages
        .iter()
        .filter(|request| request.path.contains("limit=500"));
    assert_eq!(pages.count(), 2);
}

#[test]
fn a_workload_that_has_no_pods_says_why() {
    let sandbox = Sandbox::start(
        shop(0)
            .workload(json!({"kind": "CronJob", "metadata": {"name": "nightly"},
                "spec": {"suspend": true, "jobTemplate": {"spec": {"template": template()}}}}))
            .object(service("empty", &json!({"selector": {"app": "nobody"}})))
            .object(service("by-hand", &json!({})))
            .object(service(
                "elsewhere",
                &json!({"type": "ExternalName", "externalName": "db.example.com"}),
            )),
    )
    .unwrap();
    for (word, expected) in [
        (
            "deploy/shop",
            "error: deployment `shop` has no pods: it is scaled to 0\n\
             hint: `kubectl scale deployment/shop --replicas=1 -n default` starts one\n",
        ),
        (
            "cj/nightly",
            "error: cronjob `nightly` has no pods: it is suspended, and no job of it is left\n\
             hint: `kubectl create job nightly-now --from=cronjob/nightly -n default` starts one\n",
        ),
        (
            "svc/empty",
            "error: service `empty` has no pods: none has the labels `app=nobody`\n\
             hint: `kubectl describe service/empty -n default` tells more\n",
        ),
        (
            "svc/by-hand",
            "error: service `by-hand` chooses no pods: it has no selector\n\
             hint: whoever made it says by hand where it leads; name the pod, or what runs it\n",
        ),
        (
            "svc/elsewhere",
            "error: service `elsewhere` chooses no pods: it is another name for `db.example.com`\n\
             hint: name the pod, or what runs it\n",
        ),
        (
            "deploy/nope",
            "Error from server (NotFound): deployments.apps \"nope\" not found\n\
             hint: `kubectl get deployments -n default` lists the deployments of that namespace\n",
        ),
    ] {
        let ended = Plugin::on(&sandbox).args([word]).run();
        assert_eq!((ended.code, ended.stderr.as_str()), (125, expected));
    }
}

#[test]
fn only_finished_pods_are_refused_with_their_reason() {
    let done = json!({"spec": {"restartPolicy": "Never", "containers": [
        {"name": "main", "image": "busybox:1", "command": ["true"]}]}});
    let world = World::new()
        .workload(json!({"kind": "Job", "metadata": {"name": "done"}, "spec": {"template": done}}));
    let sandbox = Sandbox::start(world).unwrap();
    let list = sandbox
        .connect("admin")
        .unwrap()
        .get("/api/v1/namespaces/default/pods")
        .unwrap();
    let list: Value = serde_json::from_slice(&list.body).unwrap();
    let name = list["items"][0]["metadata"]["name"].as_str().unwrap();
    assert!(sandbox.wait_until("default", name, |pod| pod["status"]["phase"] == "Succeeded"));
    let ended = Plugin::on(&sandbox).args(["job/done"]).run();
    let expected = format!(
        "using pod `{name}`, the only one of job `done`\n\
         error: no container can be added to pod `{name}`: it has finished (Succeeded)\n\
         hint: what it wrote is in `kubectl logs {name} -n default`\n"
    );
    assert_eq!((ended.code, ended.stderr), (125, expected));
}

#[test]
fn what_a_user_may_not_is_told_as_the_rule_that_is_missing() {
    let sandbox = Sandbox::start(shop(1).no_rules()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["deploy/shop", "--context", "sandbox-dev"])
        .run();
    let expected = "Error from server (Forbidden): deployments.apps \"shop\" is forbidden: User \"dev\" cannot \
                    get resource \"deployments\" in API group \"apps\" in the namespace \"default\"\n\
                    hint: somebody who may give rights gives all that are needed with\n";
    assert_eq!(ended.code, 125);
    assert!(ended.stderr.starts_with(expected), "{}", ended.stderr);
    let rule = "- {apiGroups: [\"apps\"], resources: [deployments], verbs: [get]}\n---\n";
    assert!(ended.stderr.contains(rule), "{}", ended.stderr);

    let sandbox = Sandbox::start(
        shop(1)
            .no_rules()
            .rule("devs", true, &["get"], &["deployments"]),
    )
    .unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["deploy/shop", "--context", "sandbox-dev"])
        .run();
    assert!(
        ended
            .stderr
            .contains("- {apiGroups: [\"\"], resources: [pods], verbs: [get, watch, list]}\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn one_goes_back_to_the_pod_of_a_workload_that_has_the_container() {
    let sandbox = Sandbox::start(shop(3)).unwrap();
    let attach = |args: &[&str]| {
        let args = [&["attach", "deploy/shop"], args].concat();
        Plugin::on(&sandbox).args(args).run()
    };
    let none = attach(&[]);
    assert_eq!(
        (none.code, none.stderr.as_str()),
        (
            125,
            "error: no pod of deployment `shop` has an ephemeral container that runs\n\
             hint: `kubectl ephemeral deployment/shop -n default` adds one\n"
        )
    );
    let none = attach(&["-c", "nope"]);
    assert_eq!(
        none.stderr,
        "error: no pod of deployment `shop` has an ephemeral container `nope`\n\
         hint: `kubectl ephemeral deployment/shop -n default` adds one\n"
    );

    let mut screen = Screen::of_plugin(&sandbox, &["deploy/shop", "-c", "shell"]);
    screen.wait_for_prompt("/ #");
    screen.type_keys("memory=kept\r");
    screen.wait_for("memory=kept");
    rustix::process::kill_process(screen.process(), rustix::process::Signal::TERM).unwrap();
    assert_eq!(screen.wait_for_end(), 143);
    let mut screen = Screen::of_plugin(&sandbox, &["attach", "deploy/shop"]);
    screen.wait_for("attaching to container `shell`");
    screen.wait_for_prompt("/ #");
    screen.type_keys("echo it was $memory; exit 4\r");
    screen.wait_for("it was kept");
    assert_eq!(screen.wait_for_end(), 4);
}

#[test]
fn stock_kubectl_finds_the_same_pods_on_the_sandbox() {
    let Some(kubectl) = stock::kubectl() else {
        return;
    };
    let sandbox = Sandbox::start(one_of_each()).unwrap();
    for word in [
        "deploy/deploy",
        "sts/set",
        "ds/daemon",
        "rc/old",
        "job/job",
        "svc/entry",
    ] {
        let name = stock::stdout(
            &kubectl,
            &sandbox,
            &["exec", word, "--", "sh", "-c", "echo $HOSTNAME"],
        );
        let ours = Plugin::on(&sandbox)
            .args([word, "-q", "--", "sh", "-c", "echo $HOSTNAME"])
            .run();
        assert_eq!(name, ours.stdout, "{word}");
        assert_eq!(
            stock::stdout(&kubectl, &sandbox, &["logs", word, "-c", "main"]),
            ""
        );
        let got = stock::stdout(&kubectl, &sandbox, &["get", word, "-o", "name"]);
        assert!(
            got.ends_with(&format!("{}\n", &word[word.find('/').unwrap()..])),
            "{got}"
        );
    }
    let selected = stock::stdout(
        &kubectl,
        &sandbox,
        &["get", "pods", "-l", "app in (set,daemon)", "-o", "name"],
    );
    assert_eq!(selected.lines().count(), 2, "{selected}");
}

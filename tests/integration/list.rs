//! What was ever added: where, in which state, and in which form it is told.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sandbox::{Request, Sandbox, Server, World};
use serde_json::{Value, json};

use crate::plugin::{Ended, Plugin};

fn list(sandbox: &Sandbox, args: &[&str]) -> Ended {
    Plugin::on(sandbox).args(["list"]).args(args).run()
}

/// Runs a container in the pod to its end.
fn add(sandbox: &Sandbox, pod: &str, name: &str) {
    let ended = Plugin::on(sandbox)
        .args([pod, "-q", "-c", name, "--", "sh", "-c", "exit 3"])
        .run();
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    if sandbox.pod("default", pod).is_none() {
        return;
    }
    // The exit code is known before the pod says it.
    let told = sandbox.wait_until("default", pod, |pod| {
        let statuses = pod["status"]["ephemeralContainerStatuses"].as_array();
        let mut statuses = statuses.into_iter().flatten();
        statuses.any(|status| status["name"] == name && status["state"]["terminated"].is_object())
    });
    assert!(told);
}

/// Returns the cells of each line, but for the age.
fn cells(table: &str) -> Vec<Vec<&str>> {
    table
        .lines()
        .map(|line| {
            let cells = line.split("   ").map(str::trim);
            cells.filter(|cell| !cell.is_empty()).collect()
        })
        .collect()
}

/// Fails unless the plugin ended with that code, said exactly this on stderr, and nothing on stdout.
fn assert_said(ended: &Ended, code: i32, stderr: &str) {
    assert_eq!(ended.stderr, stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (code, ""));
}

#[test]
fn a_container_is_listed_with_its_state_after_it_has_ended() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    add(&sandbox, "app", "first");
    let ended = list(&sandbox, &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let mut lines = cells(&ended.stdout);
    let age = lines[1].remove(5);
    assert!(age.ends_with('s'), "{age}");
    assert_eq!(
        lines,
        [
            vec![
                "POD",
                "CONTAINER",
                "STATE",
                "REASON",
                "EXIT",
                "AGE",
                "IMAGE",
                "TARGET"
            ],
            vec![
                "app",
                "first",
                "Terminated",
                "Error",
                "3",
                "busybox:1.37",
                "app"
            ],
        ]
    );
    let of_pod = list(&sandbox, &["pod/app", "--no-headers"]).stdout;
    assert_eq!(cells(&of_pod)[0][..2], ["app", "first"]);
    let wide = list(&sandbox, &["-o", "wide", "--no-headers"]).stdout;
    let wide = cells(&wide);
    assert_eq!(wide[0][8..11], ["node-1", "0", "kubectl-ephemeral"]);
}

#[test]
fn old_servers_tell_it_too() {
    for server in [Server::V1_21, Server::V1_23, Server::V1_28] {
        let sandbox = Sandbox::start(World::plain().server(server)).unwrap();
        add(&sandbox, "app", "first");
        let json = list(&sandbox, &["-o", "json"]).stdout;
        let json: Value = serde_json::from_str(&json).unwrap();
        let item = &json["items"][0];
        assert_eq!(item["exitCode"], 3, "{server:?} {json}");
        // They do not note who added it.
        assert!(item["addedBy"].is_null(), "{server:?} {json}");
    }
}

#[test]
fn a_line_of_names_leads_back_to_the_container() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    add(&sandbox, "two", "first");
    let line = list(&sandbox, &["-o", "name"]).stdout;
    assert_eq!(line, "pod/two -c first -n default\n");
    let back = Plugin::on(&sandbox)
        .args(["attach"])
        .args(line.split_whitespace())
        .run();
    assert_eq!(back.code, 3, "{}", back.stderr);
}

#[test]
fn documents_say_the_same_in_both_forms() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    add(&sandbox, "app", "first");
    let json: Value = serde_json::from_str(&list(&sandbox, &["-o", "json"]).stdout).unwrap();
    let item = &json["items"][0];
    assert_eq!(item["command"], json!(["sh", "-c", "exit 3"]));
    assert_eq!(
        (&item["exitCode"], &item["state"]),
        (&json!(3), &json!("Terminated"))
    );
    assert_eq!(item["addedBy"]["manager"], "kubectl-ephemeral");
    let yaml = list(&sandbox, &["-o", "yaml"]).stdout;
    assert!(yaml.contains("\n  exitCode: 3\n"), "{yaml}");
    assert!(yaml.contains("\n  - sh\n  - -c\n  - exit 3\n"), "{yaml}");
}

#[test]
fn nothing_to_list_is_said_and_is_no_error() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    for (args, said) in [
        (
            &[][..],
            "No ephemeral containers found in default namespace.\n",
        ),
        (
            &["-n", "nope"],
            "No ephemeral containers found in nope namespace.\n",
        ),
        (
            &["-l", "app=none"],
            "No ephemeral containers found in default namespace.\n",
        ),
        (&["-A"], "No ephemeral containers found.\n"),
        // As in kubectl, all namespaces are all.
        (&["-A", "-n", "default"], "No ephemeral containers found.\n"),
        (&["app"], "No ephemeral containers found in pod `app`.\n"),
        (&["-q"], ""),
    ] {
        assert_said(&list(&sandbox, args), 0, said);
    }
    let empty: Value = serde_json::from_str(&list(&sandbox, &["-o", "json"]).stdout).unwrap();
    assert_eq!(empty["items"], json!([]));
}

#[test]
fn all_namespaces_and_labels() {
    let world = World::plain().namespace("shop", &[]).pod(json!({
        "metadata": {"name": "cart", "namespace": "shop", "labels": {"tier": "front"}},
        "spec": {"containers": [{"name": "cart", "image": "distroless-app:1"}]},
    }));
    let sandbox = Sandbox::start(world).unwrap();
    add(&sandbox, "app", "first");
    let added = Plugin::on(&sandbox)
        .args(["cart", "-n", "shop", "-q", "-c", "second", "--", "true"])
        .run();
    assert_eq!(added.code, 0, "{}", added.stderr);

    let all = list(&sandbox, &["-A", "--no-headers"]).stdout;
    let all: Vec<_> = cells(&all)
        .into_iter()
        .map(|cells| cells[..3].join(" "))
        .collect();
    assert_eq!(all, ["default app first", "shop cart second"]);
    let names = |args: &[&str]| list(&sandbox, &[&["-o", "name"], args].concat()).stdout;
    assert_eq!(
        names(&["-A", "-l", "tier in (front, back)"]),
        "pod/cart -c second -n shop\n"
    );
    assert_eq!(names(&["-l", "app!=two"]), "pod/app -c first -n default\n");
}

#[test]
fn a_workload_stands_for_its_pods() {
    let sandbox = Sandbox::start(World::demo().deployment(json!({
        "metadata": {"name": "gone", "labels": {"app": "gone"}},
        "spec": {"replicas": 0, "template": {"spec": {"containers": [
            {"name": "gone", "image": "distroless-app:1"}]}}},
    })))
    .unwrap();
    add(&sandbox, "deploy/shop", "first");
    add(&sandbox, "web", "second");
    let lines = list(&sandbox, &["deploy/shop", "-o", "name"]).stdout;
    let line = lines.trim_end();
    assert!(line.starts_with("pod/shop-"), "{lines}");
    assert!(line.ends_with(" -c first -n default"), "{lines}");
    assert_eq!(lines.lines().count(), 1);
    let none = list(&sandbox, &["deployment/gone"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert!(
        none.stderr
            .ends_with("No ephemeral containers found in the pods of deployment `gone`.\n"),
        "{}",
        none.stderr
    );
}

#[test]
fn input_25_a_selector_that_nobody_can_read() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    assert_said(
        &list(&sandbox, &["-l", "app in ("]),
        125,
        "Error from server (BadRequest): unable to parse requirement: found '', expected: ',', ')' or identifier\n",
    );
    assert_said(
        &list(&sandbox, &["-l", "="]),
        125,
        "Error from server (BadRequest): found '=', expected: !, identifier, or 'end of string'\n",
    );
    assert_said(
        &list(&sandbox, &["-l", &"a".repeat(100 * 1024)]),
        2,
        "error: the selector is too long for a request\n",
    );
}

#[test]
fn words_that_contradict_each_other() {
    for (args, said) in [
        (
            &["app", "-A"][..],
            "error: a resource cannot be retrieved by name across all namespaces\n",
        ),
        (
            &["app", "-l", "a=b"],
            "error: name cannot be provided when a selector is specified\n",
        ),
    ] {
        let ended = Plugin::nowhere().args(["list"]).args(args).run();
        assert_said(&ended, 2, said);
    }
    let ended = Plugin::nowhere().args(["list", "-o", "table"]).run();
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .stderr
            .contains("[possible values: wide, json, yaml, name]"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_missing_right_is_told_with_the_rule() {
    let world = World::plain()
        .no_rules()
        .rule("viewers", true, &["get"], &["pods"]);
    let sandbox = Sandbox::start(world).unwrap();
    let as_viewer = |args: &[&str]| {
        let args = [&["--context", "sandbox-viewer"], args].concat();
        list(&sandbox, &args)
    };
    let ended = as_viewer(&[]);
    assert_eq!(ended.code, 125);
    assert!(
        ended.stderr.starts_with(
            "Error from server (Forbidden): pods is forbidden: User \"viewer\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"\nhint: "
        ),
        "{}",
        ended.stderr
    );
    let ended = as_viewer(&["-A"]);
    assert!(
        ended.stderr.starts_with(
            "Error from server (Forbidden): pods is forbidden: User \"viewer\" cannot list resource \"pods\" in API group \"\" at the cluster scope\nhint: "
        ),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("ClusterRole"), "{}", ended.stderr);
    assert_eq!(as_viewer(&["app", "-q"]).code, 0);
}

#[test]
fn a_large_namespace_is_read_in_pages() {
    let sandbox = Sandbox::start(World::plain().still_pods(1100)).unwrap();
    add(&sandbox, "two", "last");
    let ended = list(&sandbox, &["-o", "name"]);
    assert_eq!(ended.stdout, "pod/two -c last -n default\n");
    assert_eq!(pages(&sandbox), 3);
}

/// How many pages of pods have been asked for.
fn pages(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests();
    let is_page = |path: &str| path.starts_with("/api/v1/namespaces/default/pods?limit=500");
    requests
        .iter()
        .filter(|request| is_page(&request.path))
        .count()
}

#[test]
fn a_list_that_is_forgotten_meanwhile_goes_on_where_it_was() {
    let sandbox = Sandbox::start(World::plain().still_pods(600)).unwrap();
    add(&sandbox, "app", "first");
    add(&sandbox, "two", "last");
    let token = URL_SAFE_NO_PAD
        .encode(json!({"v": "meta.k8s.io/v1", "rv": -1, "start": "still-595"}).to_string());
    let expired = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410,
        "metadata": {"continue": token},
        "message": "The provided continue parameter is too old to display a consistent list result.",
    });
    let before = pages(&sandbox);
    let second = Request::get().path("/pods").nth(2);
    let fault = sandbox
        .on(second)
        .answer(410)
        .body("application/json", &expired.to_string());
    let ended = list(&sandbox, &["-o", "name"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (
            0,
            "pod/app -c first -n default\npod/two -c last -n default\n"
        ),
        "{}",
        ended.stderr
    );
    assert_eq!((fault.hits(), pages(&sandbox) - before), (1, 3));
}

#[test]
fn a_server_that_forgets_again_and_again_is_left() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let expired = json!({
        "kind": "Status", "status": "Failure", "reason": "Expired", "code": 410,
        "metadata": {"continue": "x"}, "message": "too old",
    });
    let fault = sandbox
        .on(Request::get().path("/pods"))
        .answer(410)
        .body("application/json", &expired.to_string());
    assert_said(
        &list(&sandbox, &[]),
        125,
        "error: the server forgets the list before it is through with it\n",
    );
    assert_eq!(fault.hits(), 2);
}

#[test]
fn input_58_text_of_the_cluster_obeys_nobody() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let pod = json!({
        "metadata": {"name": "app", "namespace": "default"},
        "spec": {"ephemeralContainers": [{"name": "d", "image": "x\u{1b}[2J\u{9b}\ny"}]},
        "status": {"ephemeralContainerStatuses": [
            {"name": "d", "state": {"waiting": {"reason": "\u{202e}Bad", "message": "\u{9b}31m"}}}]},
    });
    let body = json!({"kind": "PodList", "metadata": {}, "items": [pod]}).to_string();
    let _fault = sandbox
        .on(Request::get().path("/pods"))
        .answer(200)
        .body("application/json", &body);
    let table = list(&sandbox, &["--no-headers"]).stdout;
    assert_eq!(
        table,
        "app   d   Waiting   \\u{202e}Bad   <none>   <unknown>   x\\u{1b}[2J\\u{9b}\\ny   <none>\n"
    );
    for form in ["json", "yaml"] {
        let text = list(&sandbox, &["-o", form]).stdout;
        assert!(text.contains("31m"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text}");
    }
}

#[test]
fn a_reader_may_have_enough() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    add(&sandbox, "app", "first");
    let (code, line, stderr) = Plugin::on(&sandbox).args(["list"]).read_one_line();
    assert!(line.starts_with("POD "), "{line}");
    assert_eq!((code, stderr.as_str()), (0, ""));
}

//! Would it work here? Each thing that stands against it, with its cure, and nothing changed.

use sandbox::{Request, Sandbox, Server, World};
use serde_json::{Value, json};

use crate::plugin::{Ended, Plugin};

fn check(sandbox: &Sandbox, args: &[&str]) -> Ended {
    Plugin::on(sandbox).args(["check"]).args(args).run()
}

/// Returns the answers as `CHECK: RESULT`.
fn answers(sandbox: &Sandbox, args: &[&str]) -> (i32, Vec<String>, Value) {
    let ended = check(sandbox, &[&["-o", "json"], args].concat());
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    let items = document["items"].as_array().unwrap();
    let text = |item: &Value, field: &str| item[field].as_str().unwrap_or_default().to_owned();
    let answers = items
        .iter()
        .map(|item| format!("{}: {}", text(item, "check"), text(item, "result")))
        .collect();
    (ended.code, answers, document)
}

/// Returns the answer to one question.
fn item<'a>(document: &'a Value, check: &str) -> &'a Value {
    let items = document["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["check"] == check);
    found.unwrap_or_else(|| panic!("{check} in {document:#}"))
}

#[test]
fn where_all_is_well() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = check(&sandbox, &["app"]);
    assert_eq!(ended.stderr, "an ephemeral container would work here\n");
    assert_eq!(
        ended.stdout,
        "\
CHECK                             RESULT   NEEDED   REMARK
server                            yes               v1.36.2
ephemeral containers are served   yes      needed
attach by WebSocket               yes               v5, by the server's version
namespace default                 yes      needed
get pods                          yes      needed   to see the pod
patch pods/ephemeralcontainers    yes      needed   to add the container
get pods/attach                   yes      needed   to attach to it
create pods/attach                yes      needed   to attach to it from Kubernetes 1.35 on
get pods/log                      yes               to show the output of a command
watch pods                        yes               else the pod is read again and again
list pods                         yes               for `list`, and to find the pods of a workload
watch events                      yes               else the start is noticed a little later
pod app can take one              yes      needed
processes to see                  yes               those of container `app`
a container would be let in       yes      needed   with the first profile of `auto`
profile general                   yes
profile baseline                  yes
profile restricted                yes
"
    );
    assert_eq!(ended.code, 0);
}

#[test]
fn nothing_is_changed() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    assert_eq!(check(&sandbox, &["app", "-q"]).code, 0);
    let pod = sandbox.pod("default", "app").unwrap();
    assert!(pod["spec"]["ephemeralContainers"].is_null(), "{pod}");
    for request in sandbox.requests() {
        let harmless = match request.method.as_str() {
            "GET" => true,
            "POST" => request.path.ends_with("/selfsubjectaccessreviews"),
            "PATCH" => request.path.contains("dryRun=All"),
            _ => false,
        };
        assert!(harmless, "{} {}", request.method, request.path);
    }
}

#[test]
fn without_a_pod_the_namespace_is_looked_at() {
    let sandbox = Sandbox::start(World::demo()).unwrap();
    let (code, answers, document) = answers(&sandbox, &["-n", "restricted-ns"]);
    assert_eq!((code, answers.len()), (0, 12), "{answers:?}");
    assert_eq!(
        item(&document, "namespace restricted-ns")["remark"],
        "Pod Security enforces `restricted`"
    );
    assert_eq!(
        (&document["works"], &document["pod"], &document["role"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
}

#[test]
fn rights_that_are_missing_come_as_one_role() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = check(&sandbox, &["app", "--context", "sandbox-viewer"]);
    assert_eq!(ended.stderr, "an ephemeral container would not work here\n");
    assert_eq!(ended.code, 125);
    let (_, below) = ended.stdout.split_once("get pods ").unwrap();
    assert_eq!(
        below,
        "                         yes       needed   to see the pod
patch pods/ephemeralcontainers    no        needed   to add the container
  -> the Role at the end has it
get pods/attach                   no        needed   to attach to it
  -> the Role at the end has it
create pods/attach                no        needed   to attach to it from Kubernetes 1.35 on
  -> the Role at the end has it
get pods/log                      no                 to show the output of a command
  -> the Role at the end has it
watch pods                        yes                else the pod is read again and again
list pods                         yes                for `list`, and to find the pods of a workload
watch events                      yes                else the start is noticed a little later
pod app can take one              yes       needed
processes to see                  yes                those of container `app`
a container would be let in       unknown   needed   only who may patch pods/ephemeralcontainers can find out
profile general                   unknown            only who may patch pods/ephemeralcontainers can find out
profile baseline                  unknown            only who may patch pods/ephemeralcontainers can find out
profile restricted                unknown            only who may patch pods/ephemeralcontainers can find out

# The rights that are missing; `kubectl apply -f -` takes this.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: ephemeral-debugger
  namespace: default
rules:
- apiGroups:
  - \"\"
  resources:
  - pods/ephemeralcontainers
  verbs:
  - patch
- apiGroups:
  - \"\"
  resources:
  - pods/attach
  verbs:
  - get
  - create
- apiGroups:
  - \"\"
  resources:
  - pods/log
  verbs:
  - get
"
    );
}

#[test]
fn the_least_that_is_needed_is_enough() {
    let world = World::plain()
        .no_rules()
        .account("least", "least", "least")
        .rule("least", true, &["get"], &["pods"])
        .rule("least", true, &["patch"], &["pods/ephemeralcontainers"])
        .rule("least", true, &["get", "create"], &["pods/attach"]);
    let sandbox = Sandbox::start(world).unwrap();
    let (code, answers, document) = answers(&sandbox, &["app", "--context", "least"]);
    assert_eq!(code, 0, "{answers:?}");
    assert!(
        answers.contains(&"watch pods: no".to_owned()),
        "{answers:?}"
    );
    assert_eq!(item(&document, "namespace default")["result"], "unknown");
    assert_eq!(
        document["role"]["rules"],
        json!([
            {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["watch", "list"]},
            {"apiGroups": [""], "resources": ["events"], "verbs": ["watch"]},
        ])
    );
}

#[test]
fn what_pod_security_lets_pass_is_found_out() {
    let sandbox = Sandbox::start(World::demo()).unwrap();
    let (code, answers, document) = answers(&sandbox, &["secure", "-n", "restricted-ns"]);
    assert_eq!(code, 0);
    assert_eq!(
        answers[14..],
        [
            "a container would be let in: yes",
            "profile general: no",
            "profile baseline: no",
            "profile restricted: yes"
        ]
    );
    assert_eq!(
        item(&document, "a container would be let in")["remark"],
        "with the profile `restricted`"
    );
    let general = item(&document, "profile general");
    let remark = general["remark"].as_str().unwrap();
    assert!(
        remark.contains("violates PodSecurity \"restricted:latest\""),
        "{remark}"
    );
    assert!(general["cure"].is_string());
}

#[test]
fn of_a_workload_one_pod_is_looked_at() {
    let sandbox = Sandbox::start(World::demo()).unwrap();
    let (code, answers_of, document) = answers(&sandbox, &["deploy/shop"]);
    assert_eq!(code, 0, "{answers_of:?}");
    let pod = document["pod"].as_str().unwrap();
    assert!(pod.starts_with("shop-"), "{pod}");
    assert!(answers_of.contains(&format!("pod {pod} can take one: yes")));

    let (code, answers_of, document) = answers(&sandbox, &["deploy/nope"]);
    let last = answers_of.last().unwrap();
    assert_eq!((code, last.as_str()), (125, "deployment/nope: no"));
    assert!(document["pod"].is_null());
}

#[test]
fn pods_that_are_not_there_or_have_finished() {
    let world = World::plain().pod(json!({
        "metadata": {"name": "done"},
        "spec": {"restartPolicy": "Never", "containers": [
            {"name": "done", "image": "busybox:1", "command": ["true"]}]},
    }));
    let sandbox = Sandbox::start(world).unwrap();
    let is_done = |pod: &Value| pod["status"]["phase"] == "Succeeded";
    assert!(sandbox.wait_until("default", "done", is_done));

    let (code, answers_of, document) = answers(&sandbox, &["nope"]);
    assert_eq!(
        (code, answers_of.last().unwrap().as_str()),
        (125, "pod nope: no")
    );
    assert_eq!(
        item(&document, "pod nope")["remark"],
        "Error from server (NotFound): pods \"nope\" not found"
    );
    let (code, _, document) = answers(&sandbox, &["done"]);
    let fitness = item(&document, "pod done can take one");
    assert_eq!(code, 125);
    assert_eq!(
        fitness["remark"],
        "no container can be added to pod `done`: it has finished (Succeeded)"
    );
    assert_eq!(
        fitness["cure"],
        "what it wrote is in `kubectl logs done -n default`"
    );
    assert_eq!(item(&document, "processes to see")["result"], "no");

    let (code, _, document) = answers(&sandbox, &["-n", "nope"]);
    assert_eq!(
        (code, &item(&document, "namespace nope")["result"]),
        (125, &json!("no"))
    );
}

#[test]
fn old_servers() {
    for (server, code, served, protocol, let_in) in [
        (Server::V1_21, 0, "yes", "v4", "yes"),
        (Server::V1_21WithoutFeature, 125, "no", "v4", "no"),
        (Server::V1_23, 0, "yes", "v4", "yes"),
        (Server::V1_28, 0, "yes", "v4", "yes"),
    ] {
        let sandbox = Sandbox::start(World::plain().server(server)).unwrap();
        let (ended, answers, document) = answers(&sandbox, &["app"]);
        assert_eq!(ended, code, "{server:?} {answers:?}");
        let result = |check: &str| item(&document, check)["result"].clone();
        assert_eq!(
            result("ephemeral containers are served"),
            served,
            "{server:?}"
        );
        assert_eq!(result("a container would be let in"), let_in, "{server:?}");
        // With a security context they take none at all.
        let is_historic = server == Server::V1_21;
        let general = result("profile general");
        assert_eq!(general == "no", is_historic || let_in == "no", "{server:?}");
        let remark = item(&document, "attach by WebSocket")["remark"].clone();
        assert_eq!(remark, format!("{protocol}, by the server's version"));
        assert_eq!(item(&document, "create pods/attach")["needed"], false);
    }
}

#[test]
fn text_of_the_cluster_obeys_nobody() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let body = json!({"kind": "Status", "status": "Failure", "reason": "Forbidden",
        "message": "no\u{1b}[2J\u{9b}\nhere"});
    let _fault = sandbox
        .on(Request::patch())
        .answer(403)
        .body("application/json", &body.to_string());
    let table = check(&sandbox, &["app"]).stdout;
    assert!(
        table.contains("Error from server (Forbidden): no\\u{1b}[2J\\u{9b}\\nhere\n"),
        "{table}"
    );
    let json = check(&sandbox, &["app", "-o", "json"]).stdout;
    assert!(json.contains("no\\u001b[2J\\u009b\\nhere"), "{json}");
}

#[test]
fn what_the_server_does_not_tell_is_unknown() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let _fault = sandbox
        .on(Request::post().path("selfsubjectaccessreviews"))
        .answer(500);
    let (code, answers, document) = answers(&sandbox, &[]);
    assert_eq!(code, 125);
    assert!(
        answers.contains(&"get pods: unknown".to_owned()),
        "{answers:?}"
    );
    assert!(document["role"].is_null());
}

#[test]
fn where_nobody_answers_that_is_the_error() {
    let ended = Plugin::nowhere().args(["check", "app"]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
    assert!(
        ended.stderr.starts_with("error: there is no kubeconfig"),
        "{}",
        ended.stderr
    );
    let ended = Plugin::nowhere().args(["check", "a_b"]).run();
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .stderr
            .starts_with("error: `a_b` cannot be the name of a pod\n"),
        "{}",
        ended.stderr
    );
}

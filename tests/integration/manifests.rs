//! Containers from files: each form that `-f` takes, and `--custom`.

use std::fs;

use sandbox::{Sandbox, Server, World};
use serde_json::{Value, json};

use crate::{
    plugin::{Plugin, settled},
    screen::Screen,
    stock,
};

/// The manifest that the documentation of Kubernetes 1.16 to 1.21 shows.
const HISTORIC: &str = r#"{"apiVersion":"v1","kind":"EphemeralContainers","metadata":{"name":"example-pod"},
    "ephemeralContainers":[{"command":["sh"],"image":"busybox","imagePullPolicy":"IfNotPresent",
    "name":"debugger","stdin":true,"tty":true,"terminationMessagePolicy":"File"}]}"#;

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

fn example(server: Server) -> Sandbox {
    let pod = json!({
        "metadata": {"name": "example-pod"},
        "spec": {"containers": [{"name": "example-container", "image": "distroless-app:1"}]},
    });
    Sandbox::start(World::plain().pod(pod).server(server)).unwrap()
}

fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.yaml");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn containers(sandbox: &Sandbox, pod: &str) -> Vec<Value> {
    let pod = sandbox.pod("default", pod).unwrap();
    let list = pod["spec"]["ephemeralContainers"].as_array();
    list.cloned().unwrap_or_default()
}

fn names(sandbox: &Sandbox, pod: &str) -> Vec<Value> {
    let containers = containers(sandbox, pod).into_iter();
    containers
        .map(|container| container["name"].clone())
        .collect()
}

#[test]
fn the_historic_manifest_is_a_session_on_servers_of_all_ages() {
    for server in [Server::V1_21, Server::V1_23, Server::V1_36] {
        let sandbox = example(server);
        let (_folder, path) = file(HISTORIC);
        let mut screen = Screen::of_plugin(&sandbox, &["-f", path.as_str()]);
        screen.wait_for_prompt("/ #");
        screen.type_keys("echo $((6 * 7)); exit 7\r");
        screen.wait_for_line("42");
        assert_eq!(screen.wait_for_end(), 7, "{server:?}");
        screen.assert_restored();
        let added = containers(&sandbox, "example-pod");
        assert_eq!(added.len(), 1, "{server:?}");
        assert_eq!(added[0]["name"], "debugger", "{server:?}");
        assert_eq!(added[0]["targetContainerName"], Value::Null, "{server:?}");
        assert_eq!(added[0]["securityContext"], Value::Null, "{server:?}");
    }
}

#[test]
fn a_container_alone_is_added_to_the_pod_of_the_command_line() {
    let sandbox = plain();
    let (_folder, path) = file(
        "image: busybox:1\ncommand: [sh, -c, 'echo $GREETING; exit 3']\n\
         env: [{name: GREETING, value: hello}]\nvolumeMounts: [{name: data, mountPath: /data}]\n",
    );
    let ended = Plugin::on(&sandbox)
        .args(["app", "--filename", &path])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (3, "hello\n"),
        "{ended:?}"
    );
    assert!(
        settled(&ended.stderr).starts_with("added container `debugger-*` to pod `app`\n"),
        "{ended:?}"
    );
    let added = containers(&sandbox, "app").remove(0);
    assert_eq!(
        added["volumeMounts"],
        json!([{"name": "data", "mountPath": "/data"}])
    );
    assert_eq!(added["securityContext"], Value::Null);
    assert_eq!(added["stdin"], Value::Null);
}

#[test]
fn a_container_alone_has_the_name_of_the_command_line_if_it_has_none() {
    let sandbox = plain();
    let (_folder, path) = file("{image: 'busybox:1', command: ['true']}");
    let ended = Plugin::on(&sandbox)
        .args(["app", "-f", &path, "-c", "mine"])
        .run();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(names(&sandbox, "app"), ["mine"]);
}

#[test]
fn a_pod_names_itself_and_its_namespace_and_flags_say_what_is_added() {
    let pod = json!({
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [{"name": "web", "image": "distroless-app:1"}]},
    });
    let world = World::plain().namespace("shop", &[]).pod(pod.clone());
    let sandbox = Sandbox::start(world).unwrap();
    let mut manifest = pod;
    manifest["apiVersion"] = json!("v1");
    manifest["kind"] = json!("Pod");
    let ended = Plugin::on(&sandbox)
        .args([
            "-q",
            "-f",
            "-",
            "--image",
            "busybox:1",
            "--",
            "echo",
            "here",
        ])
        .input(manifest.to_string())
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "here\n"),
        "{ended:?}"
    );
    let pod = sandbox.pod("shop", "web").unwrap();
    assert_eq!(pod["spec"]["ephemeralContainers"][0]["image"], "busybox:1");
}

/// What `kubectl get pod -o yaml` prints names the pod as well, whatever was added to it before.
#[test]
fn a_pod_as_it_is_in_the_cluster_names_itself_too() {
    let sandbox = plain();
    let first = Plugin::on(&sandbox)
        .args(["app", "-q", "-c", "one", "--", "true"])
        .run();
    assert_eq!(first.code, 0, "{first:?}");
    let manifest = sandbox.pod("default", "app").unwrap().to_string();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-f", "-", "-c", "two", "--", "echo", "here"])
        .input(manifest.clone())
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "here\n"),
        "{ended:?}"
    );
    assert_eq!(names(&sandbox, "app"), ["two", "one"]);

    let ended = Plugin::on(&sandbox).args(["-f", "-"]).input(manifest).run();
    assert_eq!(
        ended.stderr,
        "error: pod `app` has all containers of standard input already: `one`\n\
         hint: `kubectl ephemeral attach pod/app -c one -n default` goes to one of them; a container of another name is added\n"
    );
    assert_eq!(ended.code, 125);
}

#[test]
fn several_are_added_in_one_request_and_the_last_is_attached_to() {
    let sandbox = plain();
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: app}, spec: {ephemeralContainers: [\
               {name: one, image: 'busybox:1', command: [echo, one]}, \
               {name: two, image: 'busybox:1', command: [echo, two]}]}}";
    let ended = Plugin::on(&sandbox).args(["-f", "-"]).input(pod).run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "two\n"),
        "{ended:?}"
    );
    assert!(
        ended.stderr.starts_with(
            "added containers `one`, `two` to pod `app`\nattaching to container `two` (-c names another one)\n"
        ),
        "{ended:?}"
    );
    assert_eq!(names(&sandbox, "app"), ["one", "two"]);
    let patches = sandbox
        .requests()
        .into_iter()
        .filter(|request| request.method == "PATCH");
    assert_eq!(patches.count(), 1);

    let more = pod.replace("name: one", "name: three");
    let ended = Plugin::on(&sandbox)
        .args(["-q", "-f", "-", "-c", "three"])
        .input(more)
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "one\n"),
        "{ended:?}"
    );
    assert_eq!(names(&sandbox, "app"), ["three", "one", "two"]);
}

#[test]
fn several_that_are_only_added_are_printed_line_by_line() {
    let sandbox = example(Server::V1_21);
    let list = HISTORIC.replace(
        "\"ephemeralContainers\":[",
        "\"ephemeralContainers\":[{\"name\":\"first\",\"image\":\"busybox\"},",
    );
    let ended = Plugin::on(&sandbox)
        .args(["-q", "-f", "-", "--attach=false"])
        .input(list)
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "first\ndebugger\n"),
        "{ended:?}"
    );
    assert_eq!(containers(&sandbox, "example-pod").len(), 2);
}

#[test]
fn a_manifest_that_gives_no_input_is_piped_into() {
    let sandbox = plain();
    let (_folder, path) =
        file("{name: d, image: 'busybox:1', command: [cat], stdin: true, stdinOnce: true}");
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-f", &path])
        .input("through\n")
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "through\n"),
        "{ended:?}"
    );
}

#[test]
fn what_hinders_a_container_from_a_file_is_to_be_cured_in_the_file() {
    let sandbox = plain();
    let (_folder, path) = file("{image: 'nosuch/tool:1', name: d, command: [tool]}");
    let ended = Plugin::on(&sandbox).args(["app", "-f", &path]).run();
    let expected = format!(
        "hint: is the name spelt right, with its tag? another image: `kubectl ephemeral pod/app -n default -f {path}` \
         with `image: IMAGE` and a new name in the file\n"
    );
    assert_eq!(ended.code, 125, "{}", ended.stderr);
    assert!(ended.stderr.ends_with(&expected), "{}", ended.stderr);
}

#[test]
fn a_custom_container_is_merged_last() {
    let sandbox = plain();
    let (_folder, path) = file(
        "env: [{name: A, value: '2'}]\nvolumeMounts: [{name: data, mountPath: /data}]\n\
         securityContext: {runAsUser: 0}\n",
    );
    let ended = Plugin::on(&sandbox)
        .args([
            "app", "-q", "--env", "A=1", "--env", "B=1", "--custom", &path,
        ])
        .args(["--", "sh", "-c", "echo $A$B"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "21\n"),
        "{ended:?}"
    );
    let added = containers(&sandbox, "app").remove(0);
    assert_eq!(
        added["securityContext"],
        json!({"capabilities": {"add": ["SYS_PTRACE"]}, "runAsUser": 0})
    );
    assert_eq!(
        added["volumeMounts"],
        json!([{"name": "data", "mountPath": "/data"}])
    );
    assert_eq!(added["targetContainerName"], "app");
}

#[test]
fn a_custom_container_is_merged_as_stock_kubectl_merges_it() {
    let Some(kubectl) = stock::kubectl() else {
        return;
    };
    let (_folder, path) = file(
        "args: [x]\nenv: [{name: C, value: '3'}, {name: A, value: '2'}]\nenvFrom: [{configMapRef: {name: m}}]\n\
         imagePullPolicy: Always\nterminationMessagePolicy: FallbackToLogsOnError\nworkingDir: /tmp\n\
         volumeMounts: [{name: data, mountPath: /data, readOnly: true}]\n\
         securityContext: {runAsUser: 0, runAsNonRoot: false, capabilities: {add: [NET_ADMIN], drop: [ALL]}}\n",
    );
    let sandbox = plain();
    let flags = [
        "--image=busybox:1",
        "--profile=general",
        "--target=app",
        "--env=A=1",
        "--custom",
        &path,
    ];
    let ended = Plugin::on(&sandbox)
        .args(["app", "-c", "ours", "--attach=false", "-i=false"])
        .args(flags)
        .args(["--", "sleep", "1"])
        .run();
    assert_eq!(ended.code, 0, "{ended:?}");
    let debug = ["debug", "app", "-c", "theirs"];
    let args = debug
        .iter()
        .chain(&flags)
        .chain(&["--", "sleep", "1"])
        .copied();
    let output = stock::run(&kubectl, &sandbox, &args.collect::<Vec<_>>());
    assert!(output.status.success(), "{output:?}");
    let of = |name: &str| {
        let containers = containers(&sandbox, "app").into_iter();
        let mut named = containers.filter(|container| container["name"] == name);
        let mut container = named.next().unwrap();
        container["name"] = Value::Null;
        container
    };
    assert_eq!(of("ours"), of("theirs"));
}

#[test]
fn a_custom_container_decides_what_kind_of_session_it_is() {
    let sandbox = plain();
    let (_folder, path) = file("{stdin: true, tty: true}");
    let mut screen = Screen::of_plugin(&sandbox, &["app", "--custom", path.as_str(), "--", "sh"]);
    screen.wait_for_prompt("/ #");
    screen.type_keys("exit 4\r");
    assert_eq!(screen.wait_for_end(), 4);
    screen.assert_restored();
}

#[test]
fn a_manifest_can_be_typed_and_the_session_follows_in_the_same_terminal() {
    let sandbox = plain();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-f", "-"]);
    screen.wait_for("reading from the terminal; Ctrl-D on a line of its own ends it");
    screen.type_keys("{image: 'busybox:1', stdin: true, tty: true}\r\u{4}");
    screen.wait_for_prompt("/ #");
    screen.type_keys("exit 5\r");
    assert_eq!(screen.wait_for_end(), 5);
    screen.assert_restored();
}

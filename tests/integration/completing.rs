//! What a shell is answered that completes a word.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use sandbox::{Request, Sandbox, World};
use serde_json::json;

use crate::{
    plugin::{Ended, PLUGIN, Plugin},
    stock,
};

/// Much longer than a machine that has much to do needs, and than users are kept waiting.
const LIMIT: (&str, &str) = ("KUBECTL_EPHEMERAL_COMPLETION_LIMIT", "20s");

fn ask(plugin: Plugin, words: &[&str]) -> Ended {
    let ended = plugin.args(["__complete"]).args(words).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{words:?}");
    ended
}

/// Returns the answers without their descriptions, and the line with the directive.
fn answers(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let plugin = Plugin::on(sandbox).variable(LIMIT.0, LIMIT.1);
    let ended = ask(plugin, words);
    let lines = ended.stdout.lines();
    lines
        .map(|line| line.split('\t').next().unwrap_or_default().to_owned())
        .collect()
}

fn world() -> World {
    World::plain()
        .namespace("shop", &[])
        .pod(json!({
            "metadata": {"name": "a-broken"},
            "spec": {"containers": [{"name": "main", "image": "not-there:1"}]},
        }))
        .deployment(json!({
            "metadata": {"name": "store", "namespace": "shop"},
            "spec": {"template": {"spec": {"containers": [{"name": "api", "image": "distroless-app:1"}]}}},
        }))
}

fn add(sandbox: &Sandbox, pod: &str, name: &str, image: &str) {
    let ended = Plugin::on(sandbox)
        .args([pod, "-q", "-c", name, "--image", image, "--", "true"])
        .run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

#[test]
fn a_first_word_is_a_pod_that_runs_before_others_or_a_verb_or_a_type() {
    let sandbox = Sandbox::start(world()).unwrap();
    assert_eq!(
        answers(&sandbox, &[""]),
        [
            "app",
            "two",
            "a-broken",
            "attach",
            "list",
            "check",
            "version",
            "completion",
            "help",
            "cronjobs/",
            "daemonsets/",
            "deployments/",
            "jobs/",
            "replicasets/",
            "replicationcontrollers/",
            "services/",
            "statefulsets/",
            "pods/",
            ":36",
        ]
    );
    assert_eq!(
        answers(&sandbox, &["a"]),
        ["app", "a-broken", "attach", ":36"]
    );
    assert_eq!(
        answers(&sandbox, &["attach", "a"]),
        ["app", "a-broken", ":36"]
    );
    assert_eq!(answers(&sandbox, &["pod/t"]), ["pod/two", ":36"]);
    assert_eq!(answers(&sandbox, &["state"]), ["statefulsets/", ":6"]);
}

#[test]
fn a_pod_that_is_named_as_a_verb_is_offered_where_it_is_none() {
    let pod = json!({
        "metadata": {"name": "list"},
        "spec": {"containers": [{"name": "main", "image": "distroless-app:1"}]},
    });
    let sandbox = Sandbox::start(World::plain().pod(pod)).unwrap();
    assert_eq!(
        ask(Plugin::on(&sandbox).variable(LIMIT.0, LIMIT.1), &["li"]).stdout,
        "list\tShow the ephemeral containers that were ever added, and their state\n:36\n"
    );
    assert_eq!(answers(&sandbox, &["pod/li"]), ["pod/list", ":36"]);
    assert_eq!(answers(&sandbox, &["attach", "li"]), ["list", ":36"]);
}

#[test]
fn the_flags_so_far_decide_what_is_asked() {
    let sandbox = Sandbox::start(world()).unwrap();
    assert_eq!(
        answers(&sandbox, &["-n", "shop", "deploy/"]),
        ["deploy/store", ":4"]
    );
    assert_eq!(answers(&sandbox, &["deploy/"]), [":4"]);
    assert_eq!(
        answers(&sandbox, &["deploy/store", "-nshop", "--target="]),
        ["api", ":4"]
    );
    assert_eq!(answers(&sandbox, &["-n", ""]), ["default", "shop", ":4"]);
    assert_eq!(answers(&sandbox, &["--namespace=s"]), ["shop", ":4"]);
    assert_eq!(answers(&sandbox, &["--as", "nobody", "pod/"]), [":36"]);
    let requests = sandbox.requests();
    let lists = requests.iter().filter(|it| it.path.contains('?'));
    let lists: Vec<_> = lists.map(|it| it.path.as_str()).collect();
    assert_eq!(lists.len(), 6, "{lists:?}");
    assert!(lists.iter().all(|it| it.contains("limit=500")), "{lists:?}");
}

#[test]
fn containers_and_images_are_those_of_the_pod() {
    let sandbox = Sandbox::start(world().image("tools:2", sandbox::Image::shell())).unwrap();
    assert_eq!(
        answers(&sandbox, &["two", "--target", ""]),
        ["web", "side", ":4"]
    );
    assert_eq!(answers(&sandbox, &["attach", "app", "-c", ""]), [":36"]);
    add(&sandbox, "app", "first", "busybox:1.37");
    add(&sandbox, "app", "second", "tools:2");
    // Both may have started in one second.
    let sorted = |words: &[&str]| {
        let mut answers = answers(&sandbox, words);
        answers.sort();
        answers
    };
    assert_eq!(
        sorted(&["attach", "app", "-c", ""]),
        [":36", "first", "second"]
    );
    assert_eq!(
        sorted(&["app", "--image", ""]),
        [":36", "busybox:1.37", "tools:2"]
    );
    assert_eq!(
        answers(&sandbox, &["two", "--image="]),
        ["busybox:1.37", ":36"]
    );
}

#[test]
fn names_in_the_kubeconfig_need_no_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("config");
    let text = "contexts:\n- {name: one, context: {cluster: c}}\n- {name: \"$(id)\", context: {cluster: c}}\n\
                clusters:\n- {name: c, cluster: {server: 'http://127.0.0.1:1'}}\n\
                users:\n- {name: me, user: {token: hidden-in-completion}}\n";
    fs::write(&kubeconfig, text).unwrap();
    for (flag, expected) in [
        ("--context", "one\n:4\n"),
        ("--cluster", "c\n:4\n"),
        ("--user", "me\n:4\n"),
    ] {
        let by_variable = Plugin::with_kubeconfig(&kubeconfig).variable(LIMIT.0, LIMIT.1);
        assert_eq!(ask(by_variable, &[flag, ""]).stdout, expected);
        let by_flag = Plugin::nowhere().variable(LIMIT.0, LIMIT.1);
        let words = ["--kubeconfig", kubeconfig.to_str().unwrap(), flag, ""];
        assert_eq!(ask(by_flag, &words).stdout, expected);
    }
}

#[test]
fn flags_come_with_their_help_and_files_are_left_to_the_shell() {
    let ask = |words: &[&str]| ask(Plugin::nowhere(), words).stdout;
    assert_eq!(ask(&["--qui"]), "--quiet\tSay nothing but errors\n:4\n");
    assert_eq!(
        ask(&["--profile", "net"]),
        "netadmin\tIt may administer the network\n:4\n"
    );
    assert_eq!(ask(&["--dry-run=s"]), "server\n:4\n");
    assert_eq!(ask(&["-f", ""]), "yaml\nyml\njson\n:8\n");
    assert_eq!(ask(&["--kubeconfig="]), ":0\n");
    assert_eq!(ask(&["--cache-dir", ""]), ":16\n");
    assert_eq!(ask(&["web", "--", "l"]), ":0\n");
    assert_eq!(
        ask(&["--inherit=env,us"]),
        "env,user\tIts user and group\n:4\n"
    );
    assert_eq!(
        ask(&["--nope", "-\u{1b}", "--timeout", "x", "--color=a"]),
        "auto\tOn a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise\nalways\tAlways\n:4\n"
    );
}

/// A server that says nothing, a port at which nobody is, a kubeconfig that is standard input.
#[test]
fn what_cannot_be_known_in_time_is_left_out_without_a_word() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    sandbox.on(Request::any()).delay(Duration::from_mins(5));
    assert_eq!(ask(Plugin::on(&sandbox), &["pod/"]).stdout, ":36\n");
    assert_eq!(ask(Plugin::on(&sandbox), &["-n", ""]).stdout, ":4\n");
    assert_eq!(
        ask(Plugin::on(&sandbox), &["web", "--image", ""]).stdout,
        "busybox:1.37\n:36\n"
    );
    assert_eq!(
        ask(Plugin::on(&sandbox), &["at"]).stdout,
        "attach\tGo back to a running ephemeral container\n:36\n"
    );
    let nobody = ask(Plugin::nowhere(), &["-s", "http://127.0.0.1:1", "pod/"]);
    assert_eq!(nobody.stdout, ":36\n");
    assert_eq!(
        ask(Plugin::with_kubeconfig("/dev/stdin"), &["--context", ""]).stdout,
        ":4\n"
    );
}

#[test]
fn a_plug_in_has_no_terminal_and_nothing_it_says_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let asked = folder.path().join("asked");
    let login = folder.path().join("login");
    let script = format!(
        "#!/bin/sh\necho 'who are you?' >&2\n[ -t 0 ] || echo alone > '{}'\nexec sleep 300\n",
        asked.display()
    );
    fs::write(&login, script).unwrap();
    fs::set_permissions(&login, fs::Permissions::from_mode(0o755)).unwrap();
    let kubeconfig = folder.path().join("config");
    for (mode, is_run) in [("Always", false), ("IfAvailable", true)] {
        let text = format!(
            "current-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: me}}}}]\n\
             clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:1'}}}}]\n\
             users: [{{name: me, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, \
             command: '{}', interactiveMode: {mode}}}}}}}]\n",
            login.display()
        );
        fs::write(&kubeconfig, text).unwrap();
        let plugin = Plugin::with_kubeconfig(&kubeconfig)
            .variable("PATH", "/usr/bin:/bin")
            .variable(LIMIT.0, "2s");
        assert_eq!(ask(plugin, &["pod/"]).stdout, ":36\n");
        assert_eq!(asked.exists(), is_run, "{mode}");
    }
}

fn link(folder: &Path) {
    symlink(PLUGIN, folder.join("kubectl-ephemeral")).unwrap();
    symlink(
        "kubectl-ephemeral",
        folder.join("kubectl_complete-ephemeral"),
    )
    .unwrap();
}

#[test]
fn kubectl_asks_by_the_name_of_the_link_and_gets_the_same() {
    if stock::kubectl().is_none() {
        return;
    }
    let sandbox = Sandbox::start(world()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    link(folder.path());
    let run = |program: &Path, words: &[&str]| {
        let output = Command::new(program)
            .args(words)
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()))
            .env("HOME", folder.path())
            .env("KUBECONFIG", sandbox.kubeconfig())
            .env(LIMIT.0, LIMIT.1)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        // It goes to and fro between the two.
        let text = String::from_utf8(output.stdout).unwrap();
        text.replace("ErrImagePull", "ImagePullBackOff")
    };
    for words in [
        &[""][..],
        &["-n", ""],
        &["-n", "shop", "deploy/"],
        &["--profile="],
        &["state"],
    ] {
        let ours = run(&folder.path().join("kubectl_complete-ephemeral"), words);
        assert!(ours.lines().count() > 1, "{words:?} {ours}");
        let through = [&["__complete", "ephemeral"], words].concat();
        assert_eq!(run(Path::new("kubectl"), &through), ours, "{words:?}");
    }
}

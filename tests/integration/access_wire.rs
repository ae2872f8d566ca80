//! Requests on the wire: what is sent again, for how long, and what is told of it.

use sandbox::{Request, Sandbox};

use crate::{
    access::{TOKEN, add, assert_added, assert_secret, kubeconfig, with_token},
    plugin::{Ended, Plugin, settled},
};

fn folder(sandbox: &Sandbox) -> tempfile::TempDir {
    kubeconfig(sandbox, "", &format!("token: {TOKEN}"))
}

fn asked(sandbox: &Sandbox, method: &str) -> usize {
    let requests = sandbox.requests();
    let of_it = requests.iter().filter(|request| request.method == method);
    of_it.count()
}

fn assert_said(ended: &Ended, stderr: &str) {
    assert_eq!(settled(&ended.stderr), stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
}

#[test]
fn what_fails_in_passing_is_tried_again_and_told_once() {
    for code in [429, 502, 503, 504] {
        let sandbox = with_token();
        sandbox.on(Request::get().up_to(2)).answer(code);
        sandbox.on(Request::patch().first()).answer(code);
        let ended = add(&folder(&sandbox)).run();
        assert_added(&sandbox, &ended, "robot");
        let told = format!("trying again: the server answered {code} ");
        assert_eq!(ended.stderr.matches(&told).count(), 2, "{}", ended.stderr);
        // A 5xx leaves open what the server has done, so the pod is looked at between the patches.
        let looks = 3 + usize::from(code != 429);
        assert_eq!(
            (asked(&sandbox, "GET"), asked(&sandbox, "PATCH")),
            (looks, 2)
        );
        let pod = sandbox.pod("default", "app").unwrap();
        let added = pod["spec"]["ephemeralContainers"].as_array().unwrap();
        assert_eq!(added.len(), 1);
    }
}

#[test]
fn row_12_a_server_that_wants_to_be_left_alone_is() {
    let sandbox = with_token();
    let answer = sandbox.on(Request::get().first()).answer(429);
    answer.header("Retry-After", "1");
    let begin = std::time::Instant::now();
    assert_added(&sandbox, &add(&folder(&sandbox)).run(), "robot");
    assert!(begin.elapsed() >= std::time::Duration::from_secs(1));

    let sandbox = with_token();
    let answer = sandbox.on(Request::get()).answer(429);
    answer.header("Retry-After", "3600");
    let ended = add(&folder(&sandbox)).run();
    assert_eq!(ended.code, 125, "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .starts_with("Error from server (TooManyRequests)"),
        "{}",
        ended.stderr
    );
    assert_eq!(asked(&sandbox, "GET"), 1);
}

#[test]
fn a_watch_that_cannot_be_opened_is_tried_again_and_told_of() {
    let sandbox = with_token();
    sandbox
        .on(Request::watch().path("/pods?").first())
        .answer(503);
    let folder = folder(&sandbox);
    let ended = Plugin::with_kubeconfig(folder.path().join("config"))
        .args(["app", "--", "sh", "-c", "exit 6"])
        .run();
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    let told = "trying again: Error from server (ServiceUnavailable)";
    assert_eq!(ended.stderr.matches(told).count(), 1, "{}", ended.stderr);
}

#[test]
fn what_will_be_the_same_next_time_is_not_tried_again() {
    let sandbox = with_token();
    sandbox.on(Request::get()).answer(500);
    let ended = add(&folder(&sandbox)).run();
    assert_eq!(ended.code, 125, "{}", ended.stderr);
    assert_eq!(asked(&sandbox, "GET"), 1);
}

#[test]
fn a_limit_of_the_users_ends_the_tries() {
    let sandbox = with_token();
    sandbox.on(Request::get()).answer(503);
    let ended = add(&folder(&sandbox))
        .args(["--request-timeout=300ms"])
        .run();
    assert_eq!(ended.code, 125, "{}", ended.stderr);
    assert!(asked(&sandbox, "GET") <= 4);
}

#[test]
fn a_quiet_run_says_the_error_only() {
    let sandbox = with_token();
    sandbox.on(Request::get()).reset();
    let ended = add(&folder(&sandbox))
        .args(["-q", "--request-timeout=300ms"])
        .run();
    assert_said(
        &ended,
        "error: cannot reach the server at https://127.0.0.1:PORT: connection reset by peer\n\
         hint: is the cluster up, and is this the right context? `kubectl config current-context` tells\n",
    );
}

#[test]
fn requests_are_told_as_kubectl_tells_them_and_never_a_secret() {
    let sandbox = with_token();
    let told = |level: &str| {
        let folder = folder(&sandbox);
        let plugin = add(&folder).args([level]);
        let ended = plugin.variable("RUST_LOG", "trace").run();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert_secret(&ended);
        settled(&ended.stderr)
    };
    assert!(!told("-v=5").contains("verb="));
    let six = told("-v=6");
    let line = six
        .lines()
        .find(|line| line.contains("verb=\"GET\""))
        .unwrap();
    let (_, line) = line.split_once("] ").unwrap();
    assert!(
        line.starts_with(
            "\"Response\" verb=\"GET\" url=\"https://127.0.0.1:PORT/api/v1/namespaces/default/pods/app\" \
             status=\"200 OK\" milliseconds="
        ),
        "{line}"
    );
    let eight = told("--v=8");
    assert!(eight.contains("\"Request\" verb=\"PATCH\""), "{eight}");
    assert!(eight.contains("\tauthorization: <masked>\n"), "{eight}");
    assert!(
        eight.contains("\tcontent-type: application/json\n"),
        "{eight}"
    );
}

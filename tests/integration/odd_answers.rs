//! Servers whose answers are like no other's: pods with little or much in them, many warnings, and what is no HTTP.

use std::fs;

use sandbox::{Request, Sandbox, World};
use serde_json::{Value, json};

use crate::{
    listener::{Listener, Role},
    plugin::{Ended, Plugin, settled},
};

const UNREACHABLE: &str = "error: cannot reach the server at http://127.0.0.1:PORT: ";
const HINT: &str = "hint: is the cluster up, and is this the right context? `kubectl config current-context` tells\n";

#[test]
fn input_57_pods_with_little_or_much_in_them() {
    let changes: [fn(&mut Value); 6] = [
        |pod| pod["status"] = json!({}),
        |pod| {
            for field in ["ephemeralContainers", "volumes", "tolerations"] {
                pod["spec"][field] = Value::Null;
            }
            for field in ["containerStatuses", "conditions", "podIPs"] {
                pod["status"][field] = Value::Null;
            }
        },
        |pod| {
            for place in ["metadata", "spec", "status"] {
                pod[place]["ofTomorrow"] = json!({"deep": [1, {"a": null}]});
            }
            pod["spec"]["containers"][0]["ofTomorrow"] = json!(1.5);
        },
        |pod| pod["metadata"]["annotations"] = json!({"large": "x".repeat(1_500_000)}),
        |pod| pod["status"]["phase"] = json!("Hibernating"),
        |pod| pod["status"]["containerStatuses"][0]["state"] = json!({"paused": {}}),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let sandbox = Sandbox::start(World::plain()).unwrap();
        let mut pod = sandbox.pod("default", "app").unwrap();
        change(&mut pod);
        sandbox
            .on(Request::get().path("/pods/app").first())
            .answer(200)
            .body("application/json", &pod.to_string());
        let ended = Plugin::on(&sandbox)
            .args(["app", "-q", "--", "echo", "hi"])
            .run();
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (0, "hi\n"),
            "{number}: {}",
            ended.stderr
        );
    }
}

#[test]
fn an_answer_without_end_does_not_fill_the_memory() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    for (path, args, most) in [
        ("/pods/app", &["app", "--attach=false"][..], 32),
        ("/version", &["version"], 32),
    ] {
        let body = " ".repeat(most * 1024 * 1024 + 1);
        let fault = sandbox
            .on(Request::get().path(path))
            .answer(200)
            .body("application/json", &body);
        let ended = Plugin::on(&sandbox).args(args).run();
        assert_eq!(
            (ended.code, ended.stderr),
            (
                125,
                format!("error: the server's answer is larger than {most} MiB\n")
            ),
            "{path}"
        );
        assert_eq!(fault.hits(), 1);
    }
}

/// What a server answers to a request.
type Answering = fn(&str) -> String;

/// Adds a container at a server that answers as it likes.
fn ask(answer: Answering) -> (Ended, Vec<String>) {
    let server = Listener::start(Role::Http(answer), None, None);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let text = format!(
        "clusters: [{{name: c, cluster: {{server: 'http://{}'}}}}]\n\
         contexts: [{{name: x, context: {{cluster: c}}}}]\ncurrent-context: x\n",
        server.address()
    );
    fs::write(&config, text).unwrap();
    let ended = Plugin::with_kubeconfig(&config)
        .args(["app", "-c", "d", "--attach=false", "--request-timeout=2s"])
        .run();
    (ended, server.seen())
}

/// The pod as it is before and after the container is added.
fn pod(request: &str) -> String {
    let containers = if request.starts_with("PATCH") {
        json!([{"name": "d", "image": "busybox:1.37"}])
    } else {
        json!([])
    };
    json!({
        "kind": "Pod", "apiVersion": "v1",
        "metadata": {"name": "app", "namespace": "default", "uid": "u", "resourceVersion": "1"},
        "spec": {"containers": [{"name": "app", "image": "app:1"}], "ephemeralContainers": containers},
        "status": {"phase": "Running"},
    })
    .to_string()
}

fn answer(headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

#[test]
fn row_15_another_image_is_told_of() {
    let (ended, _) = ask(|request| {
        answer(
            "",
            &pod(request).replace("busybox:1.37", "mirror/busybox:1.37"),
        )
    });
    let expected =
        "\nwarning: the cluster changed the container: its image is `mirror/busybox:1.37`\n";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "d\n"));
}

#[test]
fn input_59_warnings_without_end() {
    let many = |request: &str| {
        let warnings = (1..=100)
            .map(|number| format!("Warning: 299 - \"{number} Größe\u{9b}31m\u{202e}\"\r\n"));
        answer(&warnings.collect::<String>(), &pod(request))
    };
    let (ended, _) = ask(many);
    let warnings =
        (1..=10).map(|number| format!("warning: {number} Größe\\u{{9b}}31m\\u{{202e}}\n"));
    let expected =
        warnings.collect::<String>() + "warning: the server has 90 more warnings like these\n";
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "d\n"));
    assert!(ended.stderr.contains(&expected), "{}", ended.stderr);

    let large = |request: &str| {
        let header = format!("Warning: 299 - \"{}\"\r\n", "x".repeat(1_000_000));
        answer(&header, &pod(request))
    };
    let (ended, _) = ask(large);
    let expected = format!("{UNREACHABLE}message head is too large\n{HINT}");
    assert_eq!(settled(&ended.stderr), expected);
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
}

#[test]
fn input_60_what_is_no_http() {
    let cases: [(Answering, String); 3] = [
        // More is announced than comes.
        (
            |request| answer("", &pod(request)).replace("Content-Length: ", "Content-Length: 9"),
            format!("error: the server at http://127.0.0.1:PORT did not answer within 2s\n{HINT}"),
        ),
        (
            |_| {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a number\r\n{}\r\n0\r\n\r\n".to_owned()
            },
            format!("{UNREACHABLE}Invalid chunk size line: missing size digit\n{HINT}"),
        ),
        // What a server says first that speaks nothing but HTTP/2.
        (
            |_| "\0\0\u{6}\u{4}\0\0\0\0\0\0\u{3}\0\0\0d".to_owned(),
            format!("{UNREACHABLE}invalid HTTP version parsed\n{HINT}"),
        ),
    ];
    for (served, expected) in cases {
        let (ended, seen) = ask(served);
        assert_eq!(settled(&ended.stderr), expected);
        assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
        // Nothing that is packed is asked for, so nothing can swell.
        let asked = seen[0].to_lowercase();
        assert!(!asked.contains("accept-encoding"), "{asked}");
    }
}

//! What becomes of the way from a container that runs to a stream, by the rows of the list of faults.

use sandbox::{Request, Sandbox, World};
use serde_json::json;

use crate::{
    plugin::{Ended, Plugin, settled},
    reconnect::{PROMPT, assert_said},
    screen::Screen,
};

const STRIPPED: &str = "error: the stream cannot be opened: something between here and the server strips the WebSocket \
                        upgrade: it answered ";

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

fn cat(sandbox: &Sandbox) -> Ended {
    Plugin::on(sandbox)
        .args(["app", "-q", "-i", "--", "cat"])
        .run()
}

/// Fails unless that is said of a stream that is not opened, and what cures it, and how to come back.
fn assert_refused(sandbox: &Sandbox, expected: &str) {
    let ended = cat(sandbox);
    let back = "the container stays in the pod; `kubectl ephemeral attach pod/app -c debugger-* -n default` goes back to \
                it\n";
    let hint = if expected.contains("\nhint:") {
        ""
    } else {
        "hint: "
    };
    assert_eq!(settled(&ended.stderr), format!("{expected}{hint}{back}"));
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
}

/// What channel 3 says of a stream that failed.
pub(crate) fn failure(message: &str) -> Vec<u8> {
    let status = json!({"metadata": {}, "status": "Failure", "message": message, "code": 500});
    format!("\x03{status}").into_bytes()
}

#[test]
fn row_31_what_the_server_says_instead_of_opening_the_stream_is_shown() {
    for (code, message, expected) in [
        (
            400,
            "container nope is not valid for pod app",
            "Error from server (BadRequest): container nope is not valid for pod app\n",
        ),
        (
            400,
            "pod app does not have a host assigned",
            "Error from server (BadRequest): pod app does not have a host assigned\n",
        ),
    ] {
        let sandbox = plain();
        let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                            "message": message, "reason": "BadRequest", "code": code});
        sandbox
            .on(Request::attach())
            .answer(code)
            .body("application/json", &status.to_string());
        assert_refused(&sandbox, expected);
    }
    let sandbox = plain();
    sandbox
        .on(Request::attach())
        .answer(400)
        .body("text/plain", "you must \x1b[31mspecify");
    assert_refused(
        &sandbox,
        "error: the server answered 400 Bad Request: you must \\u{1b}[31mspecify\n",
    );
}

#[test]
fn row_32_an_upgrade_that_is_not_passed_on_is_named() {
    for (code, words) in [(200, "200 OK\n"), (426, "426 Upgrade Required\n")] {
        let sandbox = plain();
        sandbox
            .on(Request::attach())
            .answer(code)
            .html("<html></html>");
        assert_refused(&sandbox, &format!("{STRIPPED}{words}"));
    }
    let sandbox = plain();
    sandbox.on(Request::attach()).strip_upgrade();
    assert_refused(&sandbox, &format!("{STRIPPED}400 Bad Request\n"));
}

#[test]
fn row_33_an_answer_that_is_of_no_websocket_server_is_named() {
    let sandbox = plain();
    sandbox.on(Request::attach()).wrong_accept_key();
    let no_server = "error: the answer to the WebSocket upgrade is not from a WebSocket server\n";
    assert_refused(&sandbox, no_server);

    for (came, protocol) in [
        ("v9.channel.k8s.io", Some("v9.channel.k8s.io")),
        ("none", None),
    ] {
        let sandbox = plain();
        let attach = sandbox.on(Request::attach());
        match protocol {
            Some(protocol) => attach.wrong_subprotocol(protocol),
            None => attach.without_header("sec-websocket-protocol"),
        };
        assert_refused(
            &sandbox,
            &format!(
                "error: the server speaks no protocol for attaching that we know: it chose `{came}`, we offered \
                 `v5.channel.k8s.io` and `v4.channel.k8s.io`\n"
            ),
        );
    }
}

#[test]
fn row_34_where_the_end_of_input_cannot_be_told_that_is_said() {
    let world = World::plain().protocols(&["v4.channel.k8s.io"]);
    let sandbox = Sandbox::start(world).unwrap();
    // Nothing stands before what a file describes, and the input of this one does not end with us.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shell.yaml");
    std::fs::write(&path, "{name: d, image: 'busybox:1', stdin: true}").unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-f", path.to_str().unwrap()])
        .input("echo got it; exit\n")
        .run();
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "got it\n"));
    let expected = "\nwarning: this server cannot pass on the end of input: a command that waits for it does not end\n";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
}

#[test]
fn row_35_a_container_that_is_not_there_yet_is_sought_without_a_word() {
    let sandbox = plain();
    let refused = sandbox
        .on(Request::attach().up_to(2))
        .says(&[&failure("container shell not found in pod app_default")]);
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-c", "shell"]);
    screen.wait_for_prompt(PROMPT);
    assert_eq!(refused.hits(), 2);
    screen.type_keys("exit 3\r");
    assert_eq!(screen.wait_for_end(), 3);
    screen.assert_restored();
    let said = screen.said();
    assert!(!said.contains("connect"), "{said}");
}

#[test]
fn row_36_a_stream_over_which_nothing_comes_is_told_of_and_can_be_left() {
    let sandbox = plain();
    sandbox.on(Request::attach()).half_open_after(0);
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-c", "shell"]);
    screen.wait_for_line("the container has printed nothing yet; Enter, then ~. ends the session");
    screen.type_keys("\r~.");
    assert_eq!(screen.wait_for_end(), 255);
    screen.assert_restored();
    assert_said(
        &screen,
        "disconnected; container `shell` goes on; `kubectl ephemeral attach pod/app -c shell -n default` goes back to it\n",
    );
}

/// A container that admission left without a terminal is joined as a pipe, whatever was asked for.
#[test]
fn row_38_the_terminal_that_the_server_left_it_is_the_one_that_counts() {
    let sandbox = plain();
    let before = sandbox.pod("default", "app").unwrap();
    let container = json!({"name": "shell", "image": "busybox:1.37", "stdin": true,
        "command": ["sh", "-c", "read -r line; echo got \"$line\"; exit 3"]});
    let body = json!({"spec": {"ephemeralContainers": [container]}}).to_string();
    let mut client = sandbox.connect("admin").unwrap();
    let path = "/api/v1/namespaces/default/pods/app/ephemeralcontainers";
    let kind = [("Content-Type", "application/strategic-merge-patch+json")];
    client.request("PATCH", path, &kind, &body).unwrap();
    assert_eq!(client.answer().unwrap().status, 200);
    let after = sandbox.pod("default", "app").unwrap();
    sandbox
        .on(Request::get().path("/pods/app").first())
        .answer(200)
        .body("application/json", &before.to_string());
    sandbox
        .on(Request::patch())
        .answer(200)
        .body("application/json", &after.to_string());
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-c", "shell"]);
    screen.wait_for("added container `shell`");
    screen.type_keys("it\r");
    screen.wait_for_line("got it");
    assert_eq!(screen.wait_for_end(), 3, "{}", screen.said());
    screen.assert_restored();
    let requests = sandbox.requests();
    let attached = requests
        .iter()
        .find(|request| request.path.contains("/attach?"));
    let path = &attached.unwrap().path;
    assert!(
        path.contains("stderr=true") && !path.contains("tty"),
        "{path}"
    );
}

#[test]
fn row_38_a_stream_that_never_begins_is_given_up_in_the_words_of_the_server() {
    let sandbox = plain();
    sandbox
        .on(Request::attach())
        .says(&[&failure("tty and stderr cannot both be true")]);
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-c", "shell", "--reconnect=1s"]);
    assert_eq!(screen.wait_for_end(), 255);
    screen.assert_restored();
    assert_said(
        &screen,
        "the session with container `shell` was lost: tty and stderr cannot both be true; \
         it did not come back within 1s\n",
    );
}

#[test]
fn row_48_a_status_of_nonsense_is_told_without_its_escapes() {
    let sandbox = plain();
    sandbox
        .on(Request::attach())
        .says(&[&failure("\x1b]0;title\x07garbage")]);
    let ended = cat(&sandbox);
    assert_eq!(ended.code, 255);
    assert_eq!(
        settled(&ended.stderr),
        "error: the session with container `debugger-*` was lost: \\u{1b}]0;title\\u{7}garbage; \
         how much of the input arrived is unknown\n\
         hint: the container may still run; `kubectl ephemeral attach pod/app -c debugger-* -n default` goes back to it\n"
    );
}

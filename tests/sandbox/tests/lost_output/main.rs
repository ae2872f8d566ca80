//! Output that old servers lose at the end of a container, while channel 3 says `Success`, and what keeps it.

#![expect(clippy::unwrap_used, reason = "in a test, what fails is to panic")]

use std::time::Duration;

use sandbox::{Client, Frame, Sandbox, Server, Timing, World};
use serde_json::{Value, json};

/// What `seq 1 30000` writes.
const ALL: usize = 168_894;
/// What is written in its place, at once.
const WRITE: &str = "seq 1 30000";

/// A sandbox with one container that waits for a line, does something, and ends.
struct Running {
    sandbox: Sandbox,
}

impl Running {
    fn on(server: Server, lag: Option<Duration>, container: &Value) -> Self {
        let mut container = container.clone();
        container["name"] = json!("d");
        container["image"] = json!("busybox:1");
        container["stdin"] = json!(true);
        let world = World::new().server(server);
        let world = match lag {
            Some(output_lag) => world.timing(Timing {
                output_lag,
                ..Timing::default()
            }),
            None => world,
        };
        let sandbox = Sandbox::start(world.pod(json!({
            "metadata": {"name": "app"},
            "spec": {"containers": [{"name": "app", "image": "distroless-app:1"}],
                "ephemeralContainers": [container]},
        })))
        .unwrap();
        let runs = sandbox.wait_until("default", "app", |pod| {
            pod["status"]["ephemeralContainerStatuses"][0]["state"]["running"].is_object()
        });
        assert!(runs);
        Self { sandbox }
    }

    fn attach(&self) -> Client {
        let mut client = self.sandbox.connect("admin").unwrap();
        let path = "/api/v1/namespaces/default/pods/app/attach\
                    ?container=d&stdin=true&stdout=true&stderr=true";
        client.upgrade(path, "v4.channel.k8s.io").unwrap();
        client
    }

    fn log(&self) -> usize {
        let path = "/api/v1/namespaces/default/pods/app/log?container=d&follow=true";
        let mut client = self.sandbox.connect("admin").unwrap();
        client.get(path).unwrap().body.len()
    }
}

/// All of a channel until the status, which says `Success`.
fn until_success(client: &mut Client) -> usize {
    let mut length = 0;
    loop {
        let frame = client.frame().unwrap();
        match frame.channel() {
            Some(1) => length += frame.payload.len() - 1,
            Some(3) => {
                assert!(String::from_utf8_lossy(&frame.payload).contains("Success"));
                return length;
            }
            _ => {}
        }
    }
}

fn received(running: &Running) -> usize {
    let mut client = running.attach();
    client.send(&Frame::data(0, b"go\n")).unwrap();
    until_success(&mut client)
}

fn at_once(stdin_once: bool, tty: bool) -> Value {
    json!({"command": ["sh", "-c", format!("read -r _; exec {WRITE}")],
        "stdinOnce": stdin_once, "tty": tty})
}

/// Far longer than a container may take to end, however busy this machine is.
const LONG: Option<Duration> = Some(Duration::from_hours(1));

#[test]
fn what_was_not_sent_when_a_container_ends_is_lost_to_clients_but_not_to_the_log() {
    for server in [Server::V1_21, Server::V1_23, Server::V1_28] {
        for stdin_once in [false, true] {
            let running = Running::on(server, LONG, &at_once(stdin_once, false));
            let received = received(&running);
            assert!((32 * 1024..ALL).contains(&received), "{received}");
            assert_eq!(running.log(), ALL);
        }
    }
}

#[test]
fn containerd_2_keeps_the_output_of_a_container_for_one_client() {
    let server = Server::V1_28Containerd2;
    let running = Running::on(server, LONG, &at_once(true, false));
    assert_eq!(received(&running), ALL);
    let running = Running::on(server, LONG, &at_once(false, false));
    assert!(received(&running) < ALL);
}

#[test]
fn a_terminal_loses_nothing() {
    let script = format!("stty -echo -onlcr; read -r _; exec {WRITE}");
    let container = json!({"command": ["sh", "-c", script], "tty": true});
    let running = Running::on(Server::V1_28, LONG, &container);
    // The terminal may repeat the line before it is told not to.
    assert!(received(&running) >= ALL);
}

#[test]
fn the_server_of_today_loses_nothing_here() {
    let running = Running::on(Server::V1_36, None, &at_once(false, false));
    assert_eq!(received(&running), ALL);
}

/// As recorded: a token on both streams when all has been written, and an end when the client says so.
#[test]
fn a_start_and_end_gate_gets_every_byte_and_the_exit_code() {
    const GATE: &str = r#"read -r _; "$@" </dev/null; rc=$?; printf %s "$TOKEN"
        printf "%s %d\n" "$TOKEN" $rc >&2; read -r _; exit $rc"#;
    const TOKEN: &[u8] = b"0f8e2b6c41";
    let command = format!("{WRITE}; echo e >&2; exit 3");
    let container = json!({"command": ["sh", "-c", GATE, "sh", "sh", "-c", command],
        "env": [{"name": "TOKEN", "value": "0f8e2b6c41"}], "stdinOnce": true});
    for server in [Server::V1_21, Server::V1_28] {
        let running = Running::on(server, None, &container);
        let mut client = running.attach();
        client.send(&Frame::data(0, b"go\n")).unwrap();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        while !(stdout.ends_with(TOKEN) && stderr.ends_with(b"3\n")) {
            let frame = client.frame().unwrap();
            match frame.channel() {
                Some(1) => stdout.extend_from_slice(&frame.payload[1..]),
                Some(2) => stderr.extend_from_slice(&frame.payload[1..]),
                _ => {}
            }
        }
        assert_eq!(stdout.len(), ALL + TOKEN.len());
        assert_eq!(stderr, b"e\n0f8e2b6c41 3\n");
        client.send(&Frame::data(0, b"end\n")).unwrap();
        until_success(&mut client);
        let has_ended = running.sandbox.wait_until("default", "app", |pod| {
            let status = &pod["status"]["ephemeralContainerStatuses"][0];
            status["state"]["terminated"]["exitCode"] == 3
        });
        assert!(has_ended);
    }
}

//! A pod with one container that answers lines, and what can be said of it.

use sandbox::{Client, Frame, Runtime, Sandbox, World};
use serde_json::{Value, json};

/// Answers each line, ends by `exit`, and says so when its stdin has ended.
const PROGRAM: &str = r#"
while read -r line; do
    [ "$line" = exit ] && exit 3
    echo "got $line"
done
echo "no more"
"#;

#[derive(Clone, Copy)]
pub(crate) struct Kind {
    tty: bool,
    stdin_once: bool,
}

impl Kind {
    pub(crate) fn terminal() -> Self {
        Self {
            tty: true,
            stdin_once: true,
        }
    }

    pub(crate) fn pipes_once() -> Self {
        Self {
            tty: false,
            stdin_once: true,
        }
    }

    pub(crate) fn pipes() -> Self {
        Self {
            tty: false,
            stdin_once: false,
        }
    }
}

pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    tty: bool,
}

impl Scene {
    pub(crate) fn new(runtime: Runtime, kind: Kind) -> Self {
        Self::of(runtime, kind, PROGRAM)
    }

    pub(crate) fn of(runtime: Runtime, kind: Kind, program: &str) -> Self {
        let world = World::new().runtime(runtime).pod(json!({
            "metadata": {"name": "app"},
            "spec": {"restartPolicy": "Never", "containers": [{
                "name": "app", "image": "busybox:1", "command": ["sh", "-c", program],
                "stdin": true, "stdinOnce": kind.stdin_once, "tty": kind.tty}]},
        }));
        Self {
            sandbox: Sandbox::start(world).unwrap(),
            tty: kind.tty,
        }
    }

    pub(crate) fn attach(&self) -> Client {
        let mut client = self.sandbox.connect("admin").unwrap();
        let tty = if self.tty { "tty=true" } else { "stderr=true" };
        let path = format!(
            "/api/v1/namespaces/default/pods/app/attach?container=app&stdin=true&stdout=true&{tty}"
        );
        let answer = client.upgrade(&path, "v5.channel.k8s.io").unwrap();
        assert_eq!(answer.status, 101);
        assert_eq!(client.frame().unwrap(), Frame::data(1, b""));
        client
    }

    fn wait_for_end(&self, code: u64) {
        let ended = self.sandbox.wait_until("default", "app", |pod| {
            state(pod)["terminated"]["exitCode"] == code
        });
        assert!(ended, "{:?}", self.sandbox.pod("default", "app"));
    }

    fn runs(&self) -> bool {
        let pod = self.sandbox.pod("default", "app").unwrap();
        state(&pod)["running"].is_object()
    }

    pub(crate) fn half_close_ends_the_attach(&self) {
        let mut client = self.attach();
        client.send(&half_close()).unwrap();
        assert_eq!(end_of(&mut client), "");
        assert!(self.runs());
        // Its stdin is still open.
        self.talk(&mut self.attach(), "again");
    }

    pub(crate) fn half_close_closes_stdin(&self) {
        let mut client = self.attach();
        self.talk(&mut client, "one");
        client.send(&half_close()).unwrap();
        assert_eq!(end_of(&mut client), "no more\n");
        self.wait_for_end(0);
    }

    pub(crate) fn half_close_does_nothing(&self) {
        let mut client = self.attach();
        client.send(&half_close()).unwrap();
        // Answered once the frame before it has been read.
        client.send(&Frame::new(Frame::PING, b"read")).unwrap();
        assert_eq!(client.frame().unwrap().opcode, Frame::PONG);
        self.talk(&mut self.attach(), "other");
        client.channel_until(1, b"got other\r\n").unwrap();
        assert!(self.runs());
    }

    pub(crate) fn loss_is_not_noticed(&self) {
        let mut client = self.attach();
        self.talk(&mut client, "one");
        drop(client);
        self.talk(&mut self.attach(), "two");
        assert!(self.runs());
    }

    pub(crate) fn loss_closes_stdin(&self) {
        let mut client = self.attach();
        self.talk(&mut client, "one");
        drop(client);
        self.wait_for_end(0);
        assert_eq!(self.log(), "got one\nno more\n");
    }

    pub(crate) fn ends_with_success(&self) {
        let mut client = self.attach();
        client.send(&Frame::data(0, b"exit\n")).unwrap();
        let repeated = if self.tty { "exit\r\n" } else { "" };
        assert_eq!(end_of(&mut client), repeated);
        self.wait_for_end(3);
    }

    /// Sends a line and waits for the answer to it.
    pub(crate) fn talk(&self, client: &mut Client, line: &str) {
        let sent = Frame::data(0, format!("{line}\n").as_bytes());
        client.send(&sent).unwrap();
        let end = if self.tty { "\r\n" } else { "\n" };
        let answer = format!("got {line}{end}");
        client.channel_until(1, answer.as_bytes()).unwrap();
    }

    pub(crate) fn log(&self) -> String {
        let mut client = self.sandbox.connect("admin").unwrap();
        let path = "/api/v1/namespaces/default/pods/app/log";
        client.get(path).unwrap().text()
    }
}

fn state(pod: &Value) -> &Value {
    &pod["status"]["containerStatuses"][0]["state"]
}

fn half_close() -> Frame {
    Frame::data(255, &[0])
}

/// All output until the session ends, which it does with `Success` and a normal close.
fn end_of(client: &mut Client) -> String {
    let mut output = Vec::new();
    loop {
        let frame = client.frame().unwrap();
        match frame.channel() {
            Some(3) => {
                let success = br#"{"metadata":{},"status":"Success"}"#;
                assert_eq!(frame, Frame::data(3, success));
                break;
            }
            _ => output.extend_from_slice(&frame.payload[1..]),
        }
    }
    assert_eq!(client.frame().unwrap(), Frame::close());
    String::from_utf8(output).unwrap()
}

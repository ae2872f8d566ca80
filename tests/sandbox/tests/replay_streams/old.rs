//! The sessions recorded from old servers, and the state in which each was.

use sandbox::{Image, Sandbox, Server, Timing, World};
use serde_json::{Value, json};

use crate::recording::Recording;
use crate::state::{self, SHELL, State};

/// What is not played, and why.
pub(crate) const LEFT_OUT: [(&str, &str); 4] = [
    ("1.21/notty-much-output", LOST),
    ("1.23/notty-much-output", LOST),
    ("1.28/notty-much-output", LOST),
    ("1.28-c2/notty-much-output", LOST),
];
const LOST: &str = "how much is lost is another number each time: see the tests of lost output";

pub(crate) fn is_left_out(version: &str, name: &str) -> bool {
    let name = format!("{version}/{name}");
    LEFT_OUT.iter().any(|(left_out, _)| *left_out == name)
}

pub(crate) fn folder(version: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts/old");
    format!("{root}/{version}/ws")
}

/// The container that a session is with, by what the session does.
fn container(recording: &str, name: &str) -> Value {
    let shell = json!({"name": name, "image": "busybox:1", "command": ["sh", "-c", SHELL],
        "stdin": true, "tty": true});
    let piped = |once: bool, script: &str| {
        let script = format!("echo ready\n{script}");
        json!({"name": name, "image": "busybox:1", "command": ["sh", "-c", script],
            "stdin": true, "stdinOnce": once})
    };
    match recording {
        "attach-waiting-image" => json!({"name": name, "image": "nosuch:1"}),
        "notty-exit-0" => piped(false, "read -r _; exit 0"),
        "notty-stdout-stderr-exit-3" => piped(false, "read -r _; echo out; echo err >&2; exit 3"),
        "notty-stdinonce-drop" | "notty-stdinonce-half-close-then-close" => piped(true, "exec cat"),
        _ => shell,
    }
}

/// The state of a sandbox that plays `server`, in which the session goes as recorded.
pub(crate) fn state_of(server: Server, name: &str, recording: &Recording) -> Result<State, String> {
    let path = &recording.path;
    let pod = path.split("/pods/").nth(1).unwrap_or_default();
    let pod = pod.split('/').next().unwrap_or_default();
    let asked = path.split("container=").nth(1).unwrap_or_default();
    let asked = asked.split('&').next().unwrap_or_default();
    let is_ephemeral = pod == "app" && !matches!(asked, "app" | "nope" | "");
    let is_off = name == "attach-kubelet-gate-off";
    let extra = is_ephemeral.then(|| container(name, asked));
    let server = if is_off {
        Server::V1_21KubeletWithoutFeature
    } else {
        server
    };
    let mut world = world(server, extra.as_ref());
    if pod == "app" && asked == "app" {
        world = world.image("distroless-app:1", service(recording));
    }
    let sandbox = Sandbox::start(world).map_err(|error| error.to_string())?;
    let error = |error: std::io::Error| error.to_string();
    match name {
        "attach-waiting-image" => state::reaches(&sandbox, pod, &|pod| {
            let status = &pod["status"]["ephemeralContainerStatuses"][0];
            status["state"]["waiting"]["reason"] == "ErrImagePull"
        })?,
        _ if !is_ephemeral || is_off => {}
        _ => state::is_ready(&sandbox, pod, asked)?,
    }
    let enters = |text: &[u8]| {
        let mut client = state::attached(&sandbox, pod, asked, "v4.channel.k8s.io")?;
        client.send(&sandbox::Frame::data(0, text))?;
        Ok(client)
    };
    match name {
        "attach-terminated" => {
            enters(b"exit 3\n").map_err(error)?;
            state::reaches(&sandbox, pod, &|pod| state::has_ended(pod, asked))?;
        }
        "tty-reattach" => {
            let mut before = enters(b"echo one\n").map_err(error)?;
            before
                .channel_until(1, b"one\r\n/ # \x1b[6n")
                .map_err(error)?;
        }
        _ => {}
    }
    Ok(State {
        sandbox,
        deletes_pod: false,
    })
}

/// A service that writes now and then what it wrote while it was recorded, if it did.
fn service(recording: &Recording) -> Image {
    const SCRIPT: &str = r#"while sleep 3; do printf %s "$1"; done"#;
    let output = recording
        .frames
        .iter()
        .filter(|recorded| recorded.frame.channel() == Some(1))
        .filter_map(|recorded| std::str::from_utf8(recorded.frame.payload.get(1..)?).ok());
    let output: String = output.collect();
    let run = ["sh", "-c", SCRIPT, "/app", &output].map(str::to_owned);
    Image::distroless().program("/app", run.to_vec())
}

fn world(server: Server, extra: Option<&Value>) -> World {
    let pod_of = |name: &str, spec: Value| json!({"metadata": {"name": name}, "spec": spec});
    let extra: Vec<&Value> = extra.into_iter().collect();
    World::new()
        .server(server)
        // How long it lags makes no difference to what is said.
        .timing(Timing::default())
        .image("nosuch:1", Image::not_found())
        .account("only-create", "only-create", "only-create")
        .account("only-get", "only-get", "only-get")
        .rule("only-create", true, &["create"], &["pods/attach"])
        .rule("only-get", true, &["get"], &["pods/attach"])
        .pod(pod_of(
            "app",
            json!({"terminationGracePeriodSeconds": 1,
                "containers": [{"name": "app", "image": "distroless-app:1"}],
                "ephemeralContainers": extra}),
        ))
        .pod(pod_of(
            "two",
            json!({"containers": [
                {"name": "web", "image": "distroless-app:1"},
                {"name": "side", "image": "busybox:1", "command": ["sleep", "1000000"]}]}),
        ))
}

//! The state in which each session was recorded.

use sandbox::{Client, Frame, Image, Sandbox, Timing, World};
use serde_json::{Value, json};
use std::time::Duration;

/// The pod that one of the recordings deletes.
pub(crate) const DELETED: &str = "plain";

/// Stands for busybox's shell; says in the log that it has written its first prompt.
///
/// As a line editor it repeats a line itself. The terminal does so only while `sleep` runs, since what is
/// compared of that is what Ctrl-C does: it is repeated as `^C` and interrupts.
pub(crate) const SHELL: &str = r#"
prompt() { stty -echo; printf '/ # \033[6n'; }
sleep() { while [ -z "$interrupted" ]; do command sleep 0.05; done; }
trap 'interrupted=1; echo' INT
prompt
echo; echo ready
while IFS= read -r line; do
    interrupted=
    case $line in sleep*) stty echo ;; esac
    printf '%s\n' "$line"
    eval "$line"
    prompt
done
"#;

pub(crate) struct State {
    pub(crate) sandbox: Sandbox,
    /// Whether the pod goes once the client is attached.
    pub(crate) deletes_pod: bool,
}

/// The containers that are debugged in, by the recording.
fn container(recording: &str) -> Option<Value> {
    let shell = |name: &str| {
        json!({"name": name, "image": "busybox:1", "command": ["sh", "-c", SHELL],
            "stdin": true, "tty": true})
    };
    let piped = |name: &str, once: bool, script: &str| {
        let script = format!("echo ready\n{script}");
        json!({"name": name, "image": "busybox:1", "command": ["sh", "-c", script],
            "stdin": true, "stdinOnce": once})
    };
    Some(match recording {
        "attach-dev-get-and-create"
        | "attach-bad-token"
        | "attach-forbidden"
        | "attach-only-create"
        | "attach-only-get"
        | "upgrade-base64-protocol"
        | "upgrade-no-protocol"
        | "upgrade-unknown-protocol"
        | "upgrade-v1-protocol" => shell("proto"),
        "attach-terminated" | "tty-v5-detach" | "tty-v5-reattach" => shell("again"),
        "attach-no-streams" => shell("nostream"),
        "attach-tty-and-stderr" => shell("bothtty"),
        "tty-offer-both" | "tty-v4" | "tty-v5" => shell(recording),
        "tty-v5-after-drop" => shell("drop"),
        "tty-v5-ctrl-c" => shell("ctrlc"),
        "tty-v5-killed" => shell("sig"),
        "tty-v5-odd-frames" => shell("chan"),
        "tty-v5-ping" => shell("ping"),
        "tty-v5-pod-deleted" => shell("podgone"),
        "tty-v5-text-opcode" => shell("text"),
        "notty-v4-close-frame" => piped("cat-v4", true, "exec cat"),
        "notty-v5-close-stdin" => piped("cat-v5", true, "exec cat"),
        "notty-v5-close-stdin-without-stdinonce" => piped("cat-v5b", false, "exec cat"),
        "notty-v5-exit-0" => piped("exit0", false, "read -r _; exit 0"),
        "notty-v5-much-output" => piped("big", false, "read -r _; exec seq 3000"),
        "notty-v5-stdout-stderr-exit-3" => {
            piped("err-v5", false, "read -r _; echo out; echo err >&2; exit 3")
        }
        "start-gate" => piped(
            "start-gate",
            true,
            r"read -r _; printf 'first\r\nb\001\377c'; echo err >&2; exit 3",
        ),
        _ => return None,
    })
}

pub(crate) fn of(recording: &str) -> Result<State, String> {
    let container = container(recording);
    let deletes_pod = recording == "tty-v5-pod-deleted";
    let pod = if deletes_pod { DELETED } else { "app" };
    let mut extra: Vec<Value> = container.iter().cloned().collect();
    if recording == "attach-waiting-image" {
        extra.push(json!({"name": "waiting", "image": "nosuch:1"}));
    }
    let sandbox = Sandbox::start(world(pod, &extra)).map_err(|error| error.to_string())?;
    let attach = |name: &str| {
        attached(&sandbox, pod, name, "v5.channel.k8s.io").map_err(|error| error.to_string())
    };
    if let Some(container) = container {
        let name = container["name"].as_str().unwrap();
        is_ready(&sandbox, pod, name)?;
        match recording {
            "attach-terminated" => {
                attach(name)?
                    .send(&Frame::data(0, b"exit 4\n"))
                    .map_err(|error| error.to_string())?;
                reaches(&sandbox, pod, &|pod| has_ended(pod, name))?;
            }
            "tty-v5-reattach" | "tty-v5-after-drop" => {
                let mut before = attach(name)?;
                before
                    .send(&Frame::data(0, b"echo one\n"))
                    .and_then(|()| before.channel_until(1, b"one\r\n/ # \x1b[6n"))
                    .map_err(|error| error.to_string())?;
            }
            _ => {}
        }
    }
    match recording {
        "attach-waiting-image" => reaches(&sandbox, pod, &|pod| {
            pod["status"]["ephemeralContainerStatuses"][0]["state"]["waiting"]["reason"]
                == "ErrImagePull"
        })?,
        "attach-crashed" => reaches(&sandbox, "crash", &|pod| {
            let state = &pod["status"]["containerStatuses"][0]["state"];
            state["waiting"]["reason"] == "CrashLoopBackOff"
        })?,
        _ => {}
    }
    Ok(State {
        sandbox,
        deletes_pod,
    })
}

fn world(pod: &str, containers: &[Value]) -> World {
    let timing = Timing {
        crash_back_off: Duration::from_mins(1),
        ..Timing::default()
    };
    let pod_of = |name: &str, spec: Value| json!({"metadata": {"name": name}, "spec": spec});
    let app = json!([{"name": "app", "image": "distroless-app:1"}]);
    World::new()
        .timing(timing)
        .image("nosuch:1", Image::not_found())
        .rule("only-create", true, &["create"], &["pods/attach"])
        .rule("only-get", true, &["get"], &["pods/attach"])
        .pod(pod_of(
            pod,
            json!({"terminationGracePeriodSeconds": 1, "containers": app,
                "ephemeralContainers": containers}),
        ))
        .pod(pod_of(
            "two",
            json!({"containers": [
                {"name": "web", "image": "distroless-app:1"},
                {"name": "side", "image": "busybox:1", "command": ["sleep", "1000000"]}]}),
        ))
        .pod(pod_of(
            "crash",
            json!({"containers": [
                {"name": "crash", "image": "distroless-app:1", "args": ["crash"]}]}),
        ))
}

fn status<'a>(pod: &'a Value, name: &str) -> &'a Value {
    let statuses = pod["status"]["ephemeralContainerStatuses"].as_array();
    let mut statuses = statuses.into_iter().flatten();
    statuses
        .find(|status| status["name"] == name)
        .unwrap_or(&Value::Null)
}

pub(crate) fn has_ended(pod: &Value, name: &str) -> bool {
    status(pod, name)["state"]["terminated"].is_object()
}

pub(crate) fn reaches(
    sandbox: &Sandbox,
    pod: &str,
    is: &(dyn Fn(&Value) -> bool + Sync),
) -> Result<(), String> {
    let reached = sandbox.wait_until("default", pod, is);
    reached.then_some(()).ok_or_else(|| {
        format!(
            "the state is not reached: {:?}",
            sandbox.pod("default", pod)
        )
    })
}

/// Waits for the line with which a container says in its log that it waits for the client.
pub(crate) fn is_ready(sandbox: &Sandbox, pod: &str, name: &str) -> Result<(), String> {
    reaches(sandbox, pod, &|pod| {
        status(pod, name)["state"]["running"].is_object()
    })?;
    let path = format!("/api/v1/namespaces/default/pods/{pod}/log?container={name}&follow=true");
    let wait = || {
        let mut client = sandbox.connect("admin")?;
        client.request("GET", &path, &[], "")?;
        client.head()?;
        while client.line()?.is_some_and(|line| line != "ready\n") {}
        Ok::<_, std::io::Error>(())
    };
    wait().map_err(|error| format!("the log of {name}: {error}"))
}

pub(crate) fn attached(
    sandbox: &Sandbox,
    pod: &str,
    name: &str,
    protocol: &str,
) -> std::io::Result<Client> {
    let mut client = sandbox.connect("admin")?;
    let path = format!(
        "/api/v1/namespaces/default/pods/{pod}/attach?container={name}&stdin=true&stdout=true&tty=true"
    );
    client.upgrade(&path, protocol)?;
    Ok(client)
}

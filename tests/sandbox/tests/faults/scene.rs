//! A pod with a service, and a container that can be attached to.

use std::io;
use std::time::Duration;

use sandbox::{Answer, Client, Frame, Sandbox, World};
use serde_json::{Value, json};

pub(crate) const POD: &str = "/api/v1/namespaces/default/pods/app";
pub(crate) const WATCH: &str =
    "/api/v1/namespaces/default/pods?watch=true&fieldSelector=metadata.name=app";
/// Answers each line; the second answer tells that it is the same process.
const PROGRAM: &str = r#"count=0
while read -r line; do count=$((count + 1)); echo "$count $line"; done"#;

pub(crate) fn sandbox() -> Sandbox {
    let world = World::new().token("secret", "dev").pod(json!({
        "metadata": {"name": "app"},
        "spec": {"containers": [{"name": "app", "image": "busybox:1",
            "command": ["sh", "-c", PROGRAM], "stdin": true}]},
    }));
    Sandbox::start(world).unwrap()
}

pub(crate) fn admin(sandbox: &Sandbox) -> Client {
    sandbox.connect("admin").unwrap()
}

/// Adds an ephemeral container that ends at once.
pub(crate) fn patch(client: &mut Client, name: &str) -> io::Result<Answer> {
    let body = json!({"spec": {"ephemeralContainers": [
        {"name": name, "image": "busybox:1", "command": ["true"]}]}});
    let headers = [("Content-Type", "application/strategic-merge-patch+json")];
    let path = format!("{POD}/ephemeralcontainers");
    client.request("PATCH", &path, &headers, &body.to_string())?;
    client.answer()
}

/// How many ephemeral containers the pod has.
pub(crate) fn added(sandbox: &Sandbox) -> usize {
    let pod = sandbox.pod("default", "app").unwrap();
    pod["spec"]["ephemeralContainers"]
        .as_array()
        .map_or(0, Vec::len)
}

pub(crate) fn upgrade(client: &mut Client) -> io::Result<Answer> {
    let path = format!("{POD}/attach?container=app&stdin=true&stdout=true");
    client.upgrade(&path, "v5.channel.k8s.io")
}

/// A client that is attached, and has been greeted.
pub(crate) fn attached(sandbox: &Sandbox) -> Client {
    let mut client = admin(sandbox);
    assert_eq!(upgrade(&mut client).unwrap().status, 101);
    assert_eq!(client.frame().unwrap(), Frame::data(1, b""));
    client
}

pub(crate) fn say(client: &mut Client, line: &str) {
    let line = format!("{line}\n");
    client.send(&Frame::data(0, line.as_bytes())).unwrap();
}

/// Says a line and hears the answer to it.
pub(crate) fn talk(client: &mut Client, line: &str, answer: &str) {
    say(client, line);
    let heard = client.channel_until(1, b"\n").unwrap();
    assert_eq!(String::from_utf8(heard).unwrap(), format!("{answer}\n"));
}

pub(crate) fn runs(sandbox: &Sandbox) -> bool {
    let pod = sandbox.pod("default", "app").unwrap();
    pod["status"]["containerStatuses"][0]["state"]["running"].is_object()
}

/// Whether nothing comes for a while, and the connection stays open.
pub(crate) fn is_silent(client: &mut Client) -> bool {
    client.patience(Duration::from_millis(200)).unwrap();
    let (bytes, end) = client.rest();
    bytes.is_empty() && end.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

pub(crate) fn is_reset<T>(result: &io::Result<T>) -> bool {
    result
        .as_ref()
        .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
}

/// The next event of a watch.
pub(crate) fn event(client: &mut Client) -> Option<Value> {
    let line = client.line().unwrap()?;
    Some(serde_json::from_str(&line).unwrap())
}

//! One recorded exchange: the request as it is sent to a sandbox, and the comparison of the answers.

use std::collections::HashMap;

use sandbox::{Answer, Sandbox};
use serde_json::{Value, json};

use crate::normal;
use crate::tables::PARTLY;

const HEADERS: [&str; 4] = [
    "Content-Type",
    "Cache-Control",
    "X-Content-Type-Options",
    "Warning",
];

pub(crate) struct Exchange {
    /// The folder and the file.
    name: String,
    recorded: Value,
}

/// What is asked for, and answered, in one sandbox.
pub(crate) struct Replay<'a> {
    pub(crate) sandbox: &'a Sandbox,
    /// Versions and uids, as recorded and as they are here.
    pub(crate) known: HashMap<String, Value>,
    /// Whether ephemeral containers have no status here, whatever was recorded.
    pub(crate) without_status: bool,
    /// Whether no kubelet writes versions of its own.
    pub(crate) without_kubelet: bool,
    /// Whether containers run other commands here.
    pub(crate) without_commands: bool,
    pub(crate) differences: Vec<String>,
}

pub(crate) fn folder(version: &str) -> std::path::PathBuf {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/transcripts/old").join(version)
}

impl Exchange {
    pub(crate) fn read(version: &str, name: &str) -> Self {
        let path = folder(version).join(format!("http/{name}.json"));
        let text = std::fs::read_to_string(path).unwrap();
        Self {
            name: format!("{version}/{name}"),
            recorded: serde_json::from_str(&text).unwrap(),
        }
    }

    /// What was answered.
    pub(crate) fn answer(&self) -> &Value {
        &self.recorded["response"]["body"]["json"]
    }

    pub(crate) fn text(&self) -> &str {
        self.recorded["response"]["body"]["text"].as_str().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.recorded["response"]["headers"].as_object().unwrap();
        let mut headers = headers.iter();
        let (_, value) = headers.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        value.as_str()
    }
}

impl<'a> Replay<'a> {
    pub(crate) fn on(sandbox: &'a Sandbox) -> Self {
        Self {
            sandbox,
            known: HashMap::new(),
            without_status: false,
            without_kubelet: true,
            without_commands: false,
            differences: Vec::new(),
        }
    }

    /// The body that was sent, with the uid and the version that the pod has here.
    fn body(&mut self, exchange: &Exchange) -> String {
        let request = &exchange.recorded["request"];
        let body = &request["body"];
        let path = request["path"].as_str().unwrap();
        let name = path.split("/pods/").nth(1).unwrap_or_default();
        let name = name.split(['/', '?']).next().unwrap_or_default();
        // Nobody is to write between a GET and a PUT with its version.
        if !self.without_kubelet && matches!(name, "app" | "example-pod") {
            let is_still = self.sandbox.wait_until("default", name, is_still);
            assert!(is_still, "{:?}", self.sandbox.pod("default", name));
        }
        if body["json"].is_null() {
            return body["text"].as_str().unwrap_or_default().to_owned();
        }
        let mut body = body["json"].clone();
        let pod = self.sandbox.pod("default", name).unwrap_or_default();
        for field in ["uid", "resourceVersion"] {
            let at = format!("/metadata/{field}");
            let Some(value) = body.pointer_mut(&at) else {
                continue;
            };
            let recorded = value.as_str().unwrap().to_owned();
            let is_made_up = recorded.starts_with("00000000") || recorded == "1";
            if !is_made_up {
                let known = self.known.entry(recorded);
                *value = known
                    .or_insert_with(|| pod["metadata"][field].clone())
                    .clone();
            }
        }
        body.to_string()
    }

    fn send(&mut self, exchange: &Exchange) -> std::io::Result<Answer> {
        let body = self.body(exchange);
        let request = &exchange.recorded["request"];
        let text = |field: &str| request[field].as_str().unwrap();
        let mut client = self.sandbox.connect(text("user"))?;
        let headers = request["headers"].as_object().unwrap();
        let mut headers: Vec<(&str, &str)> = headers
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "Host" | "Content-Length"))
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        if exchange.recorded["response"]["status"] == 401 {
            headers.push(("Authorization", "Bearer of-nobody"));
        }
        client.request(text("method"), text("path"), &headers, &body)?;
        client.answer()
    }

    /// Sends what was sent, and notes where the answer is another one.
    pub(crate) fn replay(&mut self, exchange: &Exchange) {
        let answer = match self.send(exchange) {
            Ok(answer) => answer,
            Err(error) => {
                self.differences.push(format!("{}: {error}", exchange.name));
                return;
            }
        };
        for field in ["uid", "resourceVersion"] {
            if let Some(recorded) = exchange.answer()["metadata"][field].as_str() {
                let here = answer.json()["metadata"][field].clone();
                self.known.insert(recorded.to_owned(), here);
            }
        }
        let mut recorded = json!({"status": exchange.recorded["response"]["status"]});
        let mut here = json!({"status": answer.status});
        for name in HEADERS {
            recorded[name] = json!(exchange.header(name));
            here[name] = json!(answer.header(name));
        }
        if exchange.answer().is_null() {
            let text = exchange.recorded["response"]["body"]["text"].as_str();
            recorded["body"] = json!(text.map(without_time));
            here["body"] = json!(text.map(|_| without_time(&answer.text())));
        } else {
            recorded["body"] = self.shown(exchange.answer());
            here["body"] = self.shown(&answer.json());
        }
        let found = normal::differences("", &recorded, &here);
        let is_partly = |line: &&String| {
            PARTLY
                .iter()
                .any(|(name, at, _)| *name == exchange.name && line.starts_with(at))
        };
        let found = found.iter().filter(|line| !is_partly(line));
        let found = found.map(|line| format!("{}: {line}", exchange.name));
        self.differences.extend(found);
    }

    fn shown(&self, body: &Value) -> Value {
        let mut body = normal::body(body);
        if body["kind"] == "APIResourceList" {
            return parts_of_pods(&body);
        }
        if self.without_status {
            without_status(&mut body);
            for item in body["items"].as_array_mut().into_iter().flatten() {
                without_status(item);
            }
        }
        if self.without_commands {
            let list = body.pointer_mut("/spec/ephemeralContainers");
            for container in list.and_then(Value::as_array_mut).into_iter().flatten() {
                container["command"] = Value::Null;
            }
        }
        body
    }
}

/// Whether all ephemeral containers run, and are known to.
fn is_still(pod: &Value) -> bool {
    let count = pod["spec"]["ephemeralContainers"]
        .as_array()
        .map_or(0, Vec::len);
    let statuses = pod["status"]["ephemeralContainerStatuses"].as_array();
    let running = statuses
        .into_iter()
        .flatten()
        .filter(|status| status["state"]["running"].is_object());
    running.count() == count
}

fn without_status(pod: &mut Value) {
    if let Some(status) = pod.get_mut("status").and_then(Value::as_object_mut) {
        status.remove("ephemeralContainerStatuses");
    }
}

/// Of the resources: those that have to do with debugging.
fn parts_of_pods(list: &Value) -> Value {
    const PARTS: [&str; 4] = [
        "pods/attach",
        "pods/ephemeralcontainers",
        "pods/exec",
        "pods/log",
    ];
    let resources = list["resources"].as_array().unwrap().iter();
    resources
        .filter(|resource| PARTS.iter().any(|part| resource["name"] == *part))
        .cloned()
        .collect()
}

/// A line of a log with the time it was written at.
fn without_time(text: &str) -> String {
    match text.split_once(' ') {
        Some((time, line)) if time.len() == 30 && time.ends_with('Z') => format!("TIME {line}"),
        _ => text.to_owned(),
    }
}

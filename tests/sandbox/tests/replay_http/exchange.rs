//! One recorded exchange: the request as it is sent to a sandbox, and the comparison of the answers.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::normal::{self, Pods};
use crate::order::PARTLY;

/// Headers whose values are the same each time.
const EQUAL: &[&str] = &[
    "content-type",
    "cache-control",
    "warning",
    "x-content-type-options",
];
/// Headers that must be there, or not.
const PRESENT: &[&str] = &[
    "audit-id",
    "x-kubernetes-pf-flowschema-uid",
    "x-kubernetes-pf-prioritylevel-uid",
];

pub(crate) struct Exchange {
    name: String,
    recorded: Value,
}

pub(crate) fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts/http")
}

impl Exchange {
    pub(crate) fn read(name: &str) -> Self {
        let path = folder().join(format!("{name}.json"));
        let text = std::fs::read_to_string(path).unwrap();
        Self {
            name: name.to_owned(),
            recorded: serde_json::from_str(&text).unwrap(),
        }
    }

    /// The recorded object that was answered.
    pub(crate) fn answer(&self) -> &Value {
        &self.recorded["response"]["body"]["json"]
    }

    /// The recorded text that was answered.
    pub(crate) fn text(&self) -> String {
        let text = self.recorded["response"]["body"]["text"].as_str();
        text.unwrap().to_owned()
    }

    /// The request; a uid or a version that was recorded becomes what it is in this sandbox.
    fn request(&self, known: &HashMap<String, Value>) -> http::Request<Bytes> {
        let recorded = &self.recorded["request"];
        let mut request = http::Request::builder()
            .method(recorded["method"].as_str().unwrap())
            .uri(recorded["path"].as_str().unwrap());
        for (name, value) in recorded["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        if recorded["authorization"].is_string() {
            request = request.header("authorization", "Bearer of-nobody");
        }
        let mut body = recorded["body"].clone();
        for field in ["uid", "resourceVersion"] {
            let value = body.pointer_mut(&format!("/json/metadata/{field}"));
            if let Some(value) = value
                && let Some(ours) = known.get(value.as_str().unwrap())
            {
                *value = ours.clone();
            }
        }
        let body = if let Some(text) = body["text"].as_str() {
            text.to_owned()
        } else if body["json"].is_null() {
            String::new()
        } else {
            body["json"].to_string()
        };
        request.body(Bytes::from(body)).unwrap()
    }

    /// Sends the request and tells where the answer is another one than that recorded.
    pub(crate) async fn replay(
        &self,
        client: &Client,
        pods: Pods,
        known: &mut HashMap<String, Value>,
    ) -> Vec<String> {
        let user = self.recorded["request"]["user"].as_str().unwrap();
        let answer = client.send(user, self.request(known)).await;
        for field in ["uid", "resourceVersion"] {
            if let Some(recorded) = self.answer()["metadata"][field].as_str() {
                known.insert(
                    recorded.to_owned(),
                    answer.json()["metadata"][field].clone(),
                );
            }
        }
        let mut lines = self.head(&answer);
        lines.extend(self.body(&answer, pods));
        let is_tolerated = |line: &String| {
            PARTLY
                .iter()
                .any(|(name, at, _)| *name == self.name && line.starts_with(at))
        };
        lines.retain(|line| !is_tolerated(line));
        lines
            .iter()
            .map(|line| format!("{}: {line}", self.name))
            .collect()
    }

    fn head(&self, answer: &Answer) -> Vec<String> {
        let recorded = &self.recorded["response"];
        let header = |name: &str| {
            let headers = recorded["headers"].as_object().unwrap();
            headers
                .iter()
                .find(|(other, _)| other.eq_ignore_ascii_case(name))
                .and_then(|(_, value)| value.as_str())
        };
        let mut expected = json!({"status": recorded["status"]});
        let mut got = json!({"status": answer.status});
        for name in EQUAL {
            expected[*name] = json!(header(name));
            got[*name] = json!(answer.header(name));
        }
        for name in PRESENT {
            expected[*name] = json!(header(name).is_some());
            got[*name] = json!(answer.header(name).is_some());
        }
        normal::differences("", &expected, &got)
    }

    fn body(&self, answer: &Answer, pods: Pods) -> Vec<String> {
        let recorded = &self.recorded["response"]["body"];
        let (expected, got) = if let Some(text) = recorded["text"].as_str() {
            (json!(text), json!(String::from_utf8_lossy(&answer.body)))
        } else if let Some(bytes) = recorded["base64"].as_str() {
            (
                json!(STANDARD.decode(bytes).unwrap()),
                json!(answer.body.to_vec()),
            )
        } else if self.answer()["kind"] == "EventList" {
            return events(self.answer(), &answer.json());
        } else {
            let normal = |value: &Value| normal::body(value, pods);
            (normal(self.answer()), normal(&answer.json()))
        };
        normal::differences("", &expected, &got)
    }
}

/// Each recorded event is among ours. How often is left to time; and a real kubelet, which drops events of a pod
/// that has had 25 of them in short order, did not record all.
fn events(expected: &Value, got: &Value) -> Vec<String> {
    let normal = |event: &Value| {
        let mut event = normal::body(event, Pods::Still);
        event["metadata"]["name"] = json!("NAME");
        event["count"] = json!(event["count"].is_u64());
        event
    };
    let items = got["items"].as_array().cloned().unwrap_or_default();
    let ours: Vec<Value> = items.iter().map(normal).collect();
    let key = |event: &Value| {
        let about = &event["involvedObject"]["fieldPath"];
        [about, &event["reason"], &event["message"]].map(Value::clone)
    };
    let mut lines = Vec::new();
    for event in expected["items"].as_array().unwrap() {
        let event = normal(event);
        match ours.iter().find(|other| key(other) == key(&event)) {
            Some(other) => lines.extend(normal::differences("event", &event, other)),
            None => lines.push(format!("there is no event {:?}", key(&event))),
        }
    }
    let kinds = ["kind", "apiVersion"].map(|field| (expected[field].clone(), got[field].clone()));
    for (expected, got) in kinds {
        lines.extend(normal::differences("", &expected, &got));
    }
    lines
}

//! Brings about on a sandbox what was recorded from a real Kubernetes 1.36, and compares what two watches
//! tell of it: the states of the containers, the Events, and which came first.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be read or sent fails the test"
)]

mod client;
mod old;
mod scenario;
mod transcript;

use std::time::Duration;

use bytes::Bytes;
use sandbox::{Sandbox, Server, Timing, World};
use serde_json::Value;

use self::client::Client;
use self::scenario::{From, Scenario};
use self::transcript::{Line, Transcript, essence, folder, without_numbers};

/// What is compared; `NAME` stands for `NAME.jsonl` and, where there is one, `NAME-events.jsonl`.
const RUNNING: [&str; 6] = [
    "running",
    "no-target",
    "secure-non-root",
    "slow-pull",
    "completed-at-once",
    "running-then-exit-3",
];
const NOT_PULLED: [&str; 5] = [
    "bad-image",
    "pull-denied",
    "pull-broken",
    "never-pull",
    "invalid-image-name",
];
const NOT_STARTED: [&str; 3] = [
    "command-not-found",
    "no-shell-in-image",
    "run-as-non-root-vs-root-image",
];
const CRASHING: [&str; 1] = ["target-crashing"];
const DELETED: [&str; 2] = ["pod-deleted", "pod-deleted-under-session"];
const FORGOTTEN: [&str; 1] = ["watch-from-the-pods-own-old-version-410"];
/// What is not compared, and why.
const LEFT_OUT: [(&str, &str); 0] = [];

/// Two writes closer than this were a race between the kubelet's writers.
const RACE_MS: f64 = 30.0;

#[test]
fn every_transcript_is_replayed_or_left_out_with_a_reason() {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .map(|name| name.trim_end_matches("-events").to_owned())
        .collect();
    files.sort();
    files.dedup();
    let left_out: Vec<&str> = LEFT_OUT.iter().map(|(name, _)| *name).collect();
    let mut known = [
        &RUNNING[..],
        &NOT_PULLED,
        &NOT_STARTED,
        &CRASHING,
        &DELETED,
        &FORGOTTEN,
        &left_out,
    ]
    .concat();
    known.sort_unstable();
    assert_eq!(files, known);
    let (all, left_out) = (files.len(), left_out.len());
    println!(
        "{} of {all} watched scenarios are replayed, {left_out} left out",
        all - left_out
    );
}

#[tokio::test]
async fn containers_that_run() {
    replay_all(&today(), &RUNNING, &Timing::default()).await;
}

#[tokio::test]
async fn images_that_cannot_be_pulled() {
    let timing = Timing {
        resync: Duration::from_millis(300),
        ..Timing::default()
    };
    replay_all(&today(), &NOT_PULLED, &timing).await;
}

#[tokio::test]
async fn containers_that_cannot_be_started() {
    replay_all(&today(), &NOT_STARTED, &Timing::default()).await;
}

#[tokio::test]
async fn a_target_that_crashes() {
    // Recorded between two restarts, with no sync in between.
    let timing = Timing {
        resync: Duration::from_secs(20),
        crash_back_off: Duration::from_secs(1),
        exit_lag: Duration::from_millis(400),
        ..Timing::default()
    };
    replay_all(&today(), &CRASHING, &timing).await;
}

#[tokio::test]
async fn pods_that_are_deleted() {
    replay_all(&today(), &DELETED, &Timing::default()).await;
}

#[tokio::test]
async fn a_version_that_is_forgotten() {
    let recorded = Transcript::read(FORGOTTEN[0]);
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let client = Client::new(&sandbox);
    sandbox.compact();
    let path = "/api/v1/namespaces/default/pods?watch=1&fieldSelector=metadata.name%3Dapp\
                &resourceVersion=101";
    let mut watch = client.watch(path).await;
    let event = watch.next().await.unwrap();
    let text = |event: &Value| without_numbers(&event.to_string());
    assert_eq!(text(&event), text(&recorded.lines[0].event));
    assert_eq!(event["object"]["code"], 410);
    let request = http::Request::get(path).body(Bytes::new()).unwrap();
    assert_eq!(client.open(request).await.status(), 200);
}

fn today() -> From {
    From {
        folder: folder(),
        server: Server::V1_36,
        slow: "slow:1795161596",
    }
}

async fn replay_all(from: &From, names: &[&str], timing: &Timing) {
    let all = names.iter().map(|name| replay(from, name, timing.clone()));
    let differences = futures_util::future::join_all(all).await.concat();
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

async fn replay(from: &From, name: &str, timing: Timing) -> Vec<String> {
    let scenario = Scenario::prepare(from, name, timing).await;
    let (pods, events) = scenario.play().await;
    let mut differences = Vec::new();
    let mut compare = |what: &str, recorded: &[Line], seen: &[Value]| {
        let recorded: Vec<Value> = recorded.iter().map(|line| essence(&line.event)).collect();
        let seen: Vec<Value> = seen.iter().map(essence).collect();
        if recorded.len() != seen.len() {
            differences.push(format!(
                "{name}: {} {what} were recorded, {} came:\n{seen:#?}",
                recorded.len(),
                seen.len()
            ));
        }
        for (index, (recorded, seen)) in recorded.iter().zip(&seen).enumerate() {
            let at = format!("{name}: {what} {index}");
            describe(&at, recorded, seen, &mut differences);
        }
    };
    compare("states", &scenario.recorded.lines, &pods);
    compare("events", &scenario.events, &events);
    order(name, &scenario, &pods, &events, &mut differences);
    differences
}

/// Which of two values differs, and where.
fn describe(at: &str, recorded: &Value, seen: &Value, differences: &mut Vec<String>) {
    match (recorded, seen) {
        (Value::Object(left), Value::Object(right)) => {
            for key in left
                .keys()
                .chain(right.keys().filter(|key| !left.contains_key(*key)))
            {
                let at = format!("{at}.{key}");
                describe(&at, &recorded[key], &seen[key], differences);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                describe(&format!("{at}[{index}]"), left, right, differences);
            }
        }
        _ if recorded != seen => {
            differences.push(format!("{at}:\n  recorded {recorded}\n  sandbox  {seen}"));
        }
        _ => {}
    }
}

/// An Event that was written before a state is so here, unless the two were written at once.
fn order(
    name: &str,
    scenario: &Scenario,
    pods: &[Value],
    events: &[Value],
    differences: &mut Vec<String>,
) {
    // There is one counter of versions for all objects, in etcd as in the sandbox.
    let version = |event: &Value| -> u64 {
        let version = event["object"]["metadata"]["resourceVersion"].as_str();
        version.unwrap().parse().unwrap()
    };
    for (state, (recorded, seen)) in scenario.recorded.lines.iter().zip(pods).enumerate() {
        for (other, (event, seen_event)) in scenario.events.iter().zip(events).enumerate() {
            let is_race = (recorded.ms - event.ms).abs() < RACE_MS;
            let before = version(&event.event) < version(&recorded.event);
            if !is_race && before != (version(seen_event) < version(seen)) {
                let how = if before { "before" } else { "after" };
                differences.push(format!("{name}: event {other} came {how} state {state}"));
            }
        }
    }
}

//! The watches recorded from old servers.

use std::time::Duration;

use sandbox::{Server, Timing};

use crate::replay_all;
use crate::scenario::From;
use crate::transcript::folder;

/// What has ended before the kubelet looks.
const SHORT: [&str; 1] = ["completed-at-once"];
const OF_ALL: [&str; 7] = [
    "running",
    "running-then-exit-3",
    "slow-pull",
    "bad-image",
    "never-pull",
    "invalid-image-name",
    "command-not-found",
];
const OF_1_21: [&str; 3] = ["put-running", "put-second-running", "put-bad-image"];
const SINCE_1_23: [&str; 1] = ["run-as-non-root-vs-root-image"];
const GATE_OFF: [&str; 1] = ["kubelet-gate-off"];

fn from(version: &str, server: Server, slow: &'static str) -> From {
    let old = folder().with_file_name("old");
    From {
        folder: old.join(version).join("watch"),
        server,
        slow,
    }
}

fn timing() -> Timing {
    Timing {
        status_lag: Duration::from_millis(300),
        resync: Duration::from_millis(300),
        exit_lag: Duration::from_millis(300),
        ..Timing::before_1_36()
    }
}

async fn replay(from: &From, names: &[&str]) {
    let mut files: Vec<String> = std::fs::read_dir(&from.folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .map(|name| name.trim_end_matches("-events").to_owned())
        .collect();
    files.sort();
    files.dedup();
    let mut known = [names, &SHORT].concat();
    known.sort_unstable();
    assert_eq!(files, known);
    let quick = timing();
    let slow = Timing {
        status_lag: Duration::from_secs(2),
        ..timing()
    };
    tokio::join!(
        replay_all(from, names, &quick),
        replay_all(from, &SHORT, &slow)
    );
}

#[tokio::test]
async fn watches_of_1_21() {
    let from = from("1.21", Server::V1_21, "slow:1795164535");
    replay(&from, &[&OF_ALL[..], &OF_1_21, &GATE_OFF].concat()).await;
}

#[tokio::test]
async fn watches_of_1_23() {
    let from = from("1.23", Server::V1_23, "slow:1795164744");
    replay(&from, &[&OF_ALL[..], &SINCE_1_23].concat()).await;
}

#[tokio::test]
async fn watches_of_1_28() {
    let from = from("1.28", Server::V1_28, "slow:1795164749");
    replay(&from, &[&OF_ALL[..], &SINCE_1_23].concat()).await;
}

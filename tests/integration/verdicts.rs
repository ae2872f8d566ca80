//! What the wait for a container comes to: each recorded failure of a real cluster, replayed with
//! its times, and the main ones as a user meets them.

use std::{fs, time::Duration};

use kubectl_ephemeral::{
    progress::{Manner, Trouble, Verdict, Waiter, Wording},
    shell::There,
};
use serde_json::Value;

/// How the wait for a recorded container ends.
#[derive(Debug, PartialEq)]
struct Ending {
    /// Milliseconds after the PATCH.
    at: i64,
    what: String,
}

/// Reads a recording: its container, and what was said of it with the time of each.
fn recording(name: &str) -> Option<(Value, Vec<(i64, Value)>)> {
    let root = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/sandbox/tests/transcripts"
    );
    let text = fs::read_to_string(format!("{root}/{name}.jsonl")).ok()?;
    let mut lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let head: Value = lines.next().unwrap();
    let said = lines.map(|line| {
        (
            line["ms"].as_i64().unwrap(),
            line["event"]["object"].clone(),
        )
    });
    Some((head["meta"].clone(), said.collect()))
}

fn replayed(name: &str, with_events: bool, patient: bool) -> Option<Ending> {
    let (meta, mut said) = recording(name).unwrap();
    let bodies = [
        &meta["patchBody"]["spec"],
        &meta["request"]["body"]["json"]["spec"],
        &meta["request"]["body"]["json"],
    ];
    let names = bodies.map(|body| body["ephemeralContainers"][0]["name"].as_str());
    let container = names.into_iter().flatten().next().unwrap().to_owned();
    if with_events {
        said.extend(recording(&format!("{name}-events")).unwrap().1);
    }
    said.sort_by_key(|(at, _)| *at);
    let first = said.iter().position(|(_, object)| {
        let mut added = object["spec"]["ephemeralContainers"]
            .as_array()
            .into_iter()
            .flatten();
        added.any(|added| added["name"] == container.as_str())
    });
    let first = said.remove(first.unwrap());
    let manner = Manner {
        patient,
        by_event: true,
    };
    let mut waiter = Waiter::new(
        &serde_json::from_value(first.1).unwrap(),
        &container,
        &Wording::at(&There::new("default", Vec::new())),
        manner,
    );
    for (at, object) in said {
        let now = Duration::from_millis(at.unsigned_abs());
        if object["kind"] == "Event" {
            waiter.hear(&serde_json::from_value(object).unwrap(), now);
        } else {
            waiter.see(serde_json::from_value(object).unwrap(), now);
        }
        let told = |kind: &str, trouble: Trouble| format!("{kind}: {}", trouble.cause);
        let what = match waiter.verdict() {
            Verdict::MayStillCome(_) => continue,
            Verdict::Started => "started".to_owned(),
            Verdict::Ended(ended) => format!("ended with {}", ended.code),
            Verdict::NeverWill(trouble) => told("never", trouble),
            Verdict::NeedsYou(trouble) => told("needs you", trouble),
        };
        return Some(Ending { at, what });
    }
    None
}

const STARTED: &str = "started";
const NOT_FOUND: &str = "never: image `nosuch:1` was not found in its registry";
const NO_COMMAND: &str = "never: image `busybox:1` has no command `nosuchcommand`";
const BAD_NAME: &str = "never: `Busy Box:1` is no valid image name";
const NEVER_PULLED: &str =
    "never: image `nosuch:2` is not on the node, and its pull policy is Never";
const ROOT: &str = "never: a user that is not root is demanded, and image `busybox:1` runs as root";

/// Each recording, when the wait for it ends with and without the right to see events, in
/// milliseconds after the PATCH, and how.
const ENDINGS: [(&str, i64, Option<i64>, &str); 27] = [
    ("watch/running", 76, Some(84), STARTED),
    ("watch/no-target", 68, Some(74), STARTED),
    ("watch/secure-non-root", 73, Some(84), STARTED),
    ("watch/running-then-exit-3", 68, Some(76), STARTED),
    ("watch/completed-at-once", 531, Some(545), STARTED),
    ("watch/slow-pull", 6305, Some(6313), STARTED),
    ("watch/bad-image", 10223, Some(38221), NOT_FOUND),
    (
        "watch/pull-denied",
        11586,
        None,
        "never: the node may not pull image `denied/tool:1`, or there is none of that name",
    ),
    (
        "watch/pull-broken",
        10806,
        None,
        "needs you: the registry `docker.io` answers with an error for image `broken/tool:1`",
    ),
    ("watch/invalid-image-name", 19, Some(13821), BAD_NAME),
    ("watch/never-pull", 16, Some(12795), NEVER_PULLED),
    ("watch/command-not-found", 64, Some(832), NO_COMMAND),
    (
        "watch/no-shell-in-image",
        91,
        Some(838),
        "never: image `distroless-app:1` has no shell",
    ),
    ("watch/run-as-non-root-vs-root-image", 17, Some(11785), ROOT),
    ("old/1.21/watch/running", 62, Some(768), STARTED),
    ("old/1.21/watch/slow-pull", 6277, Some(6837), STARTED),
    ("old/1.21/watch/bad-image", 11388, Some(40381), NOT_FOUND),
    (
        "old/1.21/watch/command-not-found",
        86,
        Some(816),
        NO_COMMAND,
    ),
    (
        "old/1.21/watch/invalid-image-name",
        10,
        Some(14408),
        BAD_NAME,
    ),
    ("old/1.21/watch/never-pull", 16, Some(14268), NEVER_PULLED),
    ("old/1.28/watch/running", 93, Some(932), STARTED),
    ("old/1.28/watch/slow-pull", 6260, Some(6886), STARTED),
    ("old/1.28/watch/bad-image", 15068, Some(41069), NOT_FOUND),
    (
        "old/1.28/watch/command-not-found",
        90,
        Some(820),
        NO_COMMAND,
    ),
    (
        "old/1.28/watch/invalid-image-name",
        9,
        Some(11154),
        BAD_NAME,
    ),
    ("old/1.28/watch/never-pull", 11, Some(12964), NEVER_PULLED),
    (
        "old/1.28/watch/run-as-non-root-vs-root-image",
        13,
        Some(10862),
        ROOT,
    ),
];

#[test]
fn each_recorded_wait_ends_as_soon_as_the_cluster_tells() {
    for (name, with_events, without, what) in ENDINGS {
        let ending = |at| Ending {
            at,
            what: what.to_owned(),
        };
        assert_eq!(
            replayed(name, true, false),
            Some(ending(with_events)),
            "{name}"
        );
        assert_eq!(
            replayed(name, false, false),
            without.map(ending),
            "{name} by status"
        );
    }
}

#[test]
fn a_target_that_crashes_again_and_again_is_told_with_what_it_does() {
    let ending = |at, why: &str| {
        let what = format!("needs you: the container `crash` whose processes it should see {why}");
        Some(Ending { at, what })
    };
    assert_eq!(
        replayed("watch/target-crashing", true, false),
        ending(4225, "does not run (CrashLoopBackOff)")
    );
    assert_eq!(
        replayed("watch/target-crashing", false, false),
        ending(4659, "has ended")
    );
}

#[test]
fn an_old_kubelet_that_missed_the_run_still_tells_the_end() {
    let ending = Ending {
        at: 1479,
        what: "ended with 0".to_owned(),
    };
    assert_eq!(
        replayed("old/1.21/watch/completed-at-once", false, false),
        Some(ending)
    );
}

#[test]
fn who_named_a_time_waits_for_what_may_pass_and_for_nothing_else() {
    for name in ["bad-image", "pull-denied", "pull-broken", "target-crashing"] {
        assert_eq!(
            replayed(&format!("watch/{name}"), true, true),
            None,
            "{name}"
        );
    }
    for name in ["invalid-image-name", "never-pull", "command-not-found"] {
        let name = format!("watch/{name}");
        assert_eq!(
            replayed(&name, true, true),
            replayed(&name, true, false),
            "{name}"
        );
    }
}

#[test]
fn a_kubelet_without_the_feature_says_nothing() {
    assert_eq!(
        replayed("old/1.21/watch/kubelet-gate-off", true, false),
        None
    );
}

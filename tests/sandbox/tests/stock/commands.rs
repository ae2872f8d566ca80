//! get, describe, attach, exec, logs, auth can-i, delete, version: each does its work on the sandbox.

use sandbox::{Sandbox, World};
use serde_json::Value;

use crate::Cases;
use crate::kubectl::{Kubectl, Printed};

struct Play<'a> {
    kubectl: &'a Kubectl,
    sandbox: Sandbox,
    cases: &'a mut Cases,
}

impl Play<'_> {
    fn run(&self, args: &[&str]) -> Printed {
        self.kubectl.run(&self.sandbox, args)
    }

    /// The command succeeds, and what it prints is as wanted.
    fn check(&mut self, args: &[&str], wanted: impl Fn(&str) -> bool) {
        let printed = self.run(args);
        let is_ok = printed.code == Some(0) && wanted(&printed.stdout);
        let difference = (!is_ok).then(|| format!("{printed:?}"));
        self.cases.add(args.join(" "), difference);
    }

    /// The command fails with this code and these words.
    fn refused(&mut self, args: &[&str], code: i32, words: &str) {
        let printed = self.run(args);
        let is_ok = printed.code == Some(code)
            && (printed.stderr.contains(words) || printed.stdout.contains(words));
        let difference = (!is_ok).then(|| format!("{printed:?}"));
        self.cases.add(args.join(" "), difference);
    }
}

pub(crate) fn play(kubectl: &Kubectl, cases: &mut Cases) {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut play = Play {
        kubectl,
        sandbox,
        cases,
    };
    reads(&mut play);
    joins(&mut play);
    may_and_goes(&mut play);
}

fn words(table: &str, row: usize) -> Vec<&str> {
    table
        .lines()
        .nth(row)
        .unwrap_or_default()
        .split_whitespace()
        .collect()
}

fn reads(play: &mut Play<'_>) {
    play.check(&["version"], |out| out.contains("Server Version: v1.36.2"));
    let head = ["NAME", "READY", "STATUS", "RESTARTS", "AGE"];
    play.check(&["get", "pods"], |out| {
        words(out, 0) == head && words(out, 2)[..4] == ["two", "2/2", "Running", "0"]
    });
    let wide = ["IP", "NODE", "NOMINATED", "NODE", "READINESS", "GATES"];
    play.check(&["get", "pod", "app", "-o", "wide"], |out| {
        words(out, 0) == [&head[..], &wide].concat()
            && words(out, 1)[6..] == ["node-1", "<none>", "<none>"]
    });
    play.check(&["get", "pods", "-o", "json"], |out| {
        let list: Value = serde_json::from_str(out).unwrap_or_default();
        list["kind"] == "List" && list["items"][0]["metadata"]["name"] == "app"
    });
    play.check(&["get", "pod", "two", "-o", "yaml"], |out| {
        out.starts_with("apiVersion: v1\nkind: Pod\n") && out.contains("\n  phase: Running\n")
    });
    let status = "jsonpath={.status.containerStatuses[*].state.running}";
    play.check(&["get", "pod", "app", "-o", status], |out| {
        out.contains("startedAt")
    });
    let watch = play
        .kubectl
        .until(&play.sandbox, &["get", "pods", "-w"], "two ");
    let is_ok = words(&watch, 0) == head && watch.contains("\napp ");
    play.cases.add("get pods -w", (!is_ok).then_some(watch));
    for (args, words) in [
        (vec!["get", "pod", "nope"], "pods \"nope\" not found"),
        (vec!["get", "nodes", "nope"], "nodes \"nope\" not found"),
    ] {
        play.refused(&args, 1, &format!("Error from server (NotFound): {words}"));
    }
    play.check(&["describe", "pod", "app"], |out| {
        let parts = [
            "Containers:\n  app:\n",
            "State:          Running",
            "Ready:          True",
            "FOO:  bar",
            "/data from data (rw)",
            "PodScheduled                True",
            "Events:",
            "Normal  Started",
        ];
        parts.iter().all(|part| out.contains(part))
    });
}

fn joins(play: &mut Play<'_>) {
    let add = [
        "debug",
        "app",
        "--image=busybox:1",
        "-c",
        "d",
        "--",
        "sh",
        "-c",
    ];
    // Of two streams nobody knows which is read first.
    let script = "echo one; echo two; exec sleep 1000";
    play.check(&[&add[..], &[script]].concat(), |_| true);
    let follow = play
        .kubectl
        .until(&play.sandbox, &["logs", "-f", "app", "-c", "d"], "two");
    let is_ok = follow.contains("one\n");
    play.cases.add("logs -f", (!is_ok).then_some(follow));
    play.check(&["logs", "app", "-c", "d", "--tail=1"], |out| {
        out.lines().count() == 1
    });
    play.check(&["logs", "app", "-c", "app"], |out| {
        out == "listening on :8080\n"
    });
    let target = ["exec", "app", "-c", "d", "--"];
    play.check(
        &[&target[..], &["sh", "-c", "echo $0; echo hi"]].concat(),
        |out| out.ends_with("hi\n"),
    );
    let words = "command terminated with exit code 3";
    play.refused(&[&target[..], &["sh", "-c", "exit 3"]].concat(), 3, words);
    let words = "exec: \"sh\": executable file not found in $PATH";
    play.refused(&["exec", "app", "-c", "app", "--", "sh"], 1, words);

    let second = [
        "debug",
        "app",
        "--image=busybox:1",
        "-c",
        "e",
        "-i",
        "--attach=false",
        "--",
    ];
    let script = "while read line; do echo \"got $line\"; done";
    play.check(&[&second[..], &["sh", "-c", script]].concat(), |_| true);
    play.check(
        &[
            "wait",
            "pod/app",
            "--for=jsonpath={.status.ephemeralContainerStatuses[1].state.running}",
        ],
        |out| out == "pod/app condition met\n",
    );
    let attach = ["attach", "app", "-c", "e", "-i"];
    let printed = play
        .kubectl
        .typed(&play.sandbox, &attach, "hello\n", "got hello");
    let is_ok = printed.contains("got hello\n");
    play.cases
        .add(attach.join(" "), (!is_ok).then_some(printed));
}

fn may_and_goes(play: &mut Play<'_>) {
    play.check(&["auth", "can-i", "create", "pods/attach"], |out| {
        out == "yes\n"
    });
    let viewer = ["--context=sandbox-viewer", "auth", "can-i"];
    play.refused(
        &[&viewer[..], &["patch", "pods/ephemeralcontainers"]].concat(),
        1,
        "no",
    );
    play.check(&[&viewer[..], &["get", "pods"]].concat(), |out| {
        out == "yes\n"
    });
    play.check(&["get", "events"], |out| {
        words(out, 0)[..3] == ["LAST", "SEEN", "TYPE"]
    });
    play.check(&["delete", "pod", "two"], |out| {
        out.starts_with("pod \"two\" deleted")
    });
    let words = "pods \"two\" not found";
    play.refused(&["delete", "pod", "two"], 1, words);
}

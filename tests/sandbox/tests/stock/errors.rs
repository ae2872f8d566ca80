//! `kubectl debug -it` in a terminal as things go wrong, and twice as they do not.

use sandbox::{Sandbox, World};
use serde_json::{Value, json};

use crate::Cases;
use crate::kubectl::{Kubectl, transcript};

fn world() -> World {
    let restricted = [("pod-security.kubernetes.io/enforce", "restricted")];
    World::plain()
        .namespace("restricted-ns", &restricted)
        .pod(json!({
            "metadata": {"name": "crash"},
            "spec": {"containers": [
                {"name": "crash", "image": "distroless-app:1", "args": ["crash"]}]},
        }))
        .pod(json!({
            "metadata": {"name": "secure", "namespace": "restricted-ns"},
            "spec": {
                "securityContext": {"runAsUser": 65532, "runAsNonRoot": true,
                    "seccompProfile": {"type": "RuntimeDefault"}},
                "containers": [{"name": "secure", "image": "distroless-app:1", "securityContext":
                    {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}],
            },
        }))
}

pub(crate) fn play(kubectl: &Kubectl, cases: &mut Cases) {
    let all = transcript("kubectl-errors.json");
    let (entries, is_exact) = kubectl.entries(&all);
    // A few at a time, each on a cluster of its own, as when they were recorded.
    let together = |entries: &[&Value]| -> Vec<(String, Option<i32>)> {
        std::thread::scope(|scope| {
            let play = |entry| scope.spawn(move || play_one(kubectl, entry));
            let threads: Vec<_> = entries.iter().map(|entry| play(*entry)).collect();
            let threads = threads.into_iter();
            threads.map(|thread| thread.join().unwrap()).collect()
        })
    };
    let played: Vec<_> = entries.chunks(4).flat_map(together).collect();
    for (entry, (shown, code)) in entries.iter().zip(played) {
        let case = entry["case"].as_str().unwrap();
        let recorded = plain(&output(entry), is_exact);
        let mut shown = plain(&shown, is_exact);
        if entry["rc"].is_null() {
            // It waited on when it was given up; what came later here is not compared.
            shown.truncate(recorded.len());
        } else {
            let code = code.map_or(Value::Null, Value::from);
            let name = format!("{case}: exit code");
            cases.same(name, &entry["rc"].to_string(), &code.to_string());
        }
        cases.same(case, &recorded.join("\n"), &shown.join("\n"));
    }
}

fn play_one(kubectl: &Kubectl, entry: &Value) -> (String, Option<i32>) {
    let sandbox = Sandbox::start(world()).unwrap();
    let command = entry["command"].as_array().unwrap();
    let mut args: Vec<&str> = command[1..]
        .iter()
        .map(|word| word.as_str().unwrap())
        .collect();
    let context = match entry["case"].as_str() {
        Some("forbidden") => "--context=sandbox-viewer",
        Some("dev rights, works") => "--context=sandbox-dev",
        _ => "--context=sandbox",
    };
    args.insert(0, context);
    let recorded = output(entry);
    // The last words that do not name the container, and end nothing before they are complete.
    let last = recorded.trim_end().rsplit(": ").next().unwrap();
    let until = if recorded.contains("Warning:") {
        format!("{last}\r\n")
    } else {
        "Defaulting debug container name".to_owned()
    };
    let until = if last.starts_with("debugger-") {
        ", container: debugger"
    } else {
        &until
    };
    let waits = entry["rc"].is_null();
    kubectl.in_terminal(&sandbox, &args, waits.then_some(until))
}

fn output(entry: &Value) -> String {
    let pieces = entry["output"].as_array().unwrap().iter();
    pieces.map(|piece| piece[1].as_str().unwrap()).collect()
}

/// The lines, without names and ids; of another version only what comes from the server.
fn plain(text: &str, is_exact: bool) -> Vec<String> {
    let of_server = ["Error from server", "The Pod ", "error: "];
    let is_compared =
        |line: &&str| is_exact || of_server.iter().any(|start| line.starts_with(start));
    text.lines()
        .filter(is_compared)
        .map(without_names)
        .collect()
}

fn without_names(line: &str) -> String {
    if line.starts_with("uid=") {
        return "uid=...".to_owned();
    }
    let mut plain = String::new();
    let mut rest = line;
    let marks = ["debugger-", "app_default("];
    while let Some(start) = marks
        .iter()
        .filter_map(|mark| Some(rest.find(mark)? + mark.len()))
        .min()
    {
        plain.push_str(&rest[..start]);
        let is_part = |c: char| c.is_ascii_alphanumeric() || (c == '-' && plain.ends_with('('));
        rest = rest[start..].trim_start_matches(is_part);
    }
    plain + rest
}

//! `kubectl debug --profile=...` in a plain and in a restricted namespace: what is sent and what is printed.

use sandbox::{Sandbox, World};
use serde_json::{Value, json};

use crate::Cases;
use crate::kubectl::{Kubectl, transcript};

fn world() -> World {
    let restricted = [("pod-security.kubernetes.io/enforce", "restricted")];
    World::new()
        .namespace("restricted-ns", &restricted)
        .pod(json!({
            "metadata": {"name": "shared"},
            "spec": {"containers": [{"name": "web", "image": "distroless-app:1"}]},
        }))
        .pod(json!({
            "metadata": {"name": "secure", "namespace": "restricted-ns"},
            "spec": {
                "securityContext": {"runAsUser": 65532, "runAsGroup": 65532, "runAsNonRoot": true,
                    "fsGroup": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
                "containers": [{"name": "secure", "image": "distroless-app:1", "securityContext":
                    {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}],
            },
        }))
}

pub(crate) fn play(kubectl: &Kubectl, cases: &mut Cases) {
    let sandbox = Sandbox::start(world()).unwrap();
    let all = transcript("kubectl-profiles.json");
    let (entries, is_exact) = kubectl.entries(&all);
    for entry in entries {
        let text = |field: &str| entry[field].as_str().unwrap();
        let (profile, namespace, pod) = (text("profile"), text("namespace"), text("pod"));
        let suffix = text("client").replace('.', "");
        let name = format!("p-{profile}-{suffix}");
        let target = if pod == "secure" { "secure" } else { "web" };
        let before = sandbox.requests().len();
        let printed = kubectl.run(
            &sandbox,
            &[
                "debug",
                "-n",
                namespace,
                "-it",
                "--attach=false",
                pod,
                "--image=busybox:1",
                &format!("--target={target}"),
                &format!("--profile={profile}"),
                "-c",
                &name,
                "--",
                "sh",
            ],
        );
        let requests = sandbox.requests().split_off(before);
        let patch = requests.iter().find(|request| request.method == "PATCH");
        let patch = patch.map_or(Value::Null, |patch| {
            serde_json::from_slice(&patch.body).unwrap()
        });
        let case = format!("--profile={profile} in {namespace}");
        let recorded = without_others(&entry["patchBody"], &suffix);
        cases.same(
            format!("{case}: PATCH"),
            &recorded.to_string(),
            &patch.to_string(),
        );
        let messages = entry["messages"].as_array().unwrap().iter();
        let messages = messages.map(|message| message.as_str().unwrap());
        let (recorded, seen) = (
            lines(messages, is_exact),
            lines(printed.stderr.lines(), is_exact),
        );
        cases.same(format!("{case}: messages"), &recorded, &seen);
        if is_exact {
            cases.same(format!("{case}: output"), text("stdout"), &printed.stdout);
        }
        let (recorded, seen) = (
            entry["rc"].to_string(),
            format!("{}", printed.code.unwrap()),
        );
        cases.same(format!("{case}: exit code"), &recorded, &seen);
    }
}

/// Of another version only what the server said is compared.
fn lines<'a>(lines: impl Iterator<Item = &'a str>, all: bool) -> String {
    lines
        .filter(|line| all || line.starts_with("Error from server"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The PATCH as it is in a pod in which no other client had added containers before.
fn without_others(patch: &Value, suffix: &str) -> Value {
    let mut patch = patch.clone();
    let Some(spec) = patch.get_mut("spec").and_then(Value::as_object_mut) else {
        return patch;
    };
    if let Some(order) = spec.get_mut("$setElementOrder/ephemeralContainers") {
        let names = order.as_array_mut().unwrap();
        names.retain(|name| name["name"].as_str().unwrap().ends_with(suffix));
        if names.len() == 1 {
            spec.remove("$setElementOrder/ephemeralContainers");
        }
    }
    patch
}

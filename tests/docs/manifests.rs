//! YAML and JSON on the pages, and whether the roles among it are enough.

use std::{collections::BTreeSet, fs, process::Command};

use kubectl_ephemeral::rights::rights;
use sandbox::{Sandbox, World};
use serde_json::Value;

use crate::block::{all_pages, blocks};

/// What somebody can do who has a role of this name, and nothing else.
const ENOUGH_FOR: [(&str, &[&[&str]]); 3] = [
    (
        "ephemeral-debugger",
        &[
            &["web", "-c", "first", "--", "true"],
            &["web", "-o", "json", "--", "true"],
            &["attach", "web", "-c", "first"],
            &["check", "web"],
        ],
    ),
    (
        "ephemeral-debugger-of-workloads",
        &[
            &["deploy/shop", "--", "true"],
            &["check", "deploy/shop"],
            &["list"],
        ],
    ),
    (
        "ephemeral-auditor",
        &[&["list", "-A"], &["list", "deploy/shop"], &["list", "web"]],
    ),
];

/// The group that a resource is of.
const GROUPS: [(&str, &[&str]); 3] = [
    (
        "",
        &[
            "pods",
            "pods/attach",
            "pods/ephemeralcontainers",
            "pods/log",
            "events",
            "namespaces",
            "nodes",
            "replicationcontrollers",
            "services",
        ],
    ),
    (
        "apps",
        &["daemonsets", "deployments", "replicasets", "statefulsets"],
    ),
    ("batch", &["cronjobs", "jobs"]),
];

#[test]
fn every_document_can_be_read() {
    let mut count = 0;
    for (path, documents) in manifests() {
        for document in documents {
            assert!(document.is_object(), "{path}: {document}");
            count += 1;
        }
    }
    assert!(count > 0, "none is found");
}

#[test]
fn every_role_is_enough_for_what_it_is_for() {
    let mut seen: Vec<&str> = Vec::new();
    for (path, documents) in manifests() {
        for role in documents.iter().filter(|it| it["rules"].is_array()) {
            let name = role["metadata"]["name"].as_str().unwrap();
            let found = ENOUGH_FOR.iter().find(|(it, _)| *it == name);
            let (name, commands) = found.unwrap_or_else(|| panic!("{path}: `{name}` is not tried"));
            assert_enough(&path, role, commands);
            seen.push(name);
        }
    }
    for (name, _) in ENOUGH_FOR {
        assert!(seen.contains(&name), "no page has the role `{name}`");
    }
}

/// What works with fewer rights, only not as well, would not fail above.
#[test]
fn the_role_to_debug_has_each_right_that_we_use_and_no_other() {
    let page = "docs/how-to/rbac.md";
    let (_, documents) = manifests().into_iter().find(|it| it.0 == page).unwrap();
    let is_it = |role: &&Value| role["metadata"]["name"] == "ephemeral-debugger";
    let role = documents.iter().find(is_it).unwrap();
    let shown: BTreeSet<_> = role["rules"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|rule| {
            let [resources, verbs] = ["resources", "verbs"].map(|it| words(&rule[it]));
            let of = move |resource| verbs.clone().into_iter().map(move |verb| (resource, verb));
            resources.into_iter().flat_map(of)
        })
        .collect();
    let used = rights(None);
    let used = used.iter().map(|right| (right.resource, right.verb));
    assert_eq!(shown, used.collect());
}

fn assert_enough(path: &str, role: &Value, commands: &[&[&str]]) {
    let mut world = World::demo()
        .no_rules()
        .account("reader", "reader", "readers");
    for rule in role["rules"].as_array().unwrap() {
        let [groups, resources, verbs] =
            ["apiGroups", "resources", "verbs"].map(|it| words(&rule[it]));
        for resource in &resources {
            let (group, _) = GROUPS
                .iter()
                .find(|(_, of_it)| of_it.contains(resource))
                .unwrap();
            assert!(
                groups.contains(group),
                "{path}: `{resource}` is of the group `{group}`"
            );
        }
        world = world.rule("readers", true, &verbs, &resources);
    }
    let sandbox = Sandbox::start(world).unwrap();
    for command in commands {
        let output = Command::new(env!("CARGO_BIN_EXE_kubectl-ephemeral"))
            .args(["--context", "reader"])
            .args(*command)
            .env_clear()
            .env("HOME", sandbox.kubeconfig().parent().unwrap())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("KUBECONFIG", sandbox.kubeconfig())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{path}: {command:?}\n{said}");
        assert!(!said.contains("Forbidden"), "{path}: {command:?}\n{said}");
    }
}

/// Returns the documents in YAML and JSON of each page.
fn manifests() -> Vec<(String, Vec<Value>)> {
    let all = all_pages().into_iter();
    all.map(|path| {
        let page = fs::read_to_string(&path).unwrap();
        let of_page = blocks(&page)
            .into_iter()
            .flat_map(|block| match block.language.as_str() {
                "json" => vec![serde_json::from_str(&block.text.join("\n")).unwrap()],
                "yaml" => documents(&block.text),
                _ => Vec::new(),
            });
        let of_page = of_page.collect();
        (path, of_page)
    })
    .collect()
}

fn documents(text: &[String]) -> Vec<Value> {
    let parts = text.split(|line| line == "---");
    parts
        .map(|part| serde_saphyr::from_str(&part.join("\n")).unwrap())
        .collect()
}

fn words(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter().map(|word| word.as_str().unwrap()).collect()
}

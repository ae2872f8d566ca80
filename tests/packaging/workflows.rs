//! What runs in CI. A workflow has no test of its own: what it can do wrong shows on somebody else's machine, so that
//! the rules for all are held to here.

use std::fs;

use serde_json::Value;

const WORKFLOWS: [&str; 2] = ["ci", "release"];

fn text(workflow: &str) -> String {
    fs::read_to_string(format!(".github/workflows/{workflow}.yml")).unwrap()
}

fn jobs(workflow: &str) -> Vec<(String, Value)> {
    let read: Value = serde_saphyr::from_str(&text(workflow)).unwrap();
    let jobs = read["jobs"].as_object().unwrap().clone();
    jobs.into_iter().collect()
}

/// A tag can be moved to other code; a commit cannot.
#[test]
fn actions_are_pinned_by_commit_and_say_which_version_that_is() {
    for workflow in WORKFLOWS {
        let text = text(workflow);
        let uses: Vec<_> = text
            .lines()
            .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "))
            .collect();
        assert!(uses.len() > 3, "{workflow}: {uses:?}");
        for action in uses {
            let (pin, version) = action.split_once(" # v").unwrap_or((action, ""));
            let commit = pin.rsplit('@').next().unwrap();
            let is_commit = commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit());
            assert!(is_commit, "{workflow}: {action}");
            assert!(version.split('.').count() == 3, "{workflow}: {action}");
        }
    }
}

#[test]
fn one_action_has_one_pin() {
    let mut pins = std::collections::BTreeMap::new();
    for workflow in WORKFLOWS {
        for line in text(workflow).lines() {
            let Some((_, action)) = line.split_once("uses: ") else {
                continue;
            };
            let (name, pin) = action.split_once('@').unwrap();
            let first = pins.entry(name.to_owned()).or_insert(pin.to_owned());
            assert_eq!(first, pin, "{name}");
        }
    }
}

/// A job can do what it says here and nothing else; only what publishes may write.
#[test]
fn each_job_has_the_rights_that_it_names() {
    for workflow in WORKFLOWS {
        let read: Value = serde_saphyr::from_str(&text(workflow)).unwrap();
        assert_eq!(read["permissions"], serde_json::json!({}), "{workflow}");
        for (name, job) in jobs(workflow) {
            let rights = job["permissions"].as_object().unwrap();
            let writes = rights.values().any(|right| right == "write");
            assert_eq!(writes, name == "publish", "{workflow}: {name}");
            assert!(job["timeout-minutes"].is_number(), "{workflow}: {name}");
            for step in job["steps"].as_array().unwrap() {
                let is_checkout = step["uses"]
                    .as_str()
                    .is_some_and(|uses| uses.starts_with("actions/checkout@"));
                let keeps = step["with"]["persist-credentials"] != Value::Bool(false);
                assert!(
                    !(is_checkout && keeps),
                    "{workflow}: {name} keeps its token"
                );
            }
        }
    }
}

/// Names of branches, titles and the like are written by anybody: in a script they would run.
#[test]
fn no_script_has_words_of_strangers_in_it() {
    for workflow in WORKFLOWS {
        for (name, job) in jobs(workflow) {
            for step in job["steps"].as_array().unwrap() {
                let script = step["run"].as_str().unwrap_or_default();
                let is_ours = script == "${{ matrix.run }}";
                assert!(
                    is_ours || !script.contains("${{"),
                    "{workflow}: {name}: {script}"
                );
            }
        }
    }
}

/// A release has what `plugin.yaml` names, and each binary is started where it belongs.
#[test]
fn a_release_builds_and_starts_each_platform() {
    let plugin: Value =
        serde_saphyr::from_str(&fs::read_to_string("plugin.yaml").unwrap()).unwrap();
    let mut named: Vec<_> = plugin["spec"]["platforms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["selector"]["matchLabels"])
        .map(|it| {
            format!(
                "{}/{}",
                it["os"].as_str().unwrap(),
                it["arch"].as_str().unwrap()
            )
        })
        .collect();
    let jobs = jobs("release");
    let of = |job: &str, key: &str| {
        let (_, job) = jobs.iter().find(|(name, _)| name == job).unwrap();
        let rows = job["strategy"]["matrix"]["include"].as_array().unwrap();
        let values = rows.iter().map(|row| row[key].as_str().unwrap());
        values.collect::<Vec<_>>().join(" ")
    };
    let sorted = |words: &str| {
        let mut words: Vec<_> = words.split(' ').map(str::to_owned).collect();
        words.sort();
        words
    };
    named.sort();
    assert_eq!(sorted(&of("build", "platforms")), named);
    assert_eq!(sorted(&of("start", "platform").replace('_', "/")), named);
}

//! What files say, and which are refused.

use serde_json::json;

use super::*;
use crate::cli::Cli;

const HISTORIC: &str = r#"{"apiVersion":"v1","kind":"EphemeralContainers","metadata":{"name":"example-pod"},
    "ephemeralContainers":[{"command":["sh"],"image":"busybox","imagePullPolicy":"IfNotPresent",
    "name":"debugger","stdin":true,"tty":true,"terminationMessagePolicy":"File"}]}"#;
const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers: [{name: app, image: web:1}]
  ephemeralContainers:
  - {name: one, image: 'busybox:1'}
  - {name: two, image: 'busybox:1', stdin: true, tty: true}
";

fn parsed(text: &str) -> Manifest {
    Manifest::parse("f.yaml", text.as_bytes()).unwrap()
}

fn args(words: &str) -> DebugArgs {
    let words = words.split(' ').filter(|word| !word.is_empty());
    let words = ["kubectl-ephemeral"].into_iter().chain(words);
    Cli::parse_words(words.map(Into::into)).unwrap().debug
}

fn pod(ephemeral: &Value) -> Pod {
    serde_json::from_value(json!({
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "app"}], "ephemeralContainers": ephemeral},
    }))
    .unwrap()
}

/// Returns the names of what is added, and of ours.
fn added(text: &str, words: &str, there: &Value) -> Result<Option<(Vec<String>, String)>, String> {
    let batch = parsed(text).batch(&pod(there), &args(words), || "debugger-1".to_owned());
    let batch = batch.map_err(|error| error.to_string())?;
    Ok(batch.map(|batch| (batch.names(), batch.ours().name.clone())))
}

fn these(names: &[&str], ours: &str) -> (Vec<String>, String) {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    (names, ours.to_owned())
}

#[test]
fn a_pod_and_the_list_of_old_name_the_pod() {
    for (text, word, namespace, expected) in [
        (POD, None, None, Ok(("pod/web", Some("shop")))),
        (POD, Some("web"), Some("shop"), Ok(("web", Some("shop")))),
        (POD, Some("po/web"), Some(""), Ok(("po/web", Some("shop")))),
        (
            HISTORIC,
            None,
            Some("x"),
            Ok(("pod/example-pod", Some("x"))),
        ),
        (HISTORIC, None, None, Ok(("pod/example-pod", None))),
        (
            "image: a",
            Some("deploy/x"),
            Some("x"),
            Ok(("deploy/x", Some("x"))),
        ),
        (
            POD,
            Some("api"),
            None,
            Err("f.yaml is about pod `web`, and the command line about `api`"),
        ),
        (
            POD,
            Some("deploy/web"),
            None,
            Err("f.yaml is about pod `web`, and the command line about `deploy/web`"),
        ),
        (
            POD,
            None,
            Some("prod"),
            Err(
                "the namespace from the provided object \"shop\" does not match the namespace \"prod\". \
                 You must pass '--namespace=shop' to perform this operation.",
            ),
        ),
    ] {
        let place = parsed(text).place(word, namespace);
        let place = place.map(|(word, namespace)| (word.unwrap(), namespace));
        let expected =
            expected.map(|(word, namespace)| (word.to_owned(), namespace.map(str::to_owned)));
        assert_eq!(
            place.map_err(|error| error.to_string()),
            expected.map_err(str::to_owned),
            "{word:?} {namespace:?}"
        );
    }
}

#[test]
fn what_the_pod_lacks_is_added_and_the_last_of_it_attached_to() {
    let none = json!([]);
    let one = json!([{"name": "one", "image": "busybox:1", "imagePullPolicy": "IfNotPresent", "resources": {}}]);
    assert_eq!(
        added(POD, "", &none),
        Ok(Some(these(&["one", "two"], "two")))
    );
    assert_eq!(
        added(POD, "-c one", &none),
        Ok(Some(these(&["one", "two"], "one")))
    );
    assert_eq!(added(POD, "", &one), Ok(Some(these(&["two"], "two"))));
    assert_eq!(
        added(HISTORIC, "", &one),
        Ok(Some(these(&["debugger"], "debugger")))
    );
    assert_eq!(
        added(POD, "-c three", &none).unwrap_err(),
        "`three` is none of the containers that f.yaml adds: `one`, `two`"
    );
}

#[test]
fn what_the_pod_has_is_not_added_again_and_cannot_be_changed() {
    let both = json!([
        {"name": "one", "image": "busybox:1", "terminationMessagePath": "/dev/termination-log"},
        {"name": "two", "image": "busybox:1", "stdin": true, "tty": true},
    ]);
    assert_eq!(
        added(POD, "", &both).unwrap_err(),
        "pod `web` has all containers of f.yaml already: `one`, `two`"
    );
    let other = json!([{"name": "one", "image": "busybox:2"}]);
    assert_eq!(
        added(POD, "", &other).unwrap_err(),
        "pod `web` has a container `one` already"
    );
    assert_eq!(
        added("{name: app, image: a}", "", &json!([])).unwrap_err(),
        "pod `web` has a container `app` already"
    );
}

#[test]
fn a_container_without_a_name_is_given_one() {
    let alone = "image: busybox:1\ntty: true\n";
    assert_eq!(
        added(alone, "", &json!([])),
        Ok(Some(these(&["debugger-1"], "debugger-1")))
    );
    assert_eq!(
        added(alone, "-c mine", &json!([])),
        Ok(Some(these(&["mine"], "mine")))
    );
    let addition = parsed(alone).batch(&pod(&json!([])), &args(""), || "n".to_owned());
    let container = addition.unwrap().unwrap().ours().clone();
    assert_eq!(
        serde_json::to_value(container).unwrap(),
        json!({"name": "n", "image": "busybox:1", "tty": true})
    );
}

#[test]
fn a_pod_without_news_only_names_the_pod_and_flags_say_what_is_added() {
    let bare = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: []}";
    assert_eq!(added(bare, "", &json!([])), Ok(None));
    assert_eq!(added(bare, "--image a -c x", &json!([])), Ok(None));
    let both = json!([
        {"name": "one", "image": "busybox:1"},
        {"name": "two", "image": "busybox:1", "stdin": true, "tty": true},
    ]);
    assert_eq!(added(POD, "--image a", &both), Ok(None));
}

#[test]
fn flags_that_shape_a_container_do_not_go_with_a_whole_one() {
    let words = "--image a --target b -it --custom c -- sh";
    let flags = "`--image`, `--target`, `--stdin`, `--tty`, `--custom`, `-- COMMAND`";
    let expected = format!("f.yaml says all of the container, so {flags} cannot be given with it");
    for text in [HISTORIC, "image: a"] {
        let error = parsed(text).refuse_flags(&args(words)).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.exit_status().code(), 2);
        assert!(
            parsed(text)
                .refuse_flags(&args("-c x -n y --timeout=5s"))
                .is_ok()
        );
    }
    assert!(parsed(POD).refuse_flags(&args(words)).is_ok());
    assert_eq!(added(POD, words, &json!([])).unwrap_err(), expected);
}

#[test]
fn what_is_no_manifest_is_refused_with_the_reason() {
    for (text, expected) in [
        ("", "f.yaml is no manifest: it is empty"),
        (
            "a: 1\n---\nb: 2",
            "f.yaml is no manifest: it holds 2 documents, and must hold one",
        ),
        ("kind: Pod", "f.yaml has no `apiVersion`"),
        ("apiVersion: v1\nspec: {}", "f.yaml has no `kind`"),
        ("ephemeralContainers: []", "f.yaml has no `kind`"),
        (
            "{apiVersion: apps/v1, kind: Deployment}",
            "f.yaml is of `apps/v1, Kind=Deployment`",
        ),
        (
            "{apiVersion: v1, kind: List, items: []}",
            "f.yaml is of `v1, Kind=List`",
        ),
        (
            "{apiVersion: v1, kind: EphemeralContainers}",
            "f.yaml lists no containers",
        ),
    ] {
        let error = Manifest::parse("f.yaml", text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.exit_status().code(), 2);
    }
}

#[test]
fn every_fault_of_a_file_is_told_at_once() {
    let faults = |text: &str| {
        let error = Manifest::parse("f.yaml", text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "f.yaml is not valid");
        let faults = error.details().into_iter();
        faults.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        faults(
            "{apiVersion: v1, kind: Pod, metadata: {name: 1}, spec: {ephemeralContainers: \
             [{image: a, comand: [sh]}, {tty: 'yes'}, {}]}}"
        ),
        [
            "metadata.name: must be a string, not a number",
            "spec.ephemeralContainers[0].comand: unknown field; did you mean `command`?",
            "spec.ephemeralContainers[1].tty: must be true or false, not a string",
            "spec.ephemeralContainers[2].image: Required value",
        ]
    );
    assert_eq!(
        faults("{apiVersion: v1, kind: Pod, spec: {ephemeralContainer: [], initContainers: []}}"),
        ["spec.ephemeralContainer: unknown field; did you mean `ephemeralContainers`?"]
    );
    assert_eq!(
        faults("{apiVersion: v1, kind: EphemeralContainers, ephemeralContainers: {name: a}}"),
        ["ephemeralContainers: must be a list, not an object"]
    );
    assert_eq!(
        faults("{apiVersion: v1, kind: Pod, spec: 1}"),
        ["spec: must be an object"]
    );
    assert_eq!(faults("name: a"), ["image: Required value"]);
}

//! Which user is chosen, for each way in which pods and users say so.

use serde_json::{Value, json};

use super::*;
use crate::{
    cli::Cli,
    container::{TargetWish, choose_target},
};

/// Chooses for a pod with these security contexts, of the pod and of its container, and what the
/// kubelet says of the latter.
fn chosen(words: &str, pod: &Value, own: &Value, seen: &Value) -> Result<Option<User>, Error> {
    let words = ["kubectl-ephemeral", "web"]
        .into_iter()
        .chain(words.split_whitespace());
    let cli = Cli::parse_words(words.map(Into::into)).unwrap();
    let setup = Setup::new(&cli.debug.setup, &TargetWish::Main)?;
    let profile = setup.profile.first(&Pod::default());
    chosen_for(&setup, profile, pod, own, seen)
}

fn chosen_for(
    setup: &Setup,
    profile: Profile,
    pod: &Value,
    own: &Value,
    seen: &Value,
) -> Result<Option<User>, Error> {
    let pod = serde_json::from_value(json!({
        "spec": {"securityContext": pod, "containers": [{"name": "api", "securityContext": own}]},
        "status": {"containerStatuses": [{"name": "api", "state": {"running": {}}, "ready": true,
            "restartCount": 0, "image": "", "imageID": "", "user": seen}]},
    }))
    .unwrap();
    let target = choose_target(&TargetWish::Main, &pod).unwrap();
    user(setup, &target, &pod, profile)
}

/// A user and a group.
type Chosen = Option<(i64, Option<i64>)>;

/// Fails unless each words, contexts and status lead to that user and group.
fn assert_chosen(cases: &[(&str, &Value, &Value, &Value, Chosen)]) {
    for (words, pod, own, seen, expected) in cases {
        let chosen = chosen(words, pod, own, seen).unwrap();
        let chosen = chosen.map(|user| (user.id, user.group));
        assert_eq!(chosen, *expected, "{words} {pod} {own} {seen}");
    }
}

fn seen(user: i64, group: i64) -> Value {
    json!({"linux": {"uid": user, "gid": group, "supplementalGroups": [group]}})
}

#[test]
fn a_pod_that_demands_another_than_root_gets_one() {
    let none = &Value::Null;
    let demands = &json!({"runAsNonRoot": true});
    let demands_one = &json!({"runAsNonRoot": true, "runAsUser": 1000});
    let seven = &json!({"runAsUser": 7});
    let root = &json!({"runAsUser": 0, "runAsNonRoot": false});
    assert_chosen(&[
        ("", none, none, none, None),
        ("", none, seven, none, None),
        ("", demands, none, none, Some((65532, None))),
        ("", demands, none, &seen(0, 0), Some((65532, None))),
        ("", demands, none, &seen(33, 34), Some((33, Some(34)))),
        ("", demands, seven, &seen(33, 34), Some((7, None))),
        ("", demands, root, none, Some((65532, None))),
        // The pod's own user needs no word of ours.
        ("", demands_one, none, none, None),
        ("", demands_one, seven, none, Some((7, None))),
        ("", none, demands, none, Some((65532, None))),
    ]);
}

#[test]
fn a_profile_that_was_named_is_kubectls_but_for_a_user_that_the_pod_names() {
    let none = &Value::Null;
    let demands = &json!({"runAsNonRoot": true});
    let demands_one = &json!({"runAsNonRoot": true, "runAsUser": 1000});
    let seven = &json!({"runAsUser": 7});
    assert_chosen(&[
        ("--profile general", none, demands_one, none, None),
        ("--profile general", demands, none, &seen(33, 34), None),
        ("--profile general", demands, seven, none, Some((7, None))),
        ("--profile general", demands_one, none, none, None),
        ("--profile restricted", none, seven, none, Some((7, None))),
        ("--profile restricted", none, none, none, None),
        ("--profile restricted", demands_one, none, none, None),
    ]);
}

#[test]
fn who_asks_for_a_user_gets_that_one() {
    let none = &Value::Null;
    let demands = &json!({"runAsNonRoot": true, "runAsUser": 1000});
    let own = &json!({"runAsUser": 7, "runAsGroup": 8});
    let seen = &seen(33, 34);
    let largest = Some((2_147_483_647, None));
    assert_chosen(&[
        ("--run-as root", demands, none, none, Some((0, None))),
        ("--run-as 0:5", none, none, none, Some((0, Some(5)))),
        ("--run-as 2147483647", none, none, none, largest),
        ("--run-as target", demands, own, none, Some((7, Some(8)))),
        ("--run-as target", demands, none, none, Some((1000, None))),
        ("--run-as target", none, none, seen, Some((33, Some(34)))),
        ("--inherit user", none, own, seen, Some((7, Some(8)))),
        ("--inherit user", none, none, none, None),
        ("--inherit all --run-as 9", none, own, none, Some((9, None))),
        ("--inherit env,mounts", none, own, none, None),
    ]);
    let error = chosen("--run-as target", none, none, none).unwrap_err();
    assert_eq!(
        error.to_string(),
        "it is not known as which user container `api` runs"
    );
}

#[test]
fn the_restricted_step_of_auto_always_names_a_user() {
    let cli = Cli::parse_words(["kubectl-ephemeral", "web"].map(Into::into)).unwrap();
    let setup = Setup::new(&cli.debug.setup, &TargetWish::Main).unwrap();
    let none = Value::Null;
    let of = |profile| chosen_for(&setup, profile, &none, &none, &none).unwrap();
    assert_eq!(of(Profile::Baseline), None);
    let nobody = User {
        id: 65532,
        group: None,
    };
    assert_eq!(of(Profile::Restricted), Some(nobody));
}

#[test]
fn windows_has_no_users_with_numbers() {
    let cli = Cli::parse_words(["kubectl-ephemeral", "web"].map(Into::into)).unwrap();
    let setup = Setup::new(&cli.debug.setup, &TargetWish::Main).unwrap();
    let pod = json!({"spec": {"os": {"name": "windows"}, "securityContext": {"runAsNonRoot": true},
        "containers": [{"name": "api"}]}});
    let pod = serde_json::from_value(pod).unwrap();
    let chosen = user(&setup, &Target::None, &pod, setup.profile.first(&pod)).unwrap();
    assert_eq!(chosen, None);
}

#[test]
fn what_names_no_user_is_refused() {
    for words in [
        "",
        "nobody",
        "-1",
        "+1",
        "1:",
        ":1",
        "1:2:3",
        "2147483648",
        "1.0",
        "Root",
        "1 ",
    ] {
        let error = RunAs::parse(words).unwrap_err();
        let expected = format!("`{words}` cannot be who the container runs as");
        assert_eq!(error.to_string(), expected);
    }
}

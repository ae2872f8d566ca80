//! Names that lead nowhere, each with its exact answer; the numbers are rows of a list of bad inputs
//! that clients of this kind are known to meet.

use std::time::Duration;

use sandbox::{Request, Sandbox, World};
use serde_json::json;

use crate::plugin::{Ended, Plugin};

fn shop() -> World {
    World::plain().deployment(json!({"metadata": {"name": "shop"},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [
            {"name": "main", "image": "busybox:1", "command": ["sleep", "1000000"]}]}}}}))
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Ended {
    Plugin::on(sandbox).args(args).run()
}

/// Fails unless that is all that is said, with that code.
fn assert_said(ended: &Ended, code: i32, stderr: &str) {
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (code, "", stderr)
    );
}

#[test]
fn a_pod_that_is_not_there_may_be_one_that_is() {
    let sandbox = Sandbox::start(shop()).unwrap();
    for (args, meant) in [
        (&["shop"][..], "did you mean `deployment/shop`? "),
        (&["attach", "shop"], "did you mean `deployment/shop`? "),
        (&["apq"], "did you mean `app`? "),
        (&["nothing-like-it"], ""),
    ] {
        let name = args.last().unwrap();
        let expected = format!(
            "Error from server (NotFound): pods \"{name}\" not found\n\
             hint: {meant}`kubectl get pods -n default` lists the pods of that namespace\n"
        );
        assert_said(&run(&sandbox, args), 125, &expected);
    }
}

#[test]
fn who_may_not_list_pods_is_told_that_it_is_not_there_all_the_same() {
    let world = shop().no_rules().rule("devs", true, &["get"], &["pods"]);
    let sandbox = Sandbox::start(world).unwrap();
    assert_said(
        &run(&sandbox, &["apq", "--context", "sandbox-dev"]),
        125,
        "Error from server (NotFound): pods \"apq\" not found\n\
         hint: `kubectl get pods -n default` lists the pods of that namespace\n",
    );
}

#[test]
fn a_slow_list_does_not_keep_the_error_waiting() {
    let sandbox = Sandbox::start(shop()).unwrap();
    let slow = sandbox
        .on(Request::get().path("/pods?limit"))
        .delay(Duration::from_secs(20));
    assert_said(
        &run(&sandbox, &["apq"]),
        125,
        "Error from server (NotFound): pods \"apq\" not found\n\
         hint: `kubectl get pods -n default` lists the pods of that namespace\n",
    );
    assert_eq!(slow.hits(), 1);
}

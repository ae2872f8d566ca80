//! Whether it would work here, told without changing anything.

use sandbox::{Sandbox, Server, World};
use serde_json::Value;

use crate::plugin::{Ended, Plugin};

fn check(sandbox: &Sandbox, args: &[&str]) -> Ended {
    Plugin::on(sandbox).args(["check"]).args(args).run()
}

/// Fails if anything was asked of the server that would not be forgotten.
fn assert_nothing_changed(sandbox: &Sandbox) {
    for request in sandbox.requests() {
        let harmless = request.method == "GET"
            || request.path.contains("dryRun=All")
            || request.path.ends_with("/selfsubjectaccessreviews");
        assert!(harmless, "{} {}", request.method, request.path);
    }
}

#[test]
fn all_is_told_of_a_pod_where_it_works() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = check(&sandbox, &["app"]);
    assert_eq!(
        ended.stdout,
        "\
CHECK                           OK   NOTE
ephemeral containers            yes  Kubernetes v1.36.2
get pods                        yes  to read the pod
patch pods/ephemeralcontainers  yes  to add a container
get pods/attach                 yes  for a session
create pods/attach              yes  for a session, from Kubernetes 1.35 on
get pods/log                    yes  for the output of a command
watch pods                      yes
list pods                       yes
watch events                    yes
get nodes                       yes
pod app                         yes
target                          yes  the processes of `app` would be seen
--profile general               yes
--profile baseline              yes
--profile restricted            yes
"
    );
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert_nothing_changed(&sandbox);
}

#[test]
fn a_strict_namespace_lets_one_profile_pass_and_that_is_enough() {
    let sandbox = Sandbox::start(World::demo()).unwrap();
    let ended = check(&sandbox, &["secure", "-n", "restricted-ns", "-o", "json"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(told["works"], true);
    let profiles: Vec<_> = told["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["need"] == "oneOfThem")
        .map(|check| (check["check"].as_str().unwrap(), check["ok"] == true))
        .collect();
    assert_eq!(
        profiles,
        [
            ("--profile general", false),
            ("--profile baseline", false),
            ("--profile restricted", true)
        ]
    );
    let baseline = told["checks"].as_array().unwrap().iter();
    let mut notes = baseline.filter(|check| check["check"] == "--profile baseline");
    assert_eq!(
        notes.next().unwrap()["note"],
        "violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false, unrestricted capabilities"
    );
    assert_nothing_changed(&sandbox);
}

#[test]
fn rights_that_are_missing_are_told_with_their_cure() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = check(&sandbox, &["app", "--context", "sandbox-viewer"]);
    assert_eq!(ended.code, 125);
    let line = "patch pods/ephemeralcontainers  no   to add a container\n";
    assert!(ended.stdout.contains(line), "{}", ended.stdout);
    let cure = "hint: somebody who may give rights gives all that are needed with\nkubectl apply -f - <<'END'\n";
    assert!(ended.stderr.starts_with(cure), "{}", ended.stderr);
    assert_nothing_changed(&sandbox);
}

#[test]
fn a_namespace_without_a_pod_is_checked_for_rights() {
    let sandbox = Sandbox::start(World::new()).unwrap();
    let ended = check(&sandbox, &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert_eq!(ended.stdout.lines().count(), 11, "{}", ended.stdout);
}

#[test]
fn a_server_without_them_and_a_pod_that_has_ended_would_not_do() {
    let world = World::plain().server(Server::V1_21WithoutFeature);
    let sandbox = Sandbox::start(world).unwrap();
    let ended = check(&sandbox, &["app"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (125, ""));
    let line = "ephemeral containers            no   Kubernetes v1.21.1; they are there from Kubernetes 1.25 on";
    assert!(ended.stdout.contains(line), "{}", ended.stdout);
}

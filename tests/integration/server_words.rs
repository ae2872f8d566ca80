//! What is refused before anything is sent is told as the server tells it.

use kubectl_ephemeral::container;
use sandbox::{Sandbox, World};
use serde_json::{Value, json};

use crate::plugin::Plugin;

/// What the sandbox, which is held to recordings of a real server, says to a container.
fn refused_by_server(sandbox: &Sandbox, container: &Value) -> Vec<String> {
    let mut client = sandbox.connect("admin").unwrap();
    let patch = json!({"spec": {"ephemeralContainers": [container]}}).to_string();
    let place = "/api/v1/namespaces/default/pods/app/ephemeralcontainers?dryRun=All";
    let headers = [("Content-Type", "application/strategic-merge-patch+json")];
    client.request("PATCH", place, &headers, &patch).unwrap();
    let answer = client.answer().unwrap().json();
    let causes = answer["details"]["causes"].as_array().cloned();
    let causes = causes.unwrap_or_default().into_iter();
    let told = causes.map(|cause| {
        let part = |name: &str| cause[name].as_str().unwrap_or_default().to_owned();
        format!("{}: {}", part("field"), part("message"))
    });
    told.collect()
}

#[test]
fn faults_are_told_in_the_words_of_a_server() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let pod = serde_json::from_value(sandbox.pod("default", "app").unwrap()).unwrap();
    for change in [
        json!({}),
        json!({"name": "Bad_Name"}),
        json!({"name": "d".repeat(64)}),
        json!({"name": "app"}),
        json!({"image": ""}),
        json!({"image": " busybox:1"}),
        json!({"imagePullPolicy": "Sometimes"}),
        json!({"env": [{"name": "", "value": "x"}]}),
        json!({"targetContainerName": "nope"}),
        json!({"volumeMounts": [{"name": "nope", "mountPath": "/x"}]}),
        json!({"volumeMounts": [{"name": "data", "mountPath": "/x"}, {"name": "data", "mountPath": "/x"}]}),
        json!({"volumeMounts": [{"name": "data", "mountPath": "/x", "subPath": "a"}]}),
        json!({"ports": [{"containerPort": 80}], "resources": {"limits": {"cpu": "1"}}, "livenessProbe": {"exec": {}}}),
        json!({"readinessProbe": {"exec": {}}}),
        json!({"lifecycle": {"preStop": {}}}),
        json!({"resizePolicy": [{"resourceName": "cpu", "restartPolicy": "NotRequired"}]}),
        json!({"restartPolicy": "Always"}),
        json!({"resources": {}}),
    ] {
        let mut added = json!({"name": "d", "image": "busybox:1"});
        for (field, value) in change.as_object().unwrap() {
            added[field] = value.clone();
        }
        let typed = serde_json::from_value(added.clone()).unwrap();
        let ours = container::validate(&[typed], &pod);
        let ours = ours.err().map(|error| {
            let faults = error.details().into_iter();
            faults.map(str::to_owned).collect::<Vec<_>>()
        });
        let theirs = refused_by_server(&sandbox, &added);
        assert_eq!(ours.unwrap_or_default(), theirs, "{change}");
    }
}

/// What Pod Security objects to in a file is told with what would pass, and nothing is weakened.
#[test]
fn what_pod_security_refuses_is_told_with_what_would_pass() {
    let sandbox = Sandbox::start(World::demo()).unwrap();
    let run = |flags: &[&str], input: &str| {
        let plugin = Plugin::on(&sandbox).args(["secure", "-n", "restricted-ns", "-q"]);
        plugin.args(flags).input(input).run()
    };
    let whole = "{name: d, image: a, securityContext: {privileged: true}}";
    let ended = run(&["-f", "-"], whole);
    assert_eq!(
        ended.stderr,
        "Error from server (Forbidden): pods \"secure\" is forbidden: violates PodSecurity \
         \"restricted:latest\": privileged (container \"d\" must not set securityContext.privileged=true), \
         allowPrivilegeEscalation != false (container \"d\" must set \
         securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"d\" must \
         set securityContext.capabilities.drop=[\"ALL\"])\n\
         hint: Pod Security `restricted` objects to what the file says; without it, `--profile restricted` would pass\n"
    );
    assert_eq!(ended.code, 125);

    // The profile that would pass contradicts the file, so it is the refusal that is told.
    let custom = "securityContext: {privileged: true}";
    let ended = run(&["-c", "d", "--custom", "-", "--", "id"], custom);
    let refused =
        "Error from server (Forbidden): pods \"secure\" is forbidden: violates PodSecurity";
    assert!(ended.stderr.starts_with(refused), "{}", ended.stderr);
    assert_eq!(ended.code, 125);
}

//! What the added container takes over from its target, and what the user sets.

use sandbox::{Sandbox, World};
use serde_json::{Value, json};

use crate::plugin::{Plugin, settled};

/// A pod whose container has variables of every kind and mounts of every kind.
fn world() -> World {
    World::new()
        .object(json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "settings", "namespace": "default"},
            "data": {"COLOUR": "green"}}))
        .pod(json!({
            "metadata": {"name": "web"},
            "spec": {
                "serviceAccountName": "shop",
                "automountServiceAccountToken": false,
                "volumes": [{"name": "data", "emptyDir": {}}, {"name": "token", "projected": {"sources": [
                    {"serviceAccountToken": {"path": "token"}}]}}],
                "containers": [{
                    "name": "api",
                    "image": "distroless-app:1",
                    "resources": {"limits": {"cpu": "2"}},
                    "securityContext": {"runAsUser": 1234, "runAsGroup": 99},
                    "env": [
                        {"name": "FOO", "value": "bar"},
                        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
                    ],
                    "envFrom": [{"configMapRef": {"name": "settings"}}],
                    "volumeMounts": [
                        {"name": "data", "mountPath": "/data"},
                        {"name": "data", "mountPath": "/etc/app.conf", "subPath": "app.conf"},
                        {"name": "token", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"},
                    ],
                }],
            },
        }))
}

fn patched(sandbox: &Sandbox) -> Value {
    let requests = sandbox.requests();
    let patch = requests
        .iter()
        .find(|request| request.method == "PATCH")
        .unwrap();
    let body: Value = serde_json::from_slice(&patch.body).unwrap();
    body["spec"]["ephemeralContainers"][0].clone()
}

#[test]
fn all_of_the_target_comes_along_and_what_cannot_is_named() {
    let sandbox = Sandbox::start(world()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args([
            "web",
            "--inherit",
            "all",
            "--env",
            "FOO=mine",
            "--env",
            "NEW=a=b",
            "--attach=false",
        ])
        .run();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(
        settled(&ended.stderr),
        "the processes of container `api` are visible (--target names another one)\n\
         warning: left out the mounts at `/etc/app.conf`: an ephemeral container cannot mount a part of a volume (subPath)\n\
         the token of the service account `shop` comes along with the mounts: what runs in the container can act as that \
         account\n\
         added container `debugger-*` to pod `web`\n\
         the container runs as user 1234, so SYS_PTRACE has no effect; `--run-as root` makes it root\n"
    );
    let sent = patched(&sandbox);
    let stored = &sandbox.pod("default", "web").unwrap()["spec"]["ephemeralContainers"][0];
    assert_eq!(
        sent["env"],
        json!([
            {"name": "FOO", "value": "mine"},
            {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "containerName": "api"}}},
            {"name": "NEW", "value": "a=b"},
        ])
    );
    assert_eq!(sent["envFrom"], stored["envFrom"]);
    let mounts = stored["volumeMounts"].as_array().unwrap();
    let mounts: Vec<_> = mounts
        .iter()
        .map(|mount| mount["mountPath"].as_str().unwrap())
        .collect();
    assert_eq!(
        mounts,
        ["/data", "/var/run/secrets/kubernetes.io/serviceaccount"]
    );
    assert_eq!(
        stored["securityContext"],
        json!({"capabilities": {"add": ["SYS_PTRACE"]}, "runAsUser": 1234, "runAsGroup": 99})
    );
}

#[test]
fn variables_of_the_target_have_their_values_in_the_container() {
    let sandbox = Sandbox::start(world()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["web", "-q", "--inherit", "env", "--env", "FOO=mine", "--"])
        .args(["sh", "-c", "echo $FOO $POD $COLOUR"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (0, "mine web green\n", "")
    );
}

#[test]
fn in_a_pod_that_shares_its_processes_it_is_said_from_whom() {
    let world = World::new().pod(json!({
        "metadata": {"name": "shared"},
        "spec": {"shareProcessNamespace": true, "containers": [
            {"name": "istio-proxy", "image": "distroless-app:1"},
            {"name": "api", "image": "distroless-app:1", "env": [{"name": "FOO", "value": "bar"}]},
        ]},
    }));
    let sandbox = Sandbox::start(world).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["shared", "--inherit", "env", "--attach=false"])
        .run();
    assert_eq!(
        settled(&ended.stderr),
        "the pod shares its processes, so those of all its containers are visible\n\
         what is taken over is that of container `api` (--target names another one)\n\
         added container `debugger-*` to pod `shared`\n"
    );
    assert_eq!(
        patched(&sandbox)["env"],
        json!([{"name": "FOO", "value": "bar"}])
    );
}

#[test]
fn pull_policy_and_arguments_are_passed_on() {
    let sandbox = Sandbox::start(world()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args([
            "web",
            "--image-pull-policy",
            "IfNotPresent",
            "--arguments-only",
            "--attach=false",
            "--",
        ])
        .args(["a", "b"])
        .run();
    assert_eq!(ended.code, 0, "{ended:?}");
    let sent = patched(&sandbox);
    assert_eq!(sent["imagePullPolicy"], "IfNotPresent");
    assert_eq!(
        (&sent["command"], &sent["args"]),
        (&Value::Null, &json!(["a", "b"]))
    );
}

#[test]
fn words_that_set_nothing_are_refused_with_what_is_wrong() {
    for (args, stderr) in [
        (
            &["--profile", "generl"][..],
            "error: invalid value 'generl' for '--profile <PROFILE>'\n  [possible values: auto, general, baseline, restricted, \
             netadmin, sysadmin, legacy]\n\n  tip: a similar value exists: 'general'\n",
        ),
        (
            &["--image-pull-policy", "always"],
            "error: invalid value 'always' for '--image-pull-policy <POLICY>'\n  [possible values: Always, IfNotPresent, \
             Never]\n",
        ),
        (
            &["--inherit", "volumes"],
            "error: invalid value 'volumes' for '--inherit <WHAT>'\n  [possible values: env, mounts, user, all]\n",
        ),
        (
            &["--env", "A"],
            "error: `A` in --env has no `=`\nhint: a variable is set as NAME=VALUE; one whose value has commas stands in double \
             quotes\n",
        ),
        (
            &["--env", "=x"],
            "error: `` in --env cannot be the name of a variable\nhint: a name has printable ASCII characters, and at least \
             one\n",
        ),
        (
            &["--env", "A=1", "--env", "A=2"],
            "error: `A` is set twice by --env\n",
        ),
        (
            &["--run-as", "nobody"],
            "error: `nobody` cannot be who the container runs as\nhint: --run-as takes UID[:GID] in numbers, `target` or `root`; \
             names are known to the image alone\n",
        ),
        (
            &["--profile=restricted", "--run-as=root"],
            "error: the profile `restricted` lets nobody run as root\nhint: name another user with --run-as, or another \
             --profile\n",
        ),
        (
            &["--inherit", "env", "--target="],
            "error: `--inherit` needs a target, and `--target=\"\"` wants none\n",
        ),
        (
            &["--run-as", "target", "--target="],
            "error: `--run-as target` needs a target, and `--target=\"\"` wants none\n",
        ),
        (
            &["--image", "Busybox"],
            "error: `Busybox` cannot be the name of an image\nhint: a repository has no capital letters: `busybox`\n",
        ),
    ] {
        let ended = Plugin::nowhere().args(["web"]).args(args).run();
        assert!(
            ended.stderr.starts_with(stderr),
            "{args:?}: {}",
            ended.stderr
        );
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{args:?}");
    }
}

#[test]
fn a_target_whose_user_is_not_known_is_not_guessed() {
    let still = World::new().pod(json!({
        "metadata": {"name": "init"},
        "spec": {
            "initContainers": [{"name": "first", "image": "busybox:1", "command": ["sleep", "1000000"]}],
            "containers": [{"name": "late", "image": "busybox:1", "command": ["sleep", "1000000"]}],
        },
    }));
    let sandbox = Sandbox::start(still).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["init", "-q", "--run-as", "target"])
        .run();
    assert_eq!(
        ended.stderr,
        "error: it is not known as which user container `late` runs\n\
         hint: neither its pod nor its kubelet says so; name the user with --run-as UID[:GID]\n"
    );
    assert_eq!(ended.code, 125);

    let ended = Plugin::on(&sandbox)
        .args(["init", "--inherit", "user", "--attach=false"])
        .run();
    assert_eq!(
        settled(&ended.stderr),
        "warning: container `late` does not run, so its processes cannot be seen; going on without\n\
         it is not known as which user container `late` runs, so the image decides about ours\n\
         added container `debugger-*` to pod `init`\n"
    );
}

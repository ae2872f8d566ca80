//! Lines to paste lead to the same cluster, as the same user, whatever the current context is.

use sandbox::{Sandbox, World};
use serde_json::{Value, json};

use crate::{plugin::Plugin, screen::Screen};

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

#[test]
fn the_line_that_goes_back_to_a_session() {
    let sandbox = plain();
    let args = ["app", "-c", "shell", "--context", "sandbox-dev"];
    let mut screen = Screen::of_plugin(&sandbox, &args);
    screen.wait_for_prompt("/ #");
    screen.type_keys("\x10\x11");
    assert_eq!(screen.wait_for_end(), 0, "{}", screen.said());
    let line = "`kubectl ephemeral attach pod/app -c shell -n default --context=sandbox-dev` goes back to it";
    assert!(screen.said().contains(line), "{}", screen.said());
}

#[test]
fn lines_of_errors() {
    let sandbox = plain();
    let run = |args: &[&str]| {
        let context = ["-q", "--context", "sandbox-dev"];
        Plugin::on(&sandbox)
            .args(args.iter().chain(&context).copied())
            .run()
    };
    for (args, hint) in [
        (
            &["app", "--image", "nosuch:1"][..],
            "another image: `kubectl ephemeral pod/app -n default --context=sandbox-dev --image=IMAGE`\n",
        ),
        (
            &["nope"],
            "hint: `kubectl get pods -n default --context=sandbox-dev` lists the pods of that namespace\n",
        ),
        (
            &["attach", "two"],
            "hint: `kubectl ephemeral pod/two -n default --context=sandbox-dev` adds one\n",
        ),
        (&["app", "-c", "app"], "hint: it has `app`, `debugger-"),
    ] {
        let ended = run(args);
        assert_eq!(ended.code, 125, "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(hint), "{args:?}: {}", ended.stderr);
    }
    let ended = run(&["two", "-c", "shell", "--attach=false"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(sandbox.wait_until("default", "two", |pod| {
        pod["status"]["ephemeralContainerStatuses"][0]["state"]["running"] != Value::Null
    }));
    for (args, stderr) in [
        (
            &["two", "-c", "shell"][..],
            "error: pod `two` has a container `shell` already\n\
             hint: it has `web`, `side`, `shell`; choose another name, or go to that one: `kubectl ephemeral attach \
             pod/two -c shell -n default --context=sandbox-dev`\n",
        ),
        (
            &["attach", "two"],
            "error: container `shell` has a terminal, and standard input is none\n\
             hint: attach from a terminal; `kubectl logs two -c shell -n default --context=sandbox-dev` shows what it has \
             written\n",
        ),
    ] {
        let ended = run(args);
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (125, stderr),
            "{args:?}"
        );
    }
}

#[test]
fn lines_about_what_is_in_no_namespace() {
    let mirror = json!({
        "metadata": {"name": "static", "annotations": {"kubernetes.io/config.mirror": "x"}},
        "spec": {"containers": [{"name": "a", "image": "pause:1"}]},
    });
    let sandbox = Sandbox::start(World::new().still_pod(mirror)).unwrap();
    for (args, hint) in [
        (
            &["static"][..],
            "hint: debug its node instead: `kubectl debug node/NODE --context=sandbox`\n",
        ),
        (
            &["static", "-n", "elsewhere"],
            "hint: `kubectl get namespaces --context=sandbox` lists those there are\n",
        ),
    ] {
        let context = ["-q", "--context", "sandbox"];
        let ended = Plugin::on(&sandbox)
            .args(args.iter().chain(&context).copied())
            .run();
        assert_eq!(ended.code, 125, "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.ends_with(hint), "{args:?}: {}", ended.stderr);
    }
}

#[test]
fn the_line_with_another_image_asks_for_the_same_otherwise() {
    let sandbox = plain();
    let args = "app -q --image nosuch:1 --profile netadmin --run-as 1000:2000 --inherit mounts,env --env A=S3CRET,B=2 \
                --image-pull-policy IfNotPresent -- true";
    let ended = Plugin::on(&sandbox).args(args.split_whitespace()).run();
    let line = "`kubectl ephemeral pod/app -n default --image=IMAGE --profile=netadmin --run-as=1000:2000 \
                --inherit=env,mounts --image-pull-policy=IfNotPresent --env=A=VALUE --env=B=VALUE -- true`\n";
    assert!(ended.stderr.ends_with(line), "{}", ended.stderr);
}

#[test]
fn a_token_is_never_part_of_a_line() {
    let sandbox = Sandbox::start(World::plain().token("S3CRET", "admin")).unwrap();
    let args = ["nope", "-q", "--token", "S3CRET", "--user", "dev"];
    let ended = Plugin::on(&sandbox).args(args).run();
    assert!(!ended.stderr.contains("S3CRET"), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("-n default --user=dev --token=TOKEN` lists"),
        "{}",
        ended.stderr
    );
}

//! The wait for a container as a user meets it: what is said meanwhile, and how it ends.

use std::time::Duration;

use sandbox::{Image, Sandbox, Timing, World};
use serde_json::json;

use crate::{
    plugin::{Ended, PLUGIN, Plugin, settled, wait_while},
    screen::Screen,
};

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

/// A sandbox whose image `slow:1` takes an hour to pull.
fn slow() -> Sandbox {
    let image = Image::shell().pulled_in(Duration::from_hours(1));
    Sandbox::start(World::plain().image("slow:1", image)).unwrap()
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Ended {
    Plugin::on(sandbox).args(["app", "-q"]).args(args).run()
}

/// Fails unless the plugin ended with that code, said exactly this on stderr, and nothing on stdout.
fn assert_ended(ended: &Ended, code: i32, stderr: &str) {
    assert_eq!(settled(&ended.stderr), stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (code, ""));
}

#[test]
fn row_16_an_image_that_is_not_there() {
    assert_ended(
        &run(&plain(), &["--image", "nosuch:1", "--", "true"]),
        125,
        "error: container `debugger-*` cannot start: image `nosuch:1` was not found in its registry\n  \
         rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/nosuch:1\": \
         failed to resolve image: docker.io/library/nosuch:1: not found\n\
         hint: is the name spelt right, with its tag? another image: `kubectl ephemeral pod/app -n default \
         --image=IMAGE -- true`\n",
    );
}

#[test]
fn an_image_whose_pull_fails() {
    for (words, stderr) in [
        (
            "toomanyrequests: You have reached your pull rate limit.",
            " now: the registry `docker.io` of image `tool:1` has had too many requests\n  \
             toomanyrequests: You have reached your pull rate limit.\n\
             hint: a mirror may have it: `kubectl ephemeral pod/app -n default --image=mirror.gcr.io/library/tool:1`\n\
             this one starts by itself once nothing is in its way; `kubectl ephemeral attach pod/app -c debugger-* \
             -n default` goes to it\n",
        ),
        (
            "dial tcp: lookup registry-1.docker.io: no such host",
            " now: the node does not know the address of `docker.io`, the registry of image `tool:1`\n  \
             dial tcp: lookup registry-1.docker.io: no such host\n\
             hint: another image: `kubectl ephemeral pod/app -n default --image=IMAGE`\n\
             this one starts by itself once nothing is in its way; `kubectl ephemeral attach pod/app -c debugger-* \
             -n default` goes to it\n",
        ),
        (
            "no match for platform in manifest: not found",
            ": image `tool:1` is not built for the node's platform\n  \
             no match for platform in manifest: not found\n\
             hint: `kubectl get pod app -n default -o wide` names the node, `kubectl get nodes -L \
             kubernetes.io/arch` its platform; another image: `kubectl ephemeral pod/app -n default --image=IMAGE`\n",
        ),
    ] {
        let world = World::plain().image("tool:1", Image::pull_fails(words));
        let sandbox = Sandbox::start(world).unwrap();
        let stderr = format!("error: container `debugger-*` cannot start{stderr}");
        assert_ended(&run(&sandbox, &["--image", "tool:1"]), 125, &stderr);
    }
}

#[test]
fn row_17_a_command_that_is_not_in_the_image() {
    let sandbox = plain();
    for (args, stderr) in [
        (
            &["--image", "distroless-app:1", "--", "nosuch", "-x"][..],
            "image `distroless-app:1` has no command `nosuch`\n  \
             failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create \
             failed: unable to start container process: exec: \"nosuch\": executable file not found in $PATH\n\
             hint: an image that has it: `kubectl ephemeral pod/app -n default --image=IMAGE -- nosuch -x`\n",
        ),
        (
            &["--image", "distroless-app:1", "-i", "--", "sh"],
            "image `distroless-app:1` has no shell\n  \
             failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create \
             failed: unable to start container process: exec: \"sh\": executable file not found in $PATH\n\
             hint: one that has: `kubectl ephemeral pod/app -n default --image=busybox:1.37 -i`\n",
        ),
        (
            &["--image", "distroless-app:1", "--", "bash"],
            "image `distroless-app:1` has no `bash`\n  \
             failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create \
             failed: unable to start container process: exec: \"bash\": executable file not found in $PATH\n\
             hint: try `sh`: `kubectl ephemeral pod/app -n default --image=distroless-app:1 -- sh`\n",
        ),
    ] {
        let stderr = format!("error: container `debugger-*` cannot start: {stderr}");
        assert_ended(&run(&sandbox, args), 125, &stderr);
    }
}

#[test]
fn an_image_that_takes_longer_than_one_waits() {
    assert_ended(
        &run(&slow(), &["--image", "slow:1", "--timeout", "300ms"]),
        124,
        "error: container `debugger-*` did not start within 300ms: pulling image `slow:1`\n\
         hint: an ephemeral container cannot be removed; once it runs, `kubectl ephemeral attach pod/app -c \
         debugger-* -n default` goes to it\n",
    );
}

#[test]
fn row_16_who_names_a_time_waits_for_an_image_until_then() {
    assert_ended(
        &run(&plain(), &["--image", "nosuch:1", "--timeout", "2s"]),
        124,
        "error: container `debugger-*` did not start within 2s: image `nosuch:1` was not found in its registry; \
         it is tried again\n  \
         rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/nosuch:1\": \
         failed to resolve image: docker.io/library/nosuch:1: not found\n\
         hint: an ephemeral container cannot be removed; once it runs, `kubectl ephemeral attach pod/app -c \
         debugger-* -n default` goes to it\n",
    );
}

#[test]
fn what_goes_on_is_one_line_a_phase() {
    let image = Image::shell().pulled_in(Duration::from_millis(200));
    // On a busy machine the status would overtake the last events.
    let timing = Timing {
        start: Duration::from_millis(500),
        ..Timing::default()
    };
    let world = World::plain().image("slow:1", image).timing(timing);
    let sandbox = Sandbox::start(world).unwrap();
    let words = ["app", "--target", "", "--image", "slow:1", "--", "true"];
    let ended = Plugin::on(&sandbox).args(words).run();
    // The first event may come before the first status or after it.
    let said = settled(&ended.stderr);
    let said: Vec<_> = said
        .lines()
        .filter(|line| *line != "waiting: creating the container")
        .collect();
    assert_eq!(
        said,
        [
            "added container `debugger-*` to pod `app`",
            "waiting: the node has not answered yet",
            "waiting: pulling image `slow:1`",
            "waiting: starting the container",
        ]
    );
    let ended = Plugin::on(&sandbox).args(["-q"]).args(words).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

#[test]
fn on_a_terminal_it_is_a_line_with_the_time() {
    let sandbox = slow();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "--image", "slow:1"]);
    screen.wait_for("waiting: pulling image `slow:1` (1 s)");
    screen.wait_for("waiting: pulling image `slow:1` (2 s)");
    screen.type_keys("\x03");
    assert_eq!(screen.wait_for_end(), 130);
}

#[test]
fn on_a_terminal_the_next_try_is_told() {
    let sandbox = plain();
    let args = ["app", "--image", "nosuch:1", "--timeout", "1h"];
    let mut screen = Screen::of_plugin(&sandbox, &args);
    screen.wait_for("image `nosuch:1` was not found in its regist");
    screen.wait_for("…, in about ");
    screen.type_keys("\x03");
    assert_eq!(screen.wait_for_end(), 130);
    screen.assert_restored();
}

#[test]
fn row_25_a_pod_that_goes_away_while_it_is_waited_for() {
    let sandbox = slow();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| run(&sandbox, &["--image", "slow:1"]));
        wait_while(|| {
            sandbox.pod("default", "app").unwrap()["spec"]["ephemeralContainers"].is_null()
        });
        sandbox.delete_pod("default", "app");
        assert_ended(
            &waiting.join().unwrap(),
            125,
            "error: container `debugger-*` cannot start: the pod is being deleted\n\
             hint: another pod of the same workload may run already; `kubectl get pods -n default` lists them\n",
        );
    });
}

#[test]
fn what_is_waited_for_stays_on_one_row_however_long_it_is() {
    let pod = json!({
        "metadata": {"name": "lost"},
        "spec": {"nodeSelector": {"disk": "ssd"}, "containers": [{"name": "app", "image": "distroless-app:1"}]},
    });
    let sandbox = Sandbox::start(World::new().pod(pod)).unwrap();
    let mut screen = Screen::of_plugin(&sandbox, &["lost"]);
    // So often that a second row would have been left on the screen.
    for seconds in 1..=2 {
        screen.wait_for(&format!("… ({seconds} s)"));
    }
    let contents = screen.contents();
    let rows = contents.lines().filter(|row| row.contains("waiting: "));
    assert_eq!(rows.count(), 1, "{contents}");
    screen.type_keys("\x03");
    assert_eq!(screen.wait_for_end(), 130);
}

#[test]
fn a_server_that_goes_away_during_the_wait_is_told_of_once() {
    let sandbox = slow();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "--image", "slow:1"]);
    screen.wait_for("waiting: pulling image `slow:1`");
    sandbox.stop_server();
    screen.wait_for("trying again: cannot reach the server at ");
    screen.wait_for("waiting: pulling image `slow:1` (2 s)");
    sandbox.start_server().unwrap();
    screen.type_keys("\x03");
    assert_eq!(screen.wait_for_end(), 130);
    screen.assert_restored();
    let told = screen.said().matches("trying again").count();
    assert_eq!(told, 1, "{}", screen.said());
}

#[test]
fn a_terminal_without_sequences_gets_a_line_for_each_phase() {
    let sandbox = slow();
    let args = ["app", "--image", "slow:1"];
    let mut screen = Screen::of(PLUGIN, &args, |command| {
        command
            .env("KUBECONFIG", sandbox.kubeconfig())
            .env("TERM", "dumb")
    });
    screen.wait_for_line("waiting: pulling image `slow:1`");
    screen.type_keys("\x03");
    assert_eq!(screen.wait_for_end(), 130);
    assert!(!screen.said().contains('\x1b'), "{:?}", screen.said());
}

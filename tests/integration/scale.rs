//! Clusters and namespaces that are large.

use std::time::{Duration, Instant};

use rustix::process::Pid;
use sandbox::{Request, Sandbox, World};
use serde_json::json;

use crate::{flat_memory::most_resident, plugin::Plugin, screen::Screen};

/// So many pods that only exist, and some that have had an ephemeral container, in three namespaces.
fn large(pods: usize) -> Sandbox {
    let mut world = World::new().still_pods(pods);
    for number in 0..400 {
        let namespace = ["default", "shop", "a"][number % 3];
        world = world.still_pod(json!({
            "metadata": {"name": format!("visited-{number}"), "namespace": namespace},
            "spec": {
                "containers": [{"name": "main", "image": "pause:1"}],
                "ephemeralContainers": [{"name": "debugger", "image": "busybox:1.37", "command": ["sh", "-c", "x".repeat(100)]}],
            },
        }));
    }
    Sandbox::start(world).unwrap()
}

fn most_memory(process: Pid) -> u64 {
    most_resident(process.as_raw_nonzero().get().unsigned_abs())
}

#[test]
fn a_list_of_twenty_thousand_pods_takes_no_more_memory_than_one_of_two_thousand() {
    let took = [2000, 20_000].map(|pods| {
        let sandbox = large(pods);
        // There is output only once all is read.
        let (most, ended) = Plugin::on(&sandbox)
            .args(["list", "-A", "-o", "json"])
            .looked_at_once_there_is_output(most_memory);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        assert_eq!(ended.stdout.matches("\"visited-").count(), 400);
        most
    });
    assert!(took[1] < took[0] + 6 * 1024, "{took:?} KiB");
}

#[test]
fn completion_among_twenty_thousand_pods_tells_what_it_finds_in_time() {
    let sandbox = large(20_000);
    let ask = |begun: &str, limit: &str| {
        let ended = Plugin::on(&sandbox)
            .args(["__complete", begun])
            .variable("KUBECTL_EPHEMERAL_COMPLETION_LIMIT", limit)
            .run();
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        ended.stdout
    };
    let all = ask("pod/still-1", "60s");
    assert!(all.starts_with("pod/still-1\tRunning\n"), "{all}");
    // Ten thousand names are read; one of them begins in another way, and the last line is no name.
    assert_eq!(all.lines().count(), 10_000);
    assert_eq!(pages(&sandbox), 20);
    // The names of those that begin so stand in three pages, and the rest is not asked for.
    let some = ask("pod/still-10", "60s");
    assert_eq!(some.lines().count(), 1 + 1111);
    assert_eq!(pages(&sandbox), 20 + 3);
    let begin = Instant::now();
    let in_time = ask("pod/still-1", "200ms");
    // On a machine with much else to do that may be nothing at all.
    let (found, _directive) = in_time.rsplit_once(':').unwrap();
    assert!(all.starts_with(found), "{in_time}");
    // Much more than it is: others use this machine too.
    assert!(begin.elapsed() < Duration::from_secs(10));
}

/// How many pages of names have been asked for.
fn pages(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests().into_iter();
    let pages = requests.filter(|it| it.path.contains("/pods?limit=500"));
    pages.count()
}

#[test]
fn one_of_five_thousand_pods_is_picked_and_only_their_names_are_kept() {
    let sandbox = Sandbox::start(World::plain().still_pods(5000)).unwrap();
    sandbox
        .on(Request::get().path("/pods?").from(5))
        .delay(Duration::from_millis(400));
    let mut screen = Screen::of_plugin(&sandbox, &["--target="]);
    screen.wait_until_said("reading the pods: 2500 so far", 1);
    screen.wait_for("pod in default, type to narrow (5002 of 5002):");
    assert!(!screen.contents().contains("so far"));
    let most = most_memory(screen.process());
    assert!(most < 40 * 1024, "{most} KiB");
    screen.type_keys("still-4321");
    screen.wait_for("(1 of 5002): still-4321");
    screen.type_keys("\r");
    screen.wait_for_prompt("/ #");
    screen.type_keys("echo in $HOSTNAME; exit 3\r");
    screen.wait_for_line("in still-4321");
    assert_eq!(screen.wait_for_end(), 3);
    screen.assert_restored();
}

#[test]
fn a_pod_that_goes_while_it_is_picked_is_not_there() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let mut screen = Screen::of_plugin(&sandbox, &[] as &[&str]);
    screen.wait_for_line("> app  1/1  Running");
    sandbox.delete_pod("default", "app");
    screen.wait_while("the pod", || sandbox.pod("default", "app").is_some());
    screen.type_keys("\r");
    screen.wait_for("Error from server (NotFound): pods \"app\" not found");
    assert_eq!(screen.wait_for_end(), 125);
    screen.assert_restored();
}

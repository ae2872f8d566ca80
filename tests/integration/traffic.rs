//! What is asked of the API server: nothing twice, nothing that is not needed.

use std::time::Duration;

use sandbox::{Image, Sandbox, World};

use crate::{plugin::Plugin, screen::Screen};

/// Returns each request as `METHOD path`, without the random part of a name and the query's values.
fn asked(sandbox: &Sandbox) -> Vec<String> {
    let requests = sandbox.requests();
    requests
        .iter()
        .map(|request| {
            let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
            let keys: Vec<_> = query
                .split('&')
                .filter_map(|pair| pair.split('=').next())
                .filter(|key| !key.is_empty())
                .collect();
            format!("{} {path} {}", request.method, keys.join(","))
        })
        .collect()
}

/// A sandbox whose image `slow:1` takes so long that all is asked that is asked of a wait. One that starts at
/// once may be attached to before its events are watched.
fn unhurried() -> Sandbox {
    let image = Image::shell().pulled_in(Duration::from_secs(1));
    Sandbox::start(World::plain().image("slow:1", image)).unwrap()
}

#[test]
fn one_session_is_five_requests() {
    let sandbox = unhurried();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "--image=slow:1"]);
    screen.wait_for_prompt("/ #");
    screen.type_keys("exit\r");
    assert_eq!(screen.wait_for_end(), 0);
    let mut asked = asked(&sandbox);
    // What follows the patch goes over connections of its own, in no order.
    asked[2..].sort();
    assert_eq!(
        asked,
        [
            "GET /api/v1/namespaces/default/pods/app ",
            "PATCH /api/v1/namespaces/default/pods/app/ephemeralcontainers fieldManager",
            "GET /api/v1/namespaces/default/events watch,fieldSelector,resourceVersion",
            "GET /api/v1/namespaces/default/pods watch,allowWatchBookmarks,fieldSelector,resourceVersion",
            "GET /api/v1/namespaces/default/pods/app/attach container,stdin,stdout,tty",
        ]
    );
}

#[test]
fn a_command_asks_for_no_more_than_a_session() {
    let sandbox = unhurried();
    Plugin::on(&sandbox)
        .args(["app", "--image=slow:1", "--", "true"])
        .run();
    let mut asked = asked(&sandbox);
    asked[2..].sort();
    assert_eq!(asked.len(), 5, "{asked:?}");
    assert_eq!(
        asked[4],
        "GET /api/v1/namespaces/default/pods/app/attach container,stdin,stdout,stderr"
    );
}

#[test]
fn the_watch_begins_where_the_patch_ended_and_sees_only_the_pod() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    Plugin::on(&sandbox).args(["app", "--", "true"]).run();
    let requests = sandbox.requests();
    let watch = requests
        .iter()
        .find(|request| request.path.contains("/pods?watch=true"))
        .unwrap();
    assert!(
        watch.path.contains("fieldSelector=metadata.name%3Dapp&"),
        "{}",
        watch.path
    );
    let version = watch.path.split("resourceVersion=").nth(1).unwrap();
    assert!(version.parse::<u64>().unwrap() > 0);
}

#[test]
fn the_shell_does_not_wait_for_a_handshake() {
    let pull = Duration::from_secs(1);
    let world = World::plain().image("slow:1", Image::shell().pulled_in(pull));
    let sandbox = Sandbox::start(world).unwrap();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "--image", "slow:1"]);
    screen.wait_for_prompt("/ #");
    let requests = sandbox.requests();
    let attach = requests
        .iter()
        .find(|request| request.path.contains("/attach?"))
        .unwrap();
    // Its connection was made while the image was still on its way.
    assert!(
        attach.at - attach.connected > pull / 2,
        "{:?}",
        attach.at - attach.connected
    );
}

#[test]
fn requests_carry_our_name_into_the_audit_log() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    Plugin::on(&sandbox).args(["app", "--", "true"]).run();
    for request in sandbox.requests() {
        let expected = concat!("kubectl-ephemeral/", env!("CARGO_PKG_VERSION"), " (");
        assert!(
            request.user_agent.starts_with(expected),
            "{}",
            request.user_agent
        );
    }
}

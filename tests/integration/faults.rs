//! What the network and the server do to a session, and what becomes of it.

use std::time::Duration;

use sandbox::{Request, Sandbox, World};

use crate::{plugin::Plugin, screen::Screen};

const PROMPT: &str = "/ #";

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

/// Plays a whole session: prompt, a command, exit code 7.
fn assert_session_works(sandbox: &Sandbox) {
    let mut screen = Screen::of_plugin(sandbox, &["app"]);
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("echo $((6 * 7)); exit 7\r");
    screen.wait_for_line("42");
    assert_eq!(screen.wait_for_end(), 7, "{}", screen.contents());
    screen.assert_restored();
}

#[test]
fn a_session_survives_what_watches_go_through() {
    let sandbox = plain();
    sandbox.on(Request::watch().path("/pods").first()).expired();
    assert_session_works(&sandbox);

    let sandbox = plain();
    sandbox
        .on(Request::watch().path("/pods").up_to(2))
        .ends_at_once();
    assert_session_works(&sandbox);

    let sandbox = plain();
    sandbox.on(Request::watch()).forbidden();
    assert_session_works(&sandbox);

    let sandbox = plain();
    sandbox
        .on(Request::watch().path("/pods").first())
        .answer(503);
    assert_session_works(&sandbox);
}

#[test]
fn row_37_bytes_that_come_one_by_one_are_the_same_bytes() {
    let sandbox = plain();
    sandbox.on(Request::attach()).sliced();
    assert_session_works(&sandbox);
}

#[test]
fn a_server_that_is_slow_is_waited_for() {
    let sandbox = plain();
    sandbox.on(Request::get()).delay(Duration::from_millis(300));
    sandbox
        .on(Request::patch())
        .delay(Duration::from_millis(300));
    sandbox
        .on(Request::attach())
        .delay(Duration::from_millis(300));
    assert_session_works(&sandbox);
}

#[test]
fn a_server_that_comes_back_finds_us_waiting() {
    let world = World::plain().image(
        "slow:1",
        sandbox::Image::shell().pulled_in(Duration::from_secs(1)),
    );
    let sandbox = Sandbox::start(world).unwrap();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "--image", "slow:1"]);
    screen.wait_for("waiting: pulling image `slow:1`");
    sandbox.stop_server();
    sandbox.start_server().unwrap();
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("exit 3\r");
    assert_eq!(screen.wait_for_end(), 3);
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    for request in [
        Request::get().path("/pods/app"),
        Request::patch(),
        Request::watch(),
    ] {
        for cut in [true, false] {
            let sandbox = plain();
            let script = sandbox.on(request.clone().first());
            let broken = if cut {
                script.cut_after(500)
            } else {
                script.reset_after(500)
            };
            let ended = Plugin::on(&sandbox)
                .args(["app", "-q", "--", "sh", "-c", "seq 1 1000; exit 5"])
                .run();
            assert_eq!(
                (ended.code, ended.stderr.as_str(), broken.hits()),
                (5, "", 1),
                "{request:?}"
            );
            let pod = sandbox.pod("default", "app").unwrap();
            let added = pod["spec"]["ephemeralContainers"].as_array().unwrap();
            assert_eq!(added.len(), 1, "{request:?}");
        }
    }
}

#[test]
fn a_stream_whose_connection_breaks_before_it_is_there_is_opened_again() {
    for lost in [true, false] {
        let broken = |sandbox: &Sandbox| {
            let script = sandbox.on(Request::attach().first());
            if lost {
                script.reset()
            } else {
                script.apply_then_reset()
            }
        };
        let sandbox = plain();
        let script = broken(&sandbox);
        let mut screen = Screen::of_plugin(&sandbox, &["app"]);
        screen.wait_for_prompt(PROMPT);
        screen.type_keys("exit 7\r");
        assert_eq!(screen.wait_for_end(), 7);
        assert_eq!(script.hits(), 1);

        let sandbox = plain();
        let script = broken(&sandbox);
        let ended = Plugin::on(&sandbox)
            .args(["app", "-q", "--", "sh", "-c", "seq 1 3; exit 5"])
            .run();
        assert_eq!(
            (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
            (5, "1\n2\n3\n", "")
        );
        assert_eq!(script.hits(), 1);
    }
}

//! What the network and the server do to a session, and what becomes of it.

use std::time::Duration;

use sandbox::{Request, Sandbox, World};

use crate::{
    plugin::{Plugin, settled},
    screen::Screen,
};

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
fn bytes_that_come_one_by_one_are_the_same_bytes() {
    let sandbox = plain();
    sandbox.on(Request::attach()).sliced();
    assert_session_works(&sandbox);
}

#[test]
fn an_upgrade_that_is_stripped_or_answered_wrongly_never_touches_the_terminal() {
    for (number, expected) in [
        "error: the stream cannot be opened: something between here and the server strips the WebSocket upgrade: \
         it answered 200 OK",
        "error: the answer to the WebSocket upgrade is not from a WebSocket server",
        "error: the server speaks no protocol for attaching that we know: it chose `v9.channel.k8s.io`, we offered \
         `v5.channel.k8s.io` and `v4.channel.k8s.io`",
        "error: the server answered 502 Bad Gateway: <html>no upstream</html>",
    ]
    .into_iter()
    .enumerate()
    {
        let sandbox = plain();
        let attach = sandbox.on(Request::attach());
        let _fault = match number {
            0 => attach.answer(200).body("text/html", "<html></html>"),
            1 => attach.wrong_accept_key(),
            2 => attach.wrong_subprotocol("v9.channel.k8s.io"),
            _ => attach.answer(502).html("<html>no upstream</html>"),
        };
        let ended = Plugin::on(&sandbox).args(["app", "-q", "-i", "--", "cat"]).run();
        assert_eq!(settled(&ended.stderr).trim_end(), expected);
        assert_eq!(ended.code, 125);
    }
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

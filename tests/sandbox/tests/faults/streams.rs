//! What goes wrong with an upgrade, and what a stream says that is not so.

use sandbox::{Frame, Request};

use crate::scene::{admin, attached, runs, sandbox, say, talk, upgrade};

const SUCCESS: &[u8] = br#"{"metadata":{},"status":"Success"}"#;

#[test]
fn a_stream_lies_that_it_is_over() {
    let sandbox = sandbox();
    sandbox.on(Request::attach().first()).lie_after(5);
    let mut client = attached(&sandbox);
    talk(&mut client, "hello", "1 hello");
    assert_eq!(client.frame().unwrap(), Frame::data(3, SUCCESS));
    assert_eq!(client.frame().unwrap(), Frame::close());
    assert!(runs(&sandbox));
    talk(&mut attached(&sandbox), "again", "2 again");
}

#[test]
fn a_stream_lies_at_once() {
    let sandbox = sandbox();
    sandbox.on(Request::attach().first()).lie_after(0);
    let mut client = attached(&sandbox);
    assert_eq!(client.frame().unwrap(), Frame::data(3, SUCCESS));
    assert!(runs(&sandbox));
}

#[test]
fn pings_are_not_answered() {
    let sandbox = sandbox();
    sandbox.on(Request::attach().first()).no_pongs();
    let mut client = attached(&sandbox);
    let ping = Frame::new(Frame::PING, b"there?");
    client.send(&ping).unwrap();
    say(&mut client, "hello");
    assert_eq!(client.frame().unwrap(), Frame::data(1, b"1 hello\n"));
    let mut other = attached(&sandbox);
    other.send(&ping).unwrap();
    assert_eq!(other.frame().unwrap().opcode, Frame::PONG);
}

#[test]
fn a_proxy_strips_the_upgrade() {
    let sandbox = sandbox();
    sandbox.on(Request::attach().first()).strip_upgrade();
    let mut client = admin(&sandbox);
    let answer = upgrade(&mut client).unwrap();
    assert_eq!(answer.status, 400);
}

#[test]
fn a_proxy_answers_in_html() {
    let sandbox = sandbox();
    for code in [200, 400, 502] {
        sandbox
            .on(Request::attach().first())
            .answer(code)
            .html("<h1>no</h1>");
        let answer = upgrade(&mut admin(&sandbox)).unwrap();
        assert_eq!(answer.status, code);
        assert_eq!(answer.header("Content-Type"), Some("text/html"));
    }
}

#[test]
fn the_upgrade_is_confirmed_wrongly() {
    const ACCEPT: &str = "Sec-WebSocket-Accept";
    const PROTOCOL: &str = "Sec-WebSocket-Protocol";
    let sandbox = sandbox();
    let right = upgrade(&mut admin(&sandbox)).unwrap();
    sandbox.on(Request::attach().nth(1)).wrong_accept_key();
    sandbox
        .on(Request::attach().nth(2))
        .wrong_subprotocol("v3.channel.k8s.io");
    sandbox
        .on(Request::attach().nth(3))
        .without_header(PROTOCOL);
    let answer = || upgrade(&mut admin(&sandbox)).unwrap();
    let key = answer();
    assert_ne!(key.header(ACCEPT), right.header(ACCEPT));
    assert!(key.header(ACCEPT).is_some());
    let protocol = answer();
    assert_eq!(protocol.header(ACCEPT), right.header(ACCEPT));
    assert_eq!(protocol.header(PROTOCOL), Some("v3.channel.k8s.io"));
    let none = answer();
    assert_eq!((none.status, none.header(PROTOCOL)), (101, None));
}

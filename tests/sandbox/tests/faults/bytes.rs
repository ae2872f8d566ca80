//! How the bytes of an answer and of a stream come, and where they end.

use std::io;
use std::time::{Duration, Instant};

use sandbox::{Frame, Request};

use crate::scene::{
    POD, added, admin, attached, is_reset, is_silent, runs, sandbox, say, talk, upgrade,
};

/// What TLS adds to each write at the least.
const RECORD: usize = 22;

#[test]
fn one_byte_goes_into_each_write() {
    let sandbox = sandbox();
    let mut client = admin(&sandbox);
    client.get("/version").unwrap();
    sandbox.on(Request::get().first()).sliced();
    let before = client.received();
    let answer = client.get(POD).unwrap();
    assert_eq!(answer.json()["metadata"]["name"], "app");
    assert!(client.received() - before > answer.body.len() * RECORD);
    // The next answer on the same connection comes as ever.
    let before = client.received();
    let again = client.get(POD).unwrap();
    assert!(client.received() - before < again.body.len() + 20 * RECORD + 500);
}

#[test]
fn frames_come_byte_by_byte() {
    let sandbox = sandbox();
    sandbox.on(Request::attach().first()).sliced();
    let mut client = attached(&sandbox);
    let before = client.received();
    talk(&mut client, "hello", "1 hello");
    assert!(client.received() - before >= 11 * RECORD);
}

#[test]
fn bytes_come_slowly() {
    let sandbox = sandbox();
    let pause = Duration::from_millis(20);
    sandbox.on(Request::attach().first()).slowed(4, pause);
    let start = Instant::now();
    let mut client = attached(&sandbox);
    // The answer's head alone has more than eighty bytes.
    assert!(start.elapsed() >= 20 * pause);
    talk(&mut client, "hello", "1 hello");
}

#[test]
fn a_stream_is_cut_at_a_byte() {
    let sandbox = sandbox();
    sandbox.on(Request::attach().first()).cut_after(10);
    let mut client = admin(&sandbox);
    upgrade(&mut client).unwrap();
    say(&mut client, "hello");
    let (bytes, end) = client.rest();
    // A greeting of three bytes, and of a frame of eleven what is left.
    assert_eq!(bytes, b"\x82\x01\x01\x82\x09\x011 he");
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert!(runs(&sandbox));
    talk(&mut attached(&sandbox), "again", "2 again");
}

#[test]
fn a_stream_is_reset_at_a_byte() {
    let sandbox = sandbox();
    sandbox.on(Request::attach().first()).reset_after(3);
    let mut client = admin(&sandbox);
    upgrade(&mut client).and_then(|_| client.frame()).ok();
    assert!(is_reset(&client.rest().1));
    assert!(runs(&sandbox));
}

#[test]
fn a_stream_falls_silent_at_a_byte() {
    let sandbox = sandbox();
    sandbox.on(Request::attach().first()).half_open_after(3);
    let mut client = attached(&sandbox);
    say(&mut client, "hello");
    client.send(&Frame::new(Frame::PING, b"")).unwrap();
    assert!(is_silent(&mut client));
}

#[test]
fn who_falls_silent_holds_up_the_container_until_it_is_given_up() {
    let sandbox = sandbox();
    sandbox.on(Request::attach().first()).half_open_after(3);
    let silent = attached(&sandbox);
    let mut other = attached(&sandbox);
    other.patience(Duration::from_millis(500)).unwrap();
    let line = "x".repeat(16 * 1024);
    // As much as fits on the way to the silent one.
    let held = (0..1000).find_map(|_| {
        say(&mut other, &line);
        other.channel_until(1, b"\n").err()
    });
    assert_eq!(held.unwrap().kind(), io::ErrorKind::WouldBlock);
    drop(silent);
    other.patience(Duration::from_secs(30)).unwrap();
    other.channel_until(1, b"\n").unwrap();
    say(&mut other, "again");
    other.channel_until(1, b" again\n").unwrap();
}

#[test]
fn an_idle_stream_is_reset() {
    let sandbox = sandbox();
    let idle = Duration::from_millis(300);
    sandbox.on(Request::attach().first()).cut_when_idle(idle);
    let mut client = attached(&sandbox);
    let start = Instant::now();
    talk(&mut client, "hello", "1 hello");
    assert!(is_reset(&client.rest().1));
    assert!(start.elapsed() >= idle);
}

#[test]
fn an_idle_watch_is_reset() {
    let sandbox = sandbox();
    sandbox
        .on(Request::watch())
        .cut_when_idle(Duration::from_millis(100));
    let mut client = admin(&sandbox);
    client.request("GET", crate::scene::WATCH, &[], "").unwrap();
    client.head().unwrap();
    assert!(is_reset(&client.rest().1));
    assert_eq!(added(&sandbox), 0);
}

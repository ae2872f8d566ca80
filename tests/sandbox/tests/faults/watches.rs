//! Watches that expire, end or are forbidden.

use sandbox::Request;

use crate::scene::{POD, WATCH, admin, event, sandbox};

#[test]
fn a_watch_has_expired() {
    let sandbox = sandbox();
    sandbox.on(Request::watch().first()).expired();
    let mut client = admin(&sandbox);
    let answer = client.get(WATCH).unwrap();
    assert_eq!(answer.status, 200);
    let event = answer.json();
    assert_eq!(
        (&event["type"], &event["object"]["code"]),
        (&"ERROR".into(), &410.into())
    );
    assert_eq!(event["object"]["reason"], "Expired");
}

#[test]
fn a_watch_ends_at_once() {
    let sandbox = sandbox();
    sandbox.on(Request::watch().up_to(2)).ends_at_once();
    let mut client = admin(&sandbox);
    for _ in 0..2 {
        let answer = client.get(WATCH).unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (200, ""));
    }
    client.request("GET", WATCH, &[], "").unwrap();
    client.head().unwrap();
    assert_eq!(event(&mut client).unwrap()["type"], "ADDED");
}

#[test]
fn a_watch_is_forbidden_where_a_get_is_not() {
    let sandbox = sandbox();
    sandbox.on(Request::watch()).forbidden();
    let mut client = admin(&sandbox);
    let answer = client.get(WATCH).unwrap();
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.json()["message"],
        "pods \"app\" is forbidden: User \"admin\" cannot watch resource \"pods\" in API group \"\" \
         in the namespace \"default\""
    );
    assert_eq!(client.get(POD).unwrap().status, 200);
}

#[test]
fn a_watch_is_cut_within_an_event() {
    let sandbox = sandbox();
    sandbox.on(Request::watch().first()).cut_after(100);
    let mut client = admin(&sandbox);
    client.request("GET", WATCH, &[], "").unwrap();
    client.head().unwrap();
    let (bytes, end) = client.rest();
    assert_eq!(bytes.len(), 100);
    assert!(end.is_err());
}

//! The API server goes and comes back, the kubelet restarts; containers live on.

use std::io;

use sandbox::Frame;

use crate::scene::{POD, WATCH, admin, attached, event, is_reset, runs, sandbox, talk};

#[test]
fn the_server_goes_and_comes_back_on_its_port() {
    let sandbox = sandbox();
    let mut session = attached(&sandbox);
    talk(&mut session, "hello", "1 hello");
    let mut watch = admin(&sandbox);
    watch.request("GET", WATCH, &[], "").unwrap();
    watch.head().unwrap();
    assert!(event(&mut watch).is_some());
    let mut idle = admin(&sandbox);
    idle.get(POD).unwrap();

    sandbox.stop_server();
    for client in [&mut session, &mut watch, &mut idle] {
        assert!(is_reset(&client.rest().1));
    }
    let refused = sandbox.connect("admin").map(drop);
    assert_eq!(
        refused.unwrap_err().kind(),
        io::ErrorKind::ConnectionRefused
    );
    assert!(runs(&sandbox));

    let url = sandbox.url().to_owned();
    sandbox.start_server().unwrap();
    assert_eq!(sandbox.url(), url);
    talk(&mut attached(&sandbox), "again", "2 again");
}

#[test]
fn the_server_can_restart_often_and_from_within_a_runtime() {
    let sandbox = sandbox();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        for _ in 0..5 {
            sandbox.stop_server();
            sandbox.stop_server();
            sandbox.start_server().unwrap();
            sandbox.start_server().unwrap();
            assert_eq!(admin(&sandbox).get(POD).unwrap().status, 200);
        }
    });
}

#[test]
fn the_kubelet_restarts() {
    let sandbox = sandbox();
    let mut session = attached(&sandbox);
    talk(&mut session, "hello", "1 hello");
    let mut log = admin(&sandbox);
    let path = format!("{POD}/log?follow=true");
    log.request("GET", &path, &[], "").unwrap();
    log.head().unwrap();
    assert_eq!(log.line().unwrap().as_deref(), Some("1 hello\n"));

    sandbox.restart_kubelet();
    let success = br#"{"metadata":{},"status":"Success"}"#;
    assert_eq!(session.frame().unwrap(), Frame::data(3, success));
    assert_eq!(session.frame().unwrap(), Frame::close());
    assert_eq!(log.line().unwrap(), None);
    assert!(runs(&sandbox));
    talk(&mut attached(&sandbox), "again", "2 again");
}

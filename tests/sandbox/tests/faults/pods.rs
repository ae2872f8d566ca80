//! Pods that go while somebody watches them.

use crate::scene::{WATCH, admin, attached, event, runs, sandbox, talk};

#[test]
fn a_pod_is_replaced_by_another_of_its_name() {
    let sandbox = sandbox();
    let uid = |pod: &serde_json::Value| pod["metadata"]["uid"].clone();
    let old = uid(&sandbox.pod("default", "app").unwrap());
    let mut watch = admin(&sandbox);
    watch.request("GET", WATCH, &[], "").unwrap();
    watch.head().unwrap();
    talk(&mut attached(&sandbox), "hello", "1 hello");

    assert!(sandbox.replace_pod("default", "app"));
    let mut kinds = Vec::new();
    loop {
        let event = event(&mut watch).unwrap();
        kinds.push(event["type"].as_str().unwrap().to_owned());
        if uid(&event["object"]) != old {
            break;
        }
    }
    let last: Vec<&str> = kinds.iter().rev().take(2).map(String::as_str).collect();
    assert_eq!(last, ["ADDED", "DELETED"]);
    let running = sandbox.wait_until("default", "app", |pod| {
        pod["status"]["containerStatuses"][0]["state"]["running"].is_object()
    });
    assert!(running && runs(&sandbox));
    talk(&mut attached(&sandbox), "hello", "1 hello");
    assert!(!sandbox.replace_pod("default", "nope"));
}

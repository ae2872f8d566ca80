//! What is answered, or not, and whether what was asked for is done.

use std::time::{Duration, Instant};

use sandbox::Request;

use crate::scene::{POD, added, admin, is_reset, is_silent, patch, sandbox};

#[test]
fn an_answer_is_delayed() {
    let sandbox = sandbox();
    let delay = Duration::from_millis(150);
    sandbox.on(Request::get()).delay(delay);
    let start = Instant::now();
    let answer = admin(&sandbox).get(POD).unwrap();
    assert_eq!(answer.status, 200);
    assert!(start.elapsed() >= delay);
}

#[test]
fn the_second_of_three_is_refused_and_does_nothing() {
    let sandbox = sandbox();
    let fault = sandbox.on(Request::patch().nth(2)).answer(503);
    let fault = fault.header("Retry-After", "1");
    let mut client = admin(&sandbox);
    assert_eq!(patch(&mut client, "a").unwrap().status, 200);
    let refused = patch(&mut client, "b").unwrap();
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("Retry-After"), Some("1"));
    assert_eq!(refused.json()["reason"], "ServiceUnavailable");
    assert_eq!(added(&sandbox), 1);
    assert_eq!(patch(&mut client, "b").unwrap().status, 200);
    assert_eq!((added(&sandbox), fault.hits()), (2, 1));
}

#[test]
fn any_body_is_answered() {
    let sandbox = sandbox();
    sandbox
        .on(Request::any())
        .answer(502)
        .html("<h1>Bad Gateway</h1>");
    let answer = admin(&sandbox).get(POD).unwrap();
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (502, "<h1>Bad Gateway</h1>")
    );
    assert_eq!(answer.header("Content-Type"), Some("text/html"));
}

#[test]
fn headers_of_the_real_answer_change() {
    let sandbox = sandbox();
    sandbox
        .on(Request::get())
        .header("Warning", "299 - \"old\"")
        .without_header("Cache-Control");
    let answer = admin(&sandbox).get(POD).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Warning"), Some("299 - \"old\""));
    assert_eq!(answer.header("Cache-Control"), None);
}

#[test]
fn a_reset_comes_before_anything_is_done() {
    let sandbox = sandbox();
    sandbox.on(Request::patch().first()).reset();
    assert!(is_reset(&patch(&mut admin(&sandbox), "a")));
    assert_eq!(added(&sandbox), 0);
    assert_eq!(patch(&mut admin(&sandbox), "a").unwrap().status, 200);
}

#[test]
fn a_reset_comes_after_it_is_done() {
    let sandbox = sandbox();
    sandbox.on(Request::patch().first()).apply_then_reset();
    assert!(is_reset(&patch(&mut admin(&sandbox), "a")));
    assert_eq!(added(&sandbox), 1);
}

#[test]
fn a_half_open_connection_is_silent() {
    let sandbox = sandbox();
    sandbox.on(Request::get().first()).half_open();
    let mut client = admin(&sandbox);
    client.request("GET", POD, &[], "").unwrap();
    assert!(is_silent(&mut client));
    assert_eq!(admin(&sandbox).get(POD).unwrap().status, 200);
}

#[test]
fn a_token_expires() {
    let sandbox = sandbox();
    sandbox
        .on(Request::any().token("secret").from(3))
        .unauthorized();
    let mut client = sandbox.connect("").unwrap();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let headers = [("Authorization", "Bearer secret")];
        client.request("GET", POD, &headers, "").unwrap();
        let answer = client.answer().unwrap();
        statuses.push(answer.status);
        if answer.status == 401 {
            assert_eq!(answer.json()["message"], "Unauthorized");
        }
    }
    assert_eq!(statuses, [200, 200, 401, 401]);
}

#[test]
fn scripts_for_one_request_add_up() {
    let sandbox = sandbox();
    let delay = Duration::from_millis(100);
    sandbox.on(Request::any()).delay(delay);
    sandbox
        .on(Request::get().path("/pods/app").up_to(2))
        .answer(429);
    let mut client = admin(&sandbox);
    let start = Instant::now();
    let mut get = || client.get(POD).unwrap().status;
    assert_eq!([get(), get(), get()], [429, 429, 200]);
    assert!(start.elapsed() >= 3 * delay);
}

#[test]
fn something_else_is_answered_after_it_is_done() {
    let sandbox = sandbox();
    sandbox.on(Request::patch().first()).apply_then_answer(503);
    let answer = patch(&mut admin(&sandbox), "a").unwrap();
    assert_eq!((answer.status, added(&sandbox)), (503, 1));
}

#[test]
fn somebody_else_is_faster() {
    let sandbox = sandbox();
    sandbox.on(Request::patch().first()).overtaken();
    let answer = patch(&mut admin(&sandbox), "a").unwrap();
    assert_eq!((answer.status, added(&sandbox)), (422, 1));
    let message = answer.json()["message"].to_string();
    assert!(
        message.contains("existing ephemeral containers \\\"a\\\" may not be changed"),
        "{message}"
    );
}

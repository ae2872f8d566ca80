//! Every recorded WebSocket session is played against a sandbox in the state it was recorded in.
//!
//! Compared are the status and the headers of the answer, the body of a refusal, and of a session each
//! channel's bytes, where between them statuses, pongs and closes stand, their contents, and who closes.
//! How output is cut into frames is not compared, nor the order of stdout against stderr: they are two
//! pipes, and no server knows which of them was written to first.
//!
//! A client's frame is sent as soon as all that the server had sent before it has come.
//!
//! **The shell.** The recorded one is busybox's, with its line editor. Here a script stands for it, which
//! repeats a line and then runs it ([`state::SHELL`]). The bytes are the same, with one exception: when
//! its terminal changes size, busybox draws its prompt anew. That is left out; that the size has come is
//! seen from `stty size`.

#![expect(clippy::unwrap_used, reason = "in a test, what fails is to panic")]

mod play;
mod recording;
mod state;

use recording::Recording;

/// What is not played, and why.
const LEFT_OUT: [(&str, &str); 0] = [];

fn folder() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts/ws")
}

fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap();
    let mut names: Vec<String> = files
        .filter_map(|file| file.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[test]
fn recorded_sessions_go_the_same_here() {
    let mut different = Vec::new();
    let (mut played, mut left_out) = (0, 0);
    for name in names() {
        if LEFT_OUT.iter().any(|(left_out, _)| *left_out == name) {
            left_out += 1;
            continue;
        }
        let recording = Recording::read(&format!("{}/{name}.json", folder()));
        match state::of(&name).and_then(|state| play::play(&recording, &state)) {
            Ok(()) => played += 1,
            Err(difference) => different.push(format!("{name}: {difference}")),
        }
    }
    assert!(
        different.is_empty(),
        "{} of {} differ:\n{}",
        different.len(),
        different.len() + played,
        different.join("\n")
    );
    assert_eq!((played, left_out), (41, LEFT_OUT.len()));
    println!("{played} recorded sessions are played, {left_out} left out");
}

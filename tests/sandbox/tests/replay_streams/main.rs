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

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "in a test, what fails is to panic; how much was played is to be seen"
)]

mod old;
mod play;
mod recording;
mod state;

use recording::Recording;
use sandbox::Server;

/// What is not played, and why.
const LEFT_OUT: [(&str, &str); 0] = [];

fn folder() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts/ws")
}

fn names(folder: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = files
        .filter_map(|file| file.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    names.sort();
    names
}

/// Plays all of a folder but what is left out; how many were played, and how many not.
fn replay(
    folder: &str,
    is_left_out: impl Fn(&str) -> bool,
    state_of: impl Fn(&str, &Recording) -> Result<state::State, String>,
) -> (usize, usize) {
    let mut different = Vec::new();
    let (mut played, mut skipped) = (0, 0);
    for name in names(folder) {
        if is_left_out(&name) {
            skipped += 1;
            continue;
        }
        let recording = Recording::read(&format!("{folder}/{name}.json"));
        match state_of(&name, &recording).and_then(|state| play::play(&recording, &state)) {
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
    (played, skipped)
}

#[test]
fn recorded_sessions_go_the_same_here() {
    let played = replay(
        folder(),
        |name| LEFT_OUT.iter().any(|(left_out, _)| *left_out == name),
        |name, _| state::of(name),
    );
    assert_eq!(played, (41, LEFT_OUT.len()));
    println!(
        "{} recorded sessions are played, {} left out",
        played.0, played.1
    );
}

fn replay_old(version: &str, server: Server) -> (usize, usize) {
    let (played, left_out) = replay(
        &old::folder(version),
        |name| old::is_left_out(version, name),
        |name, recording| old::state_of(server, name, recording),
    );
    println!("{played} recorded sessions of {version} are played, {left_out} left out");
    (played, left_out)
}

#[test]
fn recorded_sessions_of_1_21_go_the_same_here() {
    assert_eq!(replay_old("1.21", Server::V1_21), (33, 1));
}

#[test]
fn recorded_sessions_of_1_23_go_the_same_here() {
    assert_eq!(replay_old("1.23", Server::V1_23), (32, 1));
}

#[test]
fn recorded_sessions_of_1_28_go_the_same_here() {
    assert_eq!(replay_old("1.28", Server::V1_28), (32, 1));
}

#[test]
fn recorded_sessions_of_1_28_with_containerd_2_go_the_same_here() {
    assert_eq!(replay_old("1.28-c2", Server::V1_28Containerd2), (32, 1));
}

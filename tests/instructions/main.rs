//! Holds the instructions of the plugin's start and of its stream to what was counted last.
//!
//! `decisions/0026-counting-instructions.md` tells what is counted, and why in the binary that tests run. Elsewhere than on
//! Linux on x86-64 nothing is counted.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![expect(
    clippy::unwrap_used,
    reason = "what cannot be counted or written fails"
)]

mod callgrind;
mod counted;

use std::{
    env, fs,
    io::{self, Write as _},
    path::Path,
};

use sandbox::{Sandbox, World};
use serde_json::json;

use callgrind::Counts;
use counted::{LAST, ROOM};

/// A count that is over is made so often in all, and the least counts: once in a while there is more to do.
const TRIES: usize = 3;
const PAGE: &str = "tests/instructions/counted.rs";

#[test]
fn start_and_stream_take_no_more_instructions_than_were_counted() {
    if let Some(reason) = why_not() {
        assert!(env::var_os("CI").is_none(), "CI is set, and {reason}");
        writeln!(io::stderr(), "SKIPPED: {reason}").unwrap();
        return;
    }
    let sandbox = Sandbox::start(world()).unwrap();
    let count = |attempt: usize| {
        let pods = [0, 1, 2].map(|pod| name(attempt, pod));
        callgrind::count(sandbox.kubeconfig(), pods.each_ref().map(String::as_str)).unwrap()
    };
    let mut least = count(0);
    if env::var_os("UPDATE").is_some() {
        return renew(least);
    }
    for attempt in 1..TRIES {
        if over(least).is_empty() {
            break;
        }
        least = of_both(least, count(attempt));
    }
    let over = over(least);
    assert!(
        over.is_empty(),
        "{}\nIf that has a reason, `make instructions` writes the counts anew; the commit tells the reason.",
        over.join("\n")
    );
}

/// Why nothing is counted here.
fn why_not() -> Option<&'static str> {
    if !callgrind::is_there() {
        return Some(
            "there is no valgrind to count instructions with; on Debian: apt-get install valgrind",
        );
    }
    // Callgrind plays the same processor on all that have it; copies and ciphers take more without it.
    (!is_x86_feature_detected!("avx2"))
        .then_some("instructions were counted on a processor with AVX2, which this one lacks")
}

fn world() -> World {
    let pods = (0..TRIES).flat_map(|attempt| [0, 1, 2].map(|pod| name(attempt, pod)));
    pods.fold(World::new(), |world, name| {
        world.pod(json!({
            "metadata": {"name": name},
            "spec": {"containers": [{"name": "app", "image": "distroless-app:1"}]},
        }))
    })
}

fn name(attempt: usize, pod: usize) -> String {
    format!("app-{attempt}-{pod}")
}

fn of_both(one: Counts, other: Counts) -> Counts {
    Counts {
        help: one.help.min(other.help),
        command: one.command.min(other.command),
        mebibyte: one.mebibyte.min(other.mebibyte),
    }
}

/// Says each count that is beyond its room.
fn over(now: Counts) -> Vec<String> {
    let rows = [
        ("--help", now.help, LAST.help),
        ("one command", now.command, LAST.command),
        ("a MiB of output", now.mebibyte, LAST.mebibyte),
    ];
    let over = rows.into_iter().filter(|(_, now, last)| *now > last * ROOM);
    over.map(|(what, now, last)| {
        let percent = (now / last - 1.0) * 100.0;
        format!("{what}: {now:.2} million instructions, {percent:.0} % more than {last}")
    })
    .collect()
}

/// Writes the counts anew.
fn renew(now: Counts) {
    let page = Path::new(PAGE);
    let text = fs::read_to_string(page).unwrap();
    let name = if cfg!(debug_assertions) {
        "DEBUG"
    } else {
        "RELEASE"
    };
    fs::write(page, renewed(&text, name, now)).unwrap();
}

/// Returns the text with other counts in the constant of this name.
fn renewed(text: &str, name: &str, now: Counts) -> String {
    let head = format!("const {name}: Counts = Counts {{\n");
    let (before, rest) = text.split_once(&head).unwrap();
    let (_, after) = rest.split_once("};").unwrap();
    let Counts {
        help,
        command,
        mebibyte,
    } = now;
    format!(
        "{before}{head}    help: {help:.2},\n    command: {command:.1},\n    mebibyte: {mebibyte:.1},\n}};{after}"
    )
}

#[test]
fn new_counts_go_into_the_constant_of_their_binary_and_nowhere_else() {
    let text = include_str!("counted.rs");
    let now = Counts {
        help: 1.0,
        command: 2.25,
        mebibyte: 30.0,
    };
    let renewed = renewed(text, "DEBUG", now);
    let (old, new): (Vec<_>, Vec<_>) = (text.lines().collect(), renewed.lines().collect());
    let differ = old.iter().zip(&new).filter(|(old, new)| old != new);
    let differ: Vec<_> = differ.map(|(_, new)| new.trim()).collect();
    assert_eq!(old.len(), new.len());
    assert_eq!(differ, ["help: 1.00,", "command: 2.2,", "mebibyte: 30.0,"]);
}

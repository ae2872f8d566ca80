//! A thousand short sessions: every byte and every exit code counts.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

use fastrand::Rng;
use sandbox::{Runtime, Sandbox, Server, World};

use crate::{
    beside::{self, Written, assert_same, lines, noise},
    meter::Meter,
    round::on_screen,
};

/// How many sessions one cluster has; all containers of a pod are in one object.
const EACH: u64 = 25;

/// Plays so many, two at a time, on clusters of all ages.
pub(crate) fn play(count: u64, meter: &Meter) {
    let begin = Instant::now();
    let (next, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(EACH, Ordering::Relaxed);
                    if first >= count {
                        break;
                    }
                    bytes.fetch_add(play_some(first, count, meter), Ordering::Relaxed);
                }
            });
        }
    });
    println!(
        "{count} of {count} sessions ended with their bytes (sha256) and their exit codes: {} MB in {} s, each of \
         them took at most {}",
        bytes.into_inner() / 1_000_000,
        begin.elapsed().as_secs(),
        meter.assert_in_bound(),
    );
}

/// Plays those of one cluster, and returns how many bytes have come.
fn play_some(first: u64, count: u64, meter: &Meter) -> u64 {
    let plain = World::plain();
    let (server, world) = match first / EACH % 7 {
        6 => (Server::V1_21, plain.server(Server::V1_21)),
        0 => (Server::V1_23, plain.server(Server::V1_23)),
        1 => (Server::V1_28, plain.server(Server::V1_28)),
        2 => (
            Server::V1_28Containerd2,
            plain.server(Server::V1_28Containerd2),
        ),
        3 => (Server::V1_36, plain.runtime(Runtime::CriO)),
        _ => (Server::V1_36, plain),
    };
    let sandbox = Sandbox::start(world).unwrap();
    let folder = sandbox.kubeconfig().parent().unwrap().to_owned();
    let mut bytes = 0;
    for number in first..count.min(first + EACH) {
        let told = Told {
            number,
            server,
            sandbox: &sandbox,
            asked: sandbox.requests().len(),
        };
        bytes += play_one(&sandbox, server, number);
        drop(told);
    }
    meter.assert_in_bound();
    drop(sandbox);
    assert!(!folder.exists());
    bytes
}

/// Plays one, and returns how many bytes have come.
fn play_one(sandbox: &Sandbox, server: Server, number: u64) -> u64 {
    let mut rng = Rng::with_seed(number);
    let (container, code) = (format!("c{number}"), rng.u8(..));
    // Most are small, as most are in life.
    let most = [0, 100, 5000, 100_000, 1_000_000][rng.usize(..5)];
    let length = rng.usize(..=most);
    match number % 5 {
        0 => {
            let sent = noise(&mut rng, length);
            let (ended, came, said) = beside::pipe(sandbox, server, &container, &sent, code);
            assert_eq!(ended, i32::from(code), "{said}");
            assert_same("what came back", &came, &sent);
            length as u64
        }
        1 => in_terminal(sandbox, &container, code, &mut rng),
        _ => {
            let err = noise(&mut rng, length / 10);
            let written = Written::new(noise(&mut rng, length), err);
            beside::command(sandbox, &container, &written, code);
            (written.out.len() + written.err.len()) as u64
        }
    }
}

/// A shell that writes many lines and ends at once.
fn in_terminal(sandbox: &Sandbox, container: &str, code: u8, rng: &mut Rng) -> u64 {
    let count = rng.u32(1..5000);
    let mut screen = on_screen(sandbox, &["app", "-q", "-c", container]);
    screen.wait_for_prompt("/ #");
    screen.type_keys(&format!("exec sh -c 'seq 1 {count}; exit {code}'\r"));
    assert_eq!(screen.wait_for_end(), i32::from(code), "{}", screen.said());
    screen.assert_restored();
    let (said, sent) = (screen.said(), lines(count, "\r\n"));
    let begin = said.find("\r\n1\r\n").map_or(0, |at| at + 2);
    assert_same("the lines", &said.as_bytes()[begin..], sent.as_bytes());
    sent.len() as u64
}

/// Says which session has failed, and what it had asked the server for.
struct Told<'a> {
    number: u64,
    server: Server,
    sandbox: &'a Sandbox,
    /// How many requests there were before.
    asked: usize,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let (number, server) = (self.number, self.server);
            eprintln!("FAILED: session {number}, on {server:?}, which had asked for");
            for request in &self.sandbox.requests()[self.asked..] {
                eprintln!("  {:?} {} {}", request.time, request.method, request.path);
            }
            let container = format!("c{number}");
            let pod = self.sandbox.pod("default", "app").unwrap_or_default();
            let statuses = pod["status"]["ephemeralContainerStatuses"].as_array();
            let mut statuses = statuses.into_iter().flatten();
            let status = statuses.find(|status| status["name"] == container.as_str());
            eprintln!("  its status: {}", status.cloned().unwrap_or_default());
        }
    }
}

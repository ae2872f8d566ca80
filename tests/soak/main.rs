//! Much use in little time: sessions and what happens to them, in random order, for minutes.
//!
//! `make soak` runs it. What happens follows from a seed that is printed; `SOAK_SEED` plays the same again, and
//! `SOAK_ROUND` begins with a later round of it, since each stands for itself. `SOAK_ONLY` plays one kind of step, as
//! `step` names them, to look for what is rare. `PLUGIN_UNDER_TEST` names another binary than the one just built, such as
//! that of a release.
//!
//! - `round`    a cluster, a terminal session, and what happens to both; `step`: what can
//! - `sessions` a thousand short sessions, of which every byte and every exit code counts
//! - `beside`   runs of the plugin beside a terminal session
//! - `meter`    what the plugin takes of the machine, and what it leaves there

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    dead_code,
    reason = "a test that cannot be set up fails; what was played is told; not all that the other tests drive the \
              plugin with is used here"
)]

mod beside;
mod meter;
#[path = "../integration/plugin.rs"]
mod plugin;
mod round;
#[path = "../integration/screen.rs"]
mod screen;
#[path = "../integration/secrets.rs"]
mod secrets;
#[path = "../integration/seen.rs"]
mod seen;
mod sessions;
mod step;

use std::time::{Duration, Instant};

use meter::Meter;
use round::Round;
use step::Step;

/// So that `make test` knows that the rest still works.
#[test]
fn each_step_holds_on_its_own() {
    let meter = Meter::start();
    Round::start(0, 0, &meter).play(&Step::one_of_each_quick());
}

#[test]
#[ignore = "takes minutes: `make soak`"]
fn rounds() {
    let time = Duration::from_secs(number("SOAK_SECONDS").unwrap_or(120));
    let seed = number("SOAK_SEED").unwrap_or_else(|| fastrand::u64(..1_000_000));
    let only = std::env::var("SOAK_ONLY").unwrap_or_default();
    assert!(Step::is_kind(&only), "SOAK_ONLY={only} is no step");
    let meter = Meter::start();
    let begin = Instant::now();
    let mut steps = 0;
    let first = number("SOAK_ROUND").unwrap_or(1);
    println!("seed {seed}, {} s", time.as_secs());
    for number in first.. {
        if begin.elapsed() >= time {
            let rounds = number - first;
            println!("seed {seed}: {rounds} rounds of {steps} steps, all as it should be");
            break;
        }
        let mut round = Round::start(seed, number, &meter);
        let chosen = round.choose(&only);
        steps += chosen.len();
        round.play(&chosen);
    }
}

#[test]
#[ignore = "takes minutes: `make soak SOAK=sessions`"]
fn sessions() {
    let count = number("SOAK_SESSIONS").unwrap_or(1000);
    sessions::play(count, &Meter::start());
}

/// Reads a number from the environment.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    let number = text.parse();
    assert!(number.is_ok(), "{name}={text} is no number");
    number.ok()
}

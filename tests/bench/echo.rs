//! How long a key takes there and back.

use std::{
    env, fs, io, thread,
    time::{Duration, SystemTime},
};

use crate::{
    answering::{LATE, LATE_KEY},
    client::{Client, Job},
    figure::Figure,
    scene::Scene,
    terminal::Terminal,
};

/// How many keys are typed in a session, each after the answer to the one before.
const KEYS: usize = 150;
/// How many are typed while another is unanswered.
const HURRIED_KEYS: usize = 20;
/// Between two keys: everything has come to rest, as between the keys of a person.
const PAUSE: Duration = Duration::from_millis(3);
/// An answer that has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(3);

/// A shell that says that it is there, and then is another program in a raw terminal. It is asked again
/// and again, since what is typed before anybody is attached may be lost.
const READY: &str = "READY";
pub(crate) const WAITS: &str = r#"while read -r line; do [ "$line" = go ] && break; done
stty raw -echo; echo READY; exec "$@""#;

/// What was seen of the keys of one session: the median of each kind.
pub(crate) struct Echo {
    /// Of a key for which everybody waits.
    pub(crate) single: Duration,
    /// Of a key that is typed while the one before is unanswered.
    pub(crate) hurried: Option<Duration>,
}

/// Attaches to a terminal, types, and leaves.
pub(crate) fn visit(scene: &Scene, client: &Client) -> io::Result<Echo> {
    fs::create_dir_all(client.home(scene))?;
    let own = env::current_exe()?;
    let own = own.to_string_lossy();
    let can_run_ours = scene.as_sandbox().is_some();
    // On a cluster there is no program of ours, but one that answers each key at once.
    let program = if can_run_ours {
        [&own, "--answer"].to_vec()
    } else {
        vec!["cat"]
    };
    let command = [&["sh", "-c", WAITS, "sh"], &program[..]].concat();
    let place = scene.add(&command, true)?;
    let words = client.words(Job::Attach(&place));
    let mut terminal = Terminal::start(&words[0], &words[1..], &client.environment(scene))?;
    let echo = type_keys(&mut terminal, can_run_ours);
    terminal.kill()?;
    echo.map_err(|error| {
        io::Error::other(format!(
            "{}: {error}; it said: {}",
            client.name,
            terminal.output().trim()
        ))
    })
}

fn type_keys(terminal: &mut Terminal, answers_late: bool) -> io::Result<Echo> {
    get_ready(terminal)?;
    // What was asked too often is answered by the program.
    terminal.wait_for_silence(PATIENCE / 15);
    let mut single = Vec::new();
    for number in 0..KEYS {
        single.push(echo(terminal, key(number))?);
        thread::sleep(PAUSE);
    }
    let mut hurried = Vec::new();
    let late = char::from(LATE_KEY).to_string();
    for number in 0..if answers_late { HURRIED_KEYS } else { 0 } {
        terminal.type_keys(&late)?;
        thread::sleep(LATE / 5);
        let time = echo(terminal, key(number))?;
        // On a busy machine the late answer may have come before; then nothing was in a hurry.
        if terminal.wait_for(&late, LATE * 4).is_some() {
            hurried.push(time);
        }
        thread::sleep(PAUSE);
    }
    Ok(Echo {
        single: median(&single).ok_or_else(unanswered)?,
        hurried: median(&hurried),
    })
}

/// Waits until the program in the container has taken over, and returns when.
pub(crate) fn get_ready(terminal: &mut Terminal) -> io::Result<SystemTime> {
    for _ in 0..50 {
        terminal.type_keys("go\r")?;
        if let Some(ready) = terminal.wait_for(READY, PATIENCE / 15) {
            return Ok(ready);
        }
    }
    Err(unanswered())
}

fn echo(terminal: &mut Terminal, key: &str) -> io::Result<Duration> {
    let typed = SystemTime::now();
    terminal.type_keys(key)?;
    let answered = terminal.wait_for(key, PATIENCE).ok_or_else(unanswered)?;
    Ok(answered.duration_since(typed).unwrap_or_default())
}

/// Returns another key each time, so that no answer is taken for that to the one before.
fn key(number: usize) -> &'static str {
    ["a", "b", "c", "d"][number % 4]
}

fn median(times: &[Duration]) -> Option<Duration> {
    let figure = Figure::of(times.iter().map(Duration::as_secs_f64))?;
    Some(Duration::from_secs_f64(figure.median))
}

fn unanswered() -> io::Error {
    io::Error::other("a key was not answered")
}

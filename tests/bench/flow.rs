//! How much output flows through a session, and what that takes.

use std::{
    env,
    io::{self, Read, Write as _},
    process::{ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    client::{Client, Job},
    echo::{WAITS, get_ready},
    scene::Scene,
    terminal::Terminal,
    visit::{measured, prepare, usage},
    wrapper::Usage,
};

pub(crate) const MEBIBYTE: usize = 1024 * 1024;
const WAITS_FOR_A_LINE: &str = r#"read -r line; exec head -c "$1" /dev/zero"#;
/// Lines, as most of what a terminal gets.
const LINES: &str =
    r#"yes "an ordinary line of about as many letters as such a line has" | head -c "$1""#;

/// What was seen of one flow.
pub(crate) struct Flow {
    /// In MiB a second, from the first byte to the last.
    pub(crate) rate: f64,
    /// For a GiB, with all that the session takes besides.
    pub(crate) cpu: Duration,
    /// The most that was resident, in units of 1024 bytes.
    pub(crate) memory: u32,
}

/// Attaches to a container without a terminal, and takes so many MiB.
pub(crate) fn piped(scene: &Scene, client: &Client, size: usize) -> io::Result<Flow> {
    let bytes = (size * MEBIBYTE).to_string();
    let place = scene.add(&["sh", "-c", WAITS_FOR_A_LINE, "sh", &bytes], false)?;
    without_terminal(scene, client, Job::Attach(&place), size)
}

/// Runs a command that prints so many MiB.
pub(crate) fn command(scene: &Scene, client: &Client, size: usize) -> io::Result<Flow> {
    let script = format!("head -c {} /dev/zero", size * MEBIBYTE);
    without_terminal(scene, client, Job::Script(&scene.next_pod(), &script), size)
}

/// Attaches to a terminal, and takes so many MiB.
pub(crate) fn terminal(scene: &Scene, client: &Client, size: usize) -> io::Result<Flow> {
    prepare(scene, client)?;
    let bytes = (size * MEBIBYTE).to_string();
    let lines = ["sh", "-c", LINES, "sh", &bytes];
    let place = scene.add(&[&["sh", "-c", WAITS, "sh"], &lines[..]].concat(), true)?;
    let mut terminal = Terminal::start(
        env::current_exe()?,
        &measured(scene, client, Job::Attach(&place)),
        &client.environment(scene),
    )?;
    // It flows as soon as it is ready.
    let ready = get_ready(&mut terminal)?;
    let (length, last) = terminal.count(size * MEBIBYTE);
    let ended = terminal.end()?;
    let usage = usage(scene, client, || format!("{ended}"))?;
    let time = last.ok_or_else(nothing)?.duration_since(ready);
    flow(&usage, size, length, time.unwrap_or_default())
}

fn without_terminal(scene: &Scene, client: &Client, job: Job<'_>, size: usize) -> io::Result<Flow> {
    prepare(scene, client)?;
    let mut child = Command::new(env::current_exe()?)
        .args(measured(scene, client, job))
        .env_clear()
        .envs(client.environment(scene))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = child.stderr.take();
    let said = thread::spawn(move || stderr.map(io::read_to_string));
    let mut stdin = child.stdin.take().ok_or_else(nothing)?;
    // Who has a command needs no line, and may be gone.
    stdin.write_all(b"go\n").ok();
    let (length, time) = count(child.stdout.take().ok_or_else(nothing)?)?;
    drop(stdin);
    child.wait()?;
    let said = said.join().ok().flatten().transpose()?.unwrap_or_default();
    let usage = usage(scene, client, || said.clone())?;
    flow(&usage, size, length, time)
}

/// Reads to the end; how much it was, and how long it took from the first byte to the last.
fn count(mut output: ChildStdout) -> io::Result<(usize, Duration)> {
    let mut buffer = vec![0; MEBIBYTE];
    let mut length = output.read(&mut buffer)?;
    let first = Instant::now();
    let mut last = first;
    loop {
        match output.read(&mut buffer)? {
            0 => return Ok((length, last - first)),
            more => length += more,
        }
        last = Instant::now();
    }
}

fn flow(usage: &Usage, size: usize, came: usize, time: Duration) -> io::Result<Flow> {
    if came < size * MEBIBYTE {
        let lost = size * MEBIBYTE - came;
        return Err(io::Error::other(format!(
            "{lost} bytes of {size} MiB are missing"
        )));
    }
    let mebibytes = f64::from(u32::try_from(size).unwrap_or(u32::MAX));
    Ok(Flow {
        rate: mebibytes / time.as_secs_f64(),
        cpu: usage.cpu.mul_f64(1024.0 / mebibytes),
        memory: usage.memory,
    })
}

fn nothing() -> io::Error {
    io::Error::other("nothing came")
}

//! One run of one program, and what was seen of it.

use std::{
    env,
    ffi::OsString,
    fs, io,
    process::{Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};

use sandbox::{Recorded, Sandbox};

use crate::{
    client::{Client, Job},
    running,
    terminal::Terminal,
    wrapper::Usage,
};

const PROMPT: &str = "/ #";
/// A prompt that has not come by then does not come by itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was seen of a run. Times are since the start of the process.
pub(crate) struct Seen {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) memory: u32,
    pub(crate) to_patch: Option<Duration>,
    pub(crate) to_prompt: Option<Duration>,
    /// Until the PATCH, and from the status `running` to the prompt.
    pub(crate) own_share: Option<Duration>,
    /// How long the connection had been there that the shell's stream was opened on. One that is
    /// new is as old as a TLS handshake.
    pub(crate) connection_age: Option<Duration>,
    /// Each request's method and path.
    pub(crate) requests: Vec<String>,
}

/// Opens a shell, waits for its prompt, and leaves.
pub(crate) fn shell(sandbox: &Sandbox, client: &Client, pod: &str) -> io::Result<Seen> {
    let before = prepare(sandbox, client)?;
    let mut terminal = Terminal::start(
        env::current_exe()?,
        &measured(sandbox, client, Job::Shell(pod)),
        &client.environment(sandbox),
    )?;
    let (prompt, running) = thread::scope(|scope| {
        let running = scope.spawn(|| running::wait(sandbox, pod));
        let prompt = terminal.wait_for(PROMPT, PATIENCE);
        (prompt, running.join().ok().flatten())
    });
    // If it is gone already, its exit code and its output say why.
    terminal.type_keys("exit\r").ok();
    terminal.end()?;
    let usage = usage(sandbox, client, || terminal.output())?;
    let mut seen = seen(&usage, &sandbox.requests()[before..]);
    seen.to_prompt = prompt.and_then(|at| at.duration_since(usage.start).ok());
    seen.own_share = match (seen.to_patch, prompt, running) {
        // A prompt that is there before the status says so leaves nothing to wait for.
        (Some(to_patch), Some(prompt), Some(running)) => {
            Some(to_patch + prompt.duration_since(running).unwrap_or_default())
        }
        _ => None,
    };
    Ok(seen)
}

/// Runs a command that does nothing, without a terminal.
pub(crate) fn command(sandbox: &Sandbox, client: &Client, pod: &str) -> io::Result<Seen> {
    without_terminal(sandbox, client, Job::Command(pod))
}

/// Asks for the help, for which no cluster is needed.
pub(crate) fn help(sandbox: &Sandbox, client: &Client) -> io::Result<Seen> {
    without_terminal(sandbox, client, Job::Help)
}

fn without_terminal(sandbox: &Sandbox, client: &Client, job: Job<'_>) -> io::Result<Seen> {
    let before = prepare(sandbox, client)?;
    let output = Command::new(env::current_exe()?)
        .args(measured(sandbox, client, job))
        .env_clear()
        .envs(client.environment(sandbox))
        .stdin(Stdio::null())
        .output()?;
    let usage = usage(sandbox, client, || {
        String::from_utf8_lossy(&output.stderr).into_owned()
    })?;
    Ok(seen(&usage, &sandbox.requests()[before..]))
}

/// Forgets the run before, and returns how many requests there were until now.
fn prepare(sandbox: &Sandbox, client: &Client) -> io::Result<usize> {
    fs::create_dir_all(client.home(sandbox))?;
    fs::remove_file(client.usage_file(sandbox)).ok();
    Ok(sandbox.requests().len())
}

fn measured(sandbox: &Sandbox, client: &Client, job: Job<'_>) -> Vec<OsString> {
    let own = [
        "--measure".into(),
        client.usage_file(sandbox).into(),
        "--".into(),
    ];
    own.into_iter().chain(client.words(job)).collect()
}

fn usage(sandbox: &Sandbox, client: &Client, output: impl Fn() -> String) -> io::Result<Usage> {
    let failed = |why: String| {
        io::Error::other(format!(
            "{} {why}; it said: {}",
            client.name,
            output().trim()
        ))
    };
    let usage = Usage::read(&client.usage_file(sandbox));
    let usage = usage.map_err(|error| failed(format!("left no account of itself ({error})")))?;
    if usage.code == 0 {
        Ok(usage)
    } else {
        Err(failed(format!("ended with exit code {}", usage.code)))
    }
}

fn seen(usage: &Usage, requests: &[Recorded]) -> Seen {
    let since_start = |time: SystemTime| time.duration_since(usage.start).ok();
    let patch = requests.iter().find(|request| request.method == "PATCH");
    let attach = requests
        .iter()
        .find(|request| request.path.contains("/attach?"));
    Seen {
        wall: usage.wall,
        cpu: usage.cpu,
        memory: usage.memory,
        to_patch: patch.and_then(|request| since_start(request.time)),
        to_prompt: None,
        own_share: None,
        connection_age: attach.map(|request| request.at - request.connected),
        requests: requests
            .iter()
            .map(|request| format!("{} {}", request.method, request.path))
            .collect(),
    }
}

//! One run of one program, and what was seen of it.

use std::{
    collections::HashSet,
    env,
    ffi::OsString,
    fs, io,
    process::{Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};

use sandbox::Recorded;

use crate::{
    client::{Client, Job},
    running,
    scene::Scene,
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
    /// From the status `running` to the prompt.
    pub(crate) from_running: Option<Duration>,
    /// How many connections were made after the status said `running`.
    pub(crate) late_connections: Option<usize>,
    /// How long the connection had been there that the shell's stream was opened on. One that is
    /// new is as old as a TLS handshake.
    pub(crate) connection_age: Option<Duration>,
    /// Each request's method and path.
    pub(crate) requests: Vec<String>,
}

/// Opens a shell, waits for its prompt, and leaves.
pub(crate) fn shell(scene: &Scene, client: &Client) -> io::Result<Seen> {
    let pod = &scene.next_pod();
    let before = prepare(scene, client)?;
    let mut terminal = Terminal::start(
        env::current_exe()?,
        &measured(scene, client, Job::Shell(pod)),
        &client.environment(scene),
    )?;
    let (prompt, running) = thread::scope(|scope| {
        let running = scope.spawn(|| running::wait(scene.as_sandbox()?, pod));
        let prompt = terminal.wait_for(PROMPT, PATIENCE);
        (prompt, running.join().ok().flatten())
    });
    // If it is gone already, its exit code and its output say why.
    terminal.type_keys("exit\r").ok();
    terminal.end()?;
    let usage = usage(scene, client, || terminal.output())?;
    let requests = scene.requests().split_off(before);
    let mut seen = seen(&usage, &requests);
    seen.late_connections = running.map(|running| late_connections(&requests, running));
    seen.from_running =
        running.and_then(|running| Some(prompt?.duration_since(running).unwrap_or_default()));
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
pub(crate) fn command(scene: &Scene, client: &Client) -> io::Result<Seen> {
    without_terminal(scene, client, Job::Command(&scene.next_pod()))
}

/// Asks for the help, for which no cluster is needed.
pub(crate) fn help(scene: &Scene, client: &Client) -> io::Result<Seen> {
    without_terminal(scene, client, Job::Help)
}

fn without_terminal(scene: &Scene, client: &Client, job: Job<'_>) -> io::Result<Seen> {
    let before = prepare(scene, client)?;
    let output = Command::new(env::current_exe()?)
        .args(measured(scene, client, job))
        .env_clear()
        .envs(client.environment(scene))
        .stdin(Stdio::null())
        .output()?;
    let usage = usage(scene, client, || {
        String::from_utf8_lossy(&output.stderr).into_owned()
    })?;
    Ok(seen(&usage, &scene.requests().split_off(before)))
}

/// Forgets the run before, and returns how many requests there were until now.
pub(crate) fn prepare(scene: &Scene, client: &Client) -> io::Result<usize> {
    fs::create_dir_all(client.home(scene))?;
    fs::remove_file(client.usage_file(scene)).ok();
    Ok(scene.requests().len())
}

pub(crate) fn measured(scene: &Scene, client: &Client, job: Job<'_>) -> Vec<OsString> {
    let own = [
        "--measure".into(),
        client.usage_file(scene).into(),
        "--".into(),
    ];
    own.into_iter().chain(client.words(job)).collect()
}

pub(crate) fn usage(
    scene: &Scene,
    client: &Client,
    output: impl Fn() -> String,
) -> io::Result<Usage> {
    let failed = |why: String| {
        io::Error::other(format!(
            "{} {why}; it said: {}",
            client.name,
            output().trim()
        ))
    };
    let usage = Usage::read(&client.usage_file(scene));
    let usage = usage.map_err(|error| failed(format!("left no account of itself ({error})")))?;
    if usage.code == 0 {
        Ok(usage)
    } else {
        Err(failed(format!("ended with exit code {}", usage.code)))
    }
}

/// Counts the connections that were made after a moment and had a request.
fn late_connections(requests: &[Recorded], moment: SystemTime) -> usize {
    let made = requests.iter().map(|request| {
        let age = request.at - request.connected;
        (request.connected, request.time - age)
    });
    let late: HashSet<_> = made
        .filter(|(_, at)| *at > moment)
        .map(|(connection, _)| connection)
        .collect();
    late.len()
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
        from_running: None,
        late_connections: None,
        connection_age: attach.map(|request| request.at - request.connected),
        requests: requests
            .iter()
            .map(|request| format!("{} {}", request.method, request.path))
            .collect(),
    }
}

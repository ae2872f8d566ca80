//! The programs that are compared, and their words for each job.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use sandbox::Sandbox;
use serde_json::Value;

/// The program this is all about.
const PLUGIN: &str = env!("CARGO_BIN_EXE_kubectl-ephemeral");
const IMAGE: &str = "busybox:1.37";
/// The container of every pod, which is ours to see into unless told otherwise.
pub(crate) const CONTAINER: &str = "app";

/// What a program is asked to do.
#[derive(Clone, Copy)]
pub(crate) enum Job<'a> {
    /// A shell with a terminal in this pod.
    Shell(&'a str),
    /// A command that does nothing in this pod, without a terminal.
    Command(&'a str),
    Help,
}

/// A program.
pub(crate) struct Client {
    number: usize,
    /// How it is called in the result: `ours`, or `kubectl 1.36.4`.
    pub(crate) name: String,
    program: PathBuf,
    /// `None` is ours.
    version: Option<Vec<u32>>,
}

/// Finds the programs; ours is the first.
pub(crate) fn all() -> Vec<Client> {
    let mut clients = vec![Client {
        name: "ours".to_owned(),
        program: PLUGIN.into(),
        version: None,
        number: 0,
    }];
    let named = env::var_os("KUBECTL").unwrap_or_else(|| "kubectl".into());
    for program in env::split_paths(&named).filter(|program| !program.as_os_str().is_empty()) {
        match Client::kubectl(&program, clients.len()) {
            Some(client) => clients.push(client),
            None => crate::note(&format!("note: {} is no kubectl", program.display())),
        }
    }
    if clients.len() == 1 {
        crate::note("note: no kubectl to compare with; these are our figures alone");
    }
    clients
}

/// Returns which of the programs is the newest kubectl.
pub(crate) fn newest(clients: &[Client]) -> Option<usize> {
    let kubectls = clients
        .iter()
        .enumerate()
        .filter(|(_, client)| client.version.is_some());
    kubectls
        .max_by_key(|(_, client)| &client.version)
        .map(|(index, _)| index)
}

impl Client {
    fn kubectl(program: &Path, number: usize) -> Option<Self> {
        let said = Command::new(program)
            .args(["version", "--client", "-o", "json"])
            .output();
        let said = said.ok().filter(|said| said.status.success());
        let said = said.and_then(|said| serde_json::from_slice::<Value>(&said.stdout).ok());
        let said = said?;
        let version = said["clientVersion"]["gitVersion"].as_str()?;
        let version = version.trim_start_matches('v');
        let numbers = version.split(|letter: char| !letter.is_ascii_digit());
        Some(Self {
            name: format!("kubectl {version}"),
            program: program.to_owned(),
            version: Some(
                numbers
                    .take(3)
                    .filter_map(|number| number.parse().ok())
                    .collect(),
            ),
            number,
        })
    }

    /// Returns the program and its arguments.
    pub(crate) fn words(&self, job: Job<'_>) -> Vec<OsString> {
        let arguments: &[&str] = match (job, self.version.is_some()) {
            (Job::Shell(pod), false) => &[pod, "--image", IMAGE, "-it", "--", "sh"],
            (Job::Command(pod), false) => &[pod, "--image", IMAGE, "--", "true"],
            (Job::Help, false) => &["--help"],
            (Job::Shell(pod), true) => &kubectl_debug(pod, "-it", "sh"),
            // Without -i it would not wait for the command.
            (Job::Command(pod), true) => &kubectl_debug(pod, "-i", "true"),
            (Job::Help, true) => &["debug", "--help"],
        };
        let program = self.program.clone().into_os_string();
        [program]
            .into_iter()
            .chain(arguments.iter().map(OsString::from))
            .collect()
    }

    /// Returns the environment of every run, which is nothing of ours but the PATH.
    pub(crate) fn environment(&self, sandbox: &Sandbox) -> Vec<(&'static str, OsString)> {
        vec![
            ("HOME", self.home(sandbox).into()),
            ("PATH", env::var_os("PATH").unwrap_or_default()),
            ("TERM", "xterm-256color".into()),
            ("KUBECONFIG", sandbox.kubeconfig().into()),
        ]
    }

    /// Returns its home, which it keeps between its runs: kubectl stores there what a server offers.
    ///
    /// What is in the sandbox's folder is removed even if all of this is killed.
    pub(crate) fn home(&self, sandbox: &Sandbox) -> PathBuf {
        let home = format!("home-{}", self.number);
        sandbox.kubeconfig().with_file_name(home)
    }

    /// Returns where a run writes what it took.
    pub(crate) fn usage_file(&self, sandbox: &Sandbox) -> PathBuf {
        self.home(sandbox).join("usage.json")
    }

    /// Returns the size of the program in bytes.
    pub(crate) fn size(&self) -> Option<u64> {
        let found = |program: PathBuf| fs::metadata(program).ok().filter(fs::Metadata::is_file);
        let path = env::var_os("PATH").unwrap_or_default();
        let on_path =
            || env::split_paths(&path).find_map(|folder| found(folder.join(&self.program)));
        let has_folder = self
            .program
            .parent()
            .is_some_and(|folder| folder != OsStr::new(""));
        let metadata = if has_folder {
            found(self.program.clone())
        } else {
            on_path()
        };
        metadata.map(|metadata| metadata.len())
    }
}

/// The profile is ours, too: it adds nothing.
fn kubectl_debug<'a>(pod: &'a str, streams: &'a str, command: &'a str) -> [&'a str; 10] {
    [
        "debug",
        streams,
        pod,
        "--image",
        IMAGE,
        "--target",
        CONTAINER,
        "--profile=general",
        "--",
        command,
    ]
}

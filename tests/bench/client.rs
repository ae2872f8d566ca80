//! The programs that are compared, and their words for each job.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::scene::{Place, Scene};

/// The program this is all about.
pub(crate) const PLUGIN: &str = env!("CARGO_BIN_EXE_kubectl-ephemeral");
pub(crate) const IMAGE: &str = "busybox:1.37";
/// The container of every pod, which is ours to see into unless told otherwise.
pub(crate) const CONTAINER: &str = "app";

/// What a program is asked to do.
#[derive(Clone, Copy)]
pub(crate) enum Job<'a> {
    /// A shell with a terminal in this pod.
    Shell(&'a str),
    /// A command that does nothing in this pod, without a terminal.
    Command(&'a str),
    /// A shell command line in this pod, without a terminal.
    Script(&'a str, &'a str),
    /// To attach to a container that runs.
    Attach(&'a Place),
    Help,
}

/// What a program is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Bare,
    Ours,
    /// With its version.
    Kubectl(Vec<u32>),
}

/// A program.
pub(crate) struct Client {
    number: usize,
    /// How it is called in the result: `ours`, or `kubectl 1.36.4`.
    pub(crate) name: String,
    program: PathBuf,
    kind: Kind,
}

/// Finds the programs; ours is the first, and the bare client the last.
pub(crate) fn all() -> io::Result<Vec<Client>> {
    let mut clients = vec![Client {
        name: "ours".to_owned(),
        program: PLUGIN.into(),
        kind: Kind::Ours,
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
    clients.push(Client {
        name: "bare client".to_owned(),
        program: env::current_exe()?,
        kind: Kind::Bare,
        number: clients.len(),
    });
    Ok(clients)
}

/// Returns which of the programs is the newest kubectl.
pub(crate) fn newest(clients: &[Client]) -> Option<usize> {
    let kubectls = clients
        .iter()
        .enumerate()
        .filter(|(_, client)| matches!(client.kind, Kind::Kubectl(_)));
    kubectls
        .max_by_key(|(_, client)| &client.kind)
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
            kind: Kind::Kubectl(
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
        let arguments = match self.kind {
            Kind::Ours => own_arguments(job),
            Kind::Kubectl(_) => kubectl_arguments(job),
            Kind::Bare => bare_arguments(job),
        };
        let program = self.program.clone().into_os_string();
        [program]
            .into_iter()
            .chain(arguments.into_iter().map(OsString::from))
            .collect()
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Returns the environment of every run, which is nothing of ours but the PATH.
    pub(crate) fn environment(&self, scene: &Scene) -> Vec<(&'static str, OsString)> {
        vec![
            ("HOME", self.home(scene).into()),
            ("PATH", env::var_os("PATH").unwrap_or_default()),
            ("TERM", "xterm-256color".into()),
            ("KUBECONFIG", scene.kubeconfig().into()),
        ]
    }

    /// Returns its home, which it keeps between its runs: kubectl stores there what a server offers.
    ///
    /// What is in a sandbox's folder is removed even if all of this is killed.
    pub(crate) fn home(&self, scene: &Scene) -> PathBuf {
        scene.own_file(&format!("home-{}", self.number))
    }

    /// Returns where a run writes what it took.
    pub(crate) fn usage_file(&self, scene: &Scene) -> PathBuf {
        self.home(scene).join("usage.json")
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

fn own_arguments(job: Job<'_>) -> Vec<&str> {
    match job {
        Job::Shell(pod) => vec![pod, "--image", IMAGE, "-it", "--", "sh"],
        Job::Command(pod) => vec![pod, "--image", IMAGE, "--", "true"],
        Job::Script(pod, script) => vec![pod, "--image", IMAGE, "--", "sh", "-c", script],
        Job::Attach(place) => vec!["attach", &place.pod, "-c", &place.container],
        Job::Help => vec!["--help"],
    }
}

/// The profile is ours, too: it adds nothing.
fn kubectl_arguments(job: Job<'_>) -> Vec<&str> {
    let debug = |pod, streams| {
        let target = ["--target", CONTAINER, "--profile=general", "--"];
        let added = ["debug", streams, pod, "--image", IMAGE];
        added.into_iter().chain(target)
    };
    match job {
        Job::Shell(pod) => debug(pod, "-it").chain(["sh"]).collect(),
        // Without -i it would not wait for the command.
        Job::Command(pod) => debug(pod, "-i").chain(["true"]).collect(),
        Job::Script(pod, script) => debug(pod, "-i").chain(["sh", "-c", script]).collect(),
        Job::Attach(place) => {
            let streams = if place.terminal { "-it" } else { "-i" };
            vec!["attach", streams, &place.pod, "-c", &place.container]
        }
        Job::Help => vec!["debug", "--help"],
    }
}

/// It can attach, and nothing else.
fn bare_arguments(job: Job<'_>) -> Vec<&str> {
    match job {
        Job::Attach(place) => {
            let streams = if place.terminal {
                "--terminal"
            } else {
                "--pipe"
            };
            vec!["--bare", &place.pod, &place.container, streams]
        }
        Job::Shell(_) | Job::Command(_) | Job::Script(..) | Job::Help => Vec::new(),
    }
}

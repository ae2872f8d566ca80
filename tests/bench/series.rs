//! All that is measured, one series of rounds after the other.

use std::{io, time::Duration};

use sandbox::{Sandbox, Timing, World};
use serde_json::json;

use crate::{
    client::{CONTAINER, Client},
    rounds::{self, Runs, WARM_UPS},
    visit,
};

/// How far the status of a kubelet before 1.36 lags behind.
const LAG: Duration = Duration::from_millis(700);

/// What was seen, each in the order of the programs.
pub(crate) struct Measured {
    pub(crate) shell: Vec<Runs>,
    pub(crate) command: Vec<Runs>,
    pub(crate) help: Vec<Runs>,
    pub(crate) lagging: Vec<Runs>,
    pub(crate) sizes: Vec<Option<u64>>,
}

pub(crate) fn measure(clients: &[Client], runs: usize) -> io::Result<Measured> {
    let pods = clients.len() * (runs + WARM_UPS);
    let (shell, command, help) = prompt_kubelet(clients, runs, 2 * pods)?;
    Ok(Measured {
        shell,
        command,
        help,
        lagging: lagging_kubelet(clients, runs, pods)?,
        sizes: clients.iter().map(Client::size).collect(),
    })
}

fn prompt_kubelet(
    clients: &[Client],
    runs: usize,
    pods: usize,
) -> io::Result<(Vec<Runs>, Vec<Runs>, Vec<Runs>)> {
    let sandbox = Sandbox::start(world(pods))?;
    let mut pods = names();
    let shell = rounds::play("shells", clients, runs, limit(20, runs), |client| {
        visit::shell(&sandbox, client, &pods.next().unwrap_or_default())
    });
    let command = rounds::play("commands", clients, runs, limit(15, runs), |client| {
        visit::command(&sandbox, client, &pods.next().unwrap_or_default())
    });
    let help = rounds::play("--help", clients, runs, limit(5, runs), |client| {
        visit::help(&sandbox, client)
    });
    Ok((shell, command, help))
}

fn lagging_kubelet(clients: &[Client], runs: usize, pods: usize) -> io::Result<Vec<Runs>> {
    let timing = Timing {
        status_lag: LAG,
        ..Timing::default()
    };
    let sandbox = Sandbox::start(world(pods).timing(timing))?;
    let mut pods = names();
    let what = "shells where the status lags";
    Ok(rounds::play(
        what,
        clients,
        runs,
        limit(60, runs),
        |client| visit::shell(&sandbox, client, &pods.next().unwrap_or_default()),
    ))
}

/// Returns a limit in seconds, which holds for 15 rounds and grows with them.
fn limit(seconds: u32, runs: usize) -> Duration {
    let runs = u32::try_from(runs).unwrap_or(u32::MAX).max(15);
    Duration::from_secs(1) * seconds * runs / 15
}

/// A pod for each run, because a pod that had visitors is larger and slower to read.
fn world(pods: usize) -> World {
    names().take(pods).fold(World::new(), |world, name| {
        world.pod(json!({
            "metadata": {"name": name},
            "spec": {
                "terminationGracePeriodSeconds": 1,
                "containers": [{"name": CONTAINER, "image": "distroless-app:1"}],
            },
        }))
    })
}

fn names() -> impl Iterator<Item = String> {
    (1..).map(|number: u32| format!("app-{number}"))
}

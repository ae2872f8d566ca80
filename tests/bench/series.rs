//! All that is measured, one series of rounds after the other.

use std::{io, time::Duration};

use sandbox::{Timing, World};

use crate::{
    callgrind::Counts,
    client::{self, Client},
    echo::{self, Echo},
    flow::{self, Flow},
    instructions,
    rounds::{Runs, Series},
    scene::Scene,
    visit::{self, Seen},
};

/// How far the status of a kubelet before 1.36 lags behind.
const LAG: Duration = Duration::from_millis(700);
/// How many MiB flow through a session: much, little, and through a terminal.
const MUCH: usize = 1024;
/// A real server passes on a few dozen a second.
const MUCH_FOR_A_CLUSTER: usize = 256;
const LITTLE: usize = 64;
const THROUGH_A_TERMINAL: usize = 64;

/// What was seen, each in the order of the programs.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) shell: Vec<Runs<Seen>>,
    pub(crate) command: Vec<Runs<Seen>>,
    pub(crate) help: Vec<Runs<Seen>>,
    pub(crate) lagging: Vec<Runs<Seen>>,
    pub(crate) keys: Vec<Runs<Echo>>,
    pub(crate) little: Vec<Runs<Flow>>,
    pub(crate) much: Vec<Runs<Flow>>,
    pub(crate) through_a_gate: Vec<Runs<Flow>>,
    pub(crate) through_a_terminal: Vec<Runs<Flow>>,
    pub(crate) instructions: Option<Counts>,
    pub(crate) sizes: Vec<Option<u64>>,
}

/// Measures on sandboxes of its own.
pub(crate) fn on_a_sandbox(clients: &[Client], runs: usize) -> io::Result<Measured> {
    let debuggers = &clients[..clients.len() - 1];
    // Shells, commands, keys and three kinds of flow, each in a pod of its own; and a few to count in.
    let pods = clients.len() * 6 * (runs + 2) + 10;
    let scene = Scene::sandbox(World::new(), pods)?;
    let mut measured = everywhere(&scene, clients, runs, MUCH);
    measured.instructions = instructions::count(&scene);
    drop(scene);
    let timing = Timing {
        status_lag: LAG,
        ..Timing::default()
    };
    let lagging = series("shells where the status lags", runs, 60);
    let world = World::new().timing(timing);
    let scene = Scene::sandbox(world, debuggers.len() * lagging.rounds())?;
    measured.lagging = lagging.play(debuggers, |client| visit::shell(&scene, client));
    Ok(measured)
}

/// Measures in a pod on the cluster of `KUBECONFIG`.
pub(crate) fn on_a_cluster(clients: &[Client], runs: usize) -> io::Result<Measured> {
    let kubectl = client::newest(clients).map(|newest| clients[newest].program());
    let kubectl = kubectl.ok_or_else(|| io::Error::other("a cluster needs a kubectl"))?;
    let scene = Scene::cluster(kubectl)?;
    Ok(everywhere(&scene, clients, runs, MUCH_FOR_A_CLUSTER))
}

fn everywhere(scene: &Scene, clients: &[Client], runs: usize, much: usize) -> Measured {
    let debuggers = &clients[..clients.len() - 1];
    let few = |what, part, limit| Series {
        runs: runs.div_ceil(part),
        warm_ups: 1,
        ..series(what, runs, limit)
    };
    Measured {
        shell: series("shells", runs, 20).play(debuggers, |client| visit::shell(scene, client)),
        command: series("commands", runs, 15)
            .play(debuggers, |client| visit::command(scene, client)),
        help: series("--help", runs, 5).play(debuggers, |client| visit::help(scene, client)),
        keys: few("keys", 3, 60).play(clients, |client| echo::visit(scene, client)),
        little: few("little output", 5, 15)
            .play(clients, |client| flow::piped(scene, client, LITTLE)),
        much: few("much output", 5, 60).play(clients, |client| flow::piped(scene, client, much)),
        through_a_gate: few("output of a command", 5, 20)
            .play(&clients[..1], |client| flow::command(scene, client, much)),
        through_a_terminal: few("output through a terminal", 5, 30).play(clients, |client| {
            flow::terminal(scene, client, THROUGH_A_TERMINAL)
        }),
        sizes: debuggers.iter().map(Client::size).collect(),
        ..Measured::default()
    }
}

/// A series with a limit in seconds, which holds for 15 rounds and grows with them.
fn series(what: &'static str, runs: usize, seconds: u32) -> Series {
    let rounds = u32::try_from(runs).unwrap_or(u32::MAX).max(15);
    Series {
        what,
        runs,
        warm_ups: 2,
        limit: Duration::from_secs(1) * seconds * rounds / 15,
    }
}

//! Sends what was recorded from real servers of 1.21, 1.23 and 1.28 to sandboxes that play them, and compares.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what cannot be read or sent fails the test; how much was compared is to be seen"
)]

mod exchange;
mod lag;
mod normal;
mod tables;
mod world;

use sandbox::{Sandbox, Server};

use self::exchange::{Exchange, Replay, folder};
use self::tables::{LEFT_OUT, Order, PARTLY, V1_21, V1_21_OFF, V1_23, V1_28, V1_28_CONTAINERD2};

fn names(version: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder(version).join("http"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn is_left_out(version: &str, name: &str) -> bool {
    let name = format!("{version}/{name}");
    LEFT_OUT.iter().any(|(left_out, _)| *left_out == name)
}

/// The file that an entry of a table is about, if it is of this folder.
fn of_folder(version: &str, name: &'static str) -> Option<&'static str> {
    name.strip_prefix(version)?.strip_prefix('/')
}

/// Whether the tables speak of no file that is not there, and of none twice.
fn check_tables(order: &Order, names: &[String]) {
    let version = order.version;
    let lists = [order.empty, order.changes, order.states, order.logs].concat();
    let left_out = LEFT_OUT
        .iter()
        .filter_map(|(name, _)| of_folder(version, name));
    let mut told: Vec<&str> = lists.into_iter().chain(left_out).collect();
    told.sort_unstable();
    for pair in told.windows(2) {
        assert!(pair[0] != pair[1], "{version}/{} is told twice", pair[0]);
    }
    let partly = PARTLY
        .iter()
        .filter_map(|(name, _, _)| of_folder(version, name));
    for name in told.into_iter().chain(partly) {
        let is_file = names.iter().any(|other| other == name);
        assert!(is_file, "{version}/{name} is no file");
    }
}

/// Replays a folder; how many were compared, and how many left out.
fn replay(order: &Order, server: Server) -> (usize, usize) {
    let version = order.version;
    let names = names(version);
    check_tables(order, &names);
    let lists = [order.empty, order.changes, order.states, order.logs].concat();
    let rest = names
        .iter()
        .map(String::as_str)
        .filter(|name| !lists.contains(name) && !is_left_out(version, name));
    // What a kubelet writes is compared below; here it would only come in between.
    let without_kubelet = if server == Server::V1_21 {
        Server::V1_21KubeletWithoutFeature
    } else {
        server
    };
    let sandbox = Sandbox::start(world::world(without_kubelet, &world::pods(version))).unwrap();
    let mut replay = Replay::on(&sandbox);
    replay.without_status = true;
    replay.without_kubelet = without_kubelet != server;
    let mut count = lists.len();
    for name in order.empty.iter().chain(order.changes).copied().chain(rest) {
        replay.replay(&Exchange::read(version, name));
        count += usize::from(!lists.contains(&name));
    }
    let mut differences = replay.differences;
    differences.extend(states(order, server));
    let found = differences.len();
    assert!(
        found == 0,
        "{found} differences:\n{}",
        differences.join("\n")
    );
    let left_out = names.iter().filter(|name| is_left_out(version, name));
    let left_out = left_out.count();
    assert_eq!(count + left_out, names.len());
    println!(
        "{count} of {} exchanges of {version} are replayed, {left_out} left out",
        names.len()
    );
    for (name, part, reason) in PARTLY {
        if of_folder(version, name).is_some() {
            println!("  in part: {name}, without {part}: {reason}");
        }
    }
    (count, left_out)
}

/// Pods whose containers have run, and their logs.
fn states(order: &Order, server: Server) -> Vec<String> {
    let mut differences = Vec::new();
    for name in order.states {
        let exchange = Exchange::read(order.version, name);
        let server = if *name == "get-pod-kubelet-gate-off" {
            Server::V1_21KubeletWithoutFeature
        } else {
            server
        };
        let sandbox = world::in_state(server, exchange.answer());
        let mut replay = Replay::on(&sandbox);
        replay.without_commands = true;
        replay.replay(&exchange);
        differences.extend(replay.differences);
    }
    if !order.logs.is_empty() {
        let sandbox = world::with_logs(server, order.version);
        let mut replay = Replay::on(&sandbox);
        for name in order.logs {
            replay.replay(&Exchange::read(order.version, name));
        }
        differences.extend(replay.differences);
    }
    differences
}

#[test]
fn what_1_21_answered() {
    assert_eq!(replay(&V1_21, Server::V1_21), (155, 1));
}

#[test]
fn what_1_21_without_the_feature_answered() {
    assert_eq!(replay(&V1_21_OFF, Server::V1_21WithoutFeature), (20, 0));
}

#[test]
fn what_1_23_answered() {
    assert_eq!(replay(&V1_23, Server::V1_23), (63, 0));
}

#[test]
fn what_1_28_answered() {
    assert_eq!(replay(&V1_28, Server::V1_28), (62, 1));
}

#[test]
fn what_1_28_with_containerd_2_answered() {
    let order = &V1_28_CONTAINERD2;
    assert_eq!(replay(order, Server::V1_28Containerd2), (6, 0));
}

#[test]
fn every_folder_is_replayed_and_what_is_left_out_is_of_one() {
    let orders = [&V1_21, &V1_21_OFF, &V1_23, &V1_28, &V1_28_CONTAINERD2];
    let mut replayed = orders.map(|order| order.version).to_vec();
    replayed.sort_unstable();
    let folders = std::fs::read_dir(folder("")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut folders: Vec<String> = folders.collect();
    folders.sort();
    assert_eq!(folders, replayed);
    let partly = PARTLY.iter().map(|(name, _, _)| *name);
    for name in LEFT_OUT.iter().map(|(name, _)| *name).chain(partly) {
        let of = name.split('/').next().unwrap();
        assert!(replayed.contains(&of), "{name} is of no folder");
    }
}

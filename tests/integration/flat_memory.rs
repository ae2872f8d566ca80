//! However much flows through a session, and whoever is slow, little of it is in memory.

use std::{
    fs,
    io::{self, Read, Write},
    process::{ChildStdin, Stdio},
    thread,
};

use sandbox::{Sandbox, World};

use crate::{plugin::Plugin, seen};

/// How much flows each way. If it were kept, it would be seen.
const BLOCKS: u64 = 2048;
/// What is written and compared at once.
const BLOCK: usize = 64 * 1024;
/// The most that may be resident, in units of 1024 bytes: a fraction of what flows.
const BOUND: u64 = 32 * 1024;

#[test]
fn row_65_a_slow_command_gets_all_of_it_and_little_is_kept_for_it() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    // It takes a bite, looks up, and goes on: meanwhile its input is not read.
    let slow = "for _ in 1 2 3 4 5 6 7 8 9 10; do head -c 1048576; sleep 0.1; done; exec cat";
    let plugin = Plugin::on(&sandbox).args(["app", "-q", "-i", "--", "sh", "-c", slow]);
    let mut child = plugin.start(Stdio::piped());
    let stdin = child.stdin.take().unwrap();
    let feeding = thread::spawn(move || feed(stdin));
    let mut stdout = child.stdout.take().unwrap();
    let mut came = vec![0; BLOCK];
    for number in 0..BLOCKS {
        stdout.read_exact(&mut came).unwrap();
        assert!(came == block(number), "block {number} is not what was sent");
    }
    // It waits for more input, with all that it has ever needed.
    let most = most_resident(child.id());
    drop(feeding.join().unwrap().unwrap());
    assert_eq!(stdout.read(&mut came).unwrap(), 0);
    let output = child.wait_with_output().unwrap();
    seen::without_terminal(&output);
    assert!(output.status.success(), "{output:?}");
    assert!(most <= BOUND, "{most} KiB were resident");
}

/// Writes all blocks, and returns what is still open.
fn feed(mut stdin: ChildStdin) -> io::Result<ChildStdin> {
    for number in 0..BLOCKS {
        stdin.write_all(&block(number))?;
    }
    Ok(stdin)
}

/// A block that is like no other.
fn block(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(BLOCK / size_of::<u64>())
}

/// Returns the most memory that was ever resident, in units of 1024 bytes; 0 where nobody tells.
pub(crate) fn most_resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.map_or(0, |number| number.parse().unwrap())
}

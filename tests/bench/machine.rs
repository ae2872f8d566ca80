//! What kind of machine this is, without its name.

use std::{fs, thread};

/// Describes it in a few words, as far as the system tells.
pub(crate) fn describe() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let mut words = vec![format!("{cores} cores")];
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    words.extend(value(&cpus, "model name").map(str::to_owned));
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = value(&memory, "MemTotal").and_then(|text| text.split(' ').next());
    if let Some(kib) = memory.and_then(|kib| kib.parse::<u64>().ok()) {
        words.push(format!("{} GiB of memory", kib.div_ceil(1024 * 1024)));
    }
    let system = std::env::consts::OS;
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let numbers = release.trim().split('-').next().unwrap_or_default();
    words.push(format!("{system} {numbers}").trim().to_owned());
    words.join(", ")
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim_start_matches([' ', '\t', ':']).trim())
}

//! The words of the command line.

use std::{ffi::OsString, path::PathBuf};

/// How many rounds count where nobody says so.
const RUNS: usize = 15;
/// Each run has a pod of its own, and a pod is a process.
const MOST_RUNS: usize = 100;

pub(crate) const HELP: &str = "\
Compares kubectl-ephemeral with stock `kubectl debug` on a sandbox of this machine.

Usage: make bench [BENCH='FLAGS']

Flags:
  -n N         How many rounds count, 1 to 100 [default: 15]; two more come before them
  -o FORMAT    `table` or `json` [default: table]
  -h, --help   Says this

KUBECTL names the kubectl to compare with, or several separated by `:` [default: kubectl].
The targets hold against the newest of them.";

/// What is asked for.
pub(crate) enum Request {
    Help,
    /// To run a program and write to a file what it took; the benchmark asks itself for this.
    Measure {
        file: PathBuf,
        words: Vec<OsString>,
    },
    Compare(Options),
}

#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub(crate) runs: usize,
    pub(crate) json: bool,
}

/// Reads the words after the program's name; the error says what is wrong.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Request, String> {
    let mut words = words.into_iter();
    let mut options = Options {
        runs: RUNS,
        json: false,
    };
    while let Some(word) = words.next() {
        match word.to_string_lossy().as_ref() {
            "-h" | "--help" => return Ok(Request::Help),
            "--measure" => return measure(words),
            "-n" => options.runs = runs(words.next())?,
            "-o" => options.json = is_json(words.next().as_ref())?,
            // Cargo says so to every benchmark.
            "--bench" => {}
            other => return Err(format!("unknown argument `{other}`")),
        }
    }
    Ok(Request::Compare(options))
}

fn measure(mut words: impl Iterator<Item = OsString>) -> Result<Request, String> {
    let file = words.next().ok_or("--measure needs a file")?;
    if words.next().is_none_or(|word| word != "--") {
        return Err("--measure needs `--` after the file".to_owned());
    }
    Ok(Request::Measure {
        file: file.into(),
        words: words.collect(),
    })
}

fn runs(word: Option<OsString>) -> Result<usize, String> {
    let runs = word.and_then(|word| word.to_str()?.parse().ok());
    runs.filter(|runs| (1..=MOST_RUNS).contains(runs))
        .ok_or_else(|| format!("-n needs a number from 1 to {MOST_RUNS}"))
}

fn is_json(word: Option<&OsString>) -> Result<bool, String> {
    match word.and_then(|word| word.to_str()) {
        Some("json") => Ok(true),
        Some("table") => Ok(false),
        _ => Err("-o needs `table` or `json`".to_owned()),
    }
}

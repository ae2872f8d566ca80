//! The words of the command line.

use std::{ffi::OsString, path::PathBuf};

/// How many rounds count where nobody says so.
const RUNS: usize = 15;
/// Each run has a pod of its own, and a pod is a process.
const MOST_RUNS: usize = 100;

pub(crate) const HELP: &str = "\
Compares kubectl-ephemeral with stock `kubectl debug` and a bare client, on a sandbox of this machine.

Usage: make bench [BENCH='FLAGS']

Flags:
  -n N           How many rounds count, 1 to 100 [default: 15]; a few more come before them
  -o FORMAT      `table` or `json` [default: table]
  --update PAGE  Puts the table into a page as well; without BENCH, into docs/reference/performance.md
  --cluster      On the cluster of KUBECONFIG instead, in a pod that is made for it and deleted again
  -h, --help     Says this

KUBECTL names the kubectl to compare with, or several separated by `:` [default: kubectl].
The targets hold against the newest of them.";

/// What is asked for.
pub(crate) enum Request {
    Help,
    /// To run a program and write to a file what it took; the benchmark asks itself for this, and for
    /// the next two.
    Measure {
        file: PathBuf,
        words: Vec<OsString>,
    },
    /// To be the bare client, of a pod, a container, and with a terminal or not.
    Attach(OsString, OsString, bool),
    /// To be the program in a container that answers keys.
    Answer,
    Compare(Options),
}

pub(crate) struct Options {
    pub(crate) runs: usize,
    pub(crate) json: bool,
    pub(crate) page: Option<PathBuf>,
    pub(crate) on_a_cluster: bool,
}

/// Reads the words after the program's name; the error says what is wrong.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Request, String> {
    let mut words = words.into_iter();
    let mut options = Options {
        runs: RUNS,
        json: false,
        page: None,
        on_a_cluster: false,
    };
    while let Some(word) = words.next() {
        match word.to_string_lossy().as_ref() {
            "-h" | "--help" => return Ok(Request::Help),
            "--measure" => return measure(words),
            "--bare" => return attach(&words.collect::<Vec<_>>()),
            "--answer" => return Ok(Request::Answer),
            "-n" => options.runs = runs(words.next())?,
            "-o" => options.json = is_json(words.next().as_ref())?,
            "--update" => {
                let page = words.next().ok_or("--update needs a page")?;
                options.page = Some(page.into());
            }
            "--cluster" => options.on_a_cluster = true,
            // Cargo says so to every benchmark.
            "--bench" => {}
            other => return Err(format!("unknown argument `{other}`")),
        }
    }
    Ok(Request::Compare(options))
}

fn attach(words: &[OsString]) -> Result<Request, String> {
    match words {
        [pod, container, streams] => {
            let terminal = streams == "--terminal";
            Ok(Request::Attach(pod.clone(), container.clone(), terminal))
        }
        _ => Err("--bare needs a pod, a container, and --terminal or --pipe".to_owned()),
    }
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

//! Finds the tests of rows and runs them, each in a process of its own, so that it is known whose run was whose.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Error},
    path::PathBuf,
    process::{Command, Stdio},
    sync::Mutex,
    thread,
};

use serde_json::Value;

use crate::page::Kind;

/// How many run at a time.
const AT_ONCE: usize = 4;

/// A test of a row.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    program: PathBuf,
    /// With its modules.
    path: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) row: usize,
}

/// A run of the program, as `tests/integration/seen.rs` keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i64>,
    pub(crate) terminal: String,
    pub(crate) said: String,
}

/// What came of a test.
#[derive(Clone, Debug)]
pub(crate) struct Result {
    pub(crate) test: Test,
    pub(crate) passed: bool,
    pub(crate) runs: Vec<Run>,
}

/// By kind and row.
pub(crate) type Results = BTreeMap<(Kind, usize), Vec<Result>>;

/// Builds the tests and lists those of rows.
pub(crate) fn of_rows() -> io::Result<Vec<Test>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut building = Command::new(cargo);
    // What cargo tells us of our own package would make it build others anew.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_")
            || name.to_string_lossy().starts_with("CARGO_MANIFEST_")
        {
            building.env_remove(name);
        }
    }
    let built = building
        .args(["test", "--locked", "--no-run", "--message-format=json"])
        .args(["--lib", "--test", "integration"])
        .stderr(Stdio::inherit())
        .output()?;
    if !built.status.success() {
        return Err(Error::other("the tests cannot be built"));
    }
    let messages = String::from_utf8_lossy(&built.stdout).into_owned();
    let programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_test = message["profile"]["test"] == true;
        let program = message["executable"].as_str()?;
        is_test.then(|| PathBuf::from(program))
    });
    let mut tests = Vec::new();
    for program in programs {
        let list = Command::new(&program)
            .args(["--list", "--format", "terse"])
            .output()?;
        let list = String::from_utf8_lossy(&list.stdout).into_owned();
        let paths = list.lines().filter_map(|line| line.strip_suffix(": test"));
        tests.extend(paths.filter_map(|path| test(&program, path)));
    }
    Ok(tests)
}

fn test(program: &std::path::Path, path: &str) -> Option<Test> {
    let name = path.rsplit("::").next()?;
    let (kind, rest) = match (name.strip_prefix("row_"), name.strip_prefix("input_")) {
        (Some(rest), _) => (Kind::Fault, rest),
        (_, Some(rest)) => (Kind::Input, rest),
        (None, None) => return None,
    };
    Some(Test {
        program: program.to_owned(),
        path: path.to_owned(),
        name: name.to_owned(),
        kind,
        row: rest.split('_').next()?.parse().ok()?,
    })
}

/// Runs the tests.
pub(crate) fn run(tests: &[Test]) -> io::Result<Results> {
    let folder = tempfile::tempdir()?;
    let left = Mutex::new(tests.to_vec());
    let results = Mutex::new(Results::new());
    thread::scope(|scope| {
        let work = || -> io::Result<()> {
            loop {
                let next = left.lock().map_err(poisoned)?.pop();
                let Some(test) = next else {
                    return Ok(());
                };
                let result = run_one(test, folder.path())?;
                let key = (result.test.kind, result.test.row);
                let mut results = results.lock().map_err(poisoned)?;
                results.entry(key).or_default().push(result);
            }
        };
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let mut ends = workers.into_iter().map(thread::ScopedJoinHandle::join);
        ends.try_for_each(|end| end.unwrap_or_else(|_| Err(Error::other("a worker panicked"))))
    })?;
    let mut results = results.into_inner().map_err(poisoned)?;
    for of_row in results.values_mut() {
        of_row.sort_by(|a, b| a.test.name.cmp(&b.test.name));
    }
    Ok(results)
}

fn poisoned<T>(_: T) -> Error {
    Error::other("a worker panicked")
}

fn run_one(test: Test, folder: &std::path::Path) -> io::Result<Result> {
    let seen = folder.join(format!("{}-{}", test.path.replace("::", "-"), test.row));
    let output = Command::new(&test.program)
        .args(["--exact", &test.path])
        .env("FAULTS_SEEN", &seen)
        .stdin(Stdio::null())
        .output()?;
    let passed = output.status.success();
    if !passed {
        eprintln!("{}", String::from_utf8_lossy(&output.stdout));
    }
    // A test of the library runs no program.
    let seen = fs::read_to_string(seen).unwrap_or_default();
    let runs = seen.lines().filter_map(|line| {
        let run: Value = serde_json::from_str(line).ok()?;
        Some(Run {
            code: run["code"].as_i64(),
            terminal: run["terminal"].as_str()?.to_owned(),
            said: run["said"].as_str()?.to_owned(),
        })
    });
    Ok(Result {
        passed,
        runs: runs.collect(),
        test,
    })
}

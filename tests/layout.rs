//! Keeps the promises of `docs/design.md`: which way imports point, who owns a library or an
//! effect, small files, telling names, and nothing unforeseen at the top level.

#![expect(
    clippy::unwrap_used,
    reason = "source that cannot be read fails the test"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

#[path = "layout/map.rs"]
mod map;

/// The floors of the house, from the top. A module imports from floors below its own, and from
/// another on its own floor only where [`NEIGHBOURS`] says so.
const FLOORS: [&[&str]; 7] = [
    &["main", "lib"],
    &["command"],
    &["cluster", "session", "terminal", "report"],
    &["kubeconfig"],
    &["progress"],
    &["container"],
    &[
        "cli",
        "core_dumps",
        "error",
        "exit_status",
        "keys",
        "nearest",
        "picker",
        "rights",
        "shell",
        "signals",
        "size",
    ],
];

/// Who may import from whom on one floor.
const NEIGHBOURS: [(&str, &str); 9] = [
    ("main", "lib"),
    ("cli", "exit_status"),
    ("cli", "keys"),
    ("error", "exit_status"),
    ("error", "nearest"),
    ("error", "rights"),
    ("error", "shell"),
    ("exit_status", "signals"),
    ("picker", "size"),
];

/// Each library or effect, and the only places that may name it.
const OWNERS: [(&str, &[&str]); 22] = [
    ("clap::", &["src/cli"]),
    ("kube::", &["src/cluster", "src/kubeconfig"]),
    ("hyper::", &["src/cluster"]),
    ("hyper_util::", &["src/cluster"]),
    ("hyper_rustls::", &["src/cluster"]),
    ("rustls::", &["src/cluster"]),
    ("tower::", &["src/cluster"]),
    // The handshake's key is checked where the upgrade is asked for.
    (
        "tokio_tungstenite::",
        &["src/session", "src/cluster/attach.rs"],
    ),
    (
        "rustix::",
        &["src/terminal", "src/kubeconfig/plugin", "src/core_dumps.rs"],
    ),
    ("windows_sys::", &["src/terminal/windows"]),
    ("anstyle::", &["src/report"]),
    ("anstream::", &["src/report"]),
    (
        "tokio::signal::",
        &["src/signals", "src/terminal", "src/main.rs"],
    ),
    ("env::var", &["src/cli", "src/kubeconfig"]),
    ("env::args", &["src/main.rs"]),
    ("env::home_dir", &["src/kubeconfig"]),
    ("io::stdout()", &["src/report", "src/terminal"]),
    ("io::stderr()", &["src/report", "src/terminal"]),
    ("io::stdin()", &["src/terminal", "src/command/files.rs"]),
    (
        "serde_saphyr::",
        &["src/container/manifest", "src/kubeconfig", "src/report"],
    ),
    ("fastrand::", &["src/command", "src/cluster"]),
    ("SystemTime", &[]),
];

/// The only places where one system may differ from another, and what they do it with.
const SYSTEMS: [&str; 11] = [
    "src/command/completion/install",
    "src/command/stay/recording.rs",
    "src/core_dumps.rs",
    "src/kubeconfig/home.rs",
    "src/kubeconfig/openid/keeping.rs",
    "src/kubeconfig/plugin",
    "src/main.rs",
    "src/signals",
    "src/terminal.rs",
    "src/terminal/unix",
    "src/terminal/windows",
];
const DIFFERENCES: [&str; 6] = [
    "cfg(unix)",
    "cfg(windows)",
    "cfg(not(",
    "target_os",
    "os::unix::",
    "os::windows::",
];

/// Modules that decide and do nothing: no waiting, no files, no clock.
const PURE: [&str; 2] = ["src/container", "src/progress"];
const EFFECTS: [&str; 5] = ["tokio::", "async fn", "std::fs", "std::net", "Instant::now"];

/// Names that tell nothing.
const BANNED_NAMES: [&str; 7] = ["utils", "util", "common", "helpers", "misc", "types", "mod"];
const MOST_LINES: usize = 400;

/// What may stand at the top level.
const TOP_LEVEL: [&str; 18] = [
    ".ci",
    ".clippy.toml",
    ".git",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "Makefile",
    "README.md",
    "deny.toml",
    "docs",
    "krew-manifest",
    "plugin.yaml",
    "src",
    "target",
    "tests",
];

#[test]
fn imports_point_downwards() {
    for file in sources("src") {
        let module = module_of(&file);
        for imported in imports(&code(&file)) {
            assert!(
                may_import(&module, &imported),
                "{} imports `{imported}`, which does not lie below `{module}`",
                file.display()
            );
        }
    }
}

#[test]
fn the_test_of_imports_sees_them() {
    let text = "use crate::{\n    cluster::{Cluster, Streams},\n    error::Error,\n};\nlet x = crate::report::harmless(y);\nuse crate::size::Size;";
    assert_eq!(imports(text), ["cluster", "error", "report", "size"]);
    assert!(may_import("command", "cluster"));
    assert!(may_import("cluster", "kubeconfig"));
    assert!(!may_import("cluster", "session"));
    assert!(!may_import("session", "command"));
    assert!(!may_import("container", "progress"));
}

#[test]
fn each_library_and_each_effect_has_one_owner() {
    for file in sources("src") {
        let shown = file.to_str().unwrap();
        for (owned, owners) in OWNERS {
            let used = names(&code(&file), owned);
            let owner = owners.iter().any(|owner| shown.starts_with(owner));
            assert!(
                !used || owner,
                "{shown} names `{owned}`, which belongs to {owners:?}"
            );
        }
    }
}

#[test]
fn systems_differ_in_few_places() {
    for file in sources("src") {
        let shown = file.to_str().unwrap();
        let may = SYSTEMS.iter().any(|place| shown.starts_with(place));
        let code = code(&file);
        for difference in DIFFERENCES {
            assert!(may || !code.contains(difference), "{shown}: {difference}");
        }
    }
}

#[test]
fn what_decides_does_nothing() {
    for file in PURE.into_iter().flat_map(sources) {
        let code = code(&file);
        for effect in EFFECTS {
            assert!(!code.contains(effect), "{} has `{effect}`", file.display());
        }
    }
}

#[test]
fn every_file_is_small_and_has_a_telling_name() {
    for file in sources("src").into_iter().chain(sources("tests")) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", file.display());
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert!(
            !BANNED_NAMES.contains(&name),
            "{} tells nothing by its name",
            file.display()
        );
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for file in sources("src") {
        let text = fs::read_to_string(&file).unwrap();
        let exempt = file.file_stem().unwrap() == "tests";
        assert!(
            exempt || text.starts_with("//! "),
            "{} does not",
            file.display()
        );
    }
}

#[test]
fn the_page_of_faults_names_each_test_of_a_row_and_no_other() {
    let page = fs::read_to_string("docs/reference/faults.md").unwrap();
    let mut told: Vec<_> = page
        .split('`')
        .filter(|word| ["row_", "input_"].iter().any(|list| word.starts_with(list)))
        .map(str::to_owned)
        .collect();
    let mut tests = Vec::new();
    for file in sources("src").into_iter().chain(sources("tests")) {
        let text = fs::read_to_string(&file).unwrap();
        let names = text
            .lines()
            .map(|line| line.trim_start().trim_start_matches("async "))
            .filter_map(|line| line.strip_prefix("fn ")?.split_once('('))
            .map(|(name, _)| name)
            .filter(|name| is_of_a_row(name))
            .map(str::to_owned);
        tests.extend(names);
    }
    told.sort();
    tests.sort();
    let missing: Vec<_> = tests.iter().filter(|name| !told.contains(name)).collect();
    let gone: Vec<_> = told.iter().filter(|name| !tests.contains(name)).collect();
    assert!(
        told == tests,
        "add {missing:#?} to docs/reference/faults.md and take out {gone:#?}, or run `make faults`"
    );
}

/// Tells whether a name is that of a test of a row: `row_07_…`, `input_07_…`.
fn is_of_a_row(name: &str) -> bool {
    let rest = ["row_", "input_"]
        .iter()
        .find_map(|list| name.strip_prefix(list));
    rest.is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit()))
}

#[test]
fn nothing_unforeseen_stands_at_the_top_level() {
    for entry in fs::read_dir(".").unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(TOP_LEVEL.contains(&name.as_str()), "{name}");
    }
}

fn floor(module: &str) -> usize {
    let floor = FLOORS.iter().position(|floor| floor.contains(&module));
    assert!(floor.is_some(), "`{module}` has no floor");
    floor.unwrap()
}

fn may_import(module: &str, imported: &str) -> bool {
    module == imported
        || floor(module) < floor(imported)
        || NEIGHBOURS.contains(&(module, imported))
}

/// Returns the top module that a file belongs to.
fn module_of(file: &Path) -> String {
    let first = file
        .strip_prefix("src")
        .unwrap()
        .components()
        .next()
        .unwrap();
    let name = Path::new(first.as_os_str()).file_stem().unwrap();
    name.to_str().unwrap().to_owned()
}

/// Returns the modules of our own that a text names, by `crate::` or, in `main`, by the library.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, root) in text
        .match_indices("crate::")
        .chain(text.match_indices("kubectl_ephemeral::"))
    {
        let rest = &text[at + root.len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(heads(list)),
            None => found.extend(word(rest)),
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Returns the first word of each item in a list in braces, as far as the closing one.
fn heads(list: &str) -> Vec<String> {
    let (mut depth, mut heads, mut at_head) = (0, Vec::new(), true);
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_head = true,
            _ if at_head && character.is_alphabetic() => {
                heads.extend(word(&list[at..]));
                at_head = false;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> Option<String> {
    let word: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!word.is_empty()).then_some(word)
}

/// Tells whether a text names something, other than as the end of a longer path or word.
fn names(text: &str, what: &str) -> bool {
    text.match_indices(what).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            || text[..at].ends_with("std::")
    })
}

/// Returns a file without its tests and comments.
fn code(file: &Path) -> String {
    if file.file_stem().unwrap() == "tests" {
        return String::new();
    }
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn sources(root: &str) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::from(root)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

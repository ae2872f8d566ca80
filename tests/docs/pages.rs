//! Runs what each page shows in a console, as a user would type it.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use crate::{
    block::{Block, all_pages, blocks, with_text},
    kept,
    same::{is_same, renewed},
    session,
    shell::Shell,
    world::{self, Home},
};

/// A test for each page, which has a cluster and a home of its own.
macro_rules! pages {
    ($($test:ident: $path:literal,)+) => {
        $(
            #[test]
            fn $test() {
                assert_shows($path);
            }
        )+

        const TESTED: &[&str] = &[$($path),+];
    };
}

pages! {
    readme: "README.md",
    air_gap: "docs/how-to/air-gap.md",
    completion: "docs/how-to/completion.md",
    distroless: "docs/how-to/distroless.md",
    non_root: "docs/how-to/non-root.md",
    rbac: "docs/how-to/rbac.md",
    reconnect: "docs/how-to/reconnect.md",
    recording: "docs/how-to/recording.md",
    restricted_namespaces: "docs/how-to/restricted-namespaces.md",
    runbooks: "docs/how-to/runbooks.md",
    check: "docs/reference/check.md",
    files: "docs/reference/files.md",
    list: "docs/reference/list.md",
    first_session: "docs/tutorials/first-session.md",
}

#[test]
fn every_page_with_a_console_is_run() {
    let has_console = |path: &String| {
        let page = fs::read_to_string(path).unwrap();
        blocks(&page)
            .iter()
            .any(|block| block.language == "console")
    };
    let mut tested: Vec<_> = TESTED.iter().map(ToString::to_string).collect();
    tested.sort();
    let shown: Vec<_> = all_pages().into_iter().filter(has_console).collect();
    assert_eq!(tested, shown);
}

/// Plays all blocks of a page, one after another on one cluster, and compares.
fn assert_shows(path: &str) {
    let kubectl = world::kubectl();
    let folder = tempfile::tempdir().unwrap();
    let sandbox = world::start(folder.path());
    let home = Home::make(folder.path(), &sandbox, kubectl.as_deref());
    let mut page = fs::read_to_string(path).unwrap();
    for at in 0..blocks(&page).len() {
        let block = blocks(&page).remove(at);
        let first = block.text.first().and_then(|line| line.strip_prefix("# "));
        let file = first.filter(|name| Path::new(name).extension().is_some_and(|it| it == "yaml"));
        match (block.language.as_str(), file) {
            // It stands in a file of that name from there on.
            ("yaml", Some(name)) => {
                fs::write(home.folder().join(name), block.text.join("\n")).unwrap();
            }
            ("console", _) if kubectl.is_none() && needs_kubectl(&block) => {
                // Not by `println`, which nobody sees of a test that passes.
                let at = block.lines.start;
                let skipped = format!("SKIPPED: {path}, line {at}: there is no kubectl here\n");
                io::stderr().write_all(skipped.as_bytes()).unwrap();
            }
            ("console", _) => {
                let mut shell = Shell::start(home.folder().to_str().unwrap(), &home.variables());
                let shown = session::play(&block, &mut shell, || world::rest(&sandbox))
                    .unwrap_or_else(|why| {
                        panic!(
                            "{path}, line {}: {why}\n{}",
                            block.lines.start,
                            shell.lines().join("\n")
                        )
                    });
                let shown = told_of_home(shown, &home);
                if is_same(&block.text, &shown) {
                    continue;
                }
                assert!(
                    kept::is_update(),
                    "{path}, line {}, is not what a user sees (`UPDATE=1 cargo test --test docs` writes it \
                     anew):\n{}",
                    block.lines.start,
                    shown.join("\n")
                );
                page = with_text(&page, &block, &renewed(&block.text, &shown));
            }
            _ => {}
        }
    }
    kept::hold(path, &page);
}

/// Tells whether a line has kubectl do more than find us.
fn needs_kubectl(block: &Block) -> bool {
    let typed = block.text.iter().filter(|line| line.starts_with("$ "));
    let calls = typed.flat_map(|line| line.split("kubectl ").skip(1));
    calls.into_iter().any(|rest| !rest.starts_with("ephemeral"))
}

fn told_of_home(lines: Vec<String>, home: &Home) -> Vec<String> {
    let path = home.path.to_str().unwrap();
    lines
        .into_iter()
        .map(|line| line.replace(path, "/home/me"))
        .collect()
}

//! Links lead somewhere, the index names every page, fences say what is in them, and what is not run is listed.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    block::{all_pages, blocks},
    kept,
};

const INDEX: &str = "docs/README.md";
/// What can stand in a fence. Of `sh` and `text` nothing is run: the first needs more than a cluster, the second is no
/// console.
const LANGUAGES: [&str; 5] = ["console", "json", "sh", "text", "yaml"];
/// A README is read in one go.
const MOST_LINES: usize = 250;

#[test]
fn links_lead_somewhere() {
    for path in all_pages() {
        let page = fs::read_to_string(&path).unwrap();
        for link in links(&page) {
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let folder = Path::new(&path).parent().unwrap();
            let there = if file.is_empty() {
                Path::new(&path).to_owned()
            } else {
                folder.join(file)
            };
            assert!(there.exists(), "{path}: {link}");
            if !heading.is_empty() {
                let other = fs::read_to_string(&there).unwrap();
                assert!(headings(&other).contains(heading), "{path}: {link}");
            }
        }
    }
}

#[test]
fn the_index_names_every_page() {
    let index = fs::read_to_string(INDEX).unwrap();
    let named: BTreeSet<_> = links(&index).map(|link| format!("docs/{link}")).collect();
    for path in all_pages() {
        let is_listed = named.contains(&path)
            || named
                .iter()
                .any(|folder| folder.ends_with('/') && path.starts_with(folder));
        assert!(
            is_listed || ["README.md", INDEX].contains(&path.as_str()),
            "{path}"
        );
    }
}

#[test]
fn fences_say_what_is_in_them() {
    for path in all_pages() {
        let page = fs::read_to_string(&path).unwrap();
        for block in blocks(&page) {
            let at = block.lines.start;
            assert!(
                LANGUAGES.contains(&block.language.as_str()),
                "{path}, line {at}"
            );
            let has_prompt = block
                .text
                .first()
                .is_some_and(|line| line.starts_with("$ "));
            assert_eq!(has_prompt, block.language == "console", "{path}, line {at}");
        }
    }
}

#[test]
fn what_is_not_run_is_listed() {
    let mut rows = Vec::new();
    for path in all_pages() {
        let page = fs::read_to_string(&path).unwrap();
        for block in blocks(&page).iter().filter(|block| block.language == "sh") {
            let first = block.text.first().map_or("", |line| line.as_str());
            rows.push(format!(
                "- {path}: `{}`",
                first.split("  #").next().unwrap_or_default()
            ));
        }
    }
    let index = fs::read_to_string(INDEX).unwrap();
    kept::hold(INDEX, &kept::between(&index, "not run", &rows.join("\n")));
}

#[test]
fn the_readme_is_read_in_one_go() {
    let lines = fs::read_to_string("README.md").unwrap().lines().count();
    assert!(lines < MOST_LINES, "it has {lines} lines");
}

/// Returns where the links of a page lead, but for those to other sites.
fn links(page: &str) -> impl Iterator<Item = String> {
    let ends = page
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    let links = ends.map(|(link, _)| link.to_owned());
    links
        .filter(|link| !link.contains("://"))
        .collect::<Vec<_>>()
        .into_iter()
}

/// Returns the names under which the headings of a page can be linked to.
fn headings(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let name = |line: &str| {
        let text = line.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(name).collect()
}

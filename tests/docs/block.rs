//! The parts of a page between its fences.

use std::{fs, ops::Range};

/// README.md in other languages, which shows the same: `translations` sees to it, so that it is run only once.
pub(crate) const TRANSLATIONS: [&str; 3] = [
    "docs/README.ja.md",
    "docs/README.ko.md",
    "docs/README.zh-CN.md",
];

/// A part of a page between two fences.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Block {
    /// What is written in it: `console`, `yaml`...
    pub(crate) language: String,
    /// Where it stands, counted in lines from 0, without its fences.
    pub(crate) lines: Range<usize>,
    /// How far it is set in, which is no part of its text.
    pub(crate) margin: usize,
    pub(crate) text: Vec<String>,
}

/// Returns the blocks of a page, in their order.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in page.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        match (&mut open, fence) {
            (None, Some(language)) => {
                open = Some(Block {
                    language: language.to_owned(),
                    lines: at + 1..at + 1,
                    margin: line.len() - line.trim_start().len(),
                    text: Vec::new(),
                });
            }
            (Some(block), None) => {
                block.lines.end = at + 1;
                block
                    .text
                    .push(line.get(block.margin..).unwrap_or_default().to_owned());
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is left open: {open:?}");
    blocks
}

/// Returns the lines of a page outside of its blocks.
pub(crate) fn prose(page: &str) -> Vec<&str> {
    let blocks = blocks(page);
    let in_blocks = |at| blocks.iter().any(|block| block.lines.contains(&at));
    let lines = page.lines().enumerate();
    let lines = lines.filter(|(at, line)| !in_blocks(*at) && !line.trim_start().starts_with("```"));
    lines.map(|(_, line)| line).collect()
}

/// Returns a page with another text in one of its blocks.
pub(crate) fn with_text(page: &str, block: &Block, text: &[String]) -> String {
    let lines: Vec<_> = page.lines().map(str::to_owned).collect();
    let margin = " ".repeat(block.margin);
    let text = text
        .iter()
        .map(|line| format!("{margin}{line}").trim_end().to_owned());
    let before = lines[..block.lines.start].iter().cloned();
    let after = lines[block.lines.end..].iter().cloned();
    let mut page = before
        .chain(text)
        .chain(after)
        .collect::<Vec<_>>()
        .join("\n");
    page.push('\n');
    page
}

/// Returns the names of all pages: the README, and what lies under docs/.
pub(crate) fn all_pages() -> Vec<String> {
    let mut pages = vec!["README.md".to_owned()];
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(name);
            } else if path.extension().is_some_and(|it| it == "md") {
                pages.push(name);
            }
        }
    }
    pages.sort();
    pages
}

#[test]
fn blocks_are_found_and_can_be_changed() {
    let page = "# x\n\n```console\n$ a\nb\n```\n\n- y\n\n  ```yaml\n  c: d\n  ```\n";
    let blocks = blocks(page);
    assert_eq!(blocks[0].text, ["$ a", "b"]);
    assert_eq!((blocks[1].language.as_str(), blocks[1].margin), ("yaml", 2));
    assert_eq!(blocks[1].text, ["c: d"]);
    let changed = with_text(page, &blocks[1], &["e: f".to_owned()]);
    assert_eq!(changed, page.replace("c: d", "e: f"));
}

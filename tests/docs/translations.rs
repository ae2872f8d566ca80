//! The README in other languages shows and links what README.md does.
//!
//! What is read in them is for people to compare; the rest of them follows README.md to the letter.

use std::{
    collections::BTreeSet,
    fs,
    path::{Component, Path, PathBuf},
};

use crate::{
    block::{TRANSLATIONS, blocks, prose, with_text},
    kept,
    order::all_links,
};

const ORIGINAL: &str = "README.md";

#[test]
fn they_show_the_same_blocks() {
    let original = fs::read_to_string(ORIGINAL).unwrap();
    let languages = |page: &str| {
        let blocks = blocks(page).into_iter();
        blocks.map(|block| block.language).collect::<Vec<_>>()
    };
    for path in TRANSLATIONS {
        let mut page = fs::read_to_string(path).unwrap();
        assert_eq!(languages(&page), languages(&original), "{path}");
        for (at, theirs) in blocks(&original).iter().enumerate() {
            page = with_text(&page, &blocks(&page)[at], &theirs.text);
        }
        kept::hold(path, &page);
    }
}

#[test]
fn they_have_the_same_headings_and_their_links() {
    let original = sections(ORIGINAL);
    for path in TRANSLATIONS {
        let translated = sections(path);
        let levels = |sections: &[Section]| sections.iter().map(|it| it.level).collect::<Vec<_>>();
        assert_eq!(levels(&translated), levels(&original), "{path}");
        for (ours, theirs) in translated.iter().zip(&original) {
            assert_eq!(ours.links, theirs.links, "{path}: {}", ours.heading);
        }
    }
}

#[test]
fn their_tables_have_the_same_rows() {
    let rows = |path: &str| {
        let page = fs::read_to_string(path).unwrap();
        let rows = page.lines().filter(|line| line.starts_with('|'));
        rows.map(|row| row.replace("\\|", "").matches('|').count())
            .collect::<Vec<_>>()
    };
    for path in TRANSLATIONS {
        assert_eq!(rows(path), rows(ORIGINAL), "{path}");
    }
}

#[test]
fn each_of_them_leads_to_all_others() {
    let all: BTreeSet<_> = TRANSLATIONS.into_iter().chain([ORIGINAL]).collect();
    for path in &all {
        let page = fs::read_to_string(path).unwrap();
        let named: BTreeSet<_> = all_links(switcher(&page))
            .iter()
            .map(|link| target(path, link))
            .collect();
        let others = all.iter().filter(|other| *other != path);
        assert_eq!(named, others.map(PathBuf::from).collect(), "{path}");
    }
}

/// What stands under a heading.
struct Section {
    heading: String,
    level: usize,
    /// Where its links lead, but for the line that leads to the other languages.
    links: Vec<PathBuf>,
}

fn sections(path: &str) -> Vec<Section> {
    let page = fs::read_to_string(path).unwrap();
    let prose = prose(&page)
        .into_iter()
        .filter(|line| *line != switcher(&page));
    let mut sections: Vec<Section> = Vec::new();
    for line in prose {
        let level = line.len() - line.trim_start_matches('#').len();
        if level > 0 {
            sections.push(Section {
                heading: line.to_owned(),
                level,
                links: Vec::new(),
            });
        }
        if let Some(section) = sections.last_mut() {
            section
                .links
                .extend(all_links(line).iter().map(|link| target(path, link)));
            // Another language has another order of words.
            section.links.sort();
        }
    }
    sections
}

/// Returns the line that leads to the other languages: the first one below the title.
fn switcher(page: &str) -> &str {
    page.lines()
        .skip(1)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
}

/// Returns where a link of a page leads, as seen from the top folder.
fn target(page: &str, link: &str) -> PathBuf {
    if link.contains("://") {
        return PathBuf::from(link);
    }
    let mut target = PathBuf::new();
    let folder = Path::new(page).parent().unwrap();
    for part in folder.join(link).components() {
        if part == Component::ParentDir {
            target.pop();
        } else {
            target.push(part);
        }
    }
    target
}

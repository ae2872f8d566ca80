//! Exit codes and variables: what their pages say is what there is.

use std::{collections::BTreeSet, fs, path::PathBuf};

const CODES: &str = "docs/reference/exit-codes.md";
const VARIABLES: &str = "docs/reference/environment.md";
/// Read by a library of ours, or by none of our modules.
const OF_LIBRARIES: [&str; 3] = ["CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR"];

#[test]
fn the_readme_has_the_exit_codes_of_their_page() {
    let codes = |path: &str| {
        let page = fs::read_to_string(path).unwrap();
        let table = page
            .lines()
            .skip_while(|line| !line.starts_with("| code |"));
        let rows = table.skip(2).take_while(|line| line.starts_with('|'));
        let first = rows.map(|row| row.split('|').nth(1).unwrap().trim().to_owned());
        first.collect::<Vec<_>>()
    };
    assert!(codes(CODES).len() > 5, "{:?}", codes(CODES));
    assert_eq!(codes("README.md"), codes(CODES));
}

#[test]
fn the_page_of_variables_names_those_that_are_read() {
    let page = fs::read_to_string(VARIABLES).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let named: BTreeSet<_> = rows
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|names| quoted(names, '`'))
        .filter(|name| !OF_LIBRARIES.contains(&name.as_str()))
        .collect();
    assert_eq!(named, variables_read());
}

/// Returns the names of variables in the lines of our source that read one.
fn variables_read() -> BTreeSet<String> {
    let readers = ["env::var", "VARIABLE: &str", "variable(\"", "either(\""];
    let mut names = BTreeSet::new();
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let reading = text
                    .lines()
                    .filter(|line| readers.iter().any(|reader| line.contains(reader)));
                let is_name = |word: &String| {
                    word.len() > 3 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                };
                names.extend(reading.flat_map(|line| quoted(line, '"')).filter(is_name));
            }
        }
    }
    names
}

fn quoted(text: &str, quote: char) -> Vec<String> {
    let parts = text.split(quote).enumerate();
    let inside = parts.filter(|(at, _)| at % 2 == 1);
    inside.map(|(_, part)| part.to_owned()).collect()
}

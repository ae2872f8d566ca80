//! Holds the map, `docs/design.md`, to the modules that are there.

use std::{fs, path::Path};

use super::{FLOORS, sources};

#[test]
fn the_map_names_every_module_and_none_that_is_not_there() {
    let map = fs::read_to_string("docs/design.md").unwrap();
    let words: Vec<_> = map.split('`').skip(1).step_by(2).collect();
    for module in FLOORS.concat().into_iter().filter(|it| *it != "lib") {
        assert!(words.contains(&module), "the map does not name `{module}`");
    }
    let is_path = |word: &str| {
        word.chars()
            .all(|c| c.is_ascii_lowercase() || "_:".contains(c))
    };
    for word in words
        .into_iter()
        .filter(|word| word.contains("::") && is_path(word))
    {
        let (above, last) = word.rsplit_once("::").unwrap();
        // The chapters of the stories are named without `command`.
        let is_there = ["src", "src/command"].iter().any(|root| {
            let above = Path::new(root).join(above.replace("::", "/"));
            let function = format!("fn {last}");
            above.join(last).with_extension("rs").exists()
                || sources("src").into_iter().any(|file| {
                    file.with_extension("").starts_with(&above)
                        && fs::read_to_string(file).unwrap().contains(&function)
                })
        });
        assert!(is_there, "the map names `{word}`, which is not there");
    }
}

//! Files of which we write some part.

use std::{env, fs};

/// How they are written anew.
const ANEW: &str = "UPDATE=1 cargo test --test docs";

/// Tells whether they are to be written anew.
pub(crate) fn is_update() -> bool {
    env::var_os("UPDATE").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Fails unless the file is as it should be; with `UPDATE=1` makes it so.
pub(crate) fn hold(path: &str, text: &str) {
    let is = fs::read_to_string(path).unwrap_or_default();
    if is == text {
        return;
    }
    if is_update() {
        fs::write(path, text).unwrap();
        return;
    }
    let lines = is.lines().chain(["(its end)"]);
    let other = text.lines().chain(["(its end)"]);
    let differs = lines.zip(other).enumerate().find(|(_, (a, b))| a != b);
    panic!("{path} is not up to date; `{ANEW}` writes it anew. First: {differs:#?}");
}

/// Returns a text with something else between its marks, `<!-- NAME -->` and `<!-- end of NAME -->`.
pub(crate) fn between(page: &str, name: &str, text: &str) -> String {
    let (start, end) = (
        format!("<!-- {name} -->"),
        format!("<!-- end of {name} -->"),
    );
    let (before, rest) = page.split_once(&start).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{start}\n\n{}\n\n{end}{after}", text.trim_end())
}

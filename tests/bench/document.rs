//! The result as a page: what was measured stands between two marks, and what is around them stays.

use std::{fs, io, path::Path};

const BEGIN: &str = "<!-- measured: `make bench` writes what is between these two lines -->\n";
const END: &str = "<!-- measured: end -->\n";

/// Puts what was measured into a page.
pub(crate) fn update(page: &Path, measured: &str) -> io::Result<()> {
    let text = fs::read_to_string(page)?;
    let parts = text
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let Some((before, after)) = parts else {
        let words = format!("{} has no place for what was measured", page.display());
        return Err(io::Error::other(words));
    };
    let text = [before, BEGIN, "\n", measured.trim(), "\n\n", END, after].concat();
    fs::write(page, text)
}

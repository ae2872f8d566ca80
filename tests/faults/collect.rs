//! `make faults`: runs each test of a row of `docs/reference/faults.md` by itself, holds what the program did against what
//! the page says, writes what was seen into the page, and tells how many of the faults end as they should.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that tells how it went"
)]

#[path = "collect/headline.rs"]
mod headline;
#[path = "collect/page.rs"]
mod page;
#[path = "collect/tests.rs"]
mod tests;

use std::{fs, io, process::ExitCode};

use self::page::{Kind, Page};

const PAGE: &str = "docs/reference/faults.md";

fn main() -> ExitCode {
    match collect() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Tells whether all is as the page says.
fn collect() -> io::Result<bool> {
    let tests = tests::of_rows()?;
    eprintln!("{} tests", tests.len());
    let results = tests::run(&tests)?;
    let mut page = Page::read(&fs::read_to_string(PAGE)?);
    page.fill(&results);
    let troubles = page.troubles(&results);
    for trouble in &troubles {
        eprintln!("{trouble}");
    }
    fs::write(PAGE, page.to_string())?;
    for (kind, what) in [(Kind::Fault, "faults"), (Kind::Input, "bad inputs")] {
        let count = page.count(kind, &results);
        let (well, all, none) = (count.well, count.applying, count.not_applying);
        println!("{well} of {all} {what} end as {PAGE} says; {none} do not apply");
    }
    Ok(troubles.is_empty())
}

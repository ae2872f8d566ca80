//! Tables, aligned as kubectl aligns its own.

use std::iter;

use super::harmless;

/// What stands between two columns.
const GAP: &str = "   ";

/// Writes rows below each other, their cells aligned, with upper-case names above where they are wanted.
///
/// The text is made harmless, and each row stays on its line. The last line has no end.
pub fn table(names: Option<&[&str]>, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let names = names.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
    let rows: Vec<Vec<String>> = names
        .into_iter()
        .chain(rows)
        .map(|row: Vec<String>| row.iter().map(|cell| on_one_line(cell)).collect())
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let lines = rows.iter().map(|row| line(row, &widths));
    lines.collect::<Vec<_>>().join("\n")
}

/// Writes one row. What ends it is not filled up.
fn line(cells: &[String], widths: &[usize]) -> String {
    let Some((last, before)) = cells.split_last() else {
        return String::new();
    };
    let filled = iter::zip(before, widths).map(|(cell, width)| format!("{cell:width$}{GAP}"));
    filled.chain([last.clone()]).collect()
}

fn on_one_line(cell: &str) -> String {
    harmless(cell).replace('\n', "\\n").replace('\t', "\\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [["web", "debugger-x7k2p", "0"], ["shop-1", "d", "137"]]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec()
    }

    #[test]
    fn columns_are_three_spaces_apart_and_lines_end_with_what_they_say() {
        assert_eq!(
            table(Some(&["POD", "CONTAINER", "EXIT"]), rows()),
            "POD      CONTAINER        EXIT\n\
             web      debugger-x7k2p   0\n\
             shop-1   d                137"
        );
        assert_eq!(
            table(None, rows()),
            "web      debugger-x7k2p   0\nshop-1   d                137"
        );
        assert_eq!(table(None, []), "");
    }

    #[test]
    fn a_cell_stays_in_its_line_and_obeys_nobody() {
        let row = vec!["a\nb\t\u{1b}[2J".to_owned(), "é".to_owned()];
        assert_eq!(table(None, [row]), "a\\nb\\t\\u{1b}[2J   é");
        let narrow = [vec!["é".to_owned(), "1".to_owned()]];
        assert_eq!(table(Some(&["N", "X"]), narrow), "N   X\né   1");
    }
}

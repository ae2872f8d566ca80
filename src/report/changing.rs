//! The line that changes: it can be written over as long as it is one row of the screen.

/// How wide a screen is whose width nobody knows.
pub(super) const USUAL_WIDTH: u16 = 80;

/// Puts text before an end, such as a time, and shortens the text where the two are no single row.
///
/// The last column stays free: some terminals begin a new row as soon as it is used. What is not ASCII counts as two
/// columns, which it may have.
pub(super) fn one_row(text: &str, end: &str, columns: u16) -> String {
    let width = |letter: char| if letter.is_ascii() { 1 } else { 2 };
    let widths = |text: &str| text.chars().map(width).sum::<usize>();
    let room = usize::from(columns).saturating_sub(1);
    let for_text = room.saturating_sub(widths(end));
    if widths(text) <= for_text {
        return format!("{text}{end}");
    }
    let mut left = for_text.saturating_sub(width('…'));
    let fits = |letter: &char| match left.checked_sub(width(*letter)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let shortened: String = text.chars().take_while(fits).collect();
    format!("{shortened}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_never_longer_than_a_row() {
        for (text, end, columns, expected) in [
            ("pulling", " (3 s)", 80, "pulling (3 s)"),
            ("pulling", " (3 s)", 14, "pulling (3 s)"),
            ("pulling", " (3 s)", 13, "pull… (3 s)"),
            ("no node takes the pod", "", 10, "no node…"),
            ("이미지를 받는 중", "", 12, "이미지를 …"),
            ("x", "", 1, "…"),
        ] {
            assert_eq!(one_row(text, end, columns), expected);
        }
    }
}

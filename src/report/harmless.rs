//! Makes text from elsewhere harmless to a terminal.

/// Returns the text with everything that could move the cursor, change a title or turn the reading
/// direction written out instead.
///
/// Newlines and tabs stay. Any user who can name an object in a cluster, or write an event, could
/// otherwise take over the terminal of whoever looks (CVE-2021-25743).
pub fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

pub(super) fn is_harmful(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // C0, DEL and C1 are all of them.
        _ if character.is_control() => true,
        // Zero width, directions, separators of lines, and the mark at the start of a file.
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{61c}'
        | '\u{feff}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::properties;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        for (text, shown) in [
            (
                "plain, ünï, 日本語 and\n\ttabs",
                "plain, ünï, 日本語 and\n\ttabs",
            ),
            ("\x1b[2J", "\\u{1b}[2J"),
            ("a\rb\x08\x07\x7f", "a\\u{d}b\\u{8}\\u{7}\\u{7f}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("abc\u{202e}txt.exe", "abc\\u{202e}txt.exe"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    proptest! {
        #![proptest_config(properties::config())]

        #[test]
        fn nothing_that_a_terminal_obeys_is_left_and_nothing_else_is_changed(
            (bytes, _) in properties::bytes_of(&["plain", "\x1b[2J", "\r", "\u{9b}", "\u{202e}", "é", "\n", "\t", "🦀"]),
            text in any::<String>(),
        ) {
            let text = String::from_utf8_lossy(&bytes).into_owned() + &text;
            let shown = harmless(&text);
            prop_assert!(!shown.contains(is_harmful), "{:?}", shown);
            prop_assert_eq!(&harmless(&shown), &shown);
            if !text.contains(is_harmful) {
                prop_assert_eq!(shown, text);
            }
        }
    }
}

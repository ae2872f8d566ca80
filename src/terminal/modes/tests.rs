use proptest::prelude::*;

use super::*;
use crate::properties;

fn after(written: &str) -> Modes {
    let mut modes = Modes::default();
    modes.read(written.as_bytes());
    modes
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// Each line: what a program wrote, what undoes it, and what sets it again.
const CASES: &[(&str, &str, &str)] = &[
    ("", "", ""),
    ("hello\r\n\x1b[31mred\x1b[0m \x1b[1;32mbold\x1b[m", "", ""),
    ("\x1b[31mred", "\x1b[0m", ""),
    ("\x1b[0;31mred", "\x1b[0m", ""),
    ("\x1b[38;5;0mblack", "\x1b[0m", ""),
    ("\x1b[48;2;0;0;0mblack", "\x1b[0m", ""),
    ("\x1b[38:5:0mblack", "\x1b[0m", ""),
    ("\x1b[1;38;5;7;0mplain", "", ""),
    ("\x1b[?1049h", "\x1b[?1049l", "\x1b[?1049h"),
    ("\x1b[?47h", "\x1b[?47l", "\x1b[?47h"),
    ("\x1b[?1049h\x1b[?1049l", "", ""),
    ("\x1b[?25l", "\x1b[?25h", "\x1b[?25l"),
    ("\x1b[?25l\x1b[?25h", "", ""),
    ("\x1b[?25h", "", ""),
    ("\x1b[?7l", "\x1b[?7h", "\x1b[?7l"),
    ("\x1b[?2004h", "\x1b[?2004l", "\x1b[?2004h"),
    (
        "\x1b[?1000h\x1b[?1002;1006h",
        "\x1b[?1000l\x1b[?1002l\x1b[?1006l",
        "\x1b[?1000h\x1b[?1002h\x1b[?1006h",
    ),
    ("\x1b[?1003h\x1b[?1003l", "", ""),
    ("\x1b[?1004h", "\x1b[?1004l", "\x1b[?1004h"),
    ("\x1b[?1h\x1b=", "\x1b[?1l\x1b>", "\x1b[?1h\x1b="),
    ("\x1b[?1h\x1b=\x1b[?1l\x1b>", "", ""),
    // What a program hides for a moment only is not hidden again.
    ("\x1b[?2026h", "\x1b[?2026l", ""),
    ("\x1b[3;20r", "\x1b7\x1b[r\x1b8", ""),
    ("\x1b[3;20r\x1b[r", "", ""),
    ("\x1b[?1049h\x1b[3;20r", "\x1b[r\x1b[?1049l", "\x1b[?1049h"),
    ("\x1b[?1;3r", "", ""),
    ("\x1b[4h\x1b[20h", "\x1b[4l\x1b[20l", ""),
    ("\x1b(0lqk", "\x1b(B", ""),
    ("\x1b(0lqk\x1b(B", "", ""),
    ("\x0elqk", "\x0f", ""),
    ("\x0elqk\x0f", "", ""),
    ("\x1b[6 q", "\x1b[0 q", "\x1b[6 q"),
    ("\x1b[6 q\x1b[0 q", "", ""),
    ("\x1b[>1u", "\x1b[<1u", "\x1b[>1u"),
    ("\x1b[>1u\x1b[>5u", "\x1b[<2u", "\x1b[>1u\x1b[>5u"),
    ("\x1b[>1u\x1b[<u", "", ""),
    (
        "\x1b[?1049h\x1b[>1u",
        "\x1b[<1u\x1b[?1049l",
        "\x1b[?1049h\x1b[>1u",
    ),
    ("\x1b[>4;2m", "\x1b[>4m", "\x1b[>4;2m"),
    ("\x1b[>4;2m\x1b[>4m", "", ""),
    // A reset resets.
    ("\x1b[?1049h\x1b[?25l\x1b[31m\x1bc", "", ""),
    (
        "\x1b[?2004h\x1b[?25l\x1b[31m\x1b[!p",
        "\x1b[?2004l",
        "\x1b[?2004h",
    ),
    // Sequences in a title, an image or a sequence that was cut off are none.
    ("\x1b]0;title [?25l\x07", "", ""),
    ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "", ""),
    ("\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\", "", ""),
    ("\x1b]0;title", "\x1b\\", ""),
    ("\x1b[?25", "\x1b\\", ""),
    ("\x1b", "\x1b\\", ""),
    ("\x1b[?2\x1b[?25l", "\x1b[?25h", "\x1b[?25l"),
    ("\x1b[?2\x18 5l", "", ""),
    // What is unknown is left alone.
    ("\x1b[?9999h\x1b[?12h\x1b[99999999999h\x1b[5u\x1b[c", "", ""),
];

#[test]
fn what_was_left_on_is_undone_and_nothing_else() {
    for (written, undone, again) in CASES {
        let modes = after(written);
        assert_eq!(text(modes.undo()), *undone, "{written:?}");
        assert_eq!(text(modes.redo()), *again, "{written:?}");
    }
}

#[test]
fn undoing_undoes_it_and_doing_it_again_does_it_again() {
    for (written, ..) in CASES {
        let mut modes = after(written);
        let undone = modes.undo();
        let again = modes.redo();
        modes.read(&undone);
        assert_eq!(text(modes.undo()), "", "{written:?}");
        modes.read(&again);
        assert_eq!(text(modes.redo()), text(again), "{written:?}");
    }
}

#[test]
fn it_does_not_matter_where_the_bytes_are_cut() {
    for (written, undone, again) in CASES {
        for cut in 0..=written.len() {
            let mut modes = Modes::default();
            let (first, second) = written.as_bytes().split_at(cut);
            modes.read(first);
            modes.read(second);
            assert_eq!(text(modes.undo()), *undone, "{written:?} cut at {cut}");
            assert_eq!(text(modes.redo()), *again, "{written:?} cut at {cut}");
        }
    }
}

#[test]
fn a_sequence_without_an_end_takes_no_memory() {
    let mut modes = after("\x1b[");
    for _ in 0..1000 {
        modes.read(&[b'1'; 1000]);
    }
    assert!(modes.sequence.body().len() <= 64);
    modes.read(b"h\x1b[?25l");
    assert_eq!(text(modes.undo()), "\x1b[?25h");
}

#[test]
fn whether_the_cursors_line_is_used_is_known() {
    for (written, used) in [
        ("", false),
        ("/ # ", true),
        ("/ # exit\r\n", false),
        ("line\r\nnext", true),
        ("line\n\x1b[0m\r", false),
        ("line\n\x1b[31mx", true),
        ("\x1b]0;title\x07", false),
        ("/ # \x1b[?1049hfull\x1b[?1049l", true),
        ("\r\n\x1b[?1049hfull", false),
    ] {
        assert_eq!(after(written).line_used(), used, "{written:?}");
    }
}

/// What changes something, and what comes near to it.
const PIECES: &[&str] = &[
    "text",
    "\r\n",
    "\x1b",
    "\x1b[",
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b[?47h",
    "\x1b[?25l",
    "\x1b[?25h",
    "\x1b[?1000;1006h",
    "\x1b[?2004h",
    "\x1b[?2026h",
    "\x1b=",
    "\x1b>",
    "\x1b(0",
    "\x0e",
    "\x0f",
    "\x1b[31m",
    "\x1b[38;5;0m",
    "\x1b[m",
    "\x1b[4h",
    "\x1b[20h",
    "\x1b[2;5r",
    "\x1b[r",
    "\x1b[>1u",
    "\x1b[<2u",
    "\x1b[>4;2m",
    "\x1b[4 q",
    "\x1b[!p",
    "\x1bc",
    "\x1b]0;title",
    "\x07",
    "\x1b\\",
    "\x18",
    "\x1a",
];

proptest! {
    #![proptest_config(properties::config())]

    #[test]
    fn it_is_told_the_same_wherever_the_output_is_cut((written, length) in properties::bytes_of(PIECES)) {
        let (mut whole, mut cut) = (Modes::default(), Modes::default());
        whole.read(&written);
        for part in written.chunks(length) {
            cut.read(part);
        }
        prop_assert_eq!(format!("{whole:?}"), format!("{cut:?}"));
    }

    #[test]
    fn what_undoes_it_leaves_nothing_on((written, _) in properties::bytes_of(PIECES)) {
        let mut modes = Modes::default();
        modes.read(&written);
        modes.read(&modes.undo());
        prop_assert!(!modes.is_other_screen());
        prop_assert_eq!(text(modes.undo()), "");
    }

    #[test]
    fn what_is_skipped_of_a_title_ends_no_sequence((written, _) in properties::bytes_of(PIECES)) {
        let mut sequence = Sequence::default();
        for byte in "\x1b]".bytes() {
            sequence.step(byte);
        }
        let skipped = sequence.skip(&written).unwrap();
        for byte in &written[..skipped] {
            prop_assert_eq!(sequence.step(*byte), Step::Open);
            prop_assert!(sequence.is_open());
        }
    }
}

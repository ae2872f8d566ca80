//! What keys do, and what is shown.

use super::*;

fn picker(names: &[&str]) -> Picker {
    let row = |name: &&str| Row {
        name: (*name).to_owned(),
        rest: "1/1  Running".to_owned(),
    };
    Picker::new("which pod", names.iter().map(row).collect())
}

/// Types, and returns the last step.
fn typed(picker: &mut Picker, bytes: &str) -> Step {
    let keys = Keys::default().read(bytes.as_bytes());
    let steps = keys.into_iter().map(|key| picker.press(key));
    steps.last().unwrap_or(Step::Stay)
}

fn size(columns: u16, rows: u16) -> Size {
    Size::new(columns, rows).unwrap()
}

#[test]
fn what_is_typed_narrows_the_list_and_enter_takes_what_is_marked() {
    for (keys, expected) in [
        ("\r", Step::Taken(0)),
        ("\x1b[B\r", Step::Taken(1)),
        ("\x0e\x0e\x10\r", Step::Taken(1)),
        ("\x1b[F\r", Step::Taken(3)),
        ("\x1b[F\x1b[H\r", Step::Taken(0)),
        ("\x1bOB\x1bOB\x1bOA\r", Step::Taken(1)),
        ("\x1b[1;5B\r", Step::Taken(1)),
        ("\x1b[6~\r", Step::Taken(3)),
        ("\x1b[6~\x1b[5~\n", Step::Taken(0)),
        ("\x1b[A\r", Step::Taken(0)),
        ("\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\r", Step::Taken(3)),
        ("db\r", Step::Taken(2)),
        ("SHOP 2\r", Step::Taken(1)),
        ("dx\x7fb\r", Step::Taken(2)),
        ("nothing\x15db\r", Step::Taken(2)),
        ("nothing\r", Step::Stay),
        ("\x1b[B\x1b[Bshop\r", Step::Taken(0)),
        ("\x03", Step::Left),
        ("\x1b\x1b", Step::Left),
        ("\x1bx\x1b[99;9Z\r", Step::Taken(0)),
    ] {
        let mut picker = picker(&["shop-1", "shop-2", "db-0", "web"]);
        assert_eq!(typed(&mut picker, keys), expected, "{keys:?}");
    }
}

#[test]
fn escape_is_known_once_nothing_follows() {
    let mut keys = Keys::default();
    assert_eq!(keys.read(b"\x1b"), []);
    assert!(keys.may_be_escape());
    assert_eq!(keys.nothing_followed(), Some(Key::Leave));
    assert!(!keys.may_be_escape());
    // In pieces.
    assert_eq!(keys.read(b"\x1b["), []);
    assert_eq!(keys.read(b"B"), [Key::Down]);
    // A sequence that never ends.
    assert_eq!(keys.read(b"\x1b["), []);
    assert_eq!(keys.nothing_followed(), None);
}

#[test]
fn the_list_is_drawn_with_its_columns_and_its_mark() {
    let mut picker = picker(&["shop-1", "db-0"]);
    assert_eq!(
        picker.lines(size(80, 24)),
        [
            "which pod (2 of 2): ",
            "> shop-1  1/1  Running",
            "  db-0    1/1  Running",
        ]
    );
    typed(&mut picker, "db");
    assert_eq!(
        picker.lines(size(80, 24)),
        ["which pod (1 of 2): db", "> db-0    1/1  Running"]
    );
    assert_eq!(
        picker.frame(size(80, 24)),
        "\r\x1b[Jwhich pod (1 of 2): db\r\n> db-0    1/1  Running\x1b[1A\rwhich pod (1 of 2): db"
    );
    typed(&mut picker, "x");
    assert_eq!(
        picker.lines(size(80, 24))[1],
        "  nothing has that in its name; Ctrl-U clears it"
    );
}

#[test]
fn it_fits_into_every_terminal() {
    let names: Vec<_> = (0..100).map(|number| format!("pod-{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    for (columns, rows) in [(1, 1), (2, 2), (10, 3), (80, 24), (500, 200)] {
        let mut picker = picker(&names);
        for _ in 0..names.len() {
            let lines = picker.lines(size(columns, rows));
            assert!(lines.len() <= usize::from(rows));
            assert!(lines.len() <= MOST_ROWS + 1);
            assert!(lines.iter().all(|line| line.len() < usize::from(columns)));
            let marked = lines.iter().filter(|line| line.starts_with('>')).count();
            assert!(rows == 1 || columns == 1 || marked == 1, "{lines:?}");
            typed(&mut picker, "\x1b[B");
        }
    }
}

#[test]
fn letters_of_other_widths_are_written_out() {
    let picker = picker(&["日\u{202e}\u{1b}[2J"]);
    assert_eq!(
        picker.lines(size(80, 24))[1],
        "> \\u{65e5}\\u{202e}\\u{1b}[2J  1/1  Running"
    );
}

use proptest::prelude::*;

use super::*;
use crate::properties;

const BEGAN: i64 = 1_700_000_000;

fn size(columns: u16, rows: u16) -> Size {
    Size::new(columns, rows).unwrap()
}

fn cast(form: CastForm) -> (Asciicast, String) {
    Asciicast::begin(form, size(80, 24), BEGAN, "pod \"web\"")
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn version_3_tells_the_time_since_the_event_before() {
    let (mut cast, mut file) = cast(CastForm::AsciicastV3);
    file += &cast.output(ms(248), b"\x1b[1mhi\r\n");
    file += &cast.resized(ms(1248), size(100, 30));
    file += &cast.output(ms(1250), b"bye\x7f");
    file += &cast.end(ms(3250), Some(137));
    assert_eq!(
        file,
        r#"{"term":{"cols":80,"rows":24},"timestamp":1700000000,"title":"pod \"web\"","version":3}
[0.248000, "o", "\u001b[1mhi\r\n"]
[1.000000, "r", "100x30"]
[0.002000, "o", "bye"#
            .to_owned()
            + "\x7f"
            + r#""]
[2.000000, "x", "137"]
"#
    );
}

#[test]
fn version_2_tells_the_time_since_the_beginning_and_no_exit_code() {
    let (mut cast, mut file) = cast(CastForm::AsciicastV2);
    file += &cast.output(ms(248), b"hi");
    file += &cast.resized(ms(1248), size(100, 30));
    file += &cast.end(ms(3250), Some(0));
    assert_eq!(
        file,
        r#"{"height":24,"timestamp":1700000000,"title":"pod \"web\"","version":2,"width":80}
[0.248000, "o", "hi"]
[1.248000, "r", "100x30"]
"#
    );
}

#[test]
fn a_size_counts_once_and_no_event_comes_before_the_last_one() {
    let (mut cast, _) = cast(CastForm::AsciicastV3);
    assert_eq!(cast.resized(ms(5), size(80, 24)), "");
    assert_eq!(cast.output(ms(9), b"a"), "[0.009000, \"o\", \"a\"]\n");
    assert_eq!(
        cast.resized(ms(8), size(81, 24)),
        "[0.000000, \"r\", \"81x24\"]\n"
    );
    assert_eq!(cast.resized(ms(8), size(81, 24)), "");
    assert_eq!(cast.output(ms(11), b"b"), "[0.002000, \"o\", \"b\"]\n");
}

/// Returns the text of all events, read as JSON.
fn text(file: &str) -> String {
    let events = file.lines().map(|line| {
        let event: (f64, String, String) = serde_json::from_str(line).unwrap();
        event.2
    });
    events.collect()
}

#[test]
fn a_character_may_come_in_parts() {
    for whole in [
        "ünï 日本語 🦀!".as_bytes(),
        b"\xf0\x9f\x98",
        b"\xe6a\xc3(\xff\xf0\x9f\x98x\xc3",
    ] {
        let expected = String::from_utf8_lossy(whole);
        for length in 1..=whole.len() {
            let (mut cast, mut file) = cast(CastForm::AsciicastV3);
            file.clear();
            for part in whole.chunks(length) {
                file += &cast.output(ms(1), part);
            }
            file += &cast.end(ms(1), None);
            assert_eq!(text(&file), expected, "in parts of {length}");
        }
    }
}

#[test]
fn a_part_of_a_character_is_no_event() {
    let (mut cast, _) = cast(CastForm::AsciicastV3);
    assert_eq!(cast.output(ms(1), b"\xe6\x97"), "");
    assert_eq!(cast.output(ms(2), b"\xa5"), "[0.002000, \"o\", \"日\"]\n");
}

proptest! {
    #![proptest_config(properties::config())]

    #[test]
    fn the_text_is_the_same_wherever_it_is_cut(
        (bytes, length) in properties::bytes_of(&["plain", "\x1b[1m", "\r\n", "\"\\", "é", "日本", "🦀", "\u{7f}\u{9b}"]),
    ) {
        let (mut cast, _) = cast(CastForm::AsciicastV3);
        let parts: String = bytes.chunks(length).map(|part| cast.output(ms(1), part)).collect();
        let file = parts + &cast.end(ms(2), None);
        prop_assert_eq!(text(&file), String::from_utf8_lossy(&bytes));
    }
}

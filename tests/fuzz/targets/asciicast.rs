//! A recording holds all text, however it is cut into chunks.

#![no_main]

use std::time::Duration;

use kubectl_ephemeral::{cli::CastForm, session::Asciicast, size::Size};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (length, bytes) = input;
    let Some(size) = Size::new(80, 24) else {
        unreachable!("neither is 0")
    };
    let (mut cast, _) = Asciicast::begin(CastForm::AsciicastV3, size, 0, "fuzz");
    let mut lines = String::new();
    for chunk in bytes.chunks(usize::from(length) + 1) {
        lines += &cast.output(Duration::ZERO, chunk);
    }
    lines += &cast.end(Duration::ZERO, None);
    let mut text = String::new();
    for line in lines.lines() {
        let json = line.strip_prefix("[0.000000, \"o\", ");
        let json = json.and_then(|rest| rest.strip_suffix(']'));
        text += &serde_json::from_str::<String>(json.expect(line)).expect(line);
    }
    assert_eq!(text, String::from_utf8_lossy(bytes));
});

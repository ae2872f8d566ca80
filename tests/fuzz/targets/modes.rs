//! What a program made of the terminal is told the same however its output is cut, and what undoes
//! it leaves nothing on.

#![no_main]

use kubectl_ephemeral::terminal::Modes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (length, bytes) = input;
    let mut whole = Modes::default();
    whole.read(bytes);
    let mut cut = Modes::default();
    for chunk in bytes.chunks(usize::from(length) + 1) {
        cut.read(chunk);
    }
    let undone = whole.undo();
    assert_eq!(cut.undo(), undone);
    assert_eq!(cut.redo(), whole.redo());
    assert_eq!(cut.line_used(), whole.line_used());
    whole.read(&undone);
    assert!(!whole.is_other_screen());
    assert_eq!(whole.undo().escape_ascii().to_string(), "");
});

//! Text from a cluster never moves a cursor, and once harmless it stays as it is.

#![no_main]

use kubectl_ephemeral::report::harmless;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let shown = harmless(text);
    for character in shown.chars() {
        let is_plain = matches!(character, '\n' | '\t') || !character.is_control();
        assert!(is_plain, "{character:?} is left of {text:?}");
    }
    assert_eq!(harmless(&shown), shown);
});

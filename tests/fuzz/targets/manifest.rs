//! A file that cannot be used is an error with words, and nothing worse.

#![no_main]

use kubectl_ephemeral::container::{Custom, Manifest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    if let Err(error) = Manifest::parse("-", file) {
        assert!(!error.to_string().is_empty());
    }
    if let Err(error) = Custom::parse("-", file) {
        assert!(!error.to_string().is_empty());
    }
});

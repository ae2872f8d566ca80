//! How properties are tested: with the same inputs each time. `make fuzz` looks for new ones.

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngSeed},
};

/// Tries a thousand inputs, and keeps no files of its own.
pub(crate) fn config() -> Config {
    Config {
        cases: 1000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    }
}

/// Makes up bytes, most of which are of these pieces; and where to cut them.
pub(crate) fn bytes_of(pieces: &'static [&'static str]) -> impl Strategy<Value = (Vec<u8>, usize)> {
    let piece = prop_oneof![
        4 => proptest::sample::select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..4),
    ];
    (
        vec(piece, 0..24).prop_map(|pieces| pieces.concat()),
        1..9_usize,
    )
}

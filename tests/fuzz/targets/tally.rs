//! What came over a stream and the rest of the log are all of the output, each byte once.

#![no_main]

use bytes::Bytes;
use kubectl_ephemeral::session::{Passing, Tally};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, u8, &[u8])| {
    let (came, length, output) = input;
    let came = usize::from(came) % (output.len() + 1);
    let length = usize::from(length) + 1;
    let mut tally = Tally::default();
    for chunk in output[..came].chunks(length) {
        tally.count(chunk);
    }
    // A runtime drops a carriage return before a newline.
    let kept = |at: usize| !(output[at] == b'\r' && output.get(at + 1) == Some(&b'\n'));
    let log = |from: usize| {
        (from..output.len())
            .filter(|at| kept(*at))
            .map(|at| output[at])
    };
    let log_of = |from| log(from).collect::<Vec<_>>();
    let mut passing = Passing::new(tally);
    let mut rest = Vec::new();
    for chunk in log_of(0).chunks(length) {
        rest.extend_from_slice(&passing.take(Bytes::copy_from_slice(chunk)));
    }
    assert!(passing.is_exact());
    assert_eq!(rest, log_of(came));
});

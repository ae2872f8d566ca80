//! What came over a stream, in a few numbers, to find the place in the log where it broke off.

use std::ops::Add;

use bytes::{Buf, Bytes};

const CARRIAGE_RETURN: u8 = b'\r';
/// Any odd number with many bits set does.
const MIXER: u8 = 157;
const LANES: u64 = 0x00ff_00ff_00ff_00ff;

/// The numbers. A runtime drops a carriage return before a newline when it writes a log, so these
/// do not count.
///
/// The order does not count either: a log has the lines of both streams, a stream those of one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    bytes: u64,
    sum: u64,
    /// The sum of what [`mixed`] makes of each byte.
    mixed: u64,
    /// How many carriage returns came last.
    carriages: u64,
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            sum: self.sum.wrapping_add(other.sum),
            mixed: self.mixed.wrapping_add(other.mixed),
            carriages: self.carriages.max(other.carriages),
        }
    }
}

impl Tally {
    /// Counts the next bytes of one stream.
    pub fn count(&mut self, bytes: &[u8]) {
        let (sum, mixed_sum) = sums(bytes);
        self.sum = self.sum.wrapping_add(sum);
        self.mixed = self.mixed.wrapping_add(mixed_sum);
        let carriages = memchr::memchr_iter(CARRIAGE_RETURN, bytes).count() as u64;
        self.bytes += bytes.len() as u64 - carriages;
        let number = u64::from(CARRIAGE_RETURN);
        self.sum = self.sum.wrapping_sub(carriages * number);
        self.mixed = self.mixed.wrapping_sub(carriages * mixed(CARRIAGE_RETURN));
        match bytes.iter().rposition(|byte| *byte != CARRIAGE_RETURN) {
            Some(last) => self.carriages = (bytes.len() - 1 - last) as u64,
            None => self.carriages += bytes.len() as u64,
        }
    }

    fn counts_as(&self, other: &Self) -> bool {
        (self.bytes, self.sum, self.mixed) == (other.bytes, other.sum, other.mixed)
    }
}

/// Makes another number of a byte, so that few texts agree in both sums.
fn mixed(byte: u8) -> u64 {
    byte.wrapping_mul(MIXER).into()
}

/// Returns the sum of the bytes, and of what [`mixed`] makes of each.
///
/// Four bytes at once, each in a lane of 16 bits: all of a command's output passes here, and the crate is
/// compiled for size, in which a loop over bytes stays one.
fn sums(bytes: &[u8]) -> (u64, u64) {
    let (mut sum, mut mixed_sum) = (0, 0);
    let mixer = u64::from(MIXER);
    // So many words fit into the lanes of a sum.
    for part in bytes.chunks(32 * size_of::<u64>()) {
        let (words, rest) = part.as_chunks();
        let (mut lanes, mut mixed_lanes) = (0, 0);
        for word in words {
            let word = u64::from_le_bytes(*word);
            let (even, odd) = (word & LANES, (word >> 8) & LANES);
            lanes += even + odd;
            mixed_lanes += (even * mixer) & LANES;
            mixed_lanes += (odd * mixer) & LANES;
        }
        sum += total(lanes);
        mixed_sum += total(mixed_lanes);
        for byte in rest {
            sum += u64::from(*byte);
            mixed_sum += mixed(*byte);
        }
    }
    (sum, mixed_sum)
}

/// Adds up the lanes; their sum must fit into one.
fn total(lanes: u64) -> u64 {
    lanes.wrapping_mul(0x0001_0001_0001_0001) >> 48
}

/// Passes over what came already, in the log that has it all.
#[derive(Debug)]
pub struct Passing {
    came: Tally,
    passed: Tally,
    /// How many carriage returns may follow that came too.
    carriages: u64,
}

impl Passing {
    /// Passes over as much as came.
    pub fn new(came: Tally) -> Self {
        Self {
            came,
            passed: Tally::default(),
            carriages: came.carriages,
        }
    }

    /// Takes the next bytes of the log, and returns those that did not come yet.
    pub fn take(&mut self, mut bytes: Bytes) -> Bytes {
        while self.passed.bytes < self.came.bytes && !bytes.is_empty() {
            // At least so many are left, since each counts once at most.
            let left = self.came.bytes - self.passed.bytes;
            let next = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
            self.passed.count(&bytes[..next]);
            bytes.advance(next);
        }
        while self.carriages > 0 && bytes.first() == Some(&CARRIAGE_RETURN) {
            self.carriages -= 1;
            bytes.advance(1);
        }
        if !bytes.is_empty() {
            self.carriages = 0;
        }
        bytes
    }

    /// Tells whether what was passed over is what came: neither more, nor less, nor else.
    pub fn is_exact(&self) -> bool {
        self.passed.counts_as(&self.came)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::Index};

    use super::*;
    use crate::properties;

    const OUTPUT: &[u8] = b"one\r\n\r\rtwo\r\r\n\xff\x00\rthree\n\r\n\nend\r";

    /// What a log makes of it.
    const LOG: &[u8] = b"one\n\r\rtwo\r\n\xff\x00\rthree\n\n\nend\r";

    fn counted(bytes: &[u8], size: usize) -> Tally {
        let mut tally = Tally::default();
        for chunk in bytes.chunks(size) {
            tally.count(chunk);
        }
        tally
    }

    #[test]
    fn a_log_counts_as_much_as_the_output_wherever_both_are_cut() {
        for size in 1..=OUTPUT.len() {
            let whole = counted(LOG, LOG.len());
            assert!(counted(OUTPUT, size).counts_as(&whole), "{size} at once");
            assert_eq!(counted(OUTPUT, size).carriages, 1);
        }
        let large = vec![255; 1024 * 1024];
        let tally = counted(&large, large.len());
        assert_eq!((tally.sum, tally.mixed), (255 << 20, mixed(255) << 20));
    }

    #[test]
    fn sums_are_those_of_the_bytes_one_by_one() {
        let numbers = (0..1000_u32).map(|number| number.wrapping_mul(0x9e37_79b9));
        let bytes: Vec<u8> = numbers.map(|number| number.to_be_bytes()[0]).collect();
        for length in 0..bytes.len() {
            let bytes = &bytes[..length];
            let sum = bytes.iter().map(|byte| u64::from(*byte)).sum();
            let mixed_sum = bytes.iter().map(|byte| mixed(*byte)).sum();
            assert_eq!(sums(bytes), (sum, mixed_sum), "{length}");
        }
    }

    #[test]
    fn the_rest_of_the_log_is_what_did_not_come() {
        for (came, rest) in [
            (0, LOG),
            (2, &LOG[2..]),
            (5, &LOG[4..]),
            (6, &LOG[5..]),
            (14, &LOG[12..]),
            (OUTPUT.len() - 1, b"\r"),
            (OUTPUT.len(), b""),
        ] {
            for size in 1..=LOG.len() {
                let mut passing = Passing::new(counted(&OUTPUT[..came], 3));
                let new: Vec<u8> = LOG
                    .chunks(size)
                    .flat_map(|chunk| passing.take(Bytes::copy_from_slice(chunk)))
                    .collect();
                assert!(passing.is_exact(), "{came}");
                assert_eq!(new, rest, "{came} came, {size} at once");
            }
        }
    }

    #[test]
    fn lines_of_two_streams_count_in_any_order() {
        let apart = counted(b"out 1\nout 2\n", 5) + counted(b"err\n", 2);
        let mut passing = Passing::new(apart);
        let rest = passing.take(Bytes::from_static(b"out 1\nerr\nout 2\nnew\n"));
        assert_eq!((&rest[..], passing.is_exact()), (&b"new\n"[..], true));
    }

    #[test]
    fn another_log_and_a_shorter_one_are_found_out() {
        for log in [&b"out 2\nout 3\n"[..], b"out 1\n"] {
            let mut passing = Passing::new(counted(b"out 1\nout 2\n", 12));
            passing.take(Bytes::copy_from_slice(log));
            assert!(!passing.is_exact());
        }
    }
    /// Returns what a log makes of output: where each byte of it was.
    fn logged(output: &[u8]) -> Vec<(usize, u8)> {
        let bytes = output.iter().copied().enumerate();
        bytes
            .filter(|(at, byte)| (*byte, output.get(at + 1)) != (CARRIAGE_RETURN, Some(&b'\n')))
            .collect()
    }

    proptest! {
        #![proptest_config(properties::config())]

        #[test]
        fn what_came_and_the_rest_of_the_log_are_all_of_it(
            (output, length) in properties::bytes_of(&["\r", "\n", "\r\n", "a", "line"]),
            break_at in any::<Index>(),
        ) {
            let came = break_at.index(output.len() + 1);
            let mut passing = Passing::new(counted(&output[..came], length));
            let log = logged(&output);
            let expected: Vec<_> = log.iter().filter(|(at, _)| *at >= came).map(|(_, byte)| *byte).collect();
            let log: Vec<_> = log.into_iter().map(|(_, byte)| byte).collect();
            let mut rest = Vec::new();
            for chunk in log.chunks(length) {
                rest.extend(passing.take(Bytes::copy_from_slice(chunk)));
            }
            prop_assert!(passing.is_exact());
            prop_assert_eq!(rest, expected);
        }
    }
}

//! What came over a stream, in a few numbers, to find the place in the log where it broke off.

use std::ops::Add;

use bytes::{Buf, Bytes};

const CARRIAGE_RETURN: u8 = b'\r';

/// The numbers. A runtime drops a carriage return before a newline when it writes a log, so these
/// do not count.
///
/// The order does not count either: a log has the lines of both streams, a stream those of one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    bytes: u64,
    sum: u64,
    squares: u64,
    /// How many carriage returns came last.
    carriages: u64,
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            sum: self.sum.wrapping_add(other.sum),
            squares: self.squares.wrapping_add(other.squares),
            carriages: self.carriages.max(other.carriages),
        }
    }
}

impl Tally {
    /// Counts the next bytes of one stream.
    pub fn count(&mut self, bytes: &[u8]) {
        // In parts whose sums fit into 32 bits, which is far quicker.
        for part in bytes.chunks(4096) {
            let numbers = part.iter().map(|byte| u32::from(*byte));
            let sum = numbers.clone().sum::<u32>();
            let squares = numbers.map(|number| number * number).sum::<u32>();
            self.sum = self.sum.wrapping_add(sum.into());
            self.squares = self.squares.wrapping_add(squares.into());
        }
        let carriages = memchr::memchr_iter(CARRIAGE_RETURN, bytes).count() as u64;
        let number = u64::from(CARRIAGE_RETURN);
        self.bytes += bytes.len() as u64 - carriages;
        self.sum = self.sum.wrapping_sub(carriages * number);
        self.squares = self.squares.wrapping_sub(carriages * number * number);
        match bytes.iter().rposition(|byte| *byte != CARRIAGE_RETURN) {
            Some(last) => self.carriages = (bytes.len() - 1 - last) as u64,
            None => self.carriages += bytes.len() as u64,
        }
    }

    fn counts_as(&self, other: &Self) -> bool {
        (self.bytes, self.sum, self.squares) == (other.bytes, other.sum, other.squares)
    }
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
        assert_eq!(counted(&large, large.len()).squares, (1 << 20) * 255 * 255);
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

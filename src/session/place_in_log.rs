//! How far a container's log was shown, so that it can be read on after its connection broke.

use bytes::{Buf, Bytes};

/// How much is remembered of the beginning of a log, and of what was shown last.
const HEAD: usize = 256;
const TAIL: usize = 1024;

/// What was shown of a log.
#[derive(Debug, Default)]
pub struct PlaceInLog {
    shown: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
    /// What is left to be passed over of a log that is read anew, and the end of what was.
    left: u64,
    passed: Vec<u8>,
    passed_head: usize,
}

/// The log is not the one it was: a node keeps the newest 10 MiB, and drops what is older.
#[derive(Debug, Eq, PartialEq)]
pub struct Rotated;

impl PlaceInLog {
    /// Begins to read the log anew, from its first byte.
    pub fn again(&mut self) {
        self.left = self.shown;
        self.passed.clear();
        self.passed_head = 0;
    }

    /// Tells whether all that was shown was passed over.
    pub fn is_reached(&self) -> bool {
        self.left == 0
    }

    /// Takes the next bytes of the log, and returns those that were not shown yet.
    pub fn take(&mut self, mut bytes: Bytes) -> Result<Bytes, Rotated> {
        if self.left > 0 {
            let passed =
                usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
            self.pass(&bytes[..passed])?;
            bytes.advance(passed);
        }
        self.shown += bytes.len() as u64;
        let head = bytes.len().min(HEAD - self.head.len());
        self.head.extend_from_slice(&bytes[..head]);
        remember(&mut self.tail, &bytes);
        Ok(bytes)
    }

    fn pass(&mut self, bytes: &[u8]) -> Result<(), Rotated> {
        let known = &self.head[self.passed_head..];
        let compared = known.len().min(bytes.len());
        if known[..compared] != bytes[..compared] {
            return Err(Rotated);
        }
        self.passed_head += compared;
        self.left -= bytes.len() as u64;
        remember(&mut self.passed, bytes);
        if self.left == 0 && self.passed != self.tail {
            return Err(Rotated);
        }
        Ok(())
    }
}

/// Keeps the last bytes.
fn remember(tail: &mut Vec<u8>, bytes: &[u8]) {
    let new = &bytes[bytes.len().saturating_sub(TAIL)..];
    let old = tail.len().min(TAIL - new.len());
    tail.drain(..tail.len() - old);
    tail.extend_from_slice(new);
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::properties;

    /// A log of numbered lines, and where the break is: anywhere in the first, the last and a
    /// middle part of it.
    fn log() -> (Vec<u8>, Vec<usize>) {
        let lines: Vec<_> = (0..2000).map(|number| format!("line {number}\n")).collect();
        let log = lines.concat();
        let end = log.len();
        let breaks = (0..600).step_by(7).chain(9000..9010).chain(end - 60..=end);
        (log.into_bytes(), breaks.collect())
    }

    #[test]
    fn every_byte_is_shown_once_wherever_it_breaks() {
        let (log, breaks) = log();
        for at in breaks {
            for size in [1000, 1024, 4096, log.len()] {
                let mut place = PlaceInLog::default();
                let mut shown = Vec::new();
                for chunk in log[..at].chunks(size) {
                    shown.extend(place.take(Bytes::copy_from_slice(chunk)).unwrap());
                }
                place.again();
                for chunk in log.chunks(size) {
                    shown.extend(place.take(Bytes::copy_from_slice(chunk)).unwrap());
                }
                assert!(
                    place.is_reached() && shown == log,
                    "break at {at}, {size} at once"
                );
            }
        }
    }

    #[test]
    fn a_log_that_was_rotated_is_found_out() {
        let (log, _) = log();
        for (at, gone) in [(30, 7), (600, 7), (5000, 4096), (15_000, 3_000)] {
            let mut place = PlaceInLog::default();
            place.take(Bytes::copy_from_slice(&log[..at])).unwrap();
            place.again();
            let rotated = Bytes::copy_from_slice(&log[gone..]);
            assert_eq!(place.take(rotated), Err(Rotated), "{at} {gone}");
        }
    }

    #[test]
    fn another_end_of_what_was_shown_is_found_out() {
        let mut place = PlaceInLog::default();
        place.take(vec![b'a'; 5000].into()).unwrap();
        place.again();
        let mut other = vec![b'a'; 5000];
        other[4999] = b'b';
        assert_eq!(place.take(other.into()), Err(Rotated));
    }

    proptest! {
        #![proptest_config(properties::config())]

        #[test]
        fn each_byte_is_shown_once_over_any_number_of_breaks(
            log in vec(0..4_u8, 0..3000),
            breaks in vec((0..3000_usize, 1..2000_usize), 0..4),
        ) {
            let (mut place, mut shown) = (PlaceInLog::default(), Vec::new());
            for (at, length) in breaks.into_iter().chain([(log.len(), 1024)]) {
                for part in log[..at.min(log.len())].chunks(length) {
                    shown.extend(place.take(Bytes::copy_from_slice(part)).unwrap());
                }
                place.again();
            }
            prop_assert_eq!(shown, log);
        }

        #[test]
        fn a_log_that_is_written_meanwhile_is_shown_as_it_is_at_last(
            log in vec(0..4_u8, 0..3000),
            breaks in vec((0..3000_usize, 0..3000_usize, 1..2000_usize), 0..4),
        ) {
            let (mut place, mut shown) = (PlaceInLog::default(), Vec::new());
            // Each time it is longer, and read to some place that was not read yet.
            let mut written = 0;
            for (more, read, length) in breaks.into_iter().chain([(log.len(), log.len(), 1024)]) {
                written = (written + more).min(log.len());
                let read = read.clamp(shown.len(), written.max(shown.len()));
                for part in log[..read].chunks(length) {
                    shown.extend(place.take(Bytes::copy_from_slice(part)).unwrap());
                }
                prop_assert!(place.is_reached());
                prop_assert_eq!(&shown[..], &log[..shown.len()]);
                place.again();
            }
            prop_assert_eq!(shown, log);
        }

        #[test]
        fn a_byte_that_is_another_where_it_is_compared_is_found_out(
            log in vec(0..4_u8, 1..3000),
            from_the_end in any::<bool>(),
            at in any::<prop::sample::Index>(),
            length in 1..2000_usize,
        ) {
            let mut place = PlaceInLog::default();
            place.take(log.clone().into()).unwrap();
            place.again();
            let mut other = log.clone();
            let at = if from_the_end {
                log.len() - 1 - at.index(log.len().min(TAIL))
            } else {
                at.index(log.len().min(HEAD))
            };
            other[at] += 1;
            let mut parts = other.chunks(length).map(Bytes::copy_from_slice);
            prop_assert!(parts.any(|part| place.take(part) == Err(Rotated)));
        }
    }
}

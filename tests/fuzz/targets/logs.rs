//! A log that is read again and again, and grows meanwhile, is shown once; another log is never taken for it.

#![no_main]

use bytes::Bytes;
use kubectl_ephemeral::session::{PlaceInLog, Rotated};
use libfuzzer_sys::fuzz_target;

/// How much of the beginning, and of what was shown last, is compared at least.
const COMPARED: usize = 256;

fuzz_target!(|input: (Vec<(u16, u8)>, Option<(u16, u8)>, &[u8])| {
    let (breaks, change, seed) = input;
    // Long enough that not all of it is compared.
    let log = seed.repeat(4096 / seed.len().max(1) + 1);
    let (mut place, mut shown) = (PlaceInLog::default(), Vec::new());
    for (at, length) in breaks {
        // What was shown once is still there.
        let at = usize::from(at).min(log.len()).max(shown.len());
        assert_eq!(read(&mut place, &log[..at], length, &mut shown), Ok(()));
        assert!(place.is_reached());
        assert_eq!(shown, log[..at]);
        place.again();
    }
    if let Some((at, by)) = change
        && !shown.is_empty()
    {
        let at = usize::from(at) % shown.len();
        let mut other = log.clone();
        other[at] = other[at].wrapping_add(by);
        let is_compared = at < COMPARED || at >= shown.len().saturating_sub(COMPARED);
        let before = shown.len();
        let ended = read(&mut place, &other, by, &mut shown);
        if is_compared && by != 0 {
            assert_eq!((ended, shown.len()), (Err(Rotated), before));
        }
        return;
    }
    // A break in the middle of what was shown before loses nothing.
    assert_eq!(
        read(&mut place, &log[..shown.len() / 2], 100, &mut shown),
        Ok(())
    );
    place.again();
    assert_eq!(read(&mut place, &log, 200, &mut shown), Ok(()));
    assert_eq!(shown, log);
});

fn read(
    place: &mut PlaceInLog,
    log: &[u8],
    length: u8,
    shown: &mut Vec<u8>,
) -> Result<(), Rotated> {
    for chunk in log.chunks(usize::from(length) * 8 + 1) {
        shown.extend_from_slice(&place.take(Bytes::copy_from_slice(chunk))?);
    }
    Ok(())
}

//! How long ago something was, in kubectl's short form.

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// Writes a time as an age: `5s`, `3m20s`, `7h`, `2d1h`.
///
/// The steps are those of kubectl (`HumanDuration` of k8s.io/apimachinery, `util/duration`): two units while
/// the first is small. A clock that is behind the cluster's by more than a second makes it `<invalid>`.
pub fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(since).as_secs();
    match seconds {
        ..-1 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        0..120 => format!("{seconds}s"),
        120..600 => two(seconds, (MINUTE, "m"), (1, "s")),
        600..10_800 => format!("{}m", seconds / MINUTE),
        10_800..28_800 => two(seconds, (HOUR, "h"), (MINUTE, "m")),
        28_800..172_800 => format!("{}h", seconds / HOUR),
        172_800..691_200 => two(seconds, (DAY, "d"), (HOUR, "h")),
        691_200..63_072_000 => format!("{}d", seconds / DAY),
        63_072_000..252_288_000 => two(seconds, (YEAR, "y"), (DAY, "d")),
        252_288_000.. => format!("{}y", seconds / YEAR),
    }
}

/// Writes seconds in two units, without the second one where it is zero.
fn two(seconds: i64, large: (i64, &str), small: (i64, &str)) -> String {
    let (large, large_name) = large;
    let (small, small_name) = small;
    let rest = seconds % large / small;
    let first = format!("{}{large_name}", seconds / large);
    if rest == 0 {
        first
    } else {
        format!("{first}{rest}{small_name}")
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn ages_are_written_as_kubectl_writes_them() {
        for (seconds, expected) in [
            (-2, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (599, "9m59s"),
            (600, "10m"),
            (3 * HOUR - 1, "179m"),
            (3 * HOUR, "3h"),
            (3 * HOUR + 61, "3h1m"),
            (8 * HOUR - 1, "7h59m"),
            (8 * HOUR, "8h"),
            (2 * DAY - 1, "47h"),
            (2 * DAY, "2d"),
            (2 * DAY + HOUR, "2d1h"),
            (8 * DAY, "8d"),
            (2 * YEAR - 1, "729d"),
            (2 * YEAR, "2y"),
            (2 * YEAR + DAY, "2y1d"),
            (8 * YEAR + DAY, "8y"),
        ] {
            let then: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
            let now = then + SignedDuration::from_secs(seconds);
            assert_eq!(age(then, now), expected, "{seconds}");
        }
    }
}

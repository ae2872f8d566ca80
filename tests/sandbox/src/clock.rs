//! The time as Kubernetes writes it.

use jiff::{Timestamp, Unit};

/// Now, in whole seconds, as in `metadata.creationTimestamp`.
pub(crate) fn now() -> String {
    seconds(Timestamp::now())
}

/// A point in time in whole seconds.
pub(crate) fn seconds(time: Timestamp) -> String {
    let whole = time.as_second();
    Timestamp::from_second(whole).unwrap_or(time).to_string()
}

/// A point in time with nine digits of nanoseconds, as in front of a line of a log.
pub(crate) fn nanoseconds(time: Timestamp) -> String {
    format!("{:.9}", time.round(Unit::Nanosecond).unwrap_or(time))
}

/// How long ago, in the words of a table: `3s`, `66s`, `5m2s`, `3h`, `2d`.
pub(crate) fn age(since: &str) -> String {
    let Ok(since) = since.parse::<Timestamp>() else {
        return "<unknown>".to_owned();
    };
    duration(Timestamp::now().as_second() - since.as_second())
}

/// A number of seconds as people read it.
pub(crate) fn duration(seconds: i64) -> String {
    let pair = |large: i64, unit: &str, small: i64, small_unit: &str| {
        if small == 0 {
            format!("{large}{unit}")
        } else {
            format!("{large}{unit}{small}{small_unit}")
        }
    };
    let minutes = seconds / 60;
    let hours = minutes / 60;
    if seconds < 0 {
        "<invalid>".to_owned()
    } else if seconds < 120 {
        format!("{seconds}s")
    } else if minutes < 10 {
        pair(minutes, "m", seconds % 60, "s")
    } else if minutes < 180 {
        format!("{minutes}m")
    } else if hours < 8 {
        pair(hours, "h", minutes % 60, "m")
    } else if hours < 48 {
        format!("{hours}h")
    } else {
        format!("{}d", hours / 24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_people_read_them() {
        let expected = [
            (3, "3s"),
            (66, "66s"),
            (120, "2m"),
            (302, "5m2s"),
            (1200, "20m"),
            (3 * 3600 + 60, "3h1m"),
            (9 * 3600, "9h"),
            (72 * 3600, "3d"),
        ];
        for (seconds, text) in expected {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn nanoseconds_have_nine_digits() {
        let time = Timestamp::from_second(1_795_160_000).expect("in range");
        assert!(
            nanoseconds(time).ends_with(".000000000Z"),
            "{}",
            nanoseconds(time)
        );
        assert!(!seconds(time).contains('.'));
    }
}

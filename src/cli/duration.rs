//! Durations as Go writes them.

use std::time::Duration;

use jiff::SignedDuration;

/// Reads a duration as Go writes it: `90s`, `5m`, `1h30m`, or `0`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const FORMS: &str = "a duration is written like `90s`, `5m` or `1h30m`";
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let signed: SignedDuration = text.parse().map_err(|_| FORMS.to_owned())?;
    Duration::try_from(signed).map_err(|_| "a duration cannot be negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, seconds) in [
            ("90s", 90.0),
            ("5m", 300.0),
            ("1h30m", 5400.0),
            ("0", 0.0),
            ("0s", 0.0),
            ("1.5s", 1.5),
            ("300ms", 0.3),
        ] {
            assert_eq!(
                duration(text),
                Ok(Duration::from_secs_f64(seconds)),
                "{text}"
            );
        }
        for text in ["", "5", "abc", "-1s", "1e99s", "99999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}

//! What many runs come to: the median and the spread.

/// What a figure counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    /// Of a million bytes.
    Megabytes,
    /// Of 1024 times 1024 bytes.
    MebibytesPerSecond,
    /// Of processor time, for 1024 MiB.
    SecondsPerGibibyte,
    /// A million of them.
    Instructions,
    Count,
}

/// The median, the least and the most of some runs.
#[derive(Clone, Copy)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) runs: usize,
}

impl Unit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Megabytes => "MB",
            Self::MebibytesPerSecond => "MiB/s",
            Self::SecondsPerGibibyte => "s/GiB",
            Self::Instructions => "million",
            Self::Count => "",
        }
    }

    pub(crate) fn more_is_better(self) -> bool {
        matches!(self, Self::MebibytesPerSecond)
    }
}

impl Figure {
    /// Returns `None` for no runs at all.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let below = if values.len().is_multiple_of(2) {
            middle - 1
        } else {
            middle
        };
        Some(Self {
            median: f64::midpoint(values[below], values[middle]),
            min,
            max,
            runs: values.len(),
        })
    }
}

/// Three digits, as far as they are worth something.
pub(crate) fn number(value: f64) -> String {
    let digits = match value {
        _ if value.fract() == 0.0 || value >= 100.0 => 0,
        _ if value >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

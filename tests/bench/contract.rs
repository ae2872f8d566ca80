//! What is promised, line by line, and whether it holds.

use std::time::Duration;

use crate::{
    figure::{Figure, Unit, number},
    rounds::Runs,
    series::Measured,
    visit::Seen,
};

/// What a line promises.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// The newest kubectl takes at least this many times as much.
    Times(f64),
    AtMost(f64, Unit),
    /// Nothing; the line helps to read the others.
    Nothing,
    /// Something that is not measured here.
    Words(&'static str),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Holds,
    Missed,
    /// Something that is needed to tell was not measured.
    NotMeasured,
    NothingPromised,
}

/// What one program came to in one line.
pub(crate) struct Cell {
    pub(crate) figure: Option<Figure>,
    /// What is missing.
    pub(crate) remark: Option<String>,
}

pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) unit: Unit,
    pub(crate) target: Target,
    /// In the order of the programs; none if the line is not measured.
    pub(crate) cells: Vec<Cell>,
}

/// Returns the lines, first those about time, then those about what else a session takes.
pub(crate) fn rows(measured: &Measured) -> Vec<Row> {
    let mut rows = times(measured);
    rows.extend(requests(measured));
    rows.extend(memory(measured));
    rows.push(sizes(&measured.sizes));
    rows
}

fn times(measured: &Measured) -> Vec<Row> {
    use Target::{AtMost, Nothing, Times};

    let time = |what, target, runs, value: fn(&Seen) -> Option<Duration>| {
        let value = |seen: &Seen| value(seen).map(|time| time.as_secs_f64() * 1e3);
        Row::of(what, Unit::Milliseconds, target, runs, value)
    };
    let Measured {
        shell,
        command,
        help,
        lagging,
        ..
    } = measured;
    let start = "process start to PATCH received";
    let own_share = "own share of the time to the prompt";
    let five = AtMost(5.0, Unit::Milliseconds);
    vec![
        time(start, Times(4.0), shell, |seen| seen.to_patch),
        time(own_share, Times(5.0), shell, |seen| seen.own_share),
        time("time to the prompt", Nothing, shell, |seen| seen.to_prompt),
        time(
            "time to the prompt, status lags 0.7 s",
            Times(3.0),
            lagging,
            |seen| seen.to_prompt,
        ),
        time(
            "age of the connection that the shell takes",
            Nothing,
            shell,
            |seen| seen.connection_age,
        ),
        Row::not_measured("one keystroke there and back", "bare client + 10 %"),
        Row::not_measured("attach throughput", "2x, a quarter of the CPU"),
        time("CPU time of one command", Times(5.0), command, |seen| {
            Some(seen.cpu)
        }),
        time("CPU time of one shell", Times(5.0), shell, |seen| {
            Some(seen.cpu)
        }),
        time("--help", five, help, |seen| Some(seen.wall)),
    ]
}

fn requests(measured: &Measured) -> [Row; 2] {
    let row = |what, target, runs| {
        let value = |seen: &Seen| u32::try_from(seen.requests.len()).ok().map(f64::from);
        Row::of(what, Unit::Requests, target, runs, value)
    };
    let five = Target::AtMost(5.0, Unit::Requests);
    [
        row("requests for one shell", five, &measured.shell),
        row(
            "requests for one command",
            Target::Nothing,
            &measured.command,
        ),
    ]
}

fn memory(measured: &Measured) -> [Row; 2] {
    let resident = |seen: &Seen| Some(f64::from(seen.memory) * 1024.0 / 1e6);
    let quiet = "resident memory, a quiet shell";
    [
        Row::of(
            quiet,
            Unit::Megabytes,
            Target::Times(4.0),
            &measured.shell,
            resident,
        ),
        Row::not_measured("resident memory while much flows", "4x, and flat"),
    ]
}

fn sizes(sizes: &[Option<u64>]) -> Row {
    let megabytes = |size: u64| f64::from(u32::try_from(size).unwrap_or(u32::MAX)) / 1e6;
    let cell = |size: &Option<u64>| match Figure::of(size.map(megabytes)) {
        None => Cell {
            figure: None,
            remark: Some("not found".to_owned()),
        },
        figure => Cell {
            figure,
            remark: None,
        },
    };
    Row {
        what: "size of the binary",
        unit: Unit::Megabytes,
        target: Target::AtMost(8.0, Unit::Megabytes),
        cells: sizes.iter().map(cell).collect(),
    }
}

impl Row {
    fn of(
        what: &'static str,
        unit: Unit,
        target: Target,
        runs: &[Runs],
        value: impl Fn(&Seen) -> Option<f64>,
    ) -> Self {
        let cells = runs.iter().map(|runs| Cell::of(runs, &value)).collect();
        Self {
            what,
            unit,
            target,
            cells,
        }
    }

    fn not_measured(what: &'static str, target: &'static str) -> Self {
        Self {
            what,
            unit: Unit::Milliseconds,
            target: Target::Words(target),
            cells: Vec::new(),
        }
    }

    fn median(&self, program: usize) -> Option<f64> {
        self.cells.get(program)?.figure.map(|figure| figure.median)
    }

    /// Returns how many times as much as ours another program takes.
    pub(crate) fn ratio(&self, program: usize) -> Option<f64> {
        let ours = self.median(0).filter(|ours| *ours > 0.0)?;
        Some(self.median(program)? / ours)
    }

    pub(crate) fn verdict(&self, newest: Option<usize>) -> Verdict {
        let holds = match self.target {
            Target::Nothing => return Verdict::NothingPromised,
            Target::Words(_) => None,
            Target::Times(times) => newest.and_then(|newest| Some(self.ratio(newest)? >= times)),
            Target::AtMost(most, _) => self.median(0).map(|ours| ours <= most),
        };
        match holds {
            Some(true) => Verdict::Holds,
            Some(false) => Verdict::Missed,
            None => Verdict::NotMeasured,
        }
    }
}

impl Cell {
    fn of(runs: &Runs, value: impl Fn(&Seen) -> Option<f64>) -> Self {
        let figure = Figure::of(runs.seen.iter().filter_map(value));
        let asked = runs.seen.len() + runs.failed;
        let without = runs.seen.len() - figure.map_or(0, |figure| figure.runs);
        let mut remarks = Vec::new();
        if asked == 0 {
            remarks.push("no round was played".to_owned());
        }
        if without > 0 {
            remarks.push(format!("not seen in {without} of {asked}"));
        }
        if runs.failed > 0 {
            remarks.push(format!("{} of {asked} failed", runs.failed));
        }
        let remark = (!remarks.is_empty()).then(|| remarks.join(", "));
        Self { figure, remark }
    }
}

impl Verdict {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Missed => "MISSED",
            Self::NotMeasured => "not measured",
            Self::NothingPromised => "",
        }
    }
}

impl Target {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Times(times) => format!("{}x", number(times)),
            Self::AtMost(most, Unit::Requests) => format!("at most {}", number(most)),
            Self::AtMost(most, unit) => format!("at most {} {}", number(most), unit.name()),
            Self::Nothing => String::new(),
            Self::Words(words) => words.to_owned(),
        }
    }
}

//! What a promise is, and whether it holds.

mod promises;

use crate::{
    client::{self, Client},
    figure::{Figure, Unit, number},
    rounds::Runs,
};

pub(crate) use self::promises::rows;

/// What a line promises.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// Ours is at least this many times as good as the newest kubectl.
    Times(f64),
    /// Ours takes at most this many times as much as the bare client.
    NearBare(f64),
    AtMost(f64, Unit),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Holds,
    Missed,
    /// Something that is needed to tell was not measured.
    NotMeasured,
    /// The line helps to read the others.
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
    /// All of them are promised.
    pub(crate) targets: &'static [Target],
    /// In the order of the programs, as far as they were measured.
    pub(crate) cells: Vec<Cell>,
}

/// Which of the programs ours is held against.
#[derive(Clone, Copy)]
pub(crate) struct Against {
    pub(crate) newest: Option<usize>,
    bare: usize,
}

impl Against {
    pub(crate) fn of(clients: &[Client]) -> Self {
        Self {
            newest: client::newest(clients),
            bare: clients.len() - 1,
        }
    }
}

impl Row {
    fn of<T>(
        what: &'static str,
        unit: Unit,
        targets: &'static [Target],
        runs: &[Runs<T>],
        value: impl Fn(&T) -> Option<f64>,
    ) -> Self {
        let cells = runs.iter().map(|runs| Cell::of(runs, &value)).collect();
        Self {
            what,
            unit,
            targets,
            cells,
        }
    }

    /// Whether there is any figure in it.
    pub(crate) fn is_measured(&self) -> bool {
        self.cells.iter().any(|cell| cell.figure.is_some())
    }

    fn median(&self, program: usize) -> Option<f64> {
        self.cells.get(program)?.figure.map(|figure| figure.median)
    }

    /// Returns how many times as good as another program ours is.
    pub(crate) fn ratio(&self, program: usize) -> Option<f64> {
        let ours = self.median(0).filter(|ours| *ours > 0.0)?;
        let theirs = self.median(program)?;
        Some(if self.unit.more_is_better() {
            ours / theirs
        } else {
            theirs / ours
        })
    }

    pub(crate) fn verdict(&self, against: Against) -> Verdict {
        let mut verdict = Verdict::NothingPromised;
        for target in self.targets {
            match self.keeps(*target, against) {
                Some(true) => {}
                Some(false) => return Verdict::Missed,
                None => return Verdict::NotMeasured,
            }
            verdict = Verdict::Holds;
        }
        verdict
    }

    fn keeps(&self, target: Target, against: Against) -> Option<bool> {
        match target {
            Target::Times(times) => Some(self.ratio(against.newest?)? >= times),
            Target::NearBare(times) => Some(self.ratio(against.bare)? >= 1.0 / times),
            Target::AtMost(most, _) => Some(self.median(0)? <= most),
        }
    }

    /// Says in words what is promised.
    pub(crate) fn target(&self) -> String {
        let words: Vec<_> = self.targets.iter().map(|target| target.text()).collect();
        words.join(", ")
    }
}

impl Cell {
    fn of<T>(runs: &Runs<T>, value: impl Fn(&T) -> Option<f64>) -> Self {
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

    /// A cell of one value, or of none with the reason.
    fn of_one(value: Option<f64>, otherwise: &str) -> Self {
        Self {
            figure: Figure::of(value),
            remark: value.is_none().then(|| otherwise.to_owned()),
        }
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
    fn text(self) -> String {
        match self {
            Self::Times(times) => format!("{}x", number(times)),
            Self::NearBare(times) => {
                format!(
                    "bare client + {} %",
                    number(((times - 1.0) * 100.0).round())
                )
            }
            Self::AtMost(most, unit) => format!("at most {} {}", number(most), unit.name())
                .trim_end()
                .to_owned(),
        }
    }
}

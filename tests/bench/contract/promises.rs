//! What is promised, line by line.

use std::time::Duration;

use super::{
    Cell, Row,
    Target::{AtMost, NearBare, Times},
};
use crate::{
    callgrind::Counts,
    counted::{LAST, ROOM},
    echo::Echo,
    figure::Unit,
    flow::Flow,
    rounds::Runs,
    series::Measured,
    visit::Seen,
};

/// Returns the lines, first those about time, then those about what else a session takes.
pub(crate) fn rows(measured: &Measured) -> Vec<Row> {
    let mut rows = starts(measured);
    rows.extend(keys(&measured.keys));
    rows.extend(flows(measured));
    rows.extend(work(measured));
    rows.extend(requests(measured));
    rows.extend(memory(measured));
    rows.push(sizes(&measured.sizes));
    rows.extend(instructions(measured.instructions));
    rows
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn megabytes(resident: u32) -> f64 {
    f64::from(resident) * 1024.0 / 1e6
}

fn count(count: usize) -> Option<f64> {
    u32::try_from(count).ok().map(f64::from)
}

fn starts(measured: &Measured) -> Vec<Row> {
    let time = |what, targets, runs, value: fn(&Seen) -> Option<Duration>| {
        let value = |seen: &Seen| value(seen).map(milliseconds);
        Row::of(what, Unit::Milliseconds, targets, runs, value)
    };
    let Measured { shell, lagging, .. } = measured;
    let lag = "time to the prompt, status lags 0.7 s";
    let share = "own share of the time to the prompt";
    let age = "age of the connection that the shell takes";
    let late = "connections made after `running`";
    vec![
        time(
            "process start to PATCH received",
            &[Times(4.0)],
            shell,
            |seen| seen.to_patch,
        ),
        time(share, &[Times(5.0)], shell, |seen| seen.own_share),
        time("time to the prompt", &[], shell, |seen| seen.to_prompt),
        time(lag, &[Times(3.0)], lagging, |seen| seen.to_prompt),
        time("`running` to the prompt", &[], shell, |seen| {
            seen.from_running
        }),
        time(age, &[], shell, |seen| seen.connection_age),
        Row::of(
            late,
            Unit::Count,
            &[AtMost(0.0, Unit::Count)],
            shell,
            |seen| count(seen.late_connections?),
        ),
    ]
}

fn keys(keys: &[Runs<Echo>]) -> [Row; 2] {
    let row = |what, value: fn(&Echo) -> Option<Duration>| {
        let value = |echo: &Echo| value(echo).map(milliseconds);
        Row::of(what, Unit::Milliseconds, &[NearBare(1.1)], keys, value)
    };
    [
        row("one key there and back", |echo| Some(echo.single)),
        row("a key while another is unanswered", |echo| echo.hurried),
    ]
}

fn flows(measured: &Measured) -> [Row; 6] {
    let rate = |what, targets, runs| {
        Row::of(
            what,
            Unit::MebibytesPerSecond,
            targets,
            runs,
            |flow: &Flow| Some(flow.rate),
        )
    };
    let cpu = |what, targets, runs| {
        let value = |flow: &Flow| Some(flow.cpu.as_secs_f64());
        Row::of(what, Unit::SecondsPerGibibyte, targets, runs, value)
    };
    let gate = &measured.through_a_gate;
    let terminal = &measured.through_a_terminal;
    [
        rate(
            "attach throughput",
            &[Times(2.0), NearBare(1.1)],
            &measured.much,
        ),
        cpu("CPU time of a GiB", &[Times(4.0)], &measured.much),
        rate("throughput of `-- COMMAND`", &[], gate),
        cpu("CPU time of a GiB of `-- COMMAND`", &[], gate),
        rate("throughput of a terminal", &[], terminal),
        cpu("CPU time of a GiB in a terminal", &[], terminal),
    ]
}

fn work(measured: &Measured) -> [Row; 3] {
    let row = |what, targets, runs, value: fn(&Seen) -> Duration| {
        let value = |seen: &Seen| Some(milliseconds(value(seen)));
        Row::of(what, Unit::Milliseconds, targets, runs, value)
    };
    let five = &[AtMost(5.0, Unit::Milliseconds)];
    [
        row(
            "CPU time of one command",
            &[Times(5.0)],
            &measured.command,
            |seen| seen.cpu,
        ),
        row(
            "CPU time of one shell",
            &[Times(5.0)],
            &measured.shell,
            |seen| seen.cpu,
        ),
        row("--help", five, &measured.help, |seen| seen.wall),
    ]
}

fn requests(measured: &Measured) -> [Row; 2] {
    let row = |what, targets, runs| {
        let value = |seen: &Seen| count(seen.requests.len()).filter(|count| *count > 0.0);
        Row::of(what, Unit::Count, targets, runs, value)
    };
    let five = &[AtMost(5.0, Unit::Count)];
    [
        row("requests for one shell", five, &measured.shell),
        row("requests for one command", &[], &measured.command),
    ]
}

fn memory(measured: &Measured) -> [Row; 3] {
    let resident = |flow: &Flow| Some(megabytes(flow.memory));
    let quiet = |seen: &Seen| Some(megabytes(seen.memory));
    let (unit, times) = (Unit::Megabytes, &[Times(4.0)]);
    let much = Row::of(
        "resident memory while much flows",
        unit,
        times,
        &measured.much,
        resident,
    );
    let little = Row::of("", unit, &[], &measured.little, resident);
    let grown = (0..much.cells.len()).map(|program| {
        let grown = much.median(program).zip(little.median(program));
        Cell::of_one(grown.map(|(much, little)| much - little), "not seen")
    });
    let growth = Row {
        what: "more of it for 16 times the output",
        unit,
        targets: &[AtMost(1.0, Unit::Megabytes)],
        cells: grown.collect(),
    };
    [
        Row::of(
            "resident memory, a quiet shell",
            unit,
            times,
            &measured.shell,
            quiet,
        ),
        much,
        growth,
    ]
}

fn sizes(sizes: &[Option<u64>]) -> Row {
    let megabytes = |size: u64| f64::from(u32::try_from(size).unwrap_or(u32::MAX)) / 1e6;
    let cell = |size: &Option<u64>| Cell::of_one(size.map(megabytes), "not found");
    Row {
        what: "size of the binary",
        unit: Unit::Megabytes,
        targets: &[AtMost(8.0, Unit::Megabytes)],
        cells: sizes.iter().map(cell).collect(),
    }
}

/// The limits are those of the tests, `tests/instructions`.
fn instructions(counted: Option<Counts>) -> [Row; 3] {
    let row = |what, targets, value: fn(Counts) -> f64| Row {
        what,
        unit: Unit::Instructions,
        targets,
        cells: vec![Cell::of_one(counted.map(value), "not counted")],
    };
    [
        row(
            "instructions of --help",
            &[AtMost(LAST.help * ROOM, Unit::Instructions)],
            |counts| counts.help,
        ),
        row(
            "instructions of one command",
            &[AtMost(LAST.command * ROOM, Unit::Instructions)],
            |counts| counts.command,
        ),
        row(
            "instructions for a MiB of output",
            &[AtMost(LAST.mebibyte * ROOM, Unit::Instructions)],
            |counts| counts.mebibyte,
        ),
    ]
}

//! What can happen in a round.

use std::time::Duration;

use fastrand::Rng;
use rustix::process::Signal;

/// What happens, with its measure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A line is typed, and what it prints is seen.
    Say,
    /// The terminal changes its size so many times at once; the last one counts.
    Resizes(usize),
    /// So many lines come at once, and not a byte is lost.
    Flood { lines: u32 },
    /// The API server goes, and comes back after a while.
    ServerRestarts { gone: Duration },
    /// As before, and somebody types meanwhile.
    TypingWhileGone { gone: Duration },
    /// The kubelet ends all streams as if all were well.
    KubeletRestarts,
    /// One of the two restarts while many lines come.
    RestartInFlood { after: Duration, kubelet: bool },
    /// The stream breaks, and so often again after so many bytes.
    Drops { times: usize, after: usize },
    /// The network goes silent, and nobody says so: in the middle of many lines, after so many bytes, or, with 0,
    /// while nobody types.
    HalfOpen { after: usize },
    /// The user leaves by the keys for that, and goes back.
    LeaveAndReturn,
    /// A command without a terminal writes so many bytes.
    Command { out: usize, err: usize, code: u8 },
    /// As before, and the server restarts meanwhile.
    CommandAcrossRestart {
        lines: u32,
        after: Duration,
        code: u8,
    },
    /// As before, and the network goes silent after so many bytes.
    CommandHalfOpen { lines: u32, after: usize, code: u8 },
    /// So many bytes go through a command and come back.
    Pipe { bytes: usize, code: u8 },
    /// As before, and the server restarts meanwhile.
    PipeAcrossRestart { bytes: usize, after: Duration },
    /// A signal ends another session, at any moment of it.
    Signalled { signal: Signal, after: Duration },
}

const SIGNALS: [Signal; 4] = [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT];

impl Step {
    /// Chooses one.
    pub(crate) fn choose(rng: &mut Rng) -> Self {
        let gone = millis(rng, 1500);
        let code = rng.u8(..);
        // What goes silent takes the 35 seconds until that is noticed, so it is rare.
        match rng.u32(..42) {
            0 => Self::HalfOpen {
                after: [0, rng.usize(500..200_000)][rng.usize(..2)],
            },
            1 => Self::CommandHalfOpen {
                lines: rng.u32(1..60_000),
                after: rng.usize(500..300_000),
                code,
            },
            2..4 => Self::Say,
            4..8 => Self::Resizes(rng.usize(1..400)),
            8..12 => Self::Flood {
                lines: rng.u32(1..80_000),
            },
            12..14 => Self::ServerRestarts { gone },
            14..16 => Self::TypingWhileGone { gone },
            16..18 => Self::KubeletRestarts,
            18..22 => Self::RestartInFlood {
                after: millis(rng, 300),
                kubelet: rng.bool(),
            },
            22..26 => Self::Drops {
                times: rng.usize(1..5),
                after: rng.usize(500..16_000),
            },
            26..28 => Self::LeaveAndReturn,
            28..32 => Self::Command {
                out: rng.usize(..400_000),
                err: rng.usize(..100_000),
                code,
            },
            32..34 => Self::CommandAcrossRestart {
                lines: rng.u32(1..60_000),
                after: millis(rng, 300),
                code,
            },
            34..36 => Self::Pipe {
                bytes: rng.usize(..2_000_000),
                code,
            },
            36..38 => Self::PipeAcrossRestart {
                bytes: rng.usize(1..2_000_000),
                after: millis(rng, 300),
            },
            _ => Self::Signalled {
                signal: SIGNALS[rng.usize(..SIGNALS.len())],
                after: millis(rng, 400),
            },
        }
    }

    /// Tells whether a kind of step begins with this.
    pub(crate) fn is_kind(name: &str) -> bool {
        let kinds = Self::one_of_each();
        kinds
            .iter()
            .any(|step| format!("{step:?}").starts_with(name))
    }

    /// Tells whether it takes longer than a test of all others may.
    fn is_slow(self) -> bool {
        matches!(self, Self::HalfOpen { .. } | Self::CommandHalfOpen { .. })
    }

    /// One of each kind that is quick.
    pub(crate) fn one_of_each_quick() -> Vec<Self> {
        let mut steps = Self::one_of_each();
        steps.retain(|step| !step.is_slow());
        steps
    }

    /// One of each kind.
    fn one_of_each() -> Vec<Self> {
        let after = Duration::from_millis(50);
        let gone = Duration::from_millis(100);
        let signal = Signal::TERM;
        vec![
            Self::Say,
            Self::Resizes(100),
            Self::Flood { lines: 20_000 },
            Self::ServerRestarts { gone },
            Self::TypingWhileGone { gone },
            Self::KubeletRestarts,
            Self::RestartInFlood {
                after,
                kubelet: false,
            },
            Self::Drops {
                times: 2,
                after: 4000,
            },
            Self::HalfOpen { after: 4000 },
            Self::LeaveAndReturn,
            Self::Command {
                out: 100_000,
                err: 10_000,
                code: 7,
            },
            Self::CommandAcrossRestart {
                lines: 30_000,
                after,
                code: 8,
            },
            Self::CommandHalfOpen {
                lines: 30_000,
                after: 4000,
                code: 8,
            },
            Self::Pipe {
                bytes: 1_000_000,
                code: 9,
            },
            Self::PipeAcrossRestart {
                bytes: 1_000_000,
                after,
            },
            Self::Signalled { signal, after },
        ]
    }
}

fn millis(rng: &mut Rng, most: u64) -> Duration {
    Duration::from_millis(rng.u64(..most))
}

//! How the program ends, and the number each ending has.

use std::process::ExitCode;

use crate::signals::Signal;

/// An ending. The numbers are part of the contract with scripts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExitStatus {
    /// What was asked for is done, or the user left on purpose: 0.
    Done,
    /// The container's command ended with this code, passed on as it is.
    Container(i32),
    /// The command line is wrong: 2.
    Usage,
    /// `--timeout` ran out: 124, as `timeout(1)` has it.
    TimedOut,
    /// We could not do it: 125, as `docker run` has it.
    Failed,
    /// The session was lost, or nobody told its exit code: 255, as ssh has it.
    Lost,
    /// A signal asked us to stop: 128 and its number.
    Signalled(Signal),
}

impl ExitStatus {
    /// Returns the number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            // A code outside a byte cannot be passed on, and must not turn into success.
            Self::Container(code) => u8::try_from(code).unwrap_or(255),
            Self::Usage => 2,
            Self::TimedOut => 124,
            Self::Failed => 125,
            Self::Lost => 255,
            Self::Signalled(signal) => 128 + signal.number(),
        }
    }
}

#[cfg(any(windows, test))]
impl ExitStatus {
    /// Returns the number that a shell of Windows sees: there one has 32 bits, and containers of
    /// Windows use them (0xC0000005 is a crash).
    pub fn wide_code(self) -> i32 {
        match self {
            Self::Container(code) => code,
            Self::Done
            | Self::Usage
            | Self::TimedOut
            | Self::Failed
            | Self::Lost
            | Self::Signalled(_) => self.code().into(),
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ending_has_the_number_of_the_contract() {
        for (status, code) in [
            (ExitStatus::Done, 0),
            (ExitStatus::Container(0), 0),
            (ExitStatus::Container(7), 7),
            (ExitStatus::Container(137), 137),
            (ExitStatus::Container(255), 255),
            (ExitStatus::Usage, 2),
            (ExitStatus::TimedOut, 124),
            (ExitStatus::Failed, 125),
            (ExitStatus::Lost, 255),
            (ExitStatus::Signalled(Signal::Interrupt), 130),
            (ExitStatus::Signalled(Signal::Terminate), 143),
            (ExitStatus::Signalled(Signal::Hangup), 129),
            (ExitStatus::Signalled(Signal::Quit), 131),
        ] {
            assert_eq!(status.code(), code, "{status:?}");
        }
    }

    #[test]
    fn a_code_that_no_byte_holds_is_never_success() {
        assert_eq!(ExitStatus::Container(256).code(), 255);
        assert_eq!(ExitStatus::Container(-1).code(), 255);
    }

    #[test]
    fn on_windows_every_code_is_passed_on() {
        let crashed = 0xc000_0005_u32.cast_signed();
        for (status, code) in [
            (ExitStatus::Container(crashed), crashed),
            (ExitStatus::Container(7), 7),
            (ExitStatus::Done, 0),
            (ExitStatus::Failed, 125),
            (ExitStatus::Signalled(Signal::Interrupt), 130),
        ] {
            assert_eq!(status.wide_code(), code, "{status:?}");
        }
    }
}

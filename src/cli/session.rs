//! The words about a session, however it came about.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};

use super::duration::duration;
use crate::keys::{DetachKeys, EscapeKey};

/// The words about a session.
#[derive(Args, Clone, Debug)]
pub struct SessionArgs {
    /// How long to try to get a lost connection back; 0 for not at all
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5m")]
    pub reconnect: Duration,
    /// The keys that leave the session while the container goes on; "" for none
    #[arg(long, value_name = "KEYS", value_parser = DetachKeys::parse, default_value = "ctrl-p,ctrl-q")]
    pub detach_keys: DetachKeys,
    /// The key that begins an escape at the start of a line: `~.` ends, `~?` lists them; none for none
    #[arg(long, value_name = "CHARACTER", value_parser = EscapeKey::parse, default_value = "~")]
    pub escape_char: EscapeKey,
    /// Record what a terminal session shows, never what is typed; FILE must not be there yet
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// The form of the recording: asciicast-v3, or asciicast-v2 for older players
    #[arg(
        long,
        value_name = "FORM",
        value_enum,
        requires = "record",
        default_value = "asciicast-v3",
        hide_possible_values = true
    )]
    pub record_format: CastForm,
}

/// The form of a recording.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum CastForm {
    /// Of asciinema 3.
    AsciicastV3,
    /// Of asciinema 2.
    AsciicastV2,
}

//! The words about a session, however it came about.

use std::time::Duration;

use clap::Args;

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
}

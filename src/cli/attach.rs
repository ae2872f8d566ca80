//! The words of `attach`.

use std::time::Duration;

use clap::Args;

use super::{SessionArgs, duration::duration};

/// The words of `attach`.
#[derive(Args, Debug)]
pub struct AttachArgs {
    /// The pod: its name, or TYPE/NAME for one of a deployment, statefulset, job, service... [default: asked for at
    /// a terminal]
    #[arg(value_name = "POD")]
    pub pod: Option<String>,
    /// The ephemeral container [default: the newest shell that runs, else the newest that runs]
    #[arg(short = 'c', long, value_name = "NAME")]
    pub container: Option<String>,
    /// Accepted for the sake of lines written for `kubectl attach`: the container says what it reads
    #[arg(short = 'i', long, hide = true)]
    pub stdin: bool,
    /// Accepted for the sake of lines written for `kubectl attach`: the container says whether it has a terminal
    #[arg(short = 't', long, hide = true)]
    pub tty: bool,
    /// How long to wait until the container runs; 0 for ever [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// How the session goes, and how it is left.
    #[command(flatten)]
    pub session: SessionArgs,
}

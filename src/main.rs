//! Starts, runs one command against the signals, and ends with its status.

use std::{env, panic, process::ExitCode};

use kubectl_ephemeral::{
    cli::Cli, command, error::Error, exit_status::ExitStatus, report::Reporter, signals, terminal,
};
use tokio::runtime::{Builder, Runtime};

fn main() -> ExitCode {
    // A fault of ours has told itself by now; its exit code must not look like the container's.
    panic::catch_unwind(run)
        .unwrap_or(ExitStatus::Failed)
        .into()
}

fn run() -> ExitStatus {
    let cli = match Cli::parse_words(env::args_os()) {
        Ok(cli) => cli,
        Err(stop) => return stop.print(),
    };
    terminal::restore_on_panic();
    let report = Reporter::new(cli.global.quiet, cli.global.color);
    let ended = runtime().and_then(|runtime| {
        let ended = runtime.block_on(async {
            // Dropping the losing branch drops its raw mode, so that a signal, too, finds the
            // terminal restored.
            tokio::select! {
                biased;
                signal = signals::next() => Ok(ExitStatus::Signalled(signal)),
                ended = command::run(&cli, &report) => ended,
            }
        });
        // Threads may be blocked in a read or a write that cannot be cancelled.
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(status) => status,
        Err(error) => {
            report.error(&error);
            error.exit_status()
        }
    }
}

fn runtime() -> Result<Runtime, Error> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Unexpected {
            what: "the program cannot start".to_owned(),
            source: Some(error.into()),
        })
}

//! Starts, runs one command against the signals, and ends with its status.

use std::{env, process::ExitCode};

use kubectl_ephemeral::{
    cli::Cli, command, error::Error, exit_status::ExitStatus, report::Reporter, signals, terminal,
};
use tokio::runtime::{Builder, Runtime};

fn main() -> ExitCode {
    let cli = match Cli::parse_words(env::args_os()) {
        Ok(cli) => cli,
        Err(stop) => return stop.print().into(),
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
        Ok(status) => status.into(),
        Err(error) => {
            report.error(&error);
            error.exit_status().into()
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

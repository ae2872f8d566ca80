//! Starts, runs one command against the signals, and ends with its status.

use std::{env, panic, process::ExitCode};

use kubectl_ephemeral::{
    cli::{Cli, Color, Completing},
    command,
    error::Error,
    exit_status::ExitStatus,
    report::Reporter,
    signals, terminal,
};
use tokio::runtime::{Builder, Runtime};

fn main() -> ExitCode {
    // A fault of ours has told itself by now; its exit code must not look like the container's.
    panic::catch_unwind(run)
        .unwrap_or(ExitStatus::Failed)
        .into()
}

fn run() -> ExitStatus {
    let words: Vec<_> = env::args_os().collect();
    if let Some(asked) = Completing::asked(&words) {
        return complete(asked);
    }
    let cli = match Cli::parse_words(words) {
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

/// Answers a shell that completes a word. It is not told of failures.
fn complete(asked: Completing) -> ExitStatus {
    let Ok(runtime) = runtime() else {
        return ExitStatus::Done;
    };
    let report = Reporter::new(true, Color::Never);
    let ended = runtime.block_on(command::answer(asked, &report));
    runtime.shutdown_background();
    ended
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

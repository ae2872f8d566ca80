//! Starts, runs one command against the signals, and ends with its status.

use std::{env, panic, pin::pin, process, time::Duration};

use kubectl_ephemeral::{
    cli::{Cli, Color, Completing},
    cluster, command, core_dumps,
    error::Error,
    exit_status::ExitStatus,
    report::Reporter,
    signals, terminal,
};
use tokio::{
    runtime::{Builder, Runtime},
    time,
};

/// How long the renewal of a login is waited for at the end, first without a word.
const WORDLESS: Duration = Duration::from_millis(500);
const AT_MOST: Duration = Duration::from_secs(15);

#[cfg(unix)]
fn main() -> process::ExitCode {
    end_on_panic();
    run().into()
}

/// The exit code of a process has 32 bits here, `ExitCode` takes eight.
#[cfg(windows)]
#[expect(
    clippy::disallowed_methods,
    reason = "it is the end, and there is no other way to pass on all bits"
)]
fn main() {
    end_on_panic();
    process::exit(run().wide_code());
}

/// Makes a panic, of whatever thread, end the process: the terminal is restored, the fault told, and
/// the exit code does not look like the container's.
#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "the release is built without unwinding, so nothing is left to return to"
)]
fn end_on_panic() {
    terminal::restore_on_panic();
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        tell(panic);
        process::exit(ExitStatus::Failed.code().into());
    }));
}

fn run() -> ExitStatus {
    core_dumps::forbid();
    let words: Vec<_> = env::args_os().collect();
    if let Some(asked) = Completing::asked(&words) {
        return complete(asked);
    }
    let cli = match Cli::parse_words(words) {
        Ok(cli) => cli,
        Err(stop) => return stop.print(),
    };
    terminal::understand_sequences();
    let report = Reporter::new(cli.global.quiet == Some(true), cli.global.color)
        .fitting(terminal::current_size)
        .called(&cli.program);
    let ended = runtime().and_then(|runtime| {
        let ended = runtime.block_on(async {
            // Dropping the losing branch drops its raw mode, so that a signal, too, finds the
            // terminal restored.
            let ended = tokio::select! {
                biased;
                signal = signals::next() => Ok(ExitStatus::Signalled(signal)),
                ended = command::run(&cli, &report) => ended,
            };
            tokio::select! {
                biased;
                _ = signals::next() => {}
                () = keep_logins(&report) => {}
            }
            ended
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

/// Waits until no login is half renewed; until the next signal, or for as long as may be.
async fn keep_logins(report: &Reporter) {
    let mut kept = pin!(cluster::logins_are_kept());
    if time::timeout(WORDLESS, &mut kept).await.is_err() {
        report.notice("leaving once the new tokens of the login are kept; Ctrl-C leaves at once");
        time::timeout(AT_MOST, kept).await.ok();
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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Not only the main thread's: nothing else would notice one of another.
    #[test]
    fn a_panic_of_any_thread_ends_the_process_with_125() {
        let panics = ["tests::panics", "--exact", "--ignored", "--nocapture"];
        let mut ours = Command::new(env::current_exe().unwrap());
        let ended = ours.args(panics).output().unwrap();
        let stderr = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(125), "{stderr}");
        assert!(stderr.contains("out of the blue"), "{stderr}");
    }

    /// The far side of the test above.
    #[test]
    #[ignore = "it panics: another test runs it in a process of its own"]
    fn panics() {
        end_on_panic();
        std::thread::spawn(|| panic!("out of the blue"))
            .join()
            .unwrap_err();
    }
}

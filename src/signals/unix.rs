//! The signals of Unix.

use std::fs;

use tokio::signal::unix::{SignalKind, signal};

use super::Signal;

/// Waits for the next signal that asks us to stop.
///
/// The end of the terminal is none where whoever started us has us ignore it, as `nohup` does: that is how a command is
/// kept going. Only Linux tells.
pub async fn next() -> Signal {
    let stays = fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status));
    tokio::select! {
        () = arrival(SignalKind::hangup()), if !stays => Signal::Hangup,
        () = arrival(SignalKind::interrupt()) => Signal::Interrupt,
        () = arrival(SignalKind::quit()) => Signal::Quit,
        () = arrival(SignalKind::terminate()) => Signal::Terminate,
    }
}

async fn arrival(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        // Without a handler the default action ends the program, as it would have anyway.
        Err(_) => std::future::pending().await,
    }
}

/// Reads from `/proc/self/status` whether the first signal, the hangup, is ignored.
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let last = mask.and_then(|mask| mask.trim().chars().last()?.to_digit(16));
    last.is_some_and(|digit| digit % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hangup_is_the_lowest_bit_of_what_is_ignored() {
        let status =
            |mask: &str| format!("SigBlk:\t0000000000000001\nSigIgn:\t{mask}\nSigCgt:\t1\n");
        assert!(ignores_hangup(&status("0000000000000001")));
        assert!(ignores_hangup(&status("000000000000100f")));
        assert!(!ignores_hangup(&status("0000000000001006")));
        assert!(!ignores_hangup(""));
    }
}

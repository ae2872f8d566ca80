//! Raw mode, and the promise to undo it.

use std::{
    io, panic,
    sync::{Mutex, Once, PoisonError},
};

use rustix::{
    process,
    stdio::stdin,
    termios::{self, OptionalActions, Termios},
};

/// The settings to go back to, while the terminal is raw.
static SAVED: Mutex<Option<Termios>> = Mutex::new(None);

/// Keeps the terminal on standard input raw for as long as it lives.
///
/// Whoever ends the program drops it: a return, an error, or the signal that wins the race in
/// `main`. A panic restores the terminal before its message is printed.
#[must_use = "the terminal is restored as soon as this is dropped"]
#[derive(Debug)]
pub struct RawMode(());

impl RawMode {
    /// Makes the terminal raw. What was typed before stays to be read.
    ///
    /// Fails where standard input is no terminal, or belongs to another job: changing it from the
    /// background would stop the whole process group.
    pub fn enter() -> io::Result<Self> {
        restore_on_panic();
        let saved = termios::tcgetattr(stdin())?;
        if termios::tcgetpgrp(stdin())? != process::getpgrp() {
            return Err(io::Error::other(
                "it belongs to another job; bring this one to the foreground",
            ));
        }
        let mut raw = saved.clone();
        raw.make_raw();
        *SAVED.lock().unwrap_or_else(PoisonError::into_inner) = Some(saved);
        let guard = Self(());
        termios::tcsetattr(stdin(), OptionalActions::Now, &raw)?;
        Ok(guard)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        restore();
    }
}

/// Makes a panic restore the terminal before it says anything, so that it can be read.
pub fn restore_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            restore();
            print(panic);
        }));
    });
}

/// Puts the settings back, once. Nothing can be done about a failure here.
fn restore() {
    // `try_lock`: a panic between lock and unlock must not wait for itself.
    let saved = match SAVED.try_lock() {
        Ok(mut saved) => saved.take(),
        Err(std::sync::TryLockError::Poisoned(saved)) => saved.into_inner().take(),
        Err(std::sync::TryLockError::WouldBlock) => None,
    };
    if let Some(saved) = saved {
        termios::tcsetattr(stdin(), OptionalActions::Now, &saved).ok();
    }
}

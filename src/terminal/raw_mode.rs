//! Raw mode, and the promise to undo it.

use std::{
    io, panic,
    sync::{Mutex, Once, PoisonError},
};

use super::{
    screen,
    system::{self, Settings, is_ours},
};

/// The settings to go back to, while the terminal is raw.
static SAVED: Mutex<Option<Settings>> = Mutex::new(None);

/// Keeps the terminal on standard input raw for as long as it lives.
///
/// Whoever ends the program drops it: a return, an error, or the signal that wins the race in
/// `main`. A panic restores the terminal before its message is printed.
#[must_use = "the terminal is restored as soon as this is dropped"]
#[derive(Debug)]
pub struct RawMode(Kind);

/// How raw the terminal is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Each key is for the container, and its output is shown as it comes.
    Session,
    /// Nothing is shown of what is typed, each key counts at once, and Ctrl-C still ends us.
    Waiting,
}

impl RawMode {
    /// Makes the terminal raw for a session. What was typed before stays to be read. What the
    /// session of before had left on when it was lost is set again.
    ///
    /// Fails where standard input is no terminal, or belongs to another job: changing it from the
    /// background would stop the whole process group.
    pub fn enter() -> io::Result<Self> {
        Self::of(Kind::Session)
    }

    /// Makes the terminal ready for single keys, of which Ctrl-C and Ctrl-Z still mean what they
    /// do outside of a session.
    pub fn wait() -> io::Result<Self> {
        Self::of(Kind::Waiting)
    }

    fn of(kind: Kind) -> io::Result<Self> {
        restore_on_panic();
        is_ours()?;
        let guard = Self(kind);
        guard.set()?;
        Ok(guard)
    }

    /// Stops the process as Ctrl-Z stops others, with the terminal as it was before, until it is
    /// continued in the foreground. Returns whether it was stopped: where nobody could continue
    /// it, it is not.
    pub fn stop(&self) -> io::Result<bool> {
        if !system::can_be_continued() {
            return Ok(false);
        }
        restore();
        screen::begin_line();
        system::stop();
        self.resume()?;
        Ok(true)
    }

    /// Makes the terminal raw again after the process was stopped, be it by somebody else.
    ///
    /// In the background it cannot be used: there the process stops itself again, as any program
    /// does that reads from the terminal.
    pub fn resume(&self) -> io::Result<()> {
        while is_ours().is_err() && system::can_be_continued() {
            system::stop();
        }
        self.set()
    }

    fn set(&self) -> io::Result<()> {
        let mut saved = SAVED.lock().unwrap_or_else(PoisonError::into_inner);
        let settings = match saved.take() {
            Some(settings) => settings,
            None => Settings::read()?,
        };
        let raw = settings.as_raw(self.0);
        *saved = Some(settings);
        drop(saved);
        raw.apply()?;
        if self.0 == Kind::Session {
            screen::lend();
        }
        Ok(())
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

/// Puts the settings back, once, and undoes what was left on. Nothing can be done about a failure
/// here.
fn restore() {
    // `try_lock`: a panic between lock and unlock must not wait for itself.
    let saved = match SAVED.try_lock() {
        Ok(mut saved) => saved.take(),
        Err(std::sync::TryLockError::Poisoned(saved)) => saved.into_inner().take(),
        Err(std::sync::TryLockError::WouldBlock) => None,
    };
    // In the background the terminal is somebody else's, and to touch it would stop us.
    if let Some(saved) = saved
        && is_ours().is_ok()
    {
        saved.apply().ok();
        screen::take_back();
    }
}

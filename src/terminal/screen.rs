//! The user's screen while a session writes on it.
//!
//! It is one for the whole process, since whoever ends the process (a signal, a panic) must be able
//! to undo what was left on.

use std::{
    io::{self, IsTerminal},
    sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::{
    modes::Modes,
    system::{OwnOutput, Writer, is_passing},
};

/// How long a terminal that takes nothing is waited for, before it is left as it is: its user may
/// have stopped it with Ctrl-S, and a signal must end us all the same.
const PATIENCE: Duration = Duration::from_millis(200);

static SCREEN: Mutex<Option<Screen>> = Mutex::new(None);
/// Told once a session may write again.
static LENT: Condvar = Condvar::new();
static LENT_AGAIN: Notify = Notify::const_new();

/// What sessions have made of the screen.
#[derive(Default)]
struct Screen {
    modes: Modes,
    /// Whether a session may write now, and its modes are set.
    lent: bool,
}

/// Lends the screen to a session, with the modes that were set when it was taken back.
pub(super) fn lend() {
    let mut screen = screen();
    let screen = screen.get_or_insert_default();
    if !screen.lent {
        show(&screen.modes.redo());
        screen.lent = true;
        LENT.notify_all();
        LENT_AGAIN.notify_waiters();
    }
}

/// Takes the screen back: nothing more is written on it, and what was left on is undone.
pub(super) fn take_back() {
    let Some(mut screen) = screen_in_time() else {
        return;
    };
    if let Some(screen) = screen.as_mut().filter(|screen| screen.lent) {
        screen.lent = false;
        show(&screen.modes.undo());
    }
}

/// Goes to a new line, if a session left the cursor in the middle of one.
pub fn begin_line() {
    if let Some(mut screen) = screen_in_time()
        && let Some(screen) = screen.as_mut()
        && screen.modes.line_used()
    {
        show(b"\r\n");
        screen.modes.line_begins();
    }
}

/// Tells whether a program in the container has the whole screen.
pub fn is_full_screen() -> bool {
    let screen = screen();
    screen
        .as_ref()
        .is_some_and(|screen| screen.modes.is_other_screen())
}

/// Writes what a session sends; waits while the screen is not lent.
pub(super) fn write(writer: &mut Writer, bytes: &[u8]) -> io::Result<()> {
    let mut screen = screen();
    loop {
        // Whoever is waiting while the process ends waits for ever, as it should.
        match screen.as_mut() {
            Some(screen) if screen.lent => {
                screen.modes.read(bytes);
                return writer.write_all(bytes);
            }
            Some(_) | None => screen = LENT.wait(screen).unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// Writes what a session sends, as the terminal takes it; waits while the screen is not lent.
///
/// Meanwhile the screen can be taken back at any time, with the modes of what was shown by then.
pub(super) async fn show_all(terminal: &OwnOutput, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let lent_again = LENT_AGAIN.notified();
        terminal.writable().await?;
        match show_some(terminal, bytes) {
            Ok(Some(shown)) => bytes = &bytes[shown..],
            Ok(None) => lent_again.await,
            Err(error) if is_passing(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes as much as the terminal takes; nothing if the screen is not lent.
fn show_some(terminal: &OwnOutput, bytes: &[u8]) -> io::Result<Option<usize>> {
    match screen().as_mut() {
        Some(screen) if screen.lent => {
            let shown = terminal.try_write(bytes)?;
            screen.modes.read(&bytes[..shown]);
            Ok(Some(shown))
        }
        Some(_) | None => Ok(None),
    }
}

fn screen() -> MutexGuard<'static, Option<Screen>> {
    SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for the screen, but not for a terminal that takes nothing of what is being written.
fn screen_in_time() -> Option<MutexGuard<'static, Option<Screen>>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match SCREEN.try_lock() {
            Ok(screen) => return Some(screen),
            Err(TryLockError::Poisoned(screen)) => return Some(screen.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Writes to the terminal, if it takes anything at all just now.
fn show(bytes: &[u8]) {
    if bytes.is_empty() || !io::stdout().is_terminal() {
        return;
    }
    let mut stdout = Writer::stdout();
    if stdout.takes_within(PATIENCE) {
        // Nothing can be done about a terminal that is gone.
        stdout.write_all(bytes).ok();
    }
}

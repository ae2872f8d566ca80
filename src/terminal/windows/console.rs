//! The functions of the console that are called, each with a safe face.

#![expect(
    unsafe_code,
    reason = "the console has no other interface, and the standard library does not wrap these"
)]

use std::{
    io,
    os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, IntoRawHandle, OwnedHandle},
    ptr,
};

use windows_sys::Win32::{
    Foundation::{HANDLE, WAIT_OBJECT_0},
    System::{
        Console::{
            CONSOLE_SCREEN_BUFFER_INFO, GetConsoleMode, GetConsoleScreenBufferInfo,
            GetNumberOfConsoleInputEvents, INPUT_RECORD, KEY_EVENT, LEFT_CTRL_PRESSED,
            RIGHT_CTRL_PRESSED, ReadConsoleInputW, STD_ERROR_HANDLE, SetConsoleMode, SetStdHandle,
            WriteConsoleW,
        },
        Threading::{CreateEventW, INFINITE, SetEvent, WaitForMultipleObjects},
    },
};

use crate::terminal::utf16::KeyEvent;

/// How many events are read at once; a paste is two for each character.
const EVENTS: u32 = 1024;
/// How many units are written at once: older consoles refuse more than 64 KiB.
const UNITS: usize = 8 * 1024;

/// Returns the mode of a console; fails for everything else.
pub(super) fn mode(console: impl AsHandle) -> io::Result<u32> {
    let mut mode = 0;
    // SAFETY: the handle is borrowed, hence open, and the mode is ours to be written to.
    checked(unsafe { GetConsoleMode(raw(&console), &raw mut mode) })?;
    Ok(mode)
}

/// Sets the mode of a console.
pub(super) fn set_mode(console: impl AsHandle, mode: u32) -> io::Result<()> {
    // SAFETY: the handle is borrowed, hence open.
    checked(unsafe { SetConsoleMode(raw(&console), mode) })
}

/// Returns columns and rows of the window on a console's screen.
pub(super) fn size(screen: impl AsHandle) -> io::Result<(u16, u16)> {
    let mut info = CONSOLE_SCREEN_BUFFER_INFO::default();
    // SAFETY: the handle is borrowed, hence open, and what is told is ours to be written to.
    checked(unsafe { GetConsoleScreenBufferInfo(raw(&screen), &raw mut info) })?;
    let window = info.srWindow;
    // Both ends belong to it.
    let length = |from: i16, to: i16| u16::try_from(i32::from(to) - i32::from(from) + 1);
    match (
        length(window.Left, window.Right),
        length(window.Top, window.Bottom),
    ) {
        (Ok(columns), Ok(rows)) => Ok((columns, rows)),
        _ => Err(io::Error::other("the window has no size")),
    }
}

/// Tells whether a console has something to be read.
pub(super) fn has_events(console: impl AsHandle) -> io::Result<bool> {
    let mut number = 0;
    // SAFETY: the handle is borrowed, hence open, and the number is ours to be written to.
    checked(unsafe { GetNumberOfConsoleInputEvents(raw(&console), &raw mut number) })?;
    Ok(number > 0)
}

/// Reads what happened on a console, of which only keys are returned; waits until anything did.
pub(super) fn read_keys(console: impl AsHandle) -> io::Result<Vec<KeyEvent>> {
    let mut records = vec![INPUT_RECORD::default(); EVENTS as usize];
    let mut number = 0;
    // SAFETY: the handle is borrowed, hence open, and there is room for as many as we say.
    let read =
        unsafe { ReadConsoleInputW(raw(&console), records.as_mut_ptr(), EVENTS, &raw mut number) };
    checked(read)?;
    let read = records.iter().take(number as usize);
    Ok(read.filter_map(key).collect())
}

fn key(record: &INPUT_RECORD) -> Option<KeyEvent> {
    if u32::from(record.EventType) != KEY_EVENT {
        return None;
    }
    // SAFETY: the type says that this is what the union holds.
    let event = unsafe { record.Event.KeyEvent };
    Some(KeyEvent {
        is_down: event.bKeyDown != 0,
        times: event.wRepeatCount,
        key: event.wVirtualKeyCode,
        // SAFETY: both members of the union are plain numbers, and zeros where none was written.
        unit: unsafe { event.uChar.UnicodeChar },
        with_ctrl: event.dwControlKeyState & (LEFT_CTRL_PRESSED | RIGHT_CTRL_PRESSED) != 0,
    })
}

/// Writes all of a text to a console.
pub(super) fn write_all(console: impl AsHandle, units: &[u16]) -> io::Result<()> {
    let mut left = units;
    while !left.is_empty() {
        let now = &left[..left.len().min(UNITS)];
        let mut written = 0;
        // SAFETY: the handle is borrowed, hence open, and there are as many units as we say, at
        // most `UNITS`.
        let wrote = unsafe {
            #[expect(clippy::cast_possible_truncation, reason = "at most `UNITS`")]
            let number = now.len() as u32;
            WriteConsoleW(
                raw(&console),
                now.as_ptr(),
                number,
                &raw mut written,
                ptr::null(),
            )
        };
        checked(wrote)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        left = left.get(written as usize..).unwrap_or_default();
    }
    Ok(())
}

/// Makes a file the standard error of this process, and of what it starts, for good.
pub(super) fn set_stderr(file: OwnedHandle) -> io::Result<()> {
    // SAFETY: the handle is never closed, since nobody has it any more.
    checked(unsafe { SetStdHandle(STD_ERROR_HANDLE, file.into_raw_handle()) })
}

/// Something that happens once, and can be waited for.
#[derive(Debug)]
pub(super) struct Event(OwnedHandle);

impl Event {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: neither attributes nor a name are given.
        let event = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just made, and nobody else has it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(event) }))
    }

    /// It has happened.
    pub(super) fn set(&self) {
        // SAFETY: the handle is ours, hence open.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Woken {
    ByInput,
    ByEvent,
}

/// Waits until a console has something to be read, or the event happens, which comes first if both
/// did.
pub(super) fn wait(console: impl AsHandle, event: &Event) -> io::Result<Woken> {
    let handles = [event.0.as_raw_handle(), raw(&console)];
    // SAFETY: both handles are open for as long as this lasts, and there are two.
    match unsafe { WaitForMultipleObjects(2, handles.as_ptr(), 0, INFINITE) } {
        WAIT_OBJECT_0 => Ok(Woken::ByEvent),
        woken if woken == WAIT_OBJECT_0 + 1 => Ok(Woken::ByInput),
        _ => Err(io::Error::last_os_error()),
    }
}

fn raw(handle: &impl AsHandle) -> HANDLE {
    handle.as_handle().as_raw_handle()
}

fn checked(done: i32) -> io::Result<()> {
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

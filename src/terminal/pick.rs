//! A choice from a list, at the terminal: typed on standard input, shown on standard error.

use std::{
    future,
    io::{self, Write},
    time::Duration,
};

use tokio::{sync::watch, time};

use super::{RawMode, current_size, read_stdin, watch_size};
use crate::{
    picker::{ERASE, Keys, Picker, Step},
    size::Size,
};

/// How long the rest of a key's sequence may take, before it was the key Esc.
const SEQUENCE: Duration = Duration::from_millis(50);

/// Lets the user choose, and returns the number of the row; nothing if the user wants none.
///
/// The terminal is as before at the end, however that comes about, and the list is gone from it.
pub async fn pick(mut picker: Picker) -> io::Result<Option<usize>> {
    let _raw_mode = RawMode::enter()?;
    let (mut input_rx, _reading) = read_stdin()?;
    let mut sizes = watch_size();
    let _list = List;
    let mut keys = Keys::default();
    loop {
        List::draw(&picker.frame(size()?))?;
        let pressed = tokio::select! {
            bytes = input_rx.recv() => match bytes {
                Some(bytes) => keys.read(&bytes),
                // The terminal is gone.
                None => return Ok(None),
            },
            () = changed(sizes.as_mut()) => Vec::new(),
            () = time::sleep(SEQUENCE), if keys.may_be_escape() => {
                keys.nothing_followed().into_iter().collect()
            }
        };
        for key in pressed {
            match picker.press(key) {
                Step::Stay => {}
                Step::Taken(number) => return Ok(Some(number)),
                Step::Left => return Ok(None),
            }
        }
    }
}

/// A terminal that does not know its size is taken for the usual one.
fn size() -> io::Result<Size> {
    current_size()
        .or_else(|| Size::new(80, 24))
        .ok_or_else(|| io::Error::other("it has no size"))
}

async fn changed(sizes: Option<&mut watch::Receiver<Size>>) {
    if let Some(sizes) = sizes
        && sizes.changed().await.is_ok()
    {
        return;
    }
    future::pending::<()>().await;
}

/// The list on the screen, which goes with this value.
struct List;

impl List {
    fn draw(frame: &str) -> io::Result<()> {
        let mut stderr = io::stderr().lock();
        stderr.write_all(frame.as_bytes())?;
        stderr.flush()
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // Nobody can be told if the terminal is gone.
        Self::draw(ERASE).ok();
    }
}

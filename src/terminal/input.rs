//! What comes in on standard input.

use std::thread;

use bytes::Bytes;
use rustix::{io::Errno, stdio::stdin};
use tokio::sync::mpsc;

/// How much is read at once; a key is a few bytes, a paste or a pipe fills it.
const CHUNK: usize = 16 * 1024;

/// Reads standard input on a thread of its own, for the rest of the process's life.
///
/// The channel closes at the end of input. It is short, so that a source which is faster than the
/// network is made to wait.
pub fn read_stdin() -> mpsc::Receiver<Bytes> {
    let (input_tx, input_rx) = mpsc::channel(4);
    thread::spawn(move || {
        let mut buffer = vec![0; CHUNK];
        loop {
            match rustix::io::read(stdin(), &mut buffer) {
                Ok(length @ 1..) => {
                    let chunk = Bytes::copy_from_slice(&buffer[..length]);
                    if input_tx.blocking_send(chunk).is_err() {
                        break;
                    }
                }
                Err(Errno::INTR) => {}
                // The end of input, or a terminal that is gone.
                Ok(0) | Err(_) => break,
            }
        }
    });
    input_rx
}

//! Whatever a server sends, a session over it ends; what it prints comes out, each byte once.

#![no_main]

use std::cell::Cell;

use bytes::Bytes;
use kubectl_ephemeral::session::{self, Input, Near, Protocol, SessionEnd};
use libfuzzer_sys::fuzz_target;
use tokio::{
    io::{self, AsyncReadExt, AsyncWriteExt},
    runtime::Builder,
    sync::{mpsc, oneshot},
};

/// A whole frame of binary data, not masked.
const BINARY: u8 = 0x82;

fuzz_target!(|input: (bool, Vec<&[u8]>)| {
    let (is_framed, messages) = input;
    let mut sent = Vec::new();
    for message in &messages {
        if is_framed {
            sent.extend(header(message.len()));
        }
        sent.extend_from_slice(message);
    }
    let (shown, end) = talked(sent);
    if is_framed {
        let printed = messages.iter().filter(|m| m.len() > 1 && m[0] == 1);
        let expected: Vec<u8> = printed.flat_map(|m| &m[1..]).copied().collect();
        assert_eq!(shown, expected);
        let has_status = messages.iter().any(|m| m.len() > 1 && m[0] == 3);
        assert_eq!(has_status, !matches!(end, SessionEnd::Lost(_)), "{end:?}");
    }
});

fn header(length: usize) -> Vec<u8> {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..126), _) => vec![BINARY, short],
        (_, Ok(medium)) => [&[BINARY, 126][..], &medium.to_be_bytes()].concat(),
        _ => [&[BINARY, 127][..], &(length as u64).to_be_bytes()].concat(),
    }
}

/// Runs a session with a server that sends this and closes; the clock jumps where nothing happens.
fn talked(sent: Vec<u8>) -> (Vec<u8>, SessionEnd) {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (near_end, far_end) = io::duplex(64 * 1024);
        let (mut from_us, mut to_us) = io::split(far_end);
        let server = async {
            to_us.write_all(&sent).await.ok();
            to_us.shutdown().await.ok();
            from_us.read_to_end(&mut Vec::new()).await.ok();
        };
        let (stdout_tx, mut stdout_rx) = mpsc::channel::<Bytes>(16);
        let (stderr_tx, mut stderr_rx) = mpsc::channel::<Bytes>(16);
        let (_ended_tx, ended_rx) = oneshot::channel();
        let was_heard = Cell::new(false);
        let on_first_output = || was_heard.set(true);
        let near = Near {
            input: Input::None,
            sizes: None,
            redraw: false,
            stdout: stdout_tx,
            stderr: stderr_tx,
            ended_rx,
            on_first_output: &on_first_output,
        };
        let user = async {
            let mut shown = Vec::new();
            while let Some(bytes) = stdout_rx.recv().await {
                shown.extend_from_slice(&bytes);
            }
            shown
        };
        let errors = async { while stderr_rx.recv().await.is_some() {} };
        let session = session::run(near_end, Protocol::V5, near);
        let (end, (), shown, ()) = tokio::join!(session, server, user, errors);
        (shown, end)
    })
}

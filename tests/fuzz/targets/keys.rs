//! Keys mean the same however they are spread over reads, and no text is lost but after a leave.

#![no_main]

use bytes::Bytes;
use kubectl_ephemeral::{
    keys::{DetachKeys, EscapeKey},
    session::{Keyboard, Order},
};
use libfuzzer_sys::fuzz_target;
use tokio::{runtime::Builder, sync::mpsc};

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (detach, length, typed) = input;
    let detach = ["ctrl-p,ctrl-q", "", "a,a,b", "ctrl-]", "~,."][usize::from(detach) % 5];
    let whole = told(detach, typed, typed.len().max(1));
    assert_eq!(told(detach, typed, usize::from(length) + 1), whole);
    let (text, orders) = whole;
    assert!(is_within(&text, typed));
    let has_meaning = typed.contains(&b'~') || orders.contains(&Order::Detach);
    assert!(has_meaning || text == typed);
});

/// Returns the text that is passed on and the orders in it.
fn told(detach: &str, typed: &[u8], length: usize) -> (Vec<u8>, Vec<Order>) {
    let chunks: Vec<_> = typed.chunks(length).map(Bytes::copy_from_slice).collect();
    let (chunks_tx, chunks_rx) = mpsc::channel(chunks.len().max(1));
    let (orders_tx, mut orders_rx) = mpsc::unbounded_channel();
    for chunk in chunks {
        chunks_tx.try_send(chunk).expect("there is room");
    }
    drop(chunks_tx);
    let escape = EscapeKey::parse("~").expect("a sign");
    let detach = DetachKeys::parse(detach).expect("keys");
    let mut keyboard = Keyboard::new(chunks_rx, escape, detach, orders_tx);
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let text = runtime.block_on(async {
        let mut text = Vec::new();
        while let Some(bytes) = keyboard.text().await {
            assert!(!bytes.is_empty());
            text.extend_from_slice(&bytes);
        }
        text
    });
    drop(keyboard);
    let orders = std::iter::from_fn(|| orders_rx.try_recv().ok());
    (text, orders.collect())
}

/// Tells whether text can be got from another by leaving out some of it.
fn is_within(text: &[u8], typed: &[u8]) -> bool {
    let mut typed = typed.iter();
    text.iter().all(|key| typed.any(|other| other == key))
}

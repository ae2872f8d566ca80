//! The keys of a terminal session: text for the container, orders for us.

use std::collections::VecDeque;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::escapes::{Escapes, Order, Typed};
use crate::keys::{DetachKeys, EscapeKey};

/// What is typed in a terminal session.
#[derive(Debug)]
pub struct Keyboard {
    /// None, once nothing more will be typed.
    chunks_rx: Option<mpsc::Receiver<Bytes>>,
    escapes: Escapes,
    typed: VecDeque<Typed>,
    orders_tx: mpsc::UnboundedSender<Order>,
}

impl Keyboard {
    /// Takes keys as they are read, and passes orders on.
    pub fn new(
        chunks_rx: mpsc::Receiver<Bytes>,
        escape: EscapeKey,
        detach: DetachKeys,
        orders_tx: mpsc::UnboundedSender<Order>,
    ) -> Self {
        Self {
            chunks_rx: Some(chunks_rx),
            escapes: Escapes::new(escape, detach),
            typed: VecDeque::new(),
            orders_tx,
        }
    }

    /// Waits for text, passing orders on; nothing, if no more will be typed. May be dropped and
    /// called again at any time.
    pub async fn text(&mut self) -> Option<Bytes> {
        loop {
            while let Some(typed) = self.typed.pop_front() {
                match typed {
                    Typed::Text(text) => return Some(text),
                    // Whoever does not listen has ended the session already.
                    Typed::Order(order) => {
                        self.orders_tx.send(order).ok();
                    }
                }
            }
            match self.chunks_rx.as_mut()?.recv().await {
                Some(chunk) => self.escapes.take(&chunk, &mut self.typed),
                None => {
                    self.chunks_rx = None;
                    self.escapes.finish(&mut self.typed);
                    if self.typed.is_empty() {
                        return None;
                    }
                }
            }
        }
    }
}

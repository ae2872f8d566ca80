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

#[cfg(test)]
mod tests {
    use super::*;

    fn keyboard() -> (
        mpsc::Sender<Bytes>,
        mpsc::UnboundedReceiver<Order>,
        Keyboard,
    ) {
        let (chunks_tx, chunks_rx) = mpsc::channel(4);
        let (orders_tx, orders_rx) = mpsc::unbounded_channel();
        let escape = EscapeKey::parse("~").unwrap();
        let detach = DetachKeys::parse("ctrl-p,ctrl-q").unwrap();
        let keyboard = Keyboard::new(chunks_rx, escape, detach, orders_tx);
        (chunks_tx, orders_rx, keyboard)
    }

    #[tokio::test]
    async fn text_comes_out_in_order_and_orders_go_where_they_are_heard() {
        let (chunks_tx, mut orders_rx, mut keyboard) = keyboard();
        for chunk in ["ls\r~", "?~", "/x\r", "~"] {
            chunks_tx.send(chunk.into()).await.unwrap();
        }
        drop(chunks_tx);
        let mut text = Vec::new();
        while let Some(bytes) = keyboard.text().await {
            text.extend(bytes);
        }
        assert_eq!(text, b"ls\r~/x\r~");
        assert_eq!(keyboard.text().await, None);
        assert_eq!(orders_rx.try_recv(), Ok(Order::Help));
        assert!(orders_rx.try_recv().is_err());
    }

    #[tokio::test]
    async fn nothing_is_lost_when_waiting_is_broken_off() {
        let (chunks_tx, mut orders_rx, mut keyboard) = keyboard();
        for key in "\r~?~.".chars() {
            chunks_tx.send(key.to_string().into()).await.unwrap();
            // The chunk is taken, or not; either way it counts once.
            tokio::select! {
                biased;
                text = keyboard.text() => assert_eq!(text.unwrap(), "\r"),
                () = tokio::task::yield_now() => {}
            }
        }
        assert_eq!(orders_rx.try_recv(), Ok(Order::Help));
        assert_eq!(orders_rx.try_recv(), Ok(Order::Disconnect));
    }
}

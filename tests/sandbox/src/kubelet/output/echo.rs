//! Streams of a container that is played without a process: what is sent to it comes back.

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

use super::{Pumps, STDOUT, Streams, write};
use crate::kubelet::log::Log;

/// How much may be on its way back; small, since there are many of these at once.
const HELD: usize = 4096;

impl Streams {
    /// The output is the input, byte for byte, until that is closed.
    pub(crate) fn echoing(log: Option<Arc<Log>>) -> (Arc<Self>, Pumps) {
        let (reader, writer) = tokio::io::simplex(HELD);
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(write(Box::new(writer), receiver));
        let streams = Arc::new(Self {
            clients: Mutex::new(Some(Vec::new())),
            input: Some(sender),
            terminal: Mutex::new(None),
        });
        let pumps = Pumps {
            readers: vec![(STDOUT, Box::new(reader))],
            streams: Arc::clone(&streams),
            log,
            lag: None,
        };
        (streams, pumps)
    }
}

//! The API server goes and comes back; the kubelet restarts. Containers live on.

use std::io;

use crate::Sandbox;

impl Sandbox {
    /// The API server goes: every connection is reset, and new ones are refused.
    pub fn stop_server(&self) {
        self.started.listening.stop();
    }

    /// The API server comes back on its port.
    pub fn start_server(&self) -> io::Result<()> {
        self.started.listening.start()
    }

    /// The kubelet restarts: each attach and exec ends with `Success`, each log that is followed just ends.
    pub fn restart_kubelet(&self) {
        self.started.kubelet.restart();
    }
}

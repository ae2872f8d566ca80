//! What container runtimes do when the stdin of a client ends, or the client is lost.

/// The container runtime of the node, as far as clients can tell one from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Runtime {
    #[default]
    Containerd,
    CriO,
}

/// What the end of a client's stdin does, while the client stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtHalfClose {
    /// It is the end of the container's too; output goes on.
    ClosesStdin,
    /// The session ends; the container does not notice.
    EndsSession,
    /// Output goes on, and the container does not notice.
    Nothing,
}

impl Runtime {
    /// For a container with a terminal or without, whose stdin is for one client only or not.
    pub(crate) fn at_half_close(self, tty: bool, stdin_once: bool) -> AtHalfClose {
        match (self, tty, stdin_once) {
            (_, false, true) => AtHalfClose::ClosesStdin,
            (_, false, false) | (Self::Containerd, true, _) => AtHalfClose::EndsSession,
            (Self::CriO, true, _) => AtHalfClose::Nothing,
        }
    }
}

//! What a shell with job control may want of us.

/// What a shell, or its user, wants of this job.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Job {
    /// Stop until you are continued.
    Stop,
    /// You were stopped, and go on now.
    Continued,
}

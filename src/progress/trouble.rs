//! What stands in the way of a container, and how long it is worth waiting nevertheless.

/// What stands in the way, in our words and the cluster's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trouble {
    /// The cause, in one phrase.
    pub cause: String,
    /// The cluster's own words; empty where there are none.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// A trouble, with what is known of its kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Finding {
    pub(super) kind: Kind,
    pub(super) chances: Chances,
    pub(super) ending: Ending,
    pub(super) trouble: Trouble,
}

impl Finding {
    pub(super) fn new(
        kind: Kind,
        chances: Chances,
        ending: Ending,
        cause: String,
        message: &str,
        hint: String,
    ) -> Self {
        Self {
            kind,
            chances,
            ending,
            trouble: Trouble {
                cause,
                message: message.to_owned(),
                hint,
            },
        }
    }
}

/// What a trouble is about. The same kind once more is the same trouble once more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// The image does not get to the node.
    Image,
    /// The process cannot be started.
    Process,
    /// It may not be run as the user it would have.
    User,
    /// Something it refers to is missing.
    Reference,
    /// The container whose processes it should see does not run.
    Target,
    /// The runtime does not create it, for reasons of its own.
    Creation,
}

/// How often a kubelet may try before we give up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Chances {
    /// It does not try again, or the outcome is certain.
    None,
    /// It tries again; the second failure is the last that we look at.
    One,
    /// The same, but who named a time is given all of it.
    OneUnlessTold,
    /// It will most likely do better.
    Many,
}

/// What it means that we stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    /// The container never will start.
    NeverWill,
    /// The kubelet goes on trying, and it starts once somebody has done something.
    NeedsYou,
}

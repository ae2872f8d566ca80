//! From what the pod says about our container to what that means for the wait. Pure.

mod event;
mod listed;
mod state;
mod verdict;

pub use event::says_started;
pub use listed::{AddedBy, Listed, ListedPod, ListedState};
pub use state::{ContainerState, Ended, container_state, newest_running, running_since};
pub use verdict::{Dead, Verdict, Waiter};

//! From what the pod, its events and its node say about our container to what that means for the
//! wait. Pure: time is handed in.

mod event;
mod image;
mod listed;
mod process;
mod returning;
mod setup;
mod silence;
mod state;
mod subject;
mod trouble;
mod verdict;

pub use listed::{AddedBy, Listed, ListedPod, ListedState, added_by};
pub use process::{missing as missing_command, no_such_command};
pub use returning::{best_to_return_to, can_be_returned_to, may_run};
pub use silence::{Node, NodeView};
pub use state::{ContainerState, Ended, container_state, running_since};
pub use subject::Wording;
pub use trouble::Trouble;
pub use verdict::{Manner, Phase, Verdict, Waiter};

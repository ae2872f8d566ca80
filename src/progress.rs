//! From what the pod, its events and its node say about our container to what that means for the
//! wait. Pure: time is handed in.

mod event;
mod image;
mod listed;
mod process;
mod setup;
mod silence;
mod state;
mod subject;
mod trouble;
mod verdict;

pub use listed::{AddedBy, Listed, ListedPod, ListedState};
pub use process::{missing as missing_command, no_such_command};
pub use silence::{Node, NodeView};
pub use state::{ContainerState, Ended, container_state, newest_running, running_since};
pub use trouble::Trouble;
pub use verdict::{Manner, Phase, Verdict, Waiter};

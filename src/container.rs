//! From what the user wants and the pod that is there to the container that is added. Pure.

mod build;
mod candidates;
mod fitness;
pub mod name;
mod pod_name;
mod request;
mod target;
mod who;

pub use build::ephemeral_container;
pub use candidates::{Choice, Standing, choose_pod};
pub use fitness::{check_pod, is_unscheduled, unused_name};
pub use pod_name::PodName;
pub use request::{DebugRequest, Mode, TargetWish, Waiting};
pub use target::{Target, choose_target};
pub use who::{Who, Workload};

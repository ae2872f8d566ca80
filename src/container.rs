//! From what the user wants and the pod that is there to the container that is added. Pure.

mod build;
mod candidates;
mod environment;
mod fitness;
mod historic;
mod image_reference;
mod inherit;
pub mod name;
mod pod_name;
pub mod policy;
mod profile;
mod request;
mod resembling;
mod setup;
mod standing;
mod taken;
mod target;
mod user;
mod who;

pub use build::ephemeral_container;
pub use candidates::{Choice, Rank, choose_pod};
pub use fitness::{check_options, check_pod, is_unscheduled, is_windows};
pub use historic::{Historic, Weakening, for_historic_server};
pub use inherit::{Inherited, inherited};
pub use pod_name::PodName;
pub use profile::{Profile, ProfileWish};
pub use request::{DebugRequest, Mode, TargetWish, Waiting};
pub use resembling::who_was_meant;
pub use setup::{Inheritance, Setup};
pub use standing::{Standing, ephemeral};
pub use taken::{ephemeral_of_name, name_taken, unused_name};
pub use target::{Target, choose_target};
pub use user::{RunAs, User};
pub use who::{Who, Workload};

//! From what the user wants and the pod that is there to the container that is added. Pure.

mod aim;
mod batch;
mod build;
mod candidates;
mod completed;
mod custom;
mod environment;
mod fitness;
pub mod gate;
mod gatekeeper;
mod historic;
mod image_reference;
mod inherit;
mod manifest;
pub mod name;
pub mod parts;
mod pod_name;
pub mod policy;
mod profile;
mod request;
mod resembling;
mod setup;
mod shown;
mod standing;
mod taken;
mod target;
mod user;
mod validate;
mod who;

pub use aim::{Aim, Printed};
pub use batch::Batch;
pub use build::ephemeral_container;
pub use candidates::{Choice, Rank, choose_pod};
pub use completed::{
    ephemeral as ephemeral_to_complete, images as images_to_complete,
    targets as targets_to_complete,
};
pub use custom::Custom;
pub use fitness::{can_take_one, check_pod};
pub use gate::{Gate, Passage, Token};
pub use gatekeeper::explain_refusal;
pub use historic::{Historic, Weakening, for_historic_server};
pub use inherit::{Inherited, inherited};
pub use manifest::Manifest;
pub use pod_name::PodName;
pub use profile::{Profile, ProfileWish};
pub use request::{DebugRequest, Mode, TargetWish, Waiting};
pub use resembling::who_was_meant;
pub use setup::{Inheritance, Setup};
pub use shown::manifest;
pub use standing::Standing;
pub use taken::{name_taken, unused_name};
pub use target::{Target, choose_target};
pub use user::{RunAs, User};
pub use validate::validate;
pub use who::{Who, Workload};

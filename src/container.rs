//! From what the user wants and the pod that is there to the container that is added. Pure.

mod aim;
mod build;
mod fitness;
mod historic;
pub mod name;
mod pod_name;
mod request;
mod shown;
mod taken;
mod target;

pub use aim::{Aim, Printed, RecordFormat};
pub use build::ephemeral_container;
pub use fitness::{check_pod, is_unscheduled};
pub use historic::{Historic, Weakening, for_historic_server};
pub use pod_name::PodName;
pub use request::{DebugRequest, Mode, TargetWish, Waiting};
pub use shown::{manifest, user_of};
pub use taken::{ephemeral_of_name, name_taken, unused_name};
pub use target::{Target, choose_target};

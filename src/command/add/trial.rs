//! Finds out whether a container would be let in, and adds none.

use k8s_openapi::api::core::v1::Pod;

use super::{
    auto,
    sending::{Naming, Sending},
};
use crate::{
    cluster::{Cluster, Keep},
    container::{self, DebugRequest, Inherited, ProfileWish, Target, name, policy::Cause},
    error::Error,
    report::Reporter,
};

/// Asks the server about the container that a request would add, with the profile of this wish. Returns why it
/// would not have the profile that is tried first, if so.
pub(in crate::command) async fn trial(
    cluster: &Cluster,
    request: &DebugRequest,
    pod: &Pod,
    wish: ProfileWish,
    report: &Reporter,
) -> Result<Option<Cause>, Error> {
    let target = container::choose_target(&request.target, pod).unwrap_or(Target::None);
    let name = name::of_debugger(|end| fastrand::usize(..end));
    let inherited = Inherited::default();
    let build = |profile| {
        container::ephemeral_container(request, name.clone(), &target, &inherited, pod, profile)
    };
    let sending = Sending {
        cluster,
        pod,
        naming: Naming::Ours,
        keep: Keep::DryRun,
        weakening: request.setup.weakening(),
        report,
    };
    Ok(auto::admit(sending, wish, build).await?.stepped_down)
}

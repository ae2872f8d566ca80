//! Finds out whether a container would be let in, and adds none.

use k8s_openapi::api::core::v1::Pod;

use super::{
    auto,
    sending::{Naming, Sending},
};
use crate::{
    cluster::{Cluster, Keep},
    container::{
        self, DebugRequest, Inherited, ProfileWish, Target, Weakening, name, policy::Cause,
    },
    error::Error,
    report::Reporter,
};

/// As what the server would let a container in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::command) enum LetIn {
    /// As it was tried first.
    AsWished,
    /// With less.
    SteppedDown(Cause),
    /// Without the security context that it was built with, as servers before 1.22.
    Bare,
}

/// Asks the server about the container that a request would add, with the profile of this wish.
pub(in crate::command) async fn trial(
    cluster: &Cluster,
    request: &DebugRequest,
    pod: &Pod,
    wish: ProfileWish,
    report: &Reporter,
) -> Result<LetIn, Error> {
    let target = container::choose_target(&request.target, pod).unwrap_or(Target::None);
    let name = name::of_debugger(|end| fastrand::usize(..end));
    let inherited = Inherited::default();
    let build = |profile| {
        container::ephemeral_container(request, name.clone(), &target, &inherited, pod, profile)
    };
    let weakening = match wish {
        ProfileWish::Auto => request.setup.weakening(),
        ProfileWish::Named(_) => Weakening::Refused,
    };
    let sending = Sending {
        cluster,
        pod,
        naming: Naming::Ours,
        keep: Keep::DryRun,
        weakening,
        report,
    };
    let admitted = Box::pin(auto::admit(sending, wish, build)).await?;
    let had = admitted.container.security_context.is_some();
    let has = admitted.added.container.security_context.is_some();
    Ok(match admitted.stepped_down {
        Some(cause) => LetIn::SteppedDown(cause),
        None if had && !has => LetIn::Bare,
        None => LetIn::AsWished,
    })
}

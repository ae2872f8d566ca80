//! Goes back to a container like the one that is wanted, instead of adding one more.

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::{
    add::streams,
    attach,
    stay::{self, Blank},
};
use crate::{
    cli::DebugArgs,
    cluster::Cluster,
    container::{self, DebugRequest, Mode, parts},
    error::Error,
    exit_status::ExitStatus,
    progress::{may_run, running_since},
    report::Reporter,
};

/// Refuses what cannot be, before anything is asked of a cluster: a session in a terminal that
/// cannot be used, and going back where nobody would be joined to a shell.
pub(super) fn check(args: &DebugArgs, request: &DebugRequest) -> Result<(), Error> {
    let is_session = request.mode == Mode::Terminal && request.aim.stays();
    if args.reuse == Some(true) && !(is_session && request.command.is_empty()) {
        return Err(Error::usage(
            "`--reuse` is for a terminal session without a command",
        ));
    }
    if request.aim.stays() {
        stay::possible(streams(request.mode))?;
    }
    Ok(())
}

/// Goes back, if that was asked for and there is a container to go back to.
pub(super) async fn instead(
    cluster: &Cluster,
    pod: &Pod,
    args: &DebugArgs,
    request: &DebugRequest,
    blank: &mut Option<Blank>,
    report: &Reporter,
) -> Result<Option<ExitStatus>, Error> {
    if args.reuse != Some(true) {
        return Ok(None);
    }
    let Some(container) = reusable(pod, request)? else {
        return Ok(None);
    };
    report.notice(&format!(
        "going back to container `{}` instead of adding one more",
        container.name
    ));
    attach::enter(
        cluster,
        pod,
        container,
        (&args.session, blank.take()),
        request.waiting,
        report,
    )
    .await
    .map(Some)
}

/// Finds a container with a terminal that runs, or may be about to, and is the one that was named, else
/// the newest of the same image and the same target.
fn reusable<'a>(
    pod: &'a Pod,
    request: &DebugRequest,
) -> Result<Option<&'a EphemeralContainer>, Error> {
    let target = container::choose_target(&request.target, pod)?;
    let is_wanted = |container: &&EphemeralContainer| match &request.container {
        Some(name) => container.name == *name,
        None => {
            container.image.as_deref() == Some(request.image.as_str())
                && container.target_container_name.as_deref() == target.name()
        }
    };
    let is_shell = |container: &&EphemeralContainer| {
        container.tty == Some(true)
            && container.stdin == Some(true)
            && may_run(pod, &container.name)
    };
    let like_it = parts::ephemeral(pod).filter(is_wanted).filter(is_shell);
    Ok(like_it.max_by_key(|container| running_since(pod, &container.name)))
}

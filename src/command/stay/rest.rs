//! What a stream did not bring of a container's output.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;

use super::{Place, ending, logged::rest_logged};
use crate::{
    cli::SessionArgs, cluster::PodWatch, error::Error, exit_status::ExitStatus, progress::Ended,
    report::Reporter, session::Tally,
};

/// What there is of a container's output and end already.
pub(super) struct Known {
    /// What was shown.
    pub(super) came: Tally,
    /// How the container ended, if the pod has said so.
    pub(super) ended: Option<Ended>,
}

/// Reads from the log what the stream did not bring. Where the log is closed to us that is said, and the
/// end of the container is waited for.
pub(super) async fn rest(
    place: &Place<'_>,
    pod: &Pod,
    watch: PodWatch,
    known: Known,
    rules: &SessionArgs,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let Known { came, ended } = known;
    let read = rest_logged(place, watch, ended.clone(), came, rules, report);
    let error = match Box::pin(read).await {
        Err(error @ (Error::Forbidden { .. } | Error::Refused { .. })) => error,
        read => return read,
    };
    let error = error.with_causes();
    report.warning(&format!(
        "output is missing: the log cannot be read: {error}"
    ));
    let mut watch = place.cluster.watch(pod);
    let ended = match ended {
        Some(ended) => Some(ended),
        None => ending::reported(place, &mut watch, Duration::MAX, report).await,
    };
    match ended {
        Some(ended) => Ok(ending::with(&ended, report)),
        None => Err(ending::code_unknown(place)),
    }
}

//! Prints what was added, or would be.

use crate::{
    cli::DryRun,
    cluster::Added,
    container::{self, Printed},
    error::Error,
    exit_status::ExitStatus,
    report::Reporter,
};

/// Prints what the server made of the container, or what it would be sent.
pub(super) fn added(
    added: &Added,
    printed: Printed,
    dry_run: Option<DryRun>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let pod = added.pod.metadata.name.as_deref().unwrap_or_default();
    let container = &added.container.name;
    match (printed, dry_run) {
        (Printed::Plain, None) => report.result(container)?,
        // The sentence of kubectl.
        (Printed::Plain, Some(DryRun::Client)) => report.result(&format!(
            "pod/{pod} ephemeral container {container} added (dry run)"
        ))?,
        (Printed::Plain, Some(DryRun::Server)) => report.result(&format!(
            "pod/{pod} ephemeral container {container} added (server dry run)"
        ))?,
        (Printed::PodName, _) => report.result(&format!("pod/{pod}"))?,
        (Printed::Manifest(format), _) => {
            let manifest = container::manifest(&added.pod, &added.container);
            report.formatted(&manifest, format)?;
        }
    }
    Ok(ExitStatus::Done)
}

//! Prints what was added, or would be.

use crate::{
    cli::DryRun,
    cluster::Added,
    container::{self, Printed},
    error::Error,
    exit_status::ExitStatus,
    report::Reporter,
};

/// Prints what the server made of the containers, or what it would be sent.
pub(super) fn added(
    added: &Added,
    printed: Printed,
    dry_run: Option<DryRun>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let pod = added.pod.metadata.name.as_deref().unwrap_or_default();
    match printed {
        Printed::Plain => {
            for name in added.names() {
                report.result(&plain(pod, &name, dry_run))?;
            }
        }
        Printed::PodName => report.result(&format!("pod/{pod}"))?,
        Printed::Manifest(format) => {
            report.formatted(&container::manifest(&added.pod, &added.all), format)?;
        }
    }
    Ok(ExitStatus::Done)
}

/// Returns the name alone; where nothing was added, a sentence like those of kubectl.
fn plain(pod: &str, name: &str, dry_run: Option<DryRun>) -> String {
    match dry_run {
        None => name.to_owned(),
        Some(DryRun::Client) => format!("pod/{pod} ephemeral container {name} added (dry run)"),
        Some(DryRun::Server) => {
            format!("pod/{pod} ephemeral container {name} added (server dry run)")
        }
    }
}

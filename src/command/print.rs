//! Prints what was added, or would be.

use crate::{
    cli::DryRun,
    cluster::Added,
    container::{self, Printed, parts},
    error::Error,
    exit_status::ExitStatus,
    report::{Reporter, harmless},
};

/// Prints what the server made of the containers, or what it would be sent.
pub(super) fn added(
    added: &Added,
    printed: Printed,
    dry_run: Option<DryRun>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let pod = parts::name(&added.pod);
    match printed {
        Printed::Plain => {
            for name in added.names() {
                report.result(&plain(pod, &name, dry_run))?;
            }
        }
        Printed::PodName => report.result(&named(pod))?,
        Printed::Manifest(form) => {
            report.formatted(&container::manifest(&added.pod, &added.all), form)?;
        }
    }
    Ok(ExitStatus::Done)
}

/// Returns the pod as kubectl's `-o name` has it.
fn named(pod: &str) -> String {
    harmless(&format!("pod/{pod}"))
}

/// Returns the name alone; where nothing was added, a sentence like those of kubectl.
fn plain(pod: &str, name: &str, dry_run: Option<DryRun>) -> String {
    harmless(&match dry_run {
        None => name.to_owned(),
        Some(DryRun::Client) => format!("pod/{pod} ephemeral container {name} added (dry run)"),
        Some(DryRun::Server) => {
            format!("pod/{pod} ephemeral container {name} added (server dry run)")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server gives both; an honest one gives no such names.
    #[test]
    fn a_name_cannot_move_the_cursor() {
        assert_eq!(named("web\u{1b}[2J"), "pod/web\\u{1b}[2J");
        assert_eq!(plain("web", "d\u{9b}", None), "d\\u{9b}");
        assert_eq!(
            plain("web\r", "d", Some(DryRun::Server)),
            "pod/web\\u{d} ephemeral container d added (server dry run)"
        );
    }
}

//! Shows the ephemeral containers that were ever added.

mod shown;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Connection;
use crate::{
    cli::{DocumentForm, ListArgs, ListOutput},
    cluster::{Cluster, Pods},
    container::Who,
    error::Error,
    exit_status::ExitStatus,
    progress::{Listed, ListedPod},
    report::Reporter,
};

/// After how many pods it is said how many have been read.
const TOLD_EACH: usize = 500;

/// The pods that were asked for.
enum Wanted<'a> {
    Of(Who),
    Many(Pods<'a>),
}

/// Lists as the words say. That there is nothing to list is no error.
pub(super) async fn run(
    args: &ListArgs,
    connection: &Connection<'_>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let wanted = Wanted::new(args)?;
    let cluster = connection.open(report, false).await?;
    let mut containers = Vec::new();
    let (begin, mut count) = (Instant::now(), 0);
    let mut take = |pod: ListedPod| {
        containers.extend(pod.into_containers());
        count += 1;
        if count % TOLD_EACH == 0 {
            report.counted(
                &format!("reading the pods: {count} so far"),
                begin.elapsed(),
            );
        }
    };
    match &wanted {
        Wanted::Of(Who::Pod(name)) => take(cluster.listed_pod(name.as_str()).await?),
        Wanted::Of(Who::Workload(workload)) => match cluster.pods_of(workload).await {
            Ok(pods) => {
                for pod in &pods {
                    take(ListedPod::of(pod)?);
                }
            }
            // Without pods there is nothing to list.
            Err(Error::NoPod { message, .. }) => report.notice(&message),
            Err(error) => return Err(error),
        },
        Wanted::Many(pods) => {
            let read = cluster.each_listed_pod(*pods, take).await;
            report.clear_line();
            read?;
        }
    }
    if containers.is_empty() {
        report.notice(&none_found(&wanted, &cluster));
    }
    print(&containers, args, wanted.is_everywhere(), report)?;
    Ok(ExitStatus::Done)
}

/// Prints the containers in the form that was asked for.
fn print(
    containers: &[Listed],
    args: &ListArgs,
    everywhere: bool,
    report: &Reporter,
) -> Result<(), Error> {
    let table = |wide| {
        let columns = shown::Columns {
            namespace: everywhere,
            wide,
            named: args.no_headers != Some(true),
        };
        shown::table(containers, columns, Timestamp::now())
    };
    let document = |form| report.formatted(&shown::document(containers), form);
    let text = match args.output {
        Some(ListOutput::Json) => return document(DocumentForm::Json),
        Some(ListOutput::Yaml) => return document(DocumentForm::Yaml),
        _ if containers.is_empty() => return Ok(()),
        Some(ListOutput::Name) => shown::lines(containers),
        Some(ListOutput::Wide) => table(true),
        None => table(false),
    };
    report.document(&text)
}

impl<'a> Wanted<'a> {
    fn new(args: &'a ListArgs) -> Result<Self, Error> {
        let everywhere = args.all_namespaces == Some(true);
        let selector = args.selector.as_deref().filter(|text| !text.is_empty());
        // In kubectl's words.
        match &args.pod {
            Some(_) if everywhere => Err(Error::usage(
                "a resource cannot be retrieved by name across all namespaces",
            )),
            Some(_) if selector.is_some() => Err(Error::usage(
                "name cannot be provided when a selector is specified",
            )),
            Some(name) => Who::parse(name).map(Self::Of),
            None => Ok(Self::Many(Pods {
                everywhere,
                selector,
            })),
        }
    }

    fn is_everywhere(&self) -> bool {
        match self {
            Self::Of(_) => false,
            Self::Many(pods) => pods.everywhere,
        }
    }
}

fn none_found(wanted: &Wanted<'_>, cluster: &Cluster) -> String {
    let place = match wanted {
        Wanted::Of(Who::Pod(name)) => format!(" in pod `{}`", name.as_str()),
        Wanted::Of(Who::Workload(workload)) => format!(" in the pods of {workload}"),
        Wanted::Many(pods) if pods.everywhere => String::new(),
        Wanted::Many(_) => format!(" in {} namespace", cluster.namespace()),
    };
    format!("No ephemeral containers found{place}.")
}

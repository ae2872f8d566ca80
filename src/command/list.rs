//! Shows the ephemeral containers that were ever added.

use jiff::Timestamp;
use serde::Serialize;

use super::Connection;
use crate::{
    cli::{ListArgs, ListOutput},
    cluster::{Cluster, Pods},
    container::PodName,
    error::Error,
    exit_status::ExitStatus,
    progress::{Listed, ListedPod},
    report::{self, Reporter},
};

/// The columns of the table, and those that `-o wide` adds.
const COLUMNS: [&str; 8] = [
    "POD",
    "CONTAINER",
    "STATE",
    "REASON",
    "EXIT",
    "AGE",
    "IMAGE",
    "TARGET",
];
const MORE_COLUMNS: [&str; 5] = ["NODE", "USER", "ADDED BY", "ADDED", "IMAGE ID"];

/// What kubectl writes where there is nothing to say, and where something is not known.
const NOTHING: &str = "<none>";
const UNKNOWN: &str = "<unknown>";

/// The pods that were asked for.
enum Wanted<'a> {
    One(PodName),
    Many(Pods<'a>),
}

/// The document that `-o json` and `-o yaml` write.
#[derive(Serialize)]
struct Document<'a> {
    kind: &'static str,
    #[serde(rename = "apiVersion")]
    version: &'static str,
    items: &'a [Listed],
}

/// Lists as the words say. That there is nothing to list is no error.
pub(super) async fn run(
    args: &ListArgs,
    connection: &Connection<'_>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let wanted = Wanted::new(args)?;
    let cluster = connection.open(report).await?;
    let mut containers = Vec::new();
    let mut take = |pod: ListedPod| containers.extend(pod.into_containers());
    match &wanted {
        Wanted::One(name) => take(cluster.listed_pod(name.as_str()).await?),
        Wanted::Many(pods) => cluster.each_listed_pod(*pods, take).await?,
    }
    if containers.is_empty() {
        report.notice(&none_found(&wanted, &cluster));
    }
    let headed = args.no_headers != Some(true);
    match args.output {
        Some(ListOutput::Json) => report.document(&report::json(&document(&containers)?))?,
        Some(ListOutput::Yaml) => report.document(&report::yaml(&document(&containers)?))?,
        _ if containers.is_empty() => {}
        Some(ListOutput::Name) => report.document(&lines(&containers))?,
        Some(ListOutput::Wide) => {
            report.document(&table(&containers, wanted.is_everywhere(), true, headed))?;
        }
        None => report.document(&table(&containers, wanted.is_everywhere(), false, headed))?,
    }
    Ok(ExitStatus::Done)
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
            Some(name) => PodName::parse(name).map(Self::One),
            None => Ok(Self::Many(Pods {
                everywhere,
                selector,
            })),
        }
    }

    fn is_everywhere(&self) -> bool {
        match self {
            Self::One(_) => false,
            Self::Many(pods) => pods.everywhere,
        }
    }
}

fn none_found(wanted: &Wanted<'_>, cluster: &Cluster) -> String {
    let place = match wanted {
        Wanted::One(name) => format!(" in pod `{}`", name.as_str()),
        Wanted::Many(pods) if pods.everywhere => String::new(),
        Wanted::Many(_) => format!(" in {} namespace", cluster.namespace()),
    };
    format!("No ephemeral containers found{place}.")
}

fn document(containers: &[Listed]) -> Result<serde_json::Value, Error> {
    let document = Document {
        kind: "EphemeralContainerList",
        version: "kubectl-ephemeral/v1",
        items: containers,
    };
    serde_json::to_value(document).map_err(|error| Error::Unexpected {
        what: "the list cannot be written".to_owned(),
        source: Some(error.into()),
    })
}

/// Writes each container as the words by which `kubectl logs` and others find it.
fn lines(containers: &[Listed]) -> String {
    let line = |one: &Listed| {
        let (pod, container, namespace) = (&one.pod, &one.container, &one.namespace);
        report::harmless(&format!("pod/{pod} -c {container} -n {namespace}"))
    };
    containers.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn table(containers: &[Listed], namespaces: bool, wide: bool, headed: bool) -> String {
    let mut names = Vec::new();
    if namespaces {
        names.push("NAMESPACE");
    }
    names.extend(COLUMNS);
    if wide {
        names.extend(MORE_COLUMNS);
    }
    let now = Timestamp::now();
    let rows = containers.iter().map(|one| {
        let mut cells = Vec::new();
        if namespaces {
            cells.push(one.namespace.clone());
        }
        cells.extend(cells_of(one, now));
        if wide {
            cells.extend(more_cells_of(one, now));
        }
        cells
    });
    report::table(headed.then_some(&names), rows)
}

fn cells_of(one: &Listed, now: Timestamp) -> [String; 8] {
    let added = one.added_by.as_ref().and_then(|by| by.time.as_ref());
    [
        one.pod.clone(),
        one.container.clone(),
        one.state.as_str().to_owned(),
        or_nothing(one.reason.as_ref()),
        or_nothing(one.exit_code.as_ref()),
        age(one.started_at.as_ref().or(added), now),
        or_nothing(one.image.as_ref()),
        or_nothing(one.target.as_ref()),
    ]
}

fn more_cells_of(one: &Listed, now: Timestamp) -> [String; 5] {
    let by = one.added_by.as_ref();
    [
        or_nothing(one.node.as_ref()),
        or_nothing(one.user.as_ref()),
        or_nothing(by.map(|by| &by.manager)),
        age(by.and_then(|by| by.time.as_ref()), now),
        or_nothing(one.image_id.as_ref()),
    ]
}

fn or_nothing(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), ToString::to_string)
}

fn age(since: Option<&String>, now: Timestamp) -> String {
    let since = since.and_then(|time| time.parse().ok());
    since.map_or_else(
        || UNKNOWN.to_owned(),
        |since: Timestamp| report::age(since, now),
    )
}

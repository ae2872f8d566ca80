//! Goes back to an ephemeral container that runs.

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::{
    Connection,
    stay::{self, Place, StaysBehind},
    wait::{self, Start, Wait},
    who,
};
use crate::{
    cli::AttachArgs,
    cluster::Streams,
    container::{Waiting, Who},
    error::Error,
    exit_status::ExitStatus,
    progress::{ContainerState, container_state, running_since},
    report::Reporter,
    terminal,
};

/// Attaches to the container that was named, else to the newest that runs.
pub(super) async fn run(
    args: &AttachArgs,
    connection: &Connection<'_>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let who = Who::parse(&args.pod)?;
    let cluster = connection.open(report, true).await?;
    let wanted = args.container.as_deref();
    let pod = who::pod_to_return_to(&cluster, &who, wanted, report).await?;
    let name = pod.metadata.name.clone().unwrap_or_default();
    let container = choose(&pod, &name, wanted)?;
    let place = Place {
        cluster: &cluster,
        pod: name,
        container: container.name.clone(),
        streams: streams(container),
        shelf: None,
    };
    if place.streams == Streams::Terminal && !terminal::terminals().stdin {
        return Err(Error::NoTerminal {
            container: place.container,
        });
    }
    if args.container.is_none() {
        report.notice(&format!("attaching to container `{}`", place.container));
    }
    let mut behind = StaysBehind::new(&place, report);
    let joined = join(args, &place, &pod, container, report).await;
    behind.is_told();
    joined
}

/// Waits for the container, if it has not started yet, and stays in it.
async fn join(
    args: &AttachArgs,
    place: &Place<'_>,
    pod: &Pod,
    container: &EphemeralContainer,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let mut watch = place.cluster.watch(pod);
    let image = container.image.as_deref().unwrap_or_default();
    let wait = Wait {
        limit: Waiting::new(args.timeout),
        image,
        on_event: true,
    };
    match wait::until_started(place, pod, &mut watch, wait, report).await? {
        Start::Running => stay::attached(place, pod, watch, &args.session, report).await,
        Start::Ended(ended) => stay::logged(place, watch, Some(ended), &args.session, report).await,
    }
}

fn choose<'a>(
    pod: &'a Pod,
    name: &str,
    wanted: Option<&str>,
) -> Result<&'a EphemeralContainer, Error> {
    let containers = pod
        .spec
        .iter()
        .flat_map(|spec| spec.ephemeral_containers.iter().flatten());
    let mut containers: Vec<_> = containers.collect();
    let known = containers
        .iter()
        .map(|container| container.name.clone())
        .collect();
    if let Some(wanted) = wanted {
        containers.retain(|container| container.name == wanted);
        return containers.pop().ok_or_else(|| Error::NoSuchContainer {
            pod: name.to_owned(),
            what: "ephemeral container",
            container: wanted.to_owned(),
            known,
        });
    }
    containers.retain(|container| container_state(pod, &container.name) == ContainerState::Running);
    let newest = containers
        .into_iter()
        .max_by_key(|container| running_since(pod, &container.name));
    newest.ok_or_else(|| Error::NothingRuns {
        pod: name.to_owned(),
    })
}

/// Without a terminal of its own a container cannot be given one by attaching.
fn streams(container: &EphemeralContainer) -> Streams {
    match (container.tty, container.stdin) {
        (Some(true), _) => Streams::Terminal,
        (_, Some(true)) => Streams::Pipe,
        _ => Streams::Output,
    }
}

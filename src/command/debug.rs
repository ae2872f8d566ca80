//! The main job: add a container to a pod, wait for it, stay in it until it ends.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;

use super::{
    Connection,
    add::add,
    print,
    recorded::Began,
    stay::{self, Place, Shelf, StaysBehind},
    wait::{self, Start, Wait},
};
use crate::{
    cli::DebugArgs,
    cluster::{Added, Cluster, Streams},
    container::{self, Aim, DebugRequest, Mode},
    error::Error,
    exit_status::ExitStatus,
    report::Reporter,
    terminal,
};

/// Adds a container as the words say, and ends as it does.
pub(super) async fn run(
    args: &DebugArgs,
    connection: &Connection<'_>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let terminals = terminal::terminals();
    let request = DebugRequest::new(args, terminals.stdin, terminals.stdout)?;
    if request.terminal_missing {
        report.warning("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    let deprecated = args.outcome.dry_run.and_then(|word| word.deprecated);
    if let Some(deprecated) = deprecated {
        report.warning(deprecated);
    }
    let stays = matches!(request.aim, Aim::Stay | Aim::Record(_));
    let session_reads = stays && request.mode != Mode::Output;
    let cluster = connection.open(report, session_reads).await?;
    let pod = cluster.pod(request.pod.as_str()).await?;
    let requested = Timestamp::now();
    let admitted = Box::pin(add(&cluster, &request, &pod, report)).await?;
    let added = &admitted.added;
    match request.aim {
        Aim::Try(dry_run, printed) => print::added(added, printed, Some(dry_run), report),
        Aim::Leave(printed) => print::added(added, printed, None, report),
        Aim::Stay => {
            let place = place(&cluster, &request, added, None);
            stayed(&request, &place, &added.pod, report).await
        }
        Aim::Record(format) => {
            let shelf = Shelf::default();
            let place = place(&cluster, &request, added, Some(shelf.clone()));
            let began = Began::new(&place, &admitted, requested);
            let ended = stayed(&request, &place, &added.pod, report).await;
            let record = began.ended(&place, shelf.take(), &ended).await;
            report.formatted(&record, format)?;
            ended
        }
    }
}

fn place<'a>(
    cluster: &'a Cluster,
    request: &DebugRequest,
    added: &Added,
    shelf: Option<Shelf>,
) -> Place<'a> {
    Place {
        cluster,
        pod: request.pod.as_str().to_owned(),
        container: added.container.name.clone(),
        streams: match request.mode {
            Mode::Output => Streams::Output,
            Mode::Pipe => Streams::Pipe,
            Mode::Terminal => Streams::Terminal,
        },
        shelf,
    }
}

/// Stays in the container until its end, and says what stays behind if a signal ends it before.
async fn stayed(
    request: &DebugRequest,
    place: &Place<'_>,
    pod: &Pod,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let mut behind = StaysBehind::new(place, report);
    let joined = join(request, place, pod, report).await;
    behind.is_told();
    joined
}

/// Waits for the container and stays in it.
async fn join(
    request: &DebugRequest,
    place: &Place<'_>,
    pod: &Pod,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let mut watch = place.cluster.watch(pod);
    // Admission may have taken another image than was asked for.
    let added = container::ephemeral_of_name(pod, &place.container);
    let image = added.and_then(|container| container.image.as_deref());
    let wait = Wait {
        limit: request.waiting,
        image: image.unwrap_or(&request.image),
        on_event: request.mode != Mode::Output,
    };
    let start = wait::until_started(place, pod, &mut watch, wait, report).await?;
    match (start, request.mode) {
        (Start::Running, Mode::Pipe | Mode::Terminal) => stay::attached(place, watch, report).await,
        // The log has all that was written, from the first byte on; a stream has what comes once
        // it is open.
        (Start::Running, Mode::Output) => stay::logged(place, watch, None, report).await,
        (Start::Ended(ended), _) => stay::logged(place, watch, Some(ended), report).await,
    }
}

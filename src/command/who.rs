//! Finds the pod that is meant: the one that was named, or one of those of a workload.

use std::{ffi::OsString, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use tokio::time;

use super::pick::{self, Purpose};
use crate::{
    cluster::Cluster,
    container::{PodName, Who, Workload, choose_pod, parts, who_was_meant},
    error::Error,
    progress::{best_to_return_to, can_be_returned_to, running_since},
    report::Reporter,
    shell::There,
    terminal,
};

/// How long is looked for what may have been meant: an error is not kept waiting.
const LOOKING: Duration = Duration::from_secs(1);

/// How the pod is found.
pub(super) enum Search<'a> {
    /// The user says which.
    Named(&'a Who),
    /// The user picks one. These are the words of the command line.
    Picked(&'a [OsString]),
}

impl<'a> Search<'a> {
    /// Returns how the pod is found; an error where it is not named, and nobody can be asked.
    pub(super) fn new(
        who: Option<&'a Who>,
        may_ask: bool,
        words: &'a [OsString],
        usage: &str,
    ) -> Result<Self, Error> {
        let terminals = terminal::terminals();
        match who {
            Some(who) => Ok(Self::Named(who)),
            None if may_ask && terminals.stdin && terminals.stderr => Ok(Self::Picked(words)),
            None => Err(Error::Usage {
                message: "no pod named".to_owned(),
                hint: Some(usage.to_owned()),
            }),
        }
    }

    /// Returns the pod; nothing where the user wanted to pick none.
    pub(super) async fn pod(
        &self,
        cluster: &Cluster,
        report: &Reporter,
    ) -> Result<Option<Pod>, Error> {
        match self {
            Self::Named(who) => pod(cluster, who, report).await.map(Some),
            Self::Picked(words) => pick::pod(cluster, Purpose::Add, words, report).await,
        }
    }

    /// Returns the pod to go back to, with the container that was named, else with one that runs or may be
    /// about to; nothing where the user wanted to pick none.
    pub(super) async fn pod_to_return_to(
        &self,
        cluster: &Cluster,
        container: Option<&str>,
        report: &Reporter,
    ) -> Result<Option<Pod>, Error> {
        match self {
            Self::Named(who) => pod_to_return_to(cluster, who, container, report)
                .await
                .map(Some),
            Self::Picked(words) => {
                pick::pod(cluster, Purpose::Return(container), words, report).await
            }
        }
    }
}

/// Returns the pod to add a container to. Which one was chosen is said.
async fn pod(cluster: &Cluster, who: &Who, report: &Reporter) -> Result<Pod, Error> {
    match who {
        Who::Pod(name) => named_pod(cluster, name).await,
        Who::Workload(workload) => {
            let pods = cluster.pods_of(workload).await?;
            let choice =
                choose_pod(pods).ok_or_else(|| nothing_chosen(workload, cluster.there()))?;
            report.notice(&choice.told(&workload.to_string()));
            Ok(choice.pod)
        }
    }
}

/// Returns the pod to go back to: of a workload the one with the container that was named, else with
/// the ephemeral container that is best to go back to.
async fn pod_to_return_to(
    cluster: &Cluster,
    who: &Who,
    container: Option<&str>,
    report: &Reporter,
) -> Result<Pod, Error> {
    let workload = match who {
        Who::Pod(name) => return named_pod(cluster, name).await,
        Who::Workload(workload) => workload,
    };
    let pods = cluster.pods_of(workload).await?;
    let all = pods.len();
    let pods = pods
        .into_iter()
        .filter(|pod| can_be_returned_to(pod, container));
    let pod = pods.max_by_key(|pod| {
        let since = container.and_then(|name| running_since(pod, name));
        (since, best_to_return_to(pod).map(|(prospect, _)| prospect))
    });
    let Some(pod) = pod else {
        return Err(Error::NoPod {
            message: match container {
                Some(name) => {
                    format!("no pod of {workload} has an ephemeral container `{name}`")
                }
                None => format!("no pod of {workload} has an ephemeral container that runs"),
            },
            hint: format!(
                "`kubectl ephemeral {} {}` adds one",
                workload.word(),
                cluster.there()
            ),
        });
    };
    let name = parts::name(&pod);
    report.notice(&format!("using pod `{name}` of {workload} (of {all})"));
    Ok(pod)
}

/// Reads a pod; where it is not there, looks which may have been meant, if that may be known soon.
async fn named_pod(cluster: &Cluster, name: &PodName) -> Result<Pod, Error> {
    let mut read = cluster.pod(name.as_str()).await;
    if let Err(Error::NotFound { meant, .. }) = &mut read
        && let Ok(Ok(pods)) = time::timeout(LOOKING, cluster.pod_metadata()).await
    {
        *meant = who_was_meant(name.as_str(), &pods);
    }
    read
}

fn nothing_chosen(workload: &Workload, there: &There) -> Error {
    Error::NoPod {
        message: format!("{workload} has no pods"),
        hint: format!("`kubectl describe {} {there}` tells more", workload.word()),
    }
}

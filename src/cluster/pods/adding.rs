//! Adds a container to a pod: exactly one, whatever the network does meanwhile, and to that pod.

use bytes::Bytes;
use http::Request;
use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::super::{
    Cluster,
    exchange::{self, Answer, Failed, Passing},
    patience::Patience,
};
use crate::{
    container::{self, Batch, parts},
    error::Error,
};

/// The name under which the server keeps what we changed.
pub const FIELD_MANAGER: &str = "kubectl-ephemeral";
/// What Kubernetes 1.16 to 1.21 have in the place of a pod.
const HISTORIC_KIND: &str = "EphemeralContainers";
/// How often a pod that changes all the time is tried again. The server itself does five times.
const CONFLICTS: usize = 4;

/// Whether the server keeps what it is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keep {
    /// It does.
    ForGood,
    /// It checks it, answers, and forgets it.
    DryRun,
}

/// A pod as the server has it after a container was added.
#[derive(Debug)]
pub struct Added {
    /// The pod, with the container as admission left it.
    pub pod: Pod,
    /// That container, or that of ours where several were added.
    pub container: EphemeralContainer,
    /// All that were added, that one among them.
    pub all: Vec<EphemeralContainer>,
    /// What the server had to say about it.
    pub warnings: Vec<String>,
}

impl Added {
    /// Returns what nobody was asked to add.
    pub fn untried(pod: &Pod, batch: &Batch) -> Self {
        Self {
            pod: pod.clone(),
            container: batch.ours().clone(),
            all: batch.all(),
            warnings: Vec::new(),
        }
    }

    /// Returns the names of all that were added.
    pub fn names(&self) -> Vec<String> {
        let all = self.all.iter();
        all.map(|container| container.name.clone()).collect()
    }
}

/// What the server made of a container that it was sent.
#[derive(Debug)]
pub enum Addition {
    /// It has it.
    Added(Box<Added>),
    /// It has the API of Kubernetes 1.16 to 1.21, and has added nothing.
    Historic,
}

/// What an answer is of.
#[derive(Deserialize)]
struct Kind {
    kind: String,
}

/// The list of a pod's ephemeral containers, as servers before 1.22 answer it.
#[derive(Deserialize)]
struct HistoricList {
    #[serde(rename = "ephemeralContainers", default)]
    containers: Vec<EphemeralContainer>,
}

/// How a patch came to be.
enum Patched {
    Answered(Answer),
    /// No answer came, and yet the container is in the pod.
    Found(Box<Added>),
}

impl Cluster {
    /// Adds ephemeral containers to a pod that was read before. They cannot be removed again.
    ///
    /// Only our elements are sent: others that are added meanwhile stay. The server takes all or none.
    /// Where no clear answer comes, the pod is looked at before anything is sent again. A pod that has
    /// taken the name of the one that was read is left alone, because the uid is sent along; servers
    /// refuse another one.
    pub async fn add(&self, pod: &Pod, batch: &Batch, keep: Keep) -> Result<Addition, Error> {
        let change = json!({"spec": {"ephemeralContainers": batch.all()}});
        let answer = match self.patch(pod, batch, change, keep).await? {
            Patched::Found(added) => return Ok(Addition::Added(added)),
            Patched::Answered(answer) => answer,
        };
        if answer.read::<Kind>()?.kind == HISTORIC_KIND {
            return Ok(Addition::Historic);
        }
        let warnings = answer.warnings();
        // 200 alone proves nothing: a form that a server does not know is passed over.
        match holding(answer.read()?, batch, warnings) {
            Some(added) => Ok(Addition::Added(Box::new(added))),
            None => Err(not_there(&batch.ours().name)),
        }
    }

    /// Does the same in the way of Kubernetes 1.16 to 1.21, whose answer is no pod.
    pub async fn add_historic(&self, pod: &Pod, batch: &Batch, keep: Keep) -> Result<Added, Error> {
        let change = json!({"ephemeralContainers": batch.all()});
        let answer = match self.patch(pod, batch, change, keep).await? {
            Patched::Found(added) => return Ok(*added),
            Patched::Answered(answer) => answer,
        };
        let warnings = answer.warnings();
        let listed = answer.read::<HistoricList>()?.containers;
        let find = |name: &str| listed.iter().find(|listed| listed.name == name);
        let Some((container, all)) = found_in(batch, find) else {
            return Err(not_there(&batch.ours().name));
        };
        Ok(Added {
            pod: self.read_again(pod).await?,
            container,
            all,
            warnings,
        })
    }

    async fn patch(
        &self,
        pod: &Pod,
        batch: &Batch,
        mut change: Value,
        keep: Keep,
    ) -> Result<Patched, Error> {
        if let Some(uid) = &pod.metadata.uid {
            change["metadata"] = json!({"uid": uid});
        }
        let request = self.request(pod, &change, keep);
        let action = self.action("patch", "pods/ephemeralcontainers");
        let read = |answer| self.read_whole(answer, &action);
        let mut renewable = self.login.can_be_renewed();
        let mut patience = Patience::new(self.limit);
        let (mut conflicts, mut perhaps_done) = (0, false);
        loop {
            let failed = match self.once(&request, &mut renewable, &read).await {
                Ok(answer) => return Ok(Patched::Answered(answer)),
                Err(failed) => failed,
            };
            let refused = refused_for(&failed.error, &batch.ours().name);
            perhaps_done |= failed.perhaps_done && keep == Keep::ForGood;
            match refused {
                Some(Reason::OtherPod) => return Err(self.replaced(pod)),
                Some(Reason::NameTaken) => {
                    return self.name_taken(pod, batch, perhaps_done).await;
                }
                Some(Reason::Conflict) if conflicts < CONFLICTS => {
                    conflicts += 1;
                    let Some(pause) = patience.next(None, true) else {
                        return Err(failed.error);
                    };
                    sleep(pause).await;
                    continue;
                }
                Some(Reason::Conflict) | None => {}
            }
            let Failed { error, passing, .. } = failed;
            let again = passing.and_then(|passing: Passing| self.pause(&mut patience, &passing));
            if let Some(pause) = again {
                sleep(pause).await;
            }
            if perhaps_done {
                match self.found(pod, batch).await {
                    Ok(Some(added)) => return Ok(Patched::Found(Box::new(added))),
                    Ok(None) if !matches!(error, Error::NoAnswer { .. }) => {}
                    Err(error @ Error::PodGone { .. }) => return Err(error),
                    Ok(None) | Err(_) => return Err(self.unsure(pod, batch, error)),
                }
            }
            if again.is_none() {
                return Err(error);
            }
        }
    }

    fn request(&self, pod: &Pod, change: &Value, keep: Keep) -> Request<Bytes> {
        let path = self.pod_path(parts::name(pod), "/ephemeralcontainers");
        let dry_run = match keep {
            Keep::ForGood => "",
            Keep::DryRun => "&dryRun=All",
        };
        let path = format!("{path}?fieldManager={FIELD_MANAGER}{dry_run}");
        exchange::merge_patch(&path, change)
    }

    /// Finds out whether it is ours that has the name: an earlier try may have been carried out.
    async fn name_taken(
        &self,
        pod: &Pod,
        batch: &Batch,
        perhaps_done: bool,
    ) -> Result<Patched, Error> {
        let now = self.read_again(pod).await?;
        if !perhaps_done {
            return Err(container::name_taken(&now, &batch.ours().name));
        }
        match holding(now, batch, Vec::new()) {
            Some(added) => Ok(Patched::Found(Box::new(added))),
            None => Err(container::name_taken(pod, &batch.ours().name)),
        }
    }

    async fn found(&self, pod: &Pod, batch: &Batch) -> Result<Option<Added>, Error> {
        let now = self.read_again(pod).await?;
        Ok(holding(now, batch, Vec::new()))
    }

    /// Reads a pod that was read before.
    async fn read_again(&self, pod: &Pod) -> Result<Pod, Error> {
        // Boxed, because it is rarely needed and would be a part of every session.
        let now = Box::pin(self.pod(parts::name(pod))).await?;
        if now.metadata.uid == pod.metadata.uid {
            Ok(now)
        } else {
            Err(self.replaced(pod))
        }
    }

    fn replaced(&self, pod: &Pod) -> Error {
        Error::PodGone {
            pod: parts::name(pod).to_owned(),
            what: "was replaced by another one of the same name",
            there: self.there.clone(),
        }
    }

    fn unsure(&self, pod: &Pod, batch: &Batch, error: Error) -> Error {
        Error::PerhapsAdded {
            pod: parts::name(pod).to_owned(),
            container: batch.ours().name.clone(),
            there: self.there.clone(),
            source: error.into(),
        }
    }
}

/// Why a server refused, where that has a cure of its own.
#[derive(Debug, Eq, PartialEq)]
enum Reason {
    /// The pod was changed while the server worked on it.
    Conflict,
    /// Another container has the name.
    NameTaken,
    /// The pod is not the one that was read.
    OtherPod,
}

/// Reads the words of a refusal, which have been the same from 1.21 to 1.36.
fn refused_for(error: &Error, container: &str) -> Option<Reason> {
    let Error::Refused { reason, message } = error else {
        return None;
    };
    let taken = [
        format!("name: Duplicate value: \"{container}\""),
        format!("existing ephemeral containers \"{container}\" may not be changed"),
    ];
    match reason.as_str() {
        "Conflict" => Some(Reason::Conflict),
        "Invalid" if message.contains("metadata.uid: Invalid value: ") => Some(Reason::OtherPod),
        "Invalid" if taken.iter().any(|words| message.contains(words)) => Some(Reason::NameTaken),
        _ => None,
    }
}

fn not_there(container: &str) -> Error {
    Error::Unexpected {
        what: format!(
            "the server accepted container `{container}` and did not add it; admission may have taken it out"
        ),
        source: None,
    }
}

/// Returns a pod that has all that was sent.
fn holding(pod: Pod, batch: &Batch, warnings: Vec<String>) -> Option<Added> {
    let find = |name: &str| parts::ephemeral_of_name(&pod, name);
    let (container, all) = found_in(batch, find)?;
    Some(Added {
        pod,
        container,
        all,
        warnings,
    })
}

/// Finds ours, and all that were sent.
fn found_in<'a>(
    batch: &Batch,
    find: impl Fn(&str) -> Option<&'a EphemeralContainer>,
) -> Option<(EphemeralContainer, Vec<EphemeralContainer>)> {
    let ours = find(&batch.ours().name)?.clone();
    let names = batch.names();
    let all: Option<Vec<_>> = names.iter().map(|name| find(name).cloned()).collect();
    Some((ours, all?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart_by_the_words_of_the_server() {
        let invalid = |why: &str| ("Invalid", format!("Pod \"app\" is invalid: {why}"));
        let changed = "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"d\" may not be changed\n@@ -2,7";
        for ((reason, message), expected) in [
            (
                invalid("metadata.uid: Invalid value: \"0\": field is immutable"),
                Some(Reason::OtherPod),
            ),
            (
                invalid("spec.ephemeralContainers[0].name: Duplicate value: \"d\""),
                Some(Reason::NameTaken),
            ),
            (invalid(changed), Some(Reason::NameTaken)),
            (invalid(&changed.replace("\"d\"", "\"other\"")), None),
            (
                invalid("spec.ephemeralContainers[0].env[1].name: Duplicate value: \"E\""),
                None,
            ),
            (
                ("Conflict", "the object has been modified".to_owned()),
                Some(Reason::Conflict),
            ),
            (("InternalError", "no".to_owned()), None),
        ] {
            let error = Error::Refused {
                reason: reason.to_owned(),
                message,
            };
            assert_eq!(refused_for(&error, "d"), expected, "{error}");
        }
    }
}

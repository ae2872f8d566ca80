//! What all that was heard means for the wait: go on, start, or stop and say why.

mod known;
mod phase;

use std::time::Duration;

use k8s_openapi::api::core::v1::{Event, Pod};

use super::{
    event::{self, Said},
    image, process, setup,
    silence::{NodeView, SILENCE},
    state::{ContainerState, Ended, container_state},
    subject::{Subject, Wording},
    trouble::{Chances, Ending, Finding, Kind, Trouble},
};
use known::Known;
use phase::{tried_again, with_words};

/// What the wait has come to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The container runs.
    Started,
    /// It ran and has ended already.
    Ended(Ended),
    /// It may still come.
    MayStillCome(Phase),
    /// It never will.
    NeverWill(Trouble),
    /// It starts once somebody has done something, and not before.
    NeedsYou(Trouble),
}

/// What is going on meanwhile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Phase {
    /// In a few words, the same as long as nothing changes.
    pub what: String,
    /// The cluster's own words, where something went wrong.
    pub message: String,
    /// When it is tried again, about, since the wait began.
    pub next_try: Option<Duration>,
}

/// How somebody waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Manner {
    /// How long was said, so trouble that may pass is waited out.
    pub patient: bool,
    /// An event that says `Started` is enough; the status comes up to a second later.
    pub by_event: bool,
}

/// Hears what is said about a container, and judges.
#[derive(Clone, Debug)]
pub struct Waiter {
    subject: Subject,
    manner: Manner,
    pod: Pod,
    /// The reason and the words that the status gave last.
    status_said: (String, String),
    heard: Heard,
    trouble: Option<Known>,
    node: Option<NodeView>,
    node_seen_at: Option<Duration>,
}

/// How far the container has come, by the events.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    None,
    Pulling,
    Pulled,
    Created,
    Started,
}

#[derive(Clone, Debug)]
struct Heard {
    step: Step,
    /// What is wrong with the pod as a whole.
    of_the_pod: Option<Phase>,
}

impl Waiter {
    /// Begins with the pod as it was when the container was added. Hints are in the words of the user.
    pub fn new(pod: &Pod, container: &str, wording: &Wording, manner: Manner) -> Self {
        let mut waiter = Self {
            subject: Subject::of(pod, container, wording),
            manner,
            pod: Pod::default(),
            status_said: <(String, String)>::default(),
            heard: Heard {
                step: Step::None,
                of_the_pod: None,
            },
            trouble: None,
            node: None,
            node_seen_at: None,
        };
        waiter.see(pod.clone(), Duration::ZERO);
        waiter
    }

    /// Takes in how the pod is now.
    pub fn see(&mut self, pod: Pod, now: Duration) {
        self.pod = pod;
        let ContainerState::Waiting { reason, message } =
            container_state(&self.pod, &self.subject.container)
        else {
            return;
        };
        let said = (reason, message);
        if said == self.status_said {
            return;
        }
        if let Some(finding) = self.by_reason(&said.0, &said.1) {
            self.met(finding, now).by_status();
        }
        self.status_said = said;
    }

    /// Takes in an event of the pod.
    pub fn hear(&mut self, event: &Event, now: Duration) {
        let Some(said) = event::read(event, &self.subject.container) else {
            return;
        };
        let step = match said {
            Said::Pulling => Step::Pulling,
            Said::Pulled => Step::Pulled,
            Said::Created => Step::Created,
            Said::Started => Step::Started,
            Said::NoNode(words) => return self.of_the_pod("no node takes the pod", words),
            Said::NoVolume(words) => {
                return self.of_the_pod(&setup::missing_volume(words), words);
            }
            Said::NoSandbox(words) => {
                return self.of_the_pod("the node cannot set up the pod", words);
            }
            Said::PullFailed(_)
            | Said::BadImageName(_)
            | Said::NotInspected(_)
            | Said::NeverPulled(_)
            | Said::Failed(_) => {
                if let Some(finding) = self.by_words(said) {
                    let name = event.metadata.name.clone().unwrap_or_default();
                    let known = self.met(finding, now);
                    known.by_event(name, event::times(event).unsigned_abs(), now);
                    if known.is_about_an_image() {
                        self.heard.step = Step::None;
                    }
                }
                return;
            }
        };
        self.heard.step = step;
        let past_the_image = step != Step::Pulling;
        if past_the_image && self.trouble.as_ref().is_some_and(Known::is_about_an_image) {
            self.trouble = None;
        }
    }

    /// Returns the name of the node, if nobody has said anything for so long that it is worth a look.
    pub fn asks_for_node(&self, now: Duration) -> Option<String> {
        let recently = self
            .node_seen_at
            .is_some_and(|seen_at| now < seen_at + SILENCE);
        let is_silent = self.is_silent() && now >= SILENCE && !recently;
        let may_look = self.node != Some(NodeView::Hidden);
        (is_silent && may_look).then(|| self.node_name()).flatten()
    }

    /// Takes in what is to see of the node.
    pub fn look(&mut self, node: NodeView, now: Duration) {
        self.node = Some(node);
        self.node_seen_at = Some(now);
    }

    /// Judges by all that was heard.
    pub fn verdict(&self) -> Verdict {
        match container_state(&self.pod, &self.subject.container) {
            ContainerState::Running => return Verdict::Started,
            ContainerState::Ended(ended) => return self.judge_end(ended),
            ContainerState::Unknown | ContainerState::Waiting { .. } => {}
        }
        if let Some(trouble) = self.pod_is_over() {
            return Verdict::NeverWill(trouble);
        }
        match &self.trouble {
            _ if self.heard.step == Step::Started && self.manner.by_event => Verdict::Started,
            Some(known) => self.judge_trouble(known),
            None => Verdict::MayStillCome(self.phase()),
        }
    }

    fn judge_trouble(&self, known: &Known) -> Verdict {
        let Finding {
            kind,
            chances,
            ending,
            trouble,
        } = known.finding();
        let stops = match chances {
            Chances::None => true,
            Chances::One => known.times() > 1,
            Chances::OneUnlessTold => known.times() > 1 && !self.manner.patient,
            Chances::Many => false,
        };
        if stops {
            let trouble = trouble.clone();
            return match ending {
                Ending::NeverWill => Verdict::NeverWill(trouble),
                Ending::NeedsYou => Verdict::NeedsYou(trouble),
            };
        }
        Verdict::MayStillCome(match (kind, self.heard.step) {
            (Kind::Image, Step::Pulling) => self.pulled_again(trouble),
            (Kind::Image, _) => tried_again(trouble, Some(known.next_pull())),
            _ => tried_again(trouble, None),
        })
    }

    /// A runtime that could not start the process may report the failure as an end.
    fn judge_end(&self, ended: Ended) -> Verdict {
        match ended.reason.as_str() {
            "StartError" | "ContainerCannotRun" => {
                let finding = process::not_started(&self.subject, &ended.message);
                Verdict::NeverWill(finding.trouble)
            }
            _ => Verdict::Ended(ended),
        }
    }

    /// What a reason in the status means. What no kubelet gives up is no trouble.
    fn by_reason(&self, reason: &str, message: &str) -> Option<Finding> {
        let subject = &self.subject;
        Some(match reason {
            "ErrImagePull" | "ImagePullBackOff" | "RegistryUnavailable" => {
                // Before 1.32 a kubelet that pauses does not repeat why.
                let before = self
                    .trouble
                    .as_ref()
                    .filter(|known| known.is_about_an_image());
                match before {
                    Some(known) if !message.contains(": ") => known.finding().clone(),
                    _ => image::pull_failed(subject, message),
                }
            }
            "InvalidImageName" => image::invalid_name(subject, message),
            "ErrImageNeverPull" => image::never_pulled(subject, message),
            "ImageInspectError" => image::not_inspected(subject, message),
            "SignatureValidationFailed" => image::not_signed(subject, message),
            // The kubelet never tries again once the runtime has a record of the container.
            "RunContainerError" | "StartError" => process::not_started(subject, message),
            "CreateContainerConfigError"
            | "CreateContainerError"
            | "PreCreateHookError"
            | "PreStartHookError" => setup::not_created(subject, &self.pod, message),
            _ => return None,
        })
    }

    fn by_words(&self, said: Said<'_>) -> Option<Finding> {
        let subject = &self.subject;
        Some(match said {
            Said::PullFailed(words) => image::pull_failed(subject, words),
            Said::BadImageName(words) => image::invalid_name(subject, words),
            Said::NotInspected(words) => image::not_inspected(subject, words),
            Said::NeverPulled(words) => image::never_pulled(subject, words),
            Said::Failed(words)
                if self.heard.step == Step::Created || process::is_about_a_start(words) =>
            {
                process::not_started(subject, words)
            }
            Said::Failed(words) => setup::not_created(subject, &self.pod, words),
            Said::Pulling
            | Said::Pulled
            | Said::Created
            | Said::Started
            | Said::NoNode(_)
            | Said::NoVolume(_)
            | Said::NoSandbox(_) => return None,
        })
    }

    /// Notes a trouble: the same as before, or a new one.
    fn met(&mut self, finding: Finding, now: Duration) -> &mut Known {
        let known = match self.trouble.take() {
            Some(known) if known.is_like(&finding) => known.with(finding),
            _ => Known::new(finding, now),
        };
        self.trouble.insert(known)
    }

    fn of_the_pod(&mut self, what: &str, words: &str) {
        self.heard.of_the_pod = Some(with_words(what, words));
    }

    /// Why nothing starts in this pod any more, if that is so.
    fn pod_is_over(&self) -> Option<Trouble> {
        let status = self.pod.status.as_ref();
        let reason = status.and_then(|status| status.reason.clone());
        let message = status.and_then(|status| status.message.clone());
        let phase = status.and_then(|status| status.phase.as_deref());
        // A kubelet starts nothing in a pod that is to go.
        let (cause, hint) = if self.pod.metadata.deletion_timestamp.is_some() {
            (
                "the pod is being deleted".to_owned(),
                format!(
                    "another pod of the same workload may run already; `kubectl get pods {}` lists them",
                    self.subject.wording.there
                ),
            )
        } else if let Some(phase @ ("Failed" | "Succeeded")) = phase {
            let words = self.subject.pod_words();
            let why = reason.as_deref().unwrap_or(phase);
            (
                format!("the pod has finished ({why})"),
                format!("`kubectl describe pod {words}` says why"),
            )
        } else {
            return None;
        };
        Some(Trouble {
            cause,
            message: message.unwrap_or_default(),
            hint,
        })
    }

    /// Whether neither status nor events say anything of the container.
    fn is_silent(&self) -> bool {
        let state = container_state(&self.pod, &self.subject.container);
        state == ContainerState::Unknown && self.heard.step == Step::None && self.trouble.is_none()
    }

    fn node_name(&self) -> Option<String> {
        let spec = self.pod.spec.as_ref()?;
        spec.node_name.clone().filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests;

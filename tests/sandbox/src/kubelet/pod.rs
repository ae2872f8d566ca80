//! Looks after one pod: one task that looks at it, writes its status and starts what is to run, sync by sync.
//!
//! As in the kubelet a sync first writes what is known and then acts, so that the status of what it came
//! to is one sync late; and while an image is pulled the pod is not looked at.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{mpsc, watch};

use super::container::{Container, State};
use super::event::{self, Event};
use super::preparation::Trouble;
use super::status::{self, Kind};
use super::{Id, Kubelet};
use crate::clock;
use crate::store::Key;

pub(crate) fn key_of(pod: &Value) -> Key {
    let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    Key::new("pods", text("namespace"), text("name"))
}

/// What the task of a pod is told.
pub(super) enum Message {
    Changed,
    Ended {
        container: String,
        id: String,
        code: i32,
        finished: String,
    },
}

/// The kubelet's end of the task of a pod.
pub(crate) struct PodWorker {
    pub(super) key: Key,
    messages: mpsc::UnboundedSender<Message>,
    stopping: watch::Sender<bool>,
}

impl PodWorker {
    pub(super) fn start(kubelet: &Arc<Kubelet>, pod: &Value) -> Arc<Self> {
        let (messages, received) = mpsc::unbounded_channel();
        let (stopping, stop) = watch::channel(false);
        let task = PodTask {
            kubelet: Arc::clone(kubelet),
            key: key_of(pod),
            uid: pod["metadata"]["uid"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            containers: Vec::new(),
            sender: messages.clone(),
            received,
            stop,
            due: Due::default(),
        };
        tokio::spawn(task.run());
        Arc::new(Self {
            key: key_of(pod),
            messages,
            stopping,
        })
    }

    /// The pod is not as it was.
    pub(super) fn changed(&self) {
        self.messages.send(Message::Changed).ok();
    }

    /// The pod is to end.
    pub(super) fn stop(&self) {
        self.stopping.send_replace(true);
    }
}

/// What is to happen next.
#[derive(Debug, Default)]
struct Due {
    sync: Option<Instant>,
    /// The look at what has just been started.
    first_look: Option<Instant>,
    /// The look at what has ended.
    look: Option<Instant>,
}

impl Due {
    fn no_later(due: &mut Option<Instant>, time: Instant) {
        *due = Some(due.map_or(time, |due| due.min(time)));
    }
}

enum Step {
    Hear(Message),
    Look(bool),
    Sync,
    End,
}

pub(super) struct PodTask {
    pub(super) kubelet: Arc<Kubelet>,
    pub(super) key: Key,
    pub(super) uid: String,
    pub(super) containers: Vec<Container>,
    pub(super) sender: mpsc::UnboundedSender<Message>,
    pub(super) received: mpsc::UnboundedReceiver<Message>,
    stop: watch::Receiver<bool>,
    due: Due,
}

impl PodTask {
    async fn run(mut self) {
        while !self.is_stopping() {
            match self.next().await {
                Step::Hear(message) => self.hear(message),
                Step::Look(at_what_started) => self.look(at_what_started),
                Step::Sync => self.sync().await,
                Step::End => break,
            }
        }
        self.terminate().await;
    }

    async fn next(&mut self) -> Step {
        let due = &self.due;
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => Step::End,
            message = self.received.recv() => message.map_or(Step::End, Step::Hear),
            () = at(due.first_look) => Step::Look(true),
            () = at(due.look) => Step::Look(false),
            () = at(due.sync) => Step::Sync,
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits; false if the pod is to end before.
    pub(super) async fn pause(&self, time: Duration) -> bool {
        let mut stop = self.stop.clone();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => false,
            () = tokio::time::sleep(time) => true,
        }
    }

    pub(super) fn hear(&mut self, message: Message) {
        let timing = &self.kubelet.timing;
        let now = Instant::now();
        match message {
            Message::Changed => Due::no_later(&mut self.due.sync, now + timing.sync),
            Message::Ended {
                container,
                id,
                code,
                finished,
            } => {
                let run = self
                    .containers
                    .iter_mut()
                    .find(|other| other.name == container)
                    .and_then(|container| container.run.as_mut())
                    .filter(|run| run.id == id);
                if let Some(run) = run {
                    run.state = State::Ended { code, finished };
                    run.since = now;
                }
                let seen_first = self.due.first_look.filter(|_| timing.relist_on_demand);
                let look = seen_first.unwrap_or(now).max(now) + timing.exit_lag;
                Due::no_later(&mut self.due.look, look);
            }
        }
    }

    /// Looks at what the runtime has; what is new there is a reason for a sync.
    fn look(&mut self, at_what_started: bool) {
        self.due.first_look = None;
        if !at_what_started {
            self.due.look = None;
        }
        let mut changed = false;
        for container in &mut self.containers {
            let Some(run) = &container.run else { continue };
            let is_known = container
                .seen
                .as_ref()
                .is_some_and(|seen| seen.id == run.id);
            let mut now = run.clone();
            let has_ended = matches!(now.state, State::Ended { .. });
            if at_what_started && has_ended && self.kubelet.timing.relist_on_demand {
                // The end is told only later, even if it came at once.
                if is_known {
                    continue;
                }
                now.state = State::Running;
            }
            changed |= container.seen.as_ref() != Some(&now);
            container.seen = Some(now);
        }
        if changed {
            Due::no_later(&mut self.due.sync, Instant::now());
        }
    }

    /// Writes what is known, then starts what is to run.
    async fn sync(&mut self) {
        self.due.sync = None;
        let Some(pod) = self.kubelet.store.get(&self.key) else {
            return;
        };
        self.take_in(&pod);
        self.write_status(false);
        if self.is_over() {
            self.end_what_is_left().await;
            return;
        }
        let policy = status::policy(&pod);
        let (mut any_started, mut any_failed) = (false, false);
        // Ephemeral containers come first, as in the kubelet; ordinary ones when the pod is initialized.
        for index in 0..self.containers.len() {
            let container = &self.containers[index];
            if container.kind == Kind::Ordinary && !self.is_initialized() {
                break;
            }
            if container.is_due(policy) {
                match self.bring_up(index).await {
                    Ok(()) => {
                        any_started = true;
                        self.containers[index].trouble = None;
                    }
                    Err(trouble) => {
                        any_failed = true;
                        self.note(index, trouble);
                    }
                }
                if self.is_stopping() {
                    return;
                }
            }
            let container = &self.containers[index];
            if container.kind == Kind::Init && !container.is_initialized() {
                break;
            }
        }
        self.schedule(any_started, any_failed);
    }

    /// After a sync that failed there is another one; only one that did not is followed by a look at once.
    fn schedule(&mut self, any_started: bool, any_failed: bool) {
        let timing = &self.kubelet.timing;
        let now = Instant::now();
        if any_failed {
            Due::no_later(&mut self.due.sync, now + timing.resync);
            let back_after = self.containers.iter().filter_map(Container::restart_wait);
            for (until, _) in back_after {
                Due::no_later(&mut self.due.sync, until);
            }
            Due::no_later(&mut self.due.look, now + timing.exit_lag);
        } else if any_started {
            self.due.first_look = Some(now + timing.status_lag);
        }
    }

    fn take_in(&mut self, pod: &Value) {
        let has_ephemeral = self
            .kubelet
            .store
            .server()
            .kubelet_has_ephemeral_containers();
        for kind in [Kind::Ephemeral, Kind::Init, Kind::Ordinary] {
            if kind == Kind::Ephemeral && !has_ephemeral {
                continue;
            }
            let list = pod["spec"][kind.spec_field()].as_array();
            for spec in list.into_iter().flatten() {
                if !self
                    .containers
                    .iter()
                    .any(|other| other.name == spec["name"])
                {
                    self.containers.push(Container::new(kind, spec));
                    self.adopt(self.containers.len() - 1, pod);
                }
            }
        }
        // Stable: within a kind the order stays that of the spec.
        self.containers
            .sort_by_key(|container| match container.kind {
                Kind::Ephemeral => 0,
                Kind::Init => 1,
                Kind::Ordinary => 2,
            });
    }

    fn is_initialized(&self) -> bool {
        let mut init = self
            .containers
            .iter()
            .filter(|other| other.kind == Kind::Init);
        init.all(Container::is_initialized)
    }

    /// Writes the status of all containers in one step.
    pub(super) fn write_status(&self, is_stopping: bool) {
        let is_initialized = self.is_initialized();
        let has_init = self.containers.iter().any(|other| other.kind == Kind::Init);
        let waits_for = if has_init {
            "PodInitializing"
        } else {
            "ContainerCreating"
        };
        self.kubelet.update_status(&self.key, |pod, now| {
            for container in &self.containers {
                let new = container.status(waits_for, pod, is_stopping);
                status::put(pod, container.kind, new);
            }
            status::set_initialized(pod, is_initialized, now);
            status::refresh(pod, now);
        });
    }

    /// Remembers why a container could not be started, and tells of it.
    fn note(&mut self, index: usize, trouble: Trouble) {
        for event in &trouble.events {
            self.record(index, event);
        }
        let container = &mut self.containers[index];
        if trouble.backs_off {
            container.count_failed_pull(&self.kubelet.timing, &trouble.message);
        }
        container.trouble = Some(trouble);
    }

    pub(super) fn record(&self, index: usize, event: &Event) {
        let container = &self.containers[index];
        if let Some(pod) = self.kubelet.store.get(&self.key) {
            let field = container.kind.spec_field();
            let field_path = format!("spec.{field}{{{}}}", container.name);
            event::record(&self.kubelet.store, &pod, &field_path, event);
        }
    }

    pub(super) fn id_of(&self, index: usize) -> Id {
        Id {
            pod: self.uid.clone(),
            container: self.containers[index].name.clone(),
        }
    }

    /// The pod as the kubelet's messages name it.
    pub(super) fn full_name(&self) -> String {
        format!("{}_{}({})", self.key.name, self.key.namespace, self.uid)
    }

    pub(super) fn now() -> String {
        clock::now()
    }
}

/// Waits until then, or for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}

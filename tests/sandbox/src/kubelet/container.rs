//! The life of one container: prepared, started, run, ended, and, if it is an ordinary one, restarted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinHandle;

use super::event::{self, Event};
use super::output::Streams;
use super::pod::PodWorker;
use super::preparation::{self, ImagePlan, Trouble};
use super::process::{self, Process, Program};
use super::status::{self, Kind};
use super::{Id, Kubelet, program};
use crate::image::Image;
use crate::{clock, identifier, lock};

/// How long output may still be on its way once the process has ended.
const DRAIN: Duration = Duration::from_secs(2);

/// A container whose process runs.
pub(crate) struct Running {
    pub(crate) pid: i32,
    pub(crate) id: String,
    pub(crate) streams: Arc<Streams>,
    pub(crate) stdin_once: bool,
    /// Whether it has no process namespace of its own.
    pub(crate) shares_processes: bool,
    pub(crate) image: Image,
    /// What `exec` starts its commands like.
    pub(crate) program: Program,
}

/// How a container ended, or failed to start.
struct End {
    container_id: String,
    status: Value,
    code: i32,
}

pub(super) struct Lifecycle {
    worker: Arc<PodWorker>,
    kind: Kind,
    spec: Value,
    name: String,
    restart_policy: String,
    pod_name: String,
    namespace: String,
}

impl Lifecycle {
    pub(super) fn new(worker: &Arc<PodWorker>, kind: Kind, spec: Value, pod: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            worker: Arc::clone(worker),
            kind,
            name: text(&spec["name"]),
            restart_policy: match kind {
                Kind::Ephemeral => "Never".to_owned(),
                Kind::Ordinary => text(&pod["spec"]["restartPolicy"]),
            },
            pod_name: text(&pod["metadata"]["name"]),
            namespace: text(&pod["metadata"]["namespace"]),
            spec,
        }
    }

    pub(super) async fn run(self) {
        let Some(kubelet) = self.worker.kubelet.upgrade() else {
            return;
        };
        tokio::time::sleep(kubelet.timing.sync).await;
        self.report(
            &kubelet,
            status::waiting(self.kind, &self.spec, "ContainerCreating", None),
        );
        let mut restarts = 0;
        let mut back_off = kubelet.timing.crash_back_off;
        loop {
            let Some(image) = self.prepare(&kubelet).await else {
                return;
            };
            let end = self.live(&kubelet, &image, restarts).await;
            if self.is_over(&end) {
                return;
            }
            // The first restart comes at once, every further one after a wait that doubles.
            if restarts > 0 {
                self.wait_to_restart(&kubelet, &end, restarts, back_off)
                    .await;
                back_off = (back_off * 2).min(kubelet.timing.crash_back_off_max);
            }
            if self.worker.is_stopping() {
                lock(&self.worker.last).push((self.kind, end.status));
                return;
            }
            restarts += 1;
        }
    }

    fn is_over(&self, end: &End) -> bool {
        self.worker.is_stopping()
            || match self.restart_policy.as_str() {
                "Never" => true,
                "OnFailure" => end.code == 0,
                _ => false,
            }
    }

    /// Tries until the container can be created; `None` if the pod ends before.
    async fn prepare(&self, kubelet: &Kubelet) -> Option<Image> {
        let mut last_pull: Option<String> = None;
        let mut pause = 0_u32;
        let mut spacing = 1_u32;
        let mut pending: Option<Trouble> = None;
        loop {
            // A sync first reports what the one before came to.
            if let Some(trouble) = pending.take() {
                self.report_trouble(kubelet, &trouble);
            }
            let trouble = match &last_pull {
                Some(last) if pause > 1 => {
                    pause -= 1;
                    Trouble::backing_off(self.image_name(), last)
                }
                _ => match self.try_prepare(kubelet).await {
                    Ok(image) => return Some(image),
                    Err(trouble) => {
                        if trouble.backs_off {
                            last_pull = Some(trouble.message.clone());
                            pause = spacing;
                            spacing = (spacing * 2).min(25);
                        }
                        trouble
                    }
                },
            };
            for event in &trouble.events {
                self.record(kubelet, event);
            }
            pending = Some(trouble);
            self.worker.pause(kubelet.timing.resync).await;
            if self.worker.is_stopping() {
                return None;
            }
        }
    }

    async fn try_prepare(&self, kubelet: &Kubelet) -> Result<Image, Trouble> {
        let name = self.image_name();
        let recipe = kubelet.recipe(name);
        match preparation::plan_image(&self.spec, &recipe)? {
            ImagePlan::Present => {
                let message = format!(
                    "Container image \"{name}\" already present on machine and can be accessed by the pod"
                );
                self.record(kubelet, &Event::normal("Pulled", message));
            }
            ImagePlan::Pull => {
                let event = Event::normal("Pulling", format!("Pulling image \"{name}\""));
                self.record(kubelet, &event);
                let started = Instant::now();
                self.worker.pause(recipe.pull_time()).await;
                let event = preparation::pulled(name, &recipe, started.elapsed())?;
                self.record(kubelet, &event);
                kubelet.mark_pulled(name);
            }
        }
        let pod = kubelet.store.get(&self.worker.key).unwrap_or_default();
        preparation::check_user(&pod, &self.spec, &recipe)?;
        if let Some(target) = self.spec["targetContainerName"].as_str()
            && kubelet.running(&self.worker.uid, target).is_none()
        {
            let id = status::of(&pod, Kind::Ordinary, target)
                .and_then(|status| status["containerID"].as_str())
                .map(|id| id.trim_start_matches("containerd://"));
            return Err(preparation::target_is_not_running(target, id));
        }
        Ok(recipe)
    }

    /// One run, from its creation to the status that tells of its end.
    async fn live(&self, kubelet: &Kubelet, image: &Image, restarts: u64) -> End {
        let container_id = identifier::container();
        tokio::time::sleep(kubelet.timing.create).await;
        self.record(kubelet, &Event::normal("Created", "Container created"));
        tokio::time::sleep(kubelet.timing.start).await;
        let started = clock::now();
        let (mut process, program) = match self.start(kubelet, image) {
            Ok(started) => started,
            Err(error) => {
                return self
                    .not_started(kubelet, &container_id, &error, restarts)
                    .await;
            }
        };
        let id = self.id();
        let log = kubelet.start_log(&id);
        let (streams, pumps) = Streams::of(&mut process, Some(Arc::clone(&log)));
        let running = Arc::new(self.running(&process, program, image, &container_id, streams));
        lock(&kubelet.running).insert(id.clone(), Arc::clone(&running));
        let streams = Arc::clone(&running.streams);
        let drained = tokio::spawn(async move {
            pumps.run().await;
            log.end();
            streams.close();
        });
        self.record(kubelet, &Event::normal("Started", "Container started"));
        let code = self
            .watch_over(kubelet, process, drained, &running, &started, restarts)
            .await;
        let finished = clock::now();
        let state = status::terminated(code, &started, &finished, &container_id);
        let mut status = status::created(self.kind, &self.spec, &container_id, &state);
        status["restartCount"] = restarts.into();
        if !self.worker.is_stopping() {
            tokio::time::sleep(kubelet.timing.exit_lag).await;
            self.report(kubelet, status.clone());
        }
        if self.worker.is_stopping() {
            lock(&self.worker.last).push((self.kind, status.clone()));
        }
        End {
            container_id,
            status,
            code,
        }
    }

    /// Waits for the end of the process, reports in between that it runs, and clears up after it.
    async fn watch_over(
        &self,
        kubelet: &Kubelet,
        mut process: Process,
        drained: JoinHandle<()>,
        running: &Running,
        started: &str,
        restarts: u64,
    ) -> i32 {
        let is_over = AtomicBool::new(false);
        let report = async {
            tokio::time::sleep(kubelet.timing.status_lag).await;
            if is_over.load(Ordering::Relaxed) && !kubelet.timing.relist_on_demand {
                return;
            }
            let state = status::running(started);
            let mut status = status::created(self.kind, &self.spec, &running.id, &state);
            status["restartCount"] = restarts.into();
            self.report(kubelet, status);
        };
        let end = async {
            let ended = process.child.wait().await;
            is_over.store(true, Ordering::Relaxed);
            lock(&kubelet.running).remove(&self.id());
            // What shares the namespace or the control group of the first process ends with it.
            process::kill_group(running.pid);
            process::kill_all_of(&running.program.root);
            tokio::time::timeout(DRAIN, drained).await.ok();
            ended.map_or(255, process::exit_code)
        };
        let ((), code) = tokio::join!(report, end);
        code
    }

    fn start(&self, kubelet: &Kubelet, image: &Image) -> Result<(Process, Program), String> {
        let root = kubelet.folder.join(&self.worker.uid).join(&self.name);
        let program = program::of(&self.spec, &self.pod_name, image, root)?;
        program::prepare(&program).map_err(|error| error.to_string())?;
        let process = program.start().map_err(|error| error.to_string())?;
        Ok((process, program))
    }

    fn running(
        &self,
        process: &Process,
        program: Program,
        image: &Image,
        container_id: &str,
        streams: Arc<Streams>,
    ) -> Running {
        Running {
            pid: process.pid,
            id: container_id.to_owned(),
            streams,
            stdin_once: self.spec["stdinOnce"] == true,
            shares_processes: self.spec["targetContainerName"].is_string(),
            image: image.clone(),
            program,
        }
    }

    async fn not_started(
        &self,
        kubelet: &Kubelet,
        container_id: &str,
        error: &str,
        restarts: u64,
    ) -> End {
        let message = format!(
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: \
             runc create failed: unable to start container process: {error}"
        );
        self.record(
            kubelet,
            &Event::warning("Failed", format!("Error: {message}")),
        );
        self.worker.pause(kubelet.timing.exit_lag).await;
        let now = clock::now();
        let mut status = status::not_started(self.kind, &self.spec, container_id, &message, &now);
        status["restartCount"] = restarts.into();
        self.report(kubelet, status.clone());
        End {
            container_id: container_id.to_owned(),
            status,
            code: 128,
        }
    }

    async fn wait_to_restart(&self, kubelet: &Kubelet, end: &End, restarts: u64, time: Duration) {
        let who = format!("{}_{}({})", self.pod_name, self.namespace, self.worker.uid);
        let event = Event::warning(
            "BackOff",
            format!(
                "Back-off restarting failed container {} in pod {who}",
                self.name
            ),
        );
        self.record(kubelet, &event);
        // The words are those of the real waits, of which the sandbox's are a part.
        let doublings = u32::try_from(restarts - 1).unwrap_or(u32::MAX).min(5);
        let seconds = (10 * 2_i64.pow(doublings)).min(300);
        let wait = match (seconds / 60, seconds % 60) {
            (0, seconds) => format!("{seconds}s"),
            (minutes, seconds) => format!("{minutes}m{seconds}s"),
        };
        let message = format!(
            "back-off {wait} restarting failed container={} pod={who}",
            self.name
        );
        let last = end.status["state"]["terminated"].clone();
        let state =
            serde_json::json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}});
        let mut status = status::created(self.kind, &self.spec, &end.container_id, &state);
        status["lastState"] = if last.is_null() {
            end.status["lastState"].clone()
        } else {
            serde_json::json!({"terminated": last})
        };
        status["restartCount"] = restarts.into();
        self.report(kubelet, status);
        self.worker.pause(time).await;
    }

    fn id(&self) -> Id {
        Id {
            pod: self.worker.uid.clone(),
            container: self.name.clone(),
        }
    }

    fn image_name(&self) -> &str {
        self.spec["image"].as_str().unwrap_or_default()
    }

    fn record(&self, kubelet: &Kubelet, event: &Event) {
        if let Some(pod) = kubelet.store.get(&self.worker.key) {
            let field_path = format!("spec.{}{{{}}}", self.kind.spec_field(), self.name);
            event::record(&kubelet.store, &pod, &field_path, event);
        }
    }

    fn report_trouble(&self, kubelet: &Kubelet, trouble: &Trouble) {
        let message = Some(trouble.message.as_str());
        self.report(
            kubelet,
            status::waiting(self.kind, &self.spec, trouble.reason, message),
        );
    }

    /// Writes the status, with the end of the run before it as its last state.
    fn report(&self, kubelet: &Kubelet, mut new: Value) {
        kubelet.update_status(&self.worker.key, |pod, now| {
            if let Some(old) = status::of(pod, self.kind, &self.name) {
                status::carry_last_state(old, &mut new);
            }
            status::set(pod, self.kind, new, now);
        });
    }
}

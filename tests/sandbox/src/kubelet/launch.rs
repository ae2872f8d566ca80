//! Brings one container up: its image, what it refers to, its creation, its process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::container::{Running, State};
use super::event::Event;
use super::log::Log;
use super::output::{Lag, Pumps, Streams};
use super::pod::{Message, PodTask};
use super::preparation::{self, ImagePlan, Trouble};
use super::process::{self, Process};
use super::status::{self, Kind};
use super::{Id, Kubelet, program, reference};
use crate::identifier;
use crate::image::Image;
use crate::lock;

/// How long output may still be on its way once the process has ended.
const DRAIN: Duration = Duration::from_secs(2);

impl PodTask {
    /// Starts a container, or says why that is not possible now.
    pub(super) async fn bring_up(&mut self, index: usize) -> Result<(), Trouble> {
        if let Some((_, doublings)) = self.containers[index].restart_wait() {
            let name = &self.containers[index].name;
            let pod = self.full_name();
            return Err(preparation::crash_loop(name, &pod, doublings));
        }
        let image = self.prepare(index).await?;
        let id = identifier::container();
        let pod = self.kubelet.store.get(&self.key).unwrap_or_default();
        self.check_target(index, &pod, &id)?;
        let spec = self.containers[index].spec.clone();
        let command = image.command_of(&spec);
        if command.is_empty() && !image.is_echo() {
            return Err(preparation::no_command(&id));
        }
        let timing = self.kubelet.timing.clone();
        if !self.pause(timing.create).await {
            return Err(Trouble::interrupted());
        }
        self.record(index, &Event::normal("Created", "Container created"));
        if !self.pause(timing.start).await {
            return Err(Trouble::interrupted());
        }
        self.containers[index].count_restart(&timing);
        let started = Self::now();
        let result = self.start(index, &pod, image, &id);
        let (state, result) = match result {
            Ok(()) => {
                self.record(index, &Event::normal("Started", "Container started"));
                (State::Running, Ok(()))
            }
            Err(error) => {
                let trouble = preparation::not_run(&error);
                let message = trouble.message.clone();
                let finished = Self::now();
                (State::NotStarted { message, finished }, Err(trouble))
            }
        };
        let container = &mut self.containers[index];
        container.run = Some(container.next_run(&id, &started, state));
        result
    }

    /// Gets the image and checks what the container refers to.
    async fn prepare(&mut self, index: usize) -> Result<Image, Trouble> {
        let container = &self.containers[index];
        let name = container.spec["image"].as_str().unwrap_or_default();
        let recipe = self.kubelet.recipe(name);
        match preparation::plan_image(&container.spec, &recipe)? {
            ImagePlan::Present => {
                let message = format!(
                    "Container image \"{name}\" already present on machine and can be accessed by the pod"
                );
                self.record(index, &Event::normal("Pulled", message));
            }
            ImagePlan::Pull => {
                if let Some(pull) = container.pull.as_ref().filter(|p| Instant::now() < p.until) {
                    return Err(Trouble::backing_off(name, &pull.last));
                }
                let event = Event::normal("Pulling", format!("Pulling image \"{name}\""));
                self.record(index, &event);
                let started = Instant::now();
                if !self.pause(recipe.pull_time()).await {
                    return Err(Trouble::pull_interrupted(name));
                }
                let event = preparation::pulled(name, &recipe, started.elapsed())?;
                self.record(index, &event);
                self.kubelet.mark_pulled(name);
            }
        }
        let pod = self.kubelet.store.get(&self.key).unwrap_or_default();
        preparation::check_user(&pod, &container.spec, &recipe)?;
        reference::check(&self.kubelet.store, &pod, &container.spec)
            .map_err(|message| Trouble::configuration(&message))?;
        Ok(recipe)
    }

    /// What shares the processes of another container needs that one to run.
    fn check_target(&self, index: usize, pod: &Value, id: &str) -> Result<(), Trouble> {
        let spec = &self.containers[index].spec;
        let Some(target) = spec["targetContainerName"].as_str() else {
            return Ok(());
        };
        if self.kubelet.running(&self.uid, target).is_some() {
            return Ok(());
        }
        let of_target = self
            .containers
            .iter()
            .find(|container| container.name == target)
            .and_then(|container| container.run.as_ref())
            .map(|run| run.id.as_str())
            .or_else(|| {
                status::of(pod, Kind::Ordinary, target)
                    .and_then(|status| status["containerID"].as_str())
                    .map(|id| id.trim_start_matches("containerd://"))
            });
        Err(preparation::target_is_not_running(target, of_target, id))
    }

    /// Starts the process and leaves somebody to wait for its end; the error is runc's.
    pub(super) fn start(
        &self,
        index: usize,
        pod: &Value,
        image: Image,
        id: &str,
    ) -> Result<(), String> {
        let container = &self.containers[index];
        let spec = &container.spec;
        let root = self.kubelet.folder.join(&self.uid).join(&container.name);
        let key = self.id_of(index);
        let plays = image.is_echo();
        let program = program::of(&self.kubelet.store, spec, pod, &image, root)?;
        let process = if plays {
            None
        } else {
            program::prepare(&program).map_err(|error| error.to_string())?;
            Some(program.start().map_err(|error| error.to_string())?)
        };
        let log = self.kubelet.start_log(&key);
        let shared = Some(Arc::clone(&log));
        let mut process = process;
        let (streams, pumps) = match &mut process {
            Some(process) => Streams::of(process, shared),
            None => Streams::echoing(shared),
        };
        let (ended, pumps) = self.lagging(spec, pumps);
        let running = Arc::new(Running {
            pid: process.as_ref().map_or(0, |process| process.pid),
            id: id.to_owned(),
            streams,
            stdin_once: spec["stdinOnce"] == true,
            shares_processes: spec["targetContainerName"].is_string(),
            image,
            program,
            stop: Notify::new(),
        });
        lock(&self.kubelet.running).insert(key.clone(), Arc::clone(&running));
        let streams = Arc::clone(&running.streams);
        let drained = tokio::spawn(async move {
            pumps.run().await;
            end_output(&log, &streams);
        });
        let kubelet = Arc::clone(&self.kubelet);
        let sender = self.sender.clone();
        tokio::spawn(async move {
            let code = wait(&kubelet, &key, process, drained, &running, &ended).await;
            let ended = Message::Ended {
                container: key.container,
                id: running.id.clone(),
                code,
                finished: Self::now(),
            };
            sender.send(ended).ok();
        });
        Ok(())
    }
}

impl PodTask {
    /// Makes output as late as this runtime does, until the end of the process that is to be told of.
    fn lagging(&self, spec: &Value, pumps: Pumps) -> (watch::Sender<bool>, Pumps) {
        let (sender, ended) = watch::channel(false);
        let time = self.kubelet.timing.output_lag;
        let server = self.kubelet.store.server();
        let is_kept = spec["stdinOnce"] == true && server.keeps_output_with_stdin_once();
        if time.is_zero() || spec["tty"] == true || is_kept {
            return (sender, pumps);
        }
        (sender, pumps.late(Lag { time, ended }))
    }
}

fn end_output(log: &Log, streams: &Streams) {
    log.end();
    streams.close();
}

/// Waits for the end of a process and clears up after it.
async fn wait(
    kubelet: &Kubelet,
    key: &Id,
    process: Option<Process>,
    mut drained: JoinHandle<()>,
    running: &Running,
    has_ended: &watch::Sender<bool>,
) -> i32 {
    let Some(mut process) = process else {
        let code = tokio::select! {
            () = running.stop.notified() => 143,
            _ = &mut drained => 0,
        };
        lock(&kubelet.running).remove(key);
        running.streams.close();
        drained.abort();
        return code;
    };
    let ended = process.child.wait().await;
    has_ended.send_replace(true);
    lock(&kubelet.running).remove(key);
    // What shares the namespace or the control group of the first process ends with it.
    process::kill_group(running.pid);
    process::kill_all_of(&running.program.root);
    tokio::time::timeout(DRAIN, drained).await.ok();
    ended.map_or(255, process::exit_code)
}

//! One container as its kubelet knows it: what the runtime has, what was seen of that, and what is said of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::output::Streams;
use super::preparation::Trouble;
use super::process::Program;
use super::status::{self, Kind};
use super::timing::Timing;
use crate::image::Image;

/// A container whose process runs.
pub(crate) struct Running {
    /// The first process; 0 if the container is played without one.
    pub(crate) pid: i32,
    pub(crate) id: String,
    pub(crate) streams: Arc<Streams>,
    pub(crate) stdin_once: bool,
    /// Whether it has no process namespace of its own.
    pub(crate) shares_processes: bool,
    pub(crate) image: Image,
    /// What `exec` starts its commands like.
    pub(crate) program: Program,
    /// Ends a container that is played without a process.
    pub(crate) stop: Notify,
}

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Ended { code: i32, finished: String },
    NotStarted { message: String, finished: String },
}

/// One run of a container, as the runtime remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) started: String,
    pub(super) state: State,
    pub(super) restarts: u64,
    /// How the run before it ended.
    pub(super) previous: Option<Value>,
    pub(super) since: Instant,
}

impl Run {
    /// The state `terminated`, once it is over.
    fn terminated(&self) -> Option<Value> {
        let state = match &self.state {
            State::Running => return None,
            State::Ended { code, finished } => {
                status::terminated(*code, &self.started, finished, &self.id)
            }
            State::NotStarted { message, finished } => {
                status::start_error(message, finished, &self.id)
            }
        };
        Some(state["terminated"].clone())
    }

    fn failed(&self) -> bool {
        !matches!(self.state, State::Running | State::Ended { code: 0, .. })
    }
}

/// Why and until when something is not tried again.
#[derive(Debug, Clone)]
pub(super) struct BackOff {
    since: Instant,
    pub(super) until: Instant,
    wait: Duration,
    doublings: u32,
    pub(super) last: String,
}

pub(super) struct Container {
    pub(super) kind: Kind,
    pub(super) spec: Value,
    pub(super) name: String,
    pub(super) run: Option<Run>,
    /// What the kubelet saw when it last looked.
    pub(super) seen: Option<Run>,
    /// What came of the last attempt to start it, if that failed.
    pub(super) trouble: Option<Trouble>,
    pub(super) pull: Option<BackOff>,
    restart: Option<BackOff>,
}

impl Container {
    pub(super) fn new(kind: Kind, spec: &Value) -> Self {
        Self {
            kind,
            name: spec["name"].as_str().unwrap_or_default().to_owned(),
            spec: spec.clone(),
            run: None,
            seen: None,
            trouble: None,
            pull: None,
            restart: None,
        }
    }

    /// An init container that stays.
    pub(super) fn is_sidecar(&self) -> bool {
        self.kind == Kind::Init && self.spec["restartPolicy"] == "Always"
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(&self.run, Some(run) if run.state == State::Running)
    }

    /// Whether the containers after this one may start; only asked of init containers.
    pub(super) fn is_initialized(&self) -> bool {
        match &self.seen {
            Some(run) if self.is_sidecar() => run.state == State::Running,
            Some(run) => matches!(run.state, State::Ended { code: 0, .. }),
            None => false,
        }
    }

    /// Whether it is to be started, now or later: it never was, or has ended and is to come back.
    pub(super) fn is_due(&self, pod_policy: &str) -> bool {
        let Some(run) = &self.run else {
            return true;
        };
        // What the kubelet has not seen the end of, it does not start again.
        if self.seen.as_ref() != Some(run) || run.state == State::Running {
            return false;
        }
        match self.kind {
            Kind::Ephemeral => false,
            Kind::Init if self.is_sidecar() => true,
            Kind::Init => run.failed() && pod_policy != "Never",
            Kind::Ordinary => comes_back(run, pod_policy),
        }
    }

    /// How long a crashed container has to wait; counted from its end.
    pub(super) fn restart_wait(&self) -> Option<(Instant, u32)> {
        let (run, back_off) = (self.run.as_ref()?, self.restart.as_ref()?);
        let until = run.since + back_off.wait;
        (Instant::now() < until).then_some((until, back_off.doublings))
    }

    /// The first restart comes at once, every further one after a wait that doubles.
    pub(super) fn count_restart(&mut self, timing: &Timing) {
        if self.run.is_none() {
            return;
        }
        let (first, longest) = (timing.crash_back_off, timing.crash_back_off_max);
        self.restart = Some(next_back_off(
            self.restart.take(),
            first,
            longest,
            String::new(),
        ));
    }

    /// Failed pulls are spaced out; the waits are so much shorter as the syncs are closer.
    pub(super) fn count_failed_pull(&mut self, timing: &Timing, error: &str) {
        let (first, longest) = (timing.resync * 5 / 6, timing.resync * 25);
        self.pull = Some(next_back_off(
            self.pull.take(),
            first,
            longest,
            error.to_owned(),
        ));
    }

    /// The run that comes next.
    pub(super) fn next_run(&self, id: &str, started: &str, state: State) -> Run {
        Run {
            id: id.to_owned(),
            started: started.to_owned(),
            state,
            restarts: self.run.as_ref().map_or(0, |run| run.restarts + 1),
            previous: self.run.as_ref().and_then(Run::terminated),
            since: Instant::now(),
        }
    }

    /// What the status of the pod says of it.
    pub(super) fn status(&self, waits_for: &str, pod: &Value, is_stopping: bool) -> Value {
        let Some(run) = &self.seen else {
            let (reason, message) = match &self.trouble {
                Some(trouble) if !is_stopping => (trouble.reason, Some(trouble.message.as_str())),
                _ => (waits_for, None),
            };
            return status::waiting(self.kind, &self.spec, reason, message);
        };
        let ended = run.terminated();
        let mut last = run.previous.clone();
        let state = match (&self.trouble, ended) {
            (_, None) => status::running(&run.started),
            (Some(trouble), Some(ended))
                if !is_stopping && comes_back(run, status::policy(pod)) =>
            {
                last = Some(ended);
                json!({"waiting": {"reason": trouble.reason, "message": trouble.message}})
            }
            (_, Some(ended)) => json!({"terminated": ended}),
        };
        let mut status = status::created(self.kind, pod, &self.spec, &run.id, &state);
        status["restartCount"] = run.restarts.into();
        if let Some(last) = last {
            status["lastState"] = json!({"terminated": last});
        }
        status
    }
}

/// Whether a container that has ended is started again by the policy of its pod.
///
/// As in the kubelet, what is said of an ephemeral container goes by that as well.
fn comes_back(run: &Run, pod_policy: &str) -> bool {
    match pod_policy {
        "Never" => false,
        "OnFailure" => run.failed(),
        _ => true,
    }
}

fn next_back_off(
    before: Option<BackOff>,
    first: Duration,
    longest: Duration,
    last: String,
) -> BackOff {
    // Who has got along without it for long begins anew.
    let before = before.filter(|before| before.since.elapsed() < longest * 2);
    let (wait, doublings) = before.map_or((first, 0), |before| {
        ((before.wait * 2).min(longest), before.doublings + 1)
    });
    BackOff {
        since: Instant::now(),
        until: Instant::now() + wait,
        wait,
        doublings,
        last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(kind: Kind) -> Container {
        Container::new(kind, &json!({"name": "c", "image": "busybox:1"}))
    }

    fn ended(container: &mut Container, code: i32) {
        let finished = "t2".to_owned();
        let run = container.next_run("id", "t1", State::Ended { code, finished });
        container.seen = Some(run.clone());
        container.run = Some(run);
    }

    #[test]
    fn who_is_started_again_depends_on_kind_policy_and_exit_code() {
        let due = |kind: Kind, code: i32, policy: &str| {
            let mut container = container(kind);
            ended(&mut container, code);
            container.is_due(policy)
        };
        assert!(due(Kind::Ordinary, 0, "Always"));
        assert!(!due(Kind::Ordinary, 0, "OnFailure"));
        assert!(due(Kind::Ordinary, 1, "OnFailure"));
        assert!(!due(Kind::Ordinary, 1, "Never"));
        assert!(!due(Kind::Init, 0, "Always"));
        assert!(due(Kind::Init, 1, "Always"));
        assert!(!due(Kind::Ephemeral, 1, "Always"));
    }

    #[test]
    fn a_restarted_container_remembers_how_it_ended_before() {
        let mut container = container(Kind::Ordinary);
        ended(&mut container, 1);
        let first = container.status("ContainerCreating", &Value::Null, false);
        assert_eq!(first["state"]["terminated"]["exitCode"], 1);
        assert_eq!(first["lastState"], json!({}));
        let run = container.next_run("b", "t3", State::Running);
        container.seen = Some(run.clone());
        container.run = Some(run);
        let second = container.status("ContainerCreating", &Value::Null, false);
        assert_eq!(second["lastState"], first["state"]);
        assert_eq!(second["restartCount"], 1);
    }

    #[test]
    fn the_first_restart_comes_at_once_and_then_the_waits_double() {
        let timing = Timing::default();
        let mut container = container(Kind::Ordinary);
        ended(&mut container, 1);
        assert!(container.restart_wait().is_none());
        for doublings in 0..3 {
            container.count_restart(&timing);
            ended(&mut container, 1);
            let wait = container.restart_wait().map(|(_, doublings)| doublings);
            assert_eq!(wait, Some(doublings));
        }
    }
}

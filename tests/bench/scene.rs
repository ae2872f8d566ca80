//! Where the sessions take place: on a sandbox, or in a pod of a real cluster.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use sandbox::{Recorded, Sandbox, World};
use serde_json::{Value, json};

use crate::{
    client::{CONTAINER, IMAGE, PLUGIN},
    cluster::Pod,
};

/// A container that does not run by then does not run.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at a real cluster.
const PAUSE: Duration = Duration::from_millis(100);

/// A cluster with a pod for each run, or with one for all.
pub(crate) struct Scene {
    ground: Ground,
    used: AtomicUsize,
}

enum Ground {
    Sandbox(Box<Sandbox>),
    Cluster(Pod),
}

/// A container that waits to be attached to.
pub(crate) struct Place {
    pub(crate) pod: String,
    pub(crate) container: String,
    pub(crate) terminal: bool,
}

impl Scene {
    /// Starts a sandbox with so many pods, because a pod that had visitors is larger and slower to read.
    pub(crate) fn sandbox(world: World, pods: usize) -> io::Result<Self> {
        let world = (0..pods).fold(world, |world, number| {
            world.pod(json!({
                "metadata": {"name": name(number)},
                "spec": {
                    "terminationGracePeriodSeconds": 1,
                    "containers": [{"name": CONTAINER, "image": "distroless-app:1"}],
                },
            }))
        });
        Ok(Self {
            ground: Ground::Sandbox(Box::new(Sandbox::start(world)?)),
            used: AtomicUsize::new(0),
        })
    }

    /// Makes a pod on the cluster of `KUBECONFIG`.
    pub(crate) fn cluster(kubectl: &Path) -> io::Result<Self> {
        Ok(Self {
            ground: Ground::Cluster(Pod::create(kubectl)?),
            used: AtomicUsize::new(0),
        })
    }

    pub(crate) fn kubeconfig(&self) -> &Path {
        match &self.ground {
            Ground::Sandbox(sandbox) => sandbox.kubeconfig(),
            Ground::Cluster(pod) => pod.kubeconfig(),
        }
    }

    /// Returns a file or a folder that is removed with the scene.
    pub(crate) fn own_file(&self, name: &str) -> PathBuf {
        self.kubeconfig().with_file_name(name)
    }

    /// Returns the sandbox, if it is one.
    pub(crate) fn as_sandbox(&self) -> Option<&Sandbox> {
        match &self.ground {
            Ground::Sandbox(sandbox) => Some(sandbox),
            Ground::Cluster(_) => None,
        }
    }

    /// Returns a pod for the next run.
    pub(crate) fn next_pod(&self) -> String {
        let number = self.used.fetch_add(1, Ordering::Relaxed);
        match &self.ground {
            Ground::Sandbox(_) => name(number),
            Ground::Cluster(pod) => pod.name().to_owned(),
        }
    }

    /// Returns all requests so far; of a real cluster they are not known.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.as_sandbox().map(Sandbox::requests).unwrap_or_default()
    }

    /// Adds a container to the next pod, and waits until it runs.
    pub(crate) fn add(&self, command: &[&str], terminal: bool) -> io::Result<Place> {
        let pod = self.next_pod();
        let container = format!("bench-{}", self.used.load(Ordering::Relaxed));
        let manifest = json!({
            "name": container,
            "image": IMAGE,
            "command": command,
            "stdin": true,
            "stdinOnce": true,
            "tty": terminal,
        });
        let mut child = Command::new(PLUGIN)
            .args([&pod, "-q", "--attach=false", "-f", "-"])
            .env("KUBECONFIG", self.kubeconfig())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(manifest.to_string().as_bytes())?;
        }
        if !child.wait()?.success() {
            return Err(io::Error::other("no container could be added"));
        }
        let place = Place {
            pod,
            container,
            terminal,
        };
        if self.runs(&place)? {
            Ok(place)
        } else {
            Err(io::Error::other(format!(
                "`{}` does not run",
                place.container
            )))
        }
    }

    /// Waits until a container runs; whether it does.
    fn runs(&self, place: &Place) -> io::Result<bool> {
        match &self.ground {
            Ground::Sandbox(sandbox) => Ok(sandbox.wait_until("default", &place.pod, |pod| {
                is_running(pod, &place.container)
            })),
            Ground::Cluster(pod) => {
                let begun = Instant::now();
                while begun.elapsed() < PATIENCE {
                    if is_running(&pod.status()?, &place.container) {
                        return Ok(true);
                    }
                    thread::sleep(PAUSE);
                }
                Ok(false)
            }
        }
    }
}

fn name(number: usize) -> String {
    format!("app-{number}")
}

fn is_running(pod: &Value, container: &str) -> bool {
    let statuses = pod["status"]["ephemeralContainerStatuses"].as_array();
    let mut statuses = statuses.into_iter().flatten();
    statuses.any(|status| status["name"] == container && status["state"]["running"].is_object())
}

//! A small Kubernetes on loopback, to test `kubectl-ephemeral` against.
//!
//! It answers as a real 1.36 server does, within the part it covers, and its containers are processes of
//! this machine. Everything is gone when the [`Sandbox`] is dropped.
//!
//! Each way in which clusters fail can be scripted, for a request or for the stream it opens:
//!
//! ```
//! use sandbox::{Request, Sandbox, World};
//!
//! # fn main() -> std::io::Result<()> {
//! let sandbox = Sandbox::start(World::plain())?;
//! let second = Request::get().path("/pods/app").nth(2);
//! let fault = sandbox.on(second).answer(503).header("Retry-After", "1");
//!
//! let mut client = sandbox.connect("admin")?;
//! let path = "/api/v1/namespaces/default/pods/app";
//! assert_eq!(client.get(path)?.status, 200);
//! let refused = client.get(path)?;
//! assert_eq!(refused.status, 503);
//! assert_eq!(refused.header("Retry-After"), Some("1"));
//! assert_eq!(client.get(path)?.status, 200);
//! assert_eq!(fault.hits(), 1);
//! # Ok(())
//! # }
//! ```

mod answer;
mod api;
mod authorization;
mod client;
mod clock;
mod faults;
mod guardian;
mod identifier;
mod image;
mod kubeconfig;
mod kubelet;
mod listening;
mod managed_fields;
mod server;
mod start;
mod store;
mod stream;
mod tls;
mod version;
mod webhook;
mod world;

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

pub use crate::client::{Answer, Client, Frame};
pub use crate::faults::{Request, Script};
pub use crate::image::Image;
pub use crate::kubelet::timing::Timing;
pub use crate::server::Recorded;
pub use crate::stream::runtime::Runtime;
pub use crate::version::Server;
pub use crate::webhook::Denial;
pub use crate::world::World;

use crate::start::Started;
use crate::store::Key;

/// A running cluster.
pub struct Sandbox {
    started: Started,
}

impl Sandbox {
    /// Starts a cluster and waits until its pods have been started too.
    pub fn start(world: World) -> io::Result<Self> {
        // On a thread of its own, since the caller may be within a runtime, which must not be blocked.
        let started = std::thread::spawn(|| start::start(world)).join();
        let started = started.unwrap_or_else(|_| Err(io::Error::other("the start panicked")))?;
        Ok(Self { started })
    }

    /// The kubeconfig with the contexts `sandbox`, `sandbox-viewer` and `sandbox-dev`.
    pub fn kubeconfig(&self) -> &Path {
        &self.started.kubeconfig
    }

    /// Where the API server is: `https://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.started.url
    }

    /// All requests so far, in the order in which they came.
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.started.requests).clone()
    }

    /// A pod as it is stored now.
    pub fn pod(&self, namespace: &str, name: &str) -> Option<Value> {
        let pod = self.started.store.get(&Key::new("pods", namespace, name));
        let pod: std::sync::Arc<Value> = pod?;
        let mut pod = Value::clone(&pod);
        managed_fields::expand(&mut pod);
        Some(pod)
    }

    /// Waits until a pod is as it should be; whether it was before ten seconds had passed.
    pub fn wait_until(
        &self,
        namespace: &str,
        name: &str,
        is: impl Fn(&Value) -> bool + Sync,
    ) -> bool {
        let key = Key::new("pods", namespace, name);
        self.started
            .wait_until(|store| store.get(&key).is_some_and(|pod| is(&pod)))
    }

    /// Deletes a pod as `kubectl delete pod` does; its end is not waited for.
    pub fn delete_pod(&self, namespace: &str, name: &str) {
        self.started.delete_pod(&Key::new("pods", namespace, name));
    }

    /// Forgets the history of all objects, so that watches from an older version get 410.
    pub fn compact(&self) {
        self.started.store.compact();
    }
}

/// Locks, also after another thread has panicked: what is locked here is never left half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sandbox_leaves_nothing_behind_and_can_come_back_on_its_port() {
        let sandbox = Sandbox::start(World::plain()).expect("starts");
        let pod = sandbox.pod("default", "two").expect("is in this world");
        assert_eq!(pod["status"]["phase"], "Running");
        let folder = sandbox.kubeconfig().parent().expect("has one").to_owned();
        let port = sandbox.url().rsplit(':').next().expect("has one").parse();
        drop(sandbox);
        assert!(!folder.exists());
        assert_eq!(kubelet::process::count_of(&folder), 0);
        let world = World::new().port(port.expect("is a number"));
        assert!(Sandbox::start(world).is_ok());
    }

    #[test]
    fn only_its_owner_can_read_the_kubeconfig() {
        use std::os::unix::fs::PermissionsExt as _;
        let sandbox = Sandbox::start(World::new()).expect("starts");
        let metadata = std::fs::metadata(sandbox.kubeconfig()).expect("exists");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
}

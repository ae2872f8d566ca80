//! Brings a cluster up on threads of its own, and down again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::api::{self, Api, Flows};
use crate::authorization::User;
use crate::faults::Faults;
use crate::guardian::Guardian;
use crate::kubeconfig::{self, Context};
use crate::kubelet::Kubelet;
use crate::listening::{self, Listening};
use crate::server::{Recorded, Server, Users};
use crate::store::{Key, Store};
use crate::tls::{Authority, Credential};
use crate::world::{Account, World};

/// How long the start waits for the pods of the world.
const SETTLING: Duration = Duration::from_secs(5);

/// What a running cluster is known by.
pub(crate) struct Started {
    pub(crate) kubeconfig: PathBuf,
    pub(crate) url: String,
    pub(crate) requests: Arc<Mutex<Vec<Recorded>>>,
    pub(crate) store: Arc<Store>,
    pub(crate) kubelet: Arc<Kubelet>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) listening: Listening,
    pub(crate) accounts: Vec<(Account, Credential)>,
    pub(crate) authority_pem: String,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    // Last, so that it is removed when nothing runs in it any more.
    folder: Option<TempDir>,
    _guardian: Guardian,
}

impl Started {
    /// Waits until the store is as it should be, for ten seconds at most.
    pub(crate) fn wait_until(&self, is: impl Fn(&Store) -> bool + Sync) -> bool {
        let waiting = async {
            let mut versions = self.store.subscribe();
            while !is(&self.store) && versions.changed().await.is_ok() {}
        };
        let waiting = async { tokio::time::timeout(Duration::from_secs(10), waiting).await };
        // On a thread of its own, since the caller may be within a runtime, which must not be blocked.
        let waited =
            std::thread::scope(|scope| scope.spawn(|| self.runtime.block_on(waiting)).join());
        matches!(waited, Ok(Ok(())))
    }

    pub(crate) fn install(&self, object: Value) {
        let _guard = self.runtime.enter();
        api::install(&self.store, &self.kubelet, object);
    }

    pub(crate) fn take_pod(&self, key: &Key) {
        let _guard = self.runtime.enter();
        api::take(&self.store, &self.kubelet, key);
    }

    pub(crate) fn delete_pod(&self, key: &Key) {
        let _guard = self.runtime.enter();
        // With the grace that it asks for itself.
        api::mark_deleted(&self.store, &self.kubelet, key, None);
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
        if let Some(folder) = self.folder.take() {
            folder.close().ok();
        }
    }
}

pub(crate) fn start(world: World) -> io::Result<Started> {
    let folder = tempfile::Builder::new().prefix("sandbox-").tempdir()?;
    let root = folder.path().canonicalize()?;
    let guardian = Guardian::start(&root)?;
    let authority = Authority::new()?;
    let tls = TlsAcceptor::from(Arc::new(authority.server()?));
    let accounts = accounts(&authority, &world.accounts)?;
    let runtime = runtime()?;
    let listener = runtime.block_on(async { listening::bind(world.port) })?;
    let url = format!("https://127.0.0.1:{}", listener.local_addr()?.port());

    let kubeconfig = write_kubeconfig(&root, &url, &authority, &accounts)?;
    let store = Arc::new(Store::of(world.server));
    let containers = root.join("containers");
    let kubelet = Kubelet::new(Arc::clone(&store), world.timing, &containers, world.images);
    let requests = Arc::new(Mutex::new(Vec::new()));
    let faults = Arc::new(Faults::default());
    let server = Arc::new(Server {
        users: users(&accounts, &world.tokens, world.server),
        requests: Arc::clone(&requests),
        faults: Arc::clone(&faults),
        connections: Mutex::default(),
        api: Api {
            store: Arc::clone(&store),
            kubelet: Arc::clone(&kubelet),
            rules: world.rules,
            protocols: world.protocols,
            runtime: world.runtime,
            url: url.clone(),
            flows: Flows::default(),
            webhooks: world.webhooks,
        },
    });
    let handle = runtime.handle().clone();
    {
        let _guard = handle.enter();
        install(&store, &kubelet, world.objects, world.still);
    }
    let (stop, stopped) = oneshot::channel();
    let listening = Listening::new(server, tls, handle.clone(), listener)?;
    runtime.block_on(settle(&kubelet));
    let thread = thread(runtime, stopped, &kubelet)?;
    Ok(Started {
        kubeconfig,
        url,
        requests,
        store,
        kubelet,
        faults,
        listening,
        accounts,
        authority_pem: authority.pem(),
        runtime: handle,
        stop: Some(stop),
        thread: Some(thread),
        folder: Some(folder),
        _guardian: guardian,
    })
}

/// Stores what the world holds; pods that are not still are started.
fn install(store: &Store, kubelet: &Arc<Kubelet>, objects: Vec<Value>, still: Vec<Value>) {
    for object in objects {
        api::install(store, kubelet, object);
    }
    for pod in still {
        api::install_still(store, pod);
    }
}

fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("sandbox")
        .enable_all()
        .build()
}

fn write_kubeconfig(
    root: &Path,
    url: &str,
    authority: &Authority,
    accounts: &[(Account, Credential)],
) -> io::Result<PathBuf> {
    let path = root.join("kubeconfig");
    let text = kubeconfig::render(url, &authority.pem(), &contexts(accounts));
    kubeconfig::write(&path, &text)?;
    Ok(path)
}

/// Keeps the runtime until it is to stop.
fn thread(
    runtime: Runtime,
    stopped: oneshot::Receiver<()>,
    kubelet: &Arc<Kubelet>,
) -> io::Result<JoinHandle<()>> {
    let kubelet = Arc::clone(kubelet);
    std::thread::Builder::new()
        .name("sandbox-main".to_owned())
        .spawn(move || {
            runtime.block_on(stopped).ok();
            end(runtime, &kubelet);
        })
}

fn contexts(accounts: &[(Account, Credential)]) -> Vec<Context<'_>> {
    accounts
        .iter()
        .map(|(account, credential)| Context {
            name: account.context.clone(),
            user: &account.user,
            credential,
        })
        .collect()
}

fn accounts(authority: &Authority, accounts: &[Account]) -> io::Result<Vec<(Account, Credential)>> {
    accounts
        .iter()
        .map(|account| {
            let credential = authority.user(&account.user, &account.groups)?;
            Ok((account.clone(), credential))
        })
        .collect()
}

fn users(
    accounts: &[(Account, Credential)],
    tokens: &[(String, String)],
    server: crate::Server,
) -> Users {
    let mut users = Users::default();
    for (account, credential) in accounts {
        let mut user = User::new(&account.user, &account.groups);
        if server.tells_credentials() {
            user = user.with_certificate(&credential.der);
        }
        users
            .certificates
            .insert(credential.der.as_ref().to_vec(), user);
    }
    for (token, name) in tokens {
        let account = accounts.iter().find(|(account, _)| account.user == *name);
        let groups = account.map_or(&[][..], |(account, _)| &account.groups);
        users.tokens.insert(token.clone(), User::new(name, groups));
    }
    users
}

/// Waits until the containers of the world run, or have failed to.
async fn settle(kubelet: &Kubelet) {
    let mut versions = kubelet.store.subscribe();
    let settled = async { while !kubelet.has_settled() && versions.changed().await.is_ok() {} };
    tokio::time::timeout(SETTLING, settled).await.ok();
}

/// Ends every process and every connection.
fn end(runtime: Runtime, kubelet: &Kubelet) {
    kubelet.kill_all();
    runtime.shutdown_timeout(Duration::from_secs(2));
    // What was being started at that moment.
    kubelet.kill_all();
}

//! The access that a pod has to its own cluster, on a sandbox. The folder of the service account is
//! handed in: the real one belongs to the machine.

use std::{fs, path::Path};

use kubectl_ephemeral::{
    cli::ConnectionArgs,
    cluster::{Cluster, Voice},
    error::Error,
    kubeconfig::{self, Surroundings},
};
use sandbox::{Request, Sandbox, World};
use tempfile::TempDir;

use crate::access::{TOKEN, authority_of};

const NEXT: &str = "next-t0ken-of-the-tests";

struct Pod {
    sandbox: Sandbox,
    folder: TempDir,
}

impl Pod {
    /// A pod whose service account may do everything, with either token.
    fn new() -> Self {
        let world = World::plain().token(TOKEN, "robot").token(NEXT, "robot");
        let sandbox = Sandbox::start(world.rule("robot", false, &["*"], &["*"])).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let pod = Self { sandbox, folder };
        pod.write("token", TOKEN.as_bytes());
        pod.write("ca.crt", &authority_of(pod.sandbox.kubeconfig()));
        pod.write("namespace", b"default");
        // An empty kubeconfig is none, and keeps that of the machine out of this.
        pod.write("kubeconfig", b"");
        pod
    }

    fn write(&self, name: &str, text: &[u8]) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    async fn connect(&self, change: impl Fn(&mut Surroundings)) -> Result<Cluster, Error> {
        let args = ConnectionArgs {
            kubeconfig: Some(self.folder.path().join("kubeconfig")),
            ..ConnectionArgs::default()
        };
        let port = self.sandbox.url().rsplit(':').next().unwrap();
        let mut around = Surroundings {
            host: "127.0.0.1".to_owned(),
            port: port.to_owned(),
            namespace: String::new(),
            service_account: self.folder.path().to_owned(),
        };
        change(&mut around);
        let access = kubeconfig::resolve_in(&args, false, &around).await?;
        Cluster::connect(access, Voice::silent()).await
    }
}

#[tokio::test]
async fn a_pod_reaches_its_own_cluster() {
    let pod = Pod::new();
    let cluster = pod.connect(|_| {}).await.unwrap();
    assert_eq!(cluster.namespace(), "default");
    cluster.pod("app").await.unwrap();
    let users: Vec<_> = pod.sandbox.requests().into_iter().map(|r| r.user).collect();
    assert_eq!(users, ["robot"]);
    let named = pod.connect(|around| around.namespace = "shop".to_owned());
    assert_eq!(named.await.unwrap().namespace(), "shop");
}

#[tokio::test]
async fn a_token_that_was_written_anew_is_read_when_the_old_one_ends() {
    let pod = Pod::new();
    let cluster = pod.connect(|_| {}).await.unwrap();
    cluster.pod("app").await.unwrap();
    let refused = pod.sandbox.on(Request::any().token(TOKEN)).unauthorized();
    pod.write("token", NEXT.as_bytes());
    cluster.pod("app").await.unwrap();
    cluster.pod("app").await.unwrap();
    assert_eq!(refused.hits(), 1);
    // Without a new one it is the end.
    pod.sandbox.on(Request::any().token(NEXT)).unauthorized();
    let error = cluster.pod("app").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Error from server (Unauthorized): Unauthorized"
    );
}

#[tokio::test]
async fn what_is_no_pod_is_told_from_a_pod_without_a_service_account() {
    let pod = Pod::new();
    let outside = pod.connect(|around| *around = Surroundings::default());
    assert_said(
        outside.await,
        "the kubeconfig is empty",
        "name one with --kubeconfig or the variable KUBECONFIG",
    );
    let without = pod.connect(|around| around.service_account = Path::new("/nonexistent").into());
    assert_said(
        without.await,
        "there is no kubeconfig, and this pod has no token of a service account",
        "name a kubeconfig with --kubeconfig, or set `automountServiceAccountToken: true` for the pod",
    );
    pod.write("token", b"\n");
    let token = pod.folder.path().join("token");
    let message = format!(
        "tokenFile {} of user \"in-cluster\" is empty",
        token.display()
    );
    assert_eq!(
        pod.connect(|_| {}).await.err().unwrap().to_string(),
        message
    );
}

fn assert_said(ended: Result<Cluster, Error>, message: &str, hint: &str) {
    let error = ended.err().unwrap();
    assert_eq!(
        (error.to_string().as_str(), error.hint().as_deref()),
        (message, Some(hint))
    );
}

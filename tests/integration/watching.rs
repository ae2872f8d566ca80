//! The watch of a pod, across what interrupts watches.

use kubectl_ephemeral::{
    cli::ConnectionArgs,
    cluster::{Cluster, PodChange, PodWatch, Voice},
    kubeconfig,
};
use sandbox::{Sandbox, World};

async fn connect(sandbox: &Sandbox, context: &str) -> Cluster {
    let args = ConnectionArgs {
        kubeconfig: Some(sandbox.kubeconfig().to_owned()),
        context: Some(context.to_owned()),
        ..ConnectionArgs::default()
    };
    Cluster::connect(
        kubeconfig::resolve(&args, false).await.unwrap(),
        Voice::silent(),
    )
    .await
    .unwrap()
}

/// Returns the phase and version of the next state that the watch tells.
async fn next_version(watch: &mut PodWatch) -> u64 {
    let change = watch.next().await.unwrap();
    let PodChange::Now(pod) = change else {
        panic!("{change:?}")
    };
    pod.metadata.resource_version.unwrap().parse().unwrap()
}

fn stored_version(sandbox: &Sandbox) -> u64 {
    let pod = sandbox.pod("default", "app").unwrap();
    pod["metadata"]["resourceVersion"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_version_that_is_too_old_is_read_anew() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let cluster = connect(&sandbox, "sandbox").await;
    let mut pod = cluster.pod("app").await.unwrap();
    sandbox.compact();
    pod.metadata.resource_version = Some("1".to_owned());
    let mut watch = cluster.watch(&pod);
    assert_eq!(next_version(&mut watch).await, stored_version(&sandbox));
}

#[tokio::test]
async fn the_last_state_of_a_deleted_pod_is_told() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let cluster = connect(&sandbox, "sandbox").await;
    let pod = cluster.pod("app").await.unwrap();
    let mut watch = cluster.watch(&pod);
    sandbox.delete_pod("default", "app");
    let mut before_the_end = 0;
    let last = loop {
        match watch.next().await.unwrap() {
            PodChange::Now(_) => before_the_end += 1,
            PodChange::Deleted(pod) => break pod,
            PodChange::Replaced | PodChange::Unseen(_) => {
                panic!("nothing took its place, and the server was there")
            }
        }
    };
    assert!(before_the_end > 0);
    assert!(last.metadata.deletion_timestamp.is_some());
    watch.next().await.unwrap_err();
}

#[tokio::test]
async fn who_may_not_watch_reads_instead() {
    let pods = [
        "pods",
        "pods/ephemeralcontainers",
        "pods/attach",
        "pods/log",
    ];
    let world = World::plain().account("reader", "reader", "readers").rule(
        "readers",
        true,
        &["get", "patch", "create"],
        &pods,
    );
    let sandbox = Sandbox::start(world).unwrap();
    let cluster = connect(&sandbox, "reader").await;
    let mut pod = cluster.pod("app").await.unwrap();
    pod.metadata.resource_version = Some("1".to_owned());
    let mut watch = cluster.watch(&pod);
    assert_eq!(next_version(&mut watch).await, stored_version(&sandbox));

    let ended = crate::plugin::Plugin::on(&sandbox)
        .args([
            "app",
            "-q",
            "--context",
            "reader",
            "--",
            "sh",
            "-c",
            "echo read; exit 3",
        ])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (3, "read\n", "")
    );
}

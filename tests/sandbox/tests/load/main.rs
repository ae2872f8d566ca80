//! The sandbox carries load: many pods listed and watched, many sessions at once, in bounded memory.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what cannot be sent fails the test; what was measured is told"
)]

#[path = "../replay_watch/client.rs"]
mod client;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use futures_util::{SinkExt as _, future};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sandbox::{Image, Sandbox, Timing, World};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use self::client::Client;

/// How many containers a pod has; all of one pod are started one after the other.
const CONTAINERS: usize = 25;
const STDIN: u8 = 0;
const STDOUT: u8 = 1;

struct Load {
    pods: usize,
    sessions: usize,
    /// The most memory that the whole process may take, client and server, in MiB.
    memory: u64,
    time: Duration,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_pods_and_a_thousand_sessions() {
    run(Load {
        pods: 5000,
        sessions: 1000,
        memory: 1000,
        // About 5 s on two cores; this is for those that have other things to do.
        time: Duration::from_mins(1),
    })
    .await;
}

fn world(load: &Load) -> World {
    let timing = Timing {
        create: Duration::ZERO,
        start: Duration::ZERO,
        ..Timing::default()
    };
    let world = World::new()
        .timing(timing)
        .image("echo:1", Image::echo())
        .still_pods(load.pods);
    (0..load.sessions.div_ceil(CONTAINERS)).fold(world, |world, pod| {
        let containers: Vec<Value> = (0..CONTAINERS)
            .map(|number| json!({"name": format!("c{number}"), "image": "echo:1", "stdin": true}))
            .collect();
        world.pod(json!({
            "metadata": {"name": format!("echo-{pod}")},
            "spec": {"containers": containers},
        }))
    })
}

async fn run(load: Load) {
    let started = Instant::now();
    let files = u64::try_from(load.sessions * 2 + 200).unwrap();
    if !may_open(files) {
        println!("SKIPPED: fewer than {files} files may be open on this machine");
        return;
    }
    let sandbox = Sandbox::start(world(&load)).unwrap();
    println!(
        "started after {:?}, {} MiB",
        started.elapsed(),
        memory("VmRSS")
    );
    let client = Arc::new(Client::new(&sandbox));
    list_and_watch(&client, &sandbox, load.pods).await;
    println!(
        "listed and watched after {:?}, {} MiB",
        started.elapsed(),
        memory("VmRSS")
    );
    all_at_once(&client, load.sessions).await;
    println!(
        "echoed after {:?}, {} MiB",
        started.elapsed(),
        memory("VmRSS")
    );
    let most = memory("VmHWM");
    assert!(most < load.memory, "{most} MiB");
    assert!(started.elapsed() < load.time, "{:?}", started.elapsed());
}

/// Lets this process open so many files, if the machine does.
fn may_open(files: u64) -> bool {
    let limit = getrlimit(Resource::Nofile);
    let is_enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= files);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    is_enough(limit.current)
        || (is_enough(limit.maximum) && setrlimit(Resource::Nofile, raised).is_ok())
}

/// Memory of this process in MiB: `VmRSS` is what it takes now, `VmHWM` the most so far.
fn memory(field: &str) -> u64 {
    // Where there is no /proc, there is nothing to be compared.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| {
        line.trim_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .ok()
    });
    kib.unwrap_or(0) / 1024
}

async fn list_and_watch(client: &Client, sandbox: &Sandbox, pods: usize) {
    let selected = "/api/v1/namespaces/default/pods?labelSelector=app%3Dstill";
    let list = client.get(selected).await;
    let items = list["items"].as_array().unwrap();
    let names: HashSet<&str> = items
        .iter()
        .map(|pod| pod["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), pods);
    assert!(items.iter().all(|pod| pod["status"]["phase"] == "Running"));

    let mut watch = client.watch(&format!("{selected}&watch=true")).await;
    for _ in 0..pods {
        assert_eq!(watch.next().await.unwrap()["type"], "ADDED");
    }
    sandbox.delete_pod("default", "still-0");
    let mut event = watch.next().await.unwrap();
    while event["type"] != "DELETED" {
        event = watch.next().await.unwrap();
    }
    assert_eq!(event["object"]["metadata"]["name"], "still-0");
}

type Session = WebSocketStream<TlsStream<TcpStream>>;

async fn all_at_once(client: &Arc<Client>, count: usize) {
    let sessions: Vec<Session> = stream::iter(0..count)
        .map(|number| {
            let client = Arc::clone(client);
            async move { attach(&client, number).await }
        })
        .buffer_unordered(32)
        .collect()
        .await;
    assert_eq!(sessions.len(), count);
    let echoes = sessions.into_iter().enumerate().map(|(number, session)| {
        tokio::spawn(async move { echo(session, &format!("this is session {number}\n")).await })
    });
    for echo in future::join_all(echoes).await {
        echo.unwrap();
    }
}

async fn attach(client: &Client, number: usize) -> Session {
    let (pod, container) = (number / CONTAINERS, number % CONTAINERS);
    let url = format!(
        "wss://127.0.0.1/api/v1/namespaces/default/pods/echo-{pod}/attach\
         ?container=c{container}&stdin=true&stdout=true"
    );
    let mut request = url.into_client_request().unwrap();
    let protocol = http::HeaderValue::from_static("v5.channel.k8s.io");
    let headers = request.headers_mut();
    headers.insert(http::header::SEC_WEBSOCKET_PROTOCOL, protocol);
    let stream = client.connect().await;
    let (session, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .unwrap();
    session
}

/// Sends a text, and waits until it has come back.
async fn echo(mut session: Session, text: &str) {
    let frame = [&[STDIN], text.as_bytes()].concat();
    session
        .send(Message::Binary(Bytes::from(frame)))
        .await
        .unwrap();
    let mut back = Vec::new();
    while back.len() < text.len() {
        let message = session.next().await.unwrap().unwrap();
        if let Message::Binary(bytes) = message
            && let Some((&STDOUT, payload)) = bytes.split_first()
        {
            back.extend_from_slice(payload);
        }
    }
    assert_eq!(back, text.as_bytes());
}

mod frames;
mod silence;

use std::time::Duration;

use futures_util::SinkExt;
use tokio::{io::DuplexStream, task::JoinHandle, time};
use tokio_tungstenite::tungstenite::{Message, protocol::CloseFrame};

use super::{
    down::{DRAIN, SILENCE, UNREAD},
    *,
};
use crate::keys::{DetachKeys, EscapeKey};

const SUCCESS: &[u8] = b"\x03{\"metadata\":{},\"status\":\"Success\"}";

/// A session whose two sides are the test's.
struct Scene {
    server: WebSocketStream<DuplexStream>,
    stdout_rx: mpsc::Receiver<Bytes>,
    stderr_rx: mpsc::Receiver<Bytes>,
    ended_tx: Option<oneshot::Sender<()>>,
    /// Told at the first output.
    first_rx: std::sync::mpsc::Receiver<()>,
    session: JoinHandle<SessionEnd>,
}

impl Scene {
    async fn new(protocol: Protocol, input: From) -> Self {
        Self::with_room_for(64 * 1024, protocol, input).await
    }

    async fn with_room_for(bytes: usize, protocol: Protocol, input: From) -> Self {
        let (near_end, far_end) = tokio::io::duplex(bytes);
        let (stdout, stdout_rx) = mpsc::channel(2);
        let (stderr, stderr_rx) = mpsc::channel(2);
        let (ended_tx, ended_rx) = oneshot::channel();
        let (first_tx, first_rx) = std::sync::mpsc::channel();
        // The pump does not leave its thread; here it has one of its own to be watched from.
        let session = tokio::task::spawn_local(async move {
            let mut keyboard;
            let input = match input {
                From::Nobody => Input::None,
                From::Pipe(pipe_rx) => Input::Pipe(pipe_rx),
                From::ClosingPipe(pipe_rx) => Input::ClosingPipe(pipe_rx),
                From::Keys(keys_rx) => {
                    let escape = EscapeKey::parse("~").unwrap();
                    let (orders_tx, _) = mpsc::unbounded_channel();
                    keyboard = Keyboard::new(keys_rx, escape, DetachKeys::default(), orders_tx);
                    Input::Keys(&mut keyboard)
                }
            };
            let near = Near {
                input,
                sizes: None,
                redraw: false,
                stdout,
                stderr,
                ended_rx,
                on_first_output: &|| first_tx.send(()).unwrap(),
            };
            run(near_end, protocol, near).await
        });
        let server = WebSocketStream::from_raw_socket(far_end, Role::Server, None).await;
        Self {
            server,
            stdout_rx,
            stderr_rx,
            ended_tx: Some(ended_tx),
            first_rx,
            session,
        }
    }

    async fn server_sends(&mut self, message: &'static [u8]) {
        self.server
            .send(Message::Binary(Bytes::from_static(message)))
            .await
            .unwrap();
    }

    async fn server_hears(&mut self) -> Bytes {
        loop {
            if let Message::Binary(data) = self.server.next().await.unwrap().unwrap() {
                return data;
            }
        }
    }

    async fn end(self) -> SessionEnd {
        self.session.await.unwrap()
    }
}

/// Runs a test where tasks may stay on their thread, on a clock that jumps when all is idle.
fn on_paused_time(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, test);
}

/// Where the input of a session is from.
enum From {
    Nobody,
    Keys(mpsc::Receiver<Bytes>),
    Pipe(mpsc::Receiver<Bytes>),
    ClosingPipe(mpsc::Receiver<Bytes>),
}

fn keys() -> (mpsc::Sender<Bytes>, From) {
    let (keys_tx, keys_rx) = mpsc::channel(4);
    (keys_tx, From::Keys(keys_rx))
}

fn pipe() -> (mpsc::Sender<Bytes>, From) {
    let (pipe_tx, pipe_rx) = mpsc::channel(4);
    (pipe_tx, From::Pipe(pipe_rx))
}

#[test]
fn output_and_errors_arrive_apart_and_whole_before_the_end() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        for message in [
            &b"\x01"[..],
            b"\x01out ",
            b"\x02err",
            b"\x07what",
            b"\x01put",
        ] {
            scene.server_sends(message).await;
        }
        scene.server_sends(SUCCESS).await;
        scene.server.close(None).await.unwrap();
        assert_eq!(scene.stdout_rx.recv().await.unwrap(), "out ");
        assert_eq!(scene.stdout_rx.recv().await.unwrap(), "put");
        assert_eq!(scene.stdout_rx.recv().await, None);
        assert_eq!(scene.stderr_rx.recv().await.unwrap(), "err");
        assert_eq!(scene.end().await, SessionEnd::Finished);
    });
}

#[test]
fn the_first_output_is_told_of_once_and_before_anybody_has_it() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        // An empty message proves nothing: servers send one before they have asked the node.
        scene.server_sends(b"\x01").await;
        scene.server_sends(b"\x01first").await;
        scene.server_sends(b"\x01second").await;
        assert_eq!(scene.stdout_rx.recv().await.unwrap(), "first");
        assert!(scene.first_rx.try_recv().is_ok());
        assert_eq!(scene.stdout_rx.recv().await.unwrap(), "second");
        assert!(scene.first_rx.try_recv().is_err());
    });
}

#[test]
fn a_failure_is_told_in_the_servers_words() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        scene
            .server_sends(b"\x03{\"status\":\"Failure\",\"message\":\"no such task\"}")
            .await;
        drop(scene.server);
        assert_eq!(
            scene.session.await.unwrap(),
            SessionEnd::Failed("no such task".to_owned())
        );
    });
}

#[test]
fn row_48_a_status_that_cannot_be_read_is_a_failure() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        scene.server_sends(b"\x03{\"status\":\"Succ").await;
        drop(scene.server);
        assert!(matches!(
            scene.session.await.unwrap(),
            SessionEnd::Failed(_)
        ));
    });
}

#[test]
fn row_43_a_close_without_a_status_is_a_lost_connection() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        let normal = CloseFrame {
            code: 1000.into(),
            reason: "".into(),
        };
        scene.server.close(Some(normal)).await.unwrap();
        assert_eq!(
            scene.end().await,
            SessionEnd::Lost("the server closed the connection".to_owned())
        );
    });
}

#[test]
fn a_connection_that_is_cut_is_lost() {
    on_paused_time(async {
        let scene = Scene::new(Protocol::V5, From::Nobody).await;
        drop(scene.server);
        assert_eq!(
            scene.session.await.unwrap(),
            SessionEnd::Lost("the connection was cut".to_owned())
        );
    });
}

#[test]
fn row_65_input_arrives_in_order_in_messages_that_every_server_takes() {
    on_paused_time(async {
        let (pipe_tx, input) = pipe();
        let mut scene = Scene::with_room_for(1024 * 1024, Protocol::V5, input).await;
        let sent: Vec<u8> = (0..100_000_u32)
            .map(|number| number.to_le_bytes()[0])
            .collect();
        pipe_tx.send(sent.clone().into()).await.unwrap();
        drop(pipe_tx);
        let mut heard = Vec::new();
        loop {
            let message = scene.server_hears().await;
            if message[..] == [255, 0] {
                break;
            }
            assert_eq!(message[0], 0);
            assert!(message.len() <= LARGEST_INPUT + 1);
            heard.extend_from_slice(&message[1..]);
        }
        assert!(heard == sent);
    });
}

#[test]
fn row_34_the_end_of_keys_and_of_a_pipe_on_v4_is_not_told() {
    for (protocol, (input_tx, input)) in [(Protocol::V5, keys()), (Protocol::V4, pipe())] {
        on_paused_time(async {
            let mut scene = Scene::new(protocol, input).await;
            input_tx.send(Bytes::from_static(b"ls\r")).await.unwrap();
            assert_eq!(scene.server_hears().await, &b"\x00ls\r"[..]);
            drop(input_tx);
            // What comes next is a sign of life, not the end of input.
            assert_eq!(
                scene.server.next().await.unwrap().unwrap(),
                Message::Ping(Bytes::new())
            );
        });
    }
}

#[test]
fn a_pipe_that_closes_at_its_end_is_read_to_its_end_first() {
    for answers in [true, false] {
        on_paused_time(async {
            let (pipe_tx, pipe_rx) = mpsc::channel(2);
            let mut scene = Scene::new(Protocol::V4, From::ClosingPipe(pipe_rx)).await;
            pipe_tx.send(Bytes::from_static(b"all")).await.unwrap();
            drop(pipe_tx);
            assert_eq!(scene.server_hears().await, &b"\x00all"[..]);
            // Output that was on its way arrives.
            scene.server_sends(b"\x01late").await;
            let close = scene.server.next().await.unwrap().unwrap();
            assert!(matches!(close, Message::Close(Some(frame)) if frame.code == 1000.into()));
            if answers {
                // The handshake's answer is sent by reading on.
                assert!(scene.server.next().await.is_none());
            }
            assert_eq!(scene.stdout_rx.recv().await.unwrap(), "late");
            drop(scene.server);
            let lost = SessionEnd::Lost("the connection was cut".to_owned());
            let expected = if answers { SessionEnd::Closed } else { lost };
            assert_eq!(scene.session.await.unwrap(), expected);
        });
    }
}

#[test]
fn row_60_output_nobody_takes_does_not_hold_up_input() {
    on_paused_time(async {
        let (keys_tx, input) = keys();
        let mut scene = Scene::new(Protocol::V5, input).await;
        for _ in 0..10 {
            scene.server_sends(b"\x01flood").await;
        }
        keys_tx.send(Bytes::from_static(b"\x03")).await.unwrap();
        assert_eq!(scene.server_hears().await, &b"\x00\x03"[..]);
        for _ in 0..10 {
            assert_eq!(scene.stdout_rx.recv().await.unwrap(), "flood");
        }
    });
}

#[test]
fn row_65_input_nobody_takes_does_not_hold_up_output() {
    on_paused_time(async {
        let (keys_tx, input) = keys();
        let mut scene = Scene::with_room_for(1024, Protocol::V5, input).await;
        keys_tx.send(vec![b'x'; 100_000].into()).await.unwrap();
        scene.server_sends(b"\x01still here").await;
        assert_eq!(scene.stdout_rx.recv().await.unwrap(), "still here");
    });
}

#[test]
fn row_50_a_server_that_is_silent_is_given_up_and_one_that_answers_is_not() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        let begin = Instant::now();
        // Reading answers the pings.
        time::timeout(Duration::from_mins(59), scene.server_hears())
            .await
            .unwrap_err();
        assert!(!scene.session.is_finished());
        let Scene {
            server, session, ..
        } = scene;
        assert!(matches!(session.await.unwrap(), SessionEnd::Lost(_)));
        assert!(begin.elapsed() < Duration::from_mins(59) + 2 * SILENCE);
        drop(server);
    });
}

#[test]
fn row_51_a_server_that_holds_unread_input_is_not_taken_for_dead() {
    on_paused_time(async {
        let (keys_tx, input) = keys();
        let scene = Scene::new(Protocol::V5, input).await;
        keys_tx.send(vec![b'x'; UNREAD + 1].into()).await.unwrap();
        let mut session = scene.session;
        time::timeout(10 * SILENCE, &mut session).await.unwrap_err();
    });
}

#[test]
fn a_server_that_nobody_asked_is_not_taken_for_dead() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        // As after SIGSTOP: the clock went on, and nothing was sent meanwhile.
        time::advance(10 * SILENCE).await;
        let mut session = scene.session;
        time::timeout(Duration::from_secs(1), &mut session)
            .await
            .unwrap_err();
        // The question is on its way.
        let asked = scene.server.next().await.unwrap().unwrap();
        assert_eq!(asked, Message::Ping(Bytes::new()));
    });
}

#[test]
fn row_58_a_stream_that_outlives_its_container_is_left_once_it_is_silent() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        scene.ended_tx.take().unwrap().send(()).unwrap();
        scene.server_sends(b"\x01late").await;
        assert_eq!(scene.stdout_rx.recv().await.unwrap(), "late");
        let begin = Instant::now();
        let Scene {
            server, session, ..
        } = scene;
        assert_eq!(session.await.unwrap(), SessionEnd::Outlived);
        assert_eq!(begin.elapsed().as_secs(), DRAIN.as_secs());
        drop(server);
    });
}

#[test]
fn a_container_that_nobody_watches_any_more_may_still_run() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        drop(scene.ended_tx.take());
        // Reading answers the pings; ten times the patience with a stream whose container ended.
        time::timeout(10 * DRAIN, scene.server_hears())
            .await
            .unwrap_err();
        assert!(!scene.session.is_finished());
    });
}

#[test]
fn a_reader_that_went_away_ends_the_session() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        scene.stdout_rx.close();
        scene.server_sends(b"\x01anything").await;
        assert_eq!(scene.end().await, SessionEnd::OutputClosed);
    });
}

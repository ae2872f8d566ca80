//! What a server, or something on the way, can make of messages and frames.

use tokio::io::AsyncWriteExt;

use super::*;

/// The largest frame that is taken.
const LARGEST_FRAME: usize = 16 * 1024 * 1024;

impl Scene {
    /// Sends bytes below the WebSocket.
    async fn server_writes(&mut self, bytes: &[u8]) {
        self.server.get_mut().write_all(bytes).await.unwrap();
    }

    /// Takes so many bytes of output.
    async fn output(&mut self, length: usize) -> Vec<u8> {
        let mut output = Vec::new();
        while output.len() < length {
            output.extend_from_slice(&self.stdout_rx.recv().await.unwrap());
        }
        output
    }
}

fn output_of(length: usize) -> Bytes {
    let letters = (0..length).map(|number| b'a' + u8::try_from(number % 26).unwrap());
    std::iter::once(1).chain(letters).collect()
}

#[test]
fn row_39_messages_of_every_size_arrive_whole() {
    for length in [1, 32 * 1024, LARGEST_FRAME - 1] {
        on_paused_time(async move {
            let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
            let Scene {
                server, stdout_rx, ..
            } = &mut scene;
            let message = output_of(length);
            let sending = server.send(Message::Binary(message.clone()));
            let (sent, output) = tokio::join!(sending, stdout_rx.recv());
            sent.unwrap();
            assert!(output.unwrap() == message[1..], "{length}");
        });
    }
}

#[test]
fn row_39_a_message_over_the_limit_is_a_broken_connection() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        // The head of a frame of 17 MiB is enough.
        let mut head = vec![0x82, 127];
        head.extend_from_slice(&(17 * 1024 * 1024_u64).to_be_bytes());
        scene.server_writes(&head).await;
        assert_eq!(
            scene.end().await,
            SessionEnd::Lost(
                "the connection broke: Space limit exceeded: Message too long: 17825792 > 16777216"
                    .to_owned()
            )
        );
    });
}

#[test]
fn row_39_frames_may_be_cut_at_every_byte() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        for byte in b"\x82\x04\x01one\x82\x04\x02err\x82\x04\x01two" {
            scene.server_writes(&[*byte]).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(scene.output(6).await, b"onetwo");
        assert_eq!(scene.stderr_rx.recv().await.unwrap(), "err");
    });
}

#[test]
fn row_40_letters_and_escapes_that_are_cut_pass_unchanged() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        for part in [&b"\x01\xc3"[..], b"\x01\xa4\x1b", b"\x01[3", b"\x011m\xff"] {
            scene.server_sends(part).await;
        }
        assert_eq!(scene.output(8).await, b"\xc3\xa4\x1b[31m\xff");
    });
}

#[test]
fn row_41_messages_that_carry_nothing_for_us_are_passed_over() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        for message in [
            &b""[..],
            b"\x01",
            b"\x02",
            b"\x00typed",
            b"\x07what",
            b"\xff\x00",
        ] {
            scene.server_sends(message).await;
        }
        for text in ["", "1b3V0", "\u{1}text"] {
            scene.server.send(Message::text(text)).await.unwrap();
        }
        scene.server_sends(b"\x01out").await;
        assert_eq!(scene.output(1).await, b"out");
    });
}

#[test]
fn row_42_a_message_in_parts_is_one_and_pings_between_them_are_answered() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        scene
            .server_writes(b"\x02\x03\x01ab\x89\x01?\x80\x02cd")
            .await;
        assert_eq!(scene.output(1).await, b"abcd");
        let answer = scene.server.next().await.unwrap().unwrap();
        assert_eq!(answer, Message::Pong(Bytes::from_static(b"?")));
        let largest = Bytes::from_static(&[b'p'; 125]);
        let ping = Message::Ping(largest.clone());
        scene.server.send(ping).await.unwrap();
        let answer = scene.server.next().await.unwrap().unwrap();
        assert_eq!(answer, Message::Pong(largest));
    });
}

#[test]
fn row_42_what_is_no_websocket_is_a_broken_connection() {
    let long_ping = [&[0x89, 126, 0, 126][..], &[b'p'; 126]].concat();
    for (bytes, why) in [
        (
            &long_ping[..],
            "Control frame too big (payload must be 125 bytes or less)",
        ),
        (b"\xc2\x02\x01a", "Reserved bits are non-zero"),
        (
            b"\x82\x82\0\0\0\0\x01a",
            "Received a masked frame from server",
        ),
        (b"\x83\x00", "Encountered invalid opcode: 3"),
    ] {
        on_paused_time(async {
            let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
            scene.server_writes(bytes).await;
            let expected = format!("the connection broke: WebSocket protocol error: {why}");
            assert_eq!(scene.end().await, SessionEnd::Lost(expected));
        });
    }
}

#[test]
fn row_48_what_the_server_says_at_the_end_is_never_trusted_to_make_sense() {
    let unread = "the server ended it with a status that cannot be read";
    let unexplained = "the server gave no reason";
    for (messages, expected) in [
        (&[&b"\x03nonsense"[..]][..], unread),
        (&[b"\x03{\"status\":\"Succ"], unread),
        (&[b"\x03\xff\xfe"], unread),
        (&[b"\x03[]"], unexplained),
        (&[b"\x03{\"status\":\"Failure\",\"message\":7}"], unexplained),
        (
            &[b"\x03{\"status\":\"Failure\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"abc\"}]}}"],
            unexplained,
        ),
        (&[SUCCESS, b"\x03{\"status\":\"Failure\",\"message\":\"no\"}"], "no"),
    ] {
        on_paused_time(async {
            let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
            for message in messages {
                scene.server_sends(message).await;
            }
            scene.server.close(None).await.unwrap();
            assert_eq!(scene.end().await, SessionEnd::Failed(expected.to_owned()));
        });
    }
}

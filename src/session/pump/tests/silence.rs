//! Who waits for whom, and for how long.

use super::*;

#[test]
fn row_52_ten_seconds_never_pass_without_a_byte() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        let begin = Instant::now();
        for number in 1..=360 {
            let asked = scene.server.next().await.unwrap().unwrap();
            assert_eq!(asked, Message::Ping(Bytes::new()));
            assert_eq!(begin.elapsed().as_secs(), number * 10);
        }
    });
}

#[test]
fn row_53_a_stream_without_sizes_has_an_empty_message_each_hour() {
    for input in [pipe, keys] {
        on_paused_time(async {
            let (input_tx, input) = input();
            let mut scene = Scene::new(Protocol::V5, input).await;
            let begin = Instant::now();
            for number in 1..=8 {
                assert_eq!(scene.server_hears().await, Bytes::new());
                assert_eq!(begin.elapsed(), number * Duration::from_hours(1));
            }
            drop(input_tx);
        });
    }
}

#[test]
fn row_59_output_that_comes_after_the_news_of_the_end_is_whole() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        scene.ended_tx.take().unwrap().send(()).unwrap();
        let Scene {
            mut server,
            mut stdout_rx,
            session,
            ..
        } = scene;
        let mut message = vec![b'x'; 32 * 1024 + 1];
        message[0] = 1;
        let sending = async {
            for _ in 0..32 {
                // Slow, but not so slow that nothing more is to be expected.
                time::sleep(DRAIN / 2).await;
                let message = Message::Binary(message.clone().into());
                server.send(message).await.unwrap();
            }
            server
                .send(Message::Binary(Bytes::from_static(SUCCESS)))
                .await
                .unwrap();
            server.close(None).await.unwrap();
        };
        let taking = async {
            let mut taken = 0;
            while let Some(bytes) = stdout_rx.recv().await {
                taken += bytes.len();
            }
            taken
        };
        let ((), taken) = tokio::join!(sending, taking);
        assert_eq!(taken, 1024 * 1024);
        assert_eq!(session.await.unwrap(), SessionEnd::Finished);
    });
}

#[test]
fn row_60_pings_go_on_while_nobody_takes_the_output() {
    on_paused_time(async {
        let mut scene = Scene::new(Protocol::V5, From::Nobody).await;
        for _ in 0..10 {
            scene.server_sends(b"\x01flood").await;
        }
        let begin = Instant::now();
        for _ in 0..10 {
            let asked = scene.server.next().await.unwrap().unwrap();
            assert_eq!(asked, Message::Ping(Bytes::new()));
        }
        assert_eq!(begin.elapsed().as_secs(), 100);
        for _ in 0..10 {
            assert_eq!(scene.stdout_rx.recv().await.unwrap(), "flood");
        }
        assert!(!scene.session.is_finished());
    });
}

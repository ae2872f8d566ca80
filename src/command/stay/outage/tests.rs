use super::{trying::says_that_nothing_runs, *};

#[test]
fn words_that_mean_that_nothing_runs_are_known() {
    for (words, nothing) in [
        ("container shell not found in pod app_default", true),
        (
            "Internal error occurred: error attaching to container: container is in CONTAINER_EXITED state",
            true,
        ),
        (
            "error attaching to container: failed to load task: no running task found: task 1f not found",
            true,
        ),
        ("container is not created or running", true),
        (
            "error dialing backend: dial tcp 10.0.0.7:10250: i/o timeout",
            false,
        ),
        ("tty and stderr cannot both be true", false),
    ] {
        assert_eq!(says_that_nothing_runs(words), nothing, "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_try_is_at_once_and_the_pauses_grow_to_five_seconds_until_enter_is_pressed() {
    let mut outage = Outage::begin(&SessionEnd::Finished);
    let pauses: Vec<_> = (0..10).map(|_| outage.next_pause().as_secs_f64()).collect();
    assert!(
        pauses[0] == 0.0 && pauses[1] >= 0.15 && pauses[1] <= 0.2,
        "{pauses:?}"
    );
    assert!(pauses[9] >= 3.75 && pauses[9] <= 5.0, "{pauses:?}");
    assert!(
        pauses.windows(2).take(6).all(|pair| pair[0] < pair[1]),
        "{pauses:?}"
    );
    outage.is_watched();
    assert!(outage.next_pause() <= SHORTEST_PAUSE);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_said_is_not_answered() {
    let mut outage = Outage::begin(&SessionEnd::Finished);
    assert_eq!(outage.greeting(), None);
    outage.unsaid = true;
    tokio::time::advance(Duration::from_secs(2)).await;
    let greeting = outage.greeting().unwrap();
    assert_eq!(
        greeting,
        "the stream ended, and the container did not; connected again after 2 s"
    );
    outage.announced = true;
    outage.keys_dropped = true;
    let greeting = outage.greeting().unwrap();
    assert_eq!(
        greeting,
        "connected again after 2 s; the keys typed meanwhile were dropped"
    );
}

//! Several clients of one container: all see its output, none sees what was before, and each can stop it.

use std::time::Duration;

use sandbox::{Frame, Runtime};

use crate::scene::{Kind, Scene};

#[test]
fn all_see_the_output_and_all_may_type() {
    let scene = Scene::new(Runtime::Containerd, Kind::terminal());
    let (mut one, mut two) = (scene.attach(), scene.attach());
    scene.talk(&mut one, "from one");
    two.channel_until(1, b"got from one\r\n").unwrap();
    scene.talk(&mut two, "from two");
    one.channel_until(1, b"got from two\r\n").unwrap();
}

#[test]
fn nothing_is_said_twice_and_the_log_has_it() {
    let scene = Scene::new(Runtime::Containerd, Kind::pipes());
    scene.talk(&mut scene.attach(), "before");
    let mut late = scene.attach();
    late.send(&Frame::data(0, b"now\n")).unwrap();
    assert_eq!(late.channel_until(1, b"\n").unwrap(), b"got now\n");
    assert_eq!(scene.log(), "got before\ngot now\n");
}

#[test]
fn one_that_does_not_read_stops_the_output_for_all() {
    const ALL: usize = 48_000_000;
    let program = format!("read -r _; head -c {ALL} /dev/zero; exec cat");
    let scene = Scene::of(Runtime::Containerd, Kind::pipes(), &program);
    let (idle, mut reader) = (scene.attach(), scene.attach());
    reader.send(&Frame::data(0, b"go\n")).unwrap();
    reader.patience(Duration::from_millis(500)).unwrap();
    let mut count = 0;
    while let Ok(frame) = reader.frame() {
        count += frame.payload.len() - 1;
    }
    assert!(count < ALL, "all of it came");
    drop(idle);
    reader.patience(Duration::from_secs(10)).unwrap();
    while count < ALL {
        count += reader.frame().unwrap().payload.len() - 1;
    }
}

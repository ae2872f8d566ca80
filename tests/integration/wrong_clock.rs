//! The clock of the user's machine is wrong: what is measured is not, and who is not believed is told why.
#![cfg(target_os = "linux")]

use std::{
    path::PathBuf,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use sandbox::{Sandbox, World};

use crate::{
    plugin::{PLUGIN, Plugin, settled},
    screen::Screen,
};

const DAY: i64 = 24 * 60 * 60;
/// The year 4100, in seconds; the certificates of the sandbox are for less.
const Y4100: i64 = 67_216_348_800;

/// A clock for one program, which runs as that of the machine does and is off by so many seconds.
const CLOCK: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    int failed = syscall(SYS_clock_gettime, clock, time);
    const char *off_by = getenv("CLOCK_OFF_BY");
    if (!failed && clock == CLOCK_REALTIME && off_by)
        time->tv_sec += atol(off_by);
    return failed;
}
"#;

/// A folder with that clock in it, as a library that is loaded before all others.
fn clock() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (source, library) = (
        folder.path().join("clock.c"),
        folder.path().join("clock.so"),
    );
    std::fs::write(&source, CLOCK).unwrap();
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .output()
        .unwrap();
    assert!(built.status.success(), "{built:?}");
    (folder, library)
}

#[test]
fn row_83_a_clock_that_is_a_day_off_changes_nothing() {
    let (_folder, library) = clock();
    let library = library.to_str().unwrap();
    let sandbox = Sandbox::start(World::plain()).unwrap();
    for (off_by, age) in [(-DAY, "<invalid>"), (DAY, "24h")] {
        let run = |args: &[&str]| {
            Plugin::on(&sandbox)
                .variable("LD_PRELOAD", library)
                .variable("CLOCK_OFF_BY", &off_by.to_string())
                .args(args)
                .run()
        };
        let ended = run(&[
            "app",
            "-q",
            "--timeout=20s",
            "--",
            "sh",
            "-c",
            "echo hi; exit 6",
        ]);
        let said = (ended.code, ended.stdout.as_str(), ended.stderr.as_str());
        assert_eq!(said, (6, "hi\n", ""), "{off_by}");

        let mut screen = Screen::of(
            PLUGIN,
            &[
                "app",
                "-c",
                &format!("off{}", off_by.unsigned_abs() + u64::from(off_by > 0)),
            ],
            |command| {
                command
                    .env("KUBECONFIG", sandbox.kubeconfig())
                    .env("LD_PRELOAD", library)
                    .env("CLOCK_OFF_BY", off_by.to_string())
            },
        );
        screen.wait_for_prompt("/ #");
        screen.type_keys("exit 4\r");
        assert_eq!(screen.wait_for_end(), 4, "{}", screen.said());
        screen.assert_restored();
        assert!(!screen.said().contains("connect"), "{}", screen.said());

        // Only here the clock is told.
        let ended = run(&["list", "app", "--no-headers"]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert!(ended.stdout.contains(age), "{age}: {}", ended.stdout);
    }
}

#[test]
fn input_54_a_clock_in_another_century_is_told_of() {
    let (_folder, library) = clock();
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let untrusted =
        "error: the server at https://127.0.0.1:PORT cannot be trusted: its certificate";
    for (clock, expected) in [
        (
            DAY,
            "is valid from 1975-01-01 on\nhint: it is 1970-01-02 by the clock of this machine; is that right?\n",
        ),
        (
            Y4100,
            "expired on 4096-01-01\nhint: it is 4100-01-01 by the clock of this machine; if that is right, the \
             cluster needs a new certificate\n",
        ),
    ] {
        let ended = Plugin::on(&sandbox)
            .variable("LD_PRELOAD", library.to_str().unwrap())
            .variable("CLOCK_OFF_BY", &(clock - now).to_string())
            .args(["app", "--", "true"])
            .run();
        assert_eq!(settled(&ended.stderr), format!("{untrusted} {expected}"));
        assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
    }
}

//! The search for secrets in what the plugin says can fail.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    access::{add, kubeconfig, with_token},
    plugin::Plugin,
    screen::Screen,
    secrets::{TOKEN, learn_file},
};

#[test]
fn a_run_that_shows_a_secret_fails() {
    let sandbox = with_token();
    let folder = kubeconfig(&sandbox, "", "token: only-in-this-f1le");
    let config = folder.path().join("config");
    let by_flag = ["--token", "given-by-fl4g", "--container", "given-by-fl4g/"];
    let runs: [(&dyn Fn() -> Plugin, &str); 3] = [
        (
            &|| Plugin::nowhere().args(["a/s3cr3t-0f-the-tests/b"]),
            TOKEN,
        ),
        (
            &|| Plugin::with_kubeconfig(&config).args(["a/only-in-this-f1le/b"]),
            "only-in-this-f1le",
        ),
        (&|| add(&folder).args(by_flag), "given-by-fl4g"),
    ];
    for (run, secret) in runs {
        let ended = catch_unwind(AssertUnwindSafe(|| run().run()));
        let why = ended.unwrap_err();
        let why = why.downcast_ref::<String>().unwrap();
        assert!(why.starts_with("a secret is shown: "), "{why}");
        assert!(run().may_show(secret).run().stderr.contains(secret));
    }
}

#[test]
fn a_screen_that_shows_a_secret_fails() {
    let sandbox = with_token();
    let args = ["app/a/s3cr3t-0f-the-tests"];
    let mut screen = Screen::of_plugin(&sandbox, &args);
    let ended = catch_unwind(AssertUnwindSafe(|| screen.wait_for_end()));
    assert!(ended.is_err());
    screen.may_show(TOKEN);
    let mut screen = Screen::of_plugin(&sandbox, &args);
    screen.may_show(TOKEN);
    assert_eq!(screen.wait_for_end(), 2);
}

/// Where a kubeconfig is a named pipe, it is for the plugin to read.
#[test]
fn a_kubeconfig_that_would_be_waited_for_is_not_searched() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    learn_file(&pipe);
}

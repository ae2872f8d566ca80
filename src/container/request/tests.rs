//! What words ask for, and which are refused.

use super::*;
use crate::cli::Cli;

fn request(words: &str, stdin: bool, stdout: bool) -> Result<DebugRequest, Error> {
    let words = words.split(' ').filter(|word| !word.is_empty());
    let words = ["kubectl-ephemeral"]
        .into_iter()
        .chain(words)
        .map(Into::into);
    DebugRequest::new(&Cli::parse_words(words).unwrap().debug, stdin, stdout)
}

#[test]
fn the_mode_follows_from_flags_command_and_terminals() {
    for (words, stdin, stdout, expected) in [
        ("web", true, true, (Mode::Terminal, false)),
        ("web", true, false, (Mode::Output, false)),
        ("web", false, true, (Mode::Output, false)),
        ("web", false, false, (Mode::Output, false)),
        ("web -- ls", true, true, (Mode::Output, false)),
        ("web -i -- cat", true, true, (Mode::Pipe, false)),
        ("web -i", false, false, (Mode::Pipe, false)),
        ("web -it", true, true, (Mode::Terminal, false)),
        ("web -it -- top", true, true, (Mode::Terminal, false)),
        ("web -it -- top", true, false, (Mode::Terminal, false)),
        ("web -it", false, true, (Mode::Pipe, true)),
        ("web -i -t=false", true, true, (Mode::Pipe, false)),
        ("web -i=false", true, true, (Mode::Output, false)),
        ("web --attach=false", false, false, (Mode::Terminal, false)),
        (
            "web --attach=false -it -- sh",
            false,
            false,
            (Mode::Terminal, false),
        ),
        (
            "web --attach=false -- sleep 9",
            true,
            true,
            (Mode::Output, false),
        ),
        ("web --attach=true", true, true, (Mode::Terminal, false)),
    ] {
        let request = request(words, stdin, stdout).unwrap();
        assert_eq!(
            (request.mode, request.terminal_missing),
            expected,
            "{words} {stdin} {stdout}"
        );
    }
}

#[test]
fn what_cannot_be_is_refused_before_anything_happens() {
    for (words, expected) in [
        ("web -t", "`-t` needs `-i`"),
        ("container", "this version has no verb `container`"),
        ("cp", "this version has no verb `cp`"),
        ("node/n1", "`node/n1` is a node"),
        ("pod/", "the name of the pod is empty"),
        ("pod/a/b", "`a/b` cannot be the name of a pod"),
        (
            "../../secrets/x",
            "`..` in `../../secrets/x` is no kind of object that has pods",
        ),
        ("x?y=1", "`x?y=1` cannot be the name of a pod"),
        ("x%2Fexec", "`x%2Fexec` cannot be the name of a pod"),
        ("Web", "`Web` cannot be the name of a pod"),
        ("web --image=", "`` cannot be the name of an image"),
        ("web -c=A", "`A` cannot be the name of a container"),
        (
            "web --target=a/b",
            "`a/b` cannot be the name of a container",
        ),
    ] {
        let error = request(words, true, true).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{words}: {error}");
        assert_eq!(error.exit_status().code(), 2);
    }
}

#[test]
fn the_wait_is_bounded_unless_the_user_wants_otherwise() {
    let waiting = |words| request(words, true, true).unwrap().waiting;
    assert_eq!(waiting("web"), Waiting::Usual);
    assert_eq!(waiting("web").at_most(), Some(Duration::from_mins(5)));
    assert_eq!(
        waiting("web --timeout=90s"),
        Waiting::AtMost(Duration::from_secs(90))
    );
    assert_eq!(waiting("web --timeout=0"), Waiting::ForEver);
}

#[test]
fn no_target_is_told_from_the_main_one() {
    let target = |words| request(words, true, true).unwrap().target;
    assert_eq!(target("web"), TargetWish::Main);
    assert_eq!(target("web --target="), TargetWish::None);
    assert_eq!(
        target("web --target=api"),
        TargetWish::Named("api".to_owned())
    );
}

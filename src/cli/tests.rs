use super::*;

fn parse(words: &[&str]) -> Result<Cli, clap::Error> {
    let words = ["kubectl-ephemeral"].iter().chain(words);
    Cli::checked(&words.map(OsString::from).collect::<Vec<_>>())
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn flags_stand_anywhere_before_the_command() {
    for words in [
        &[
            "-n", "shop", "web", "-it", "--image", "x:1", "--", "ls", "-l",
        ][..],
        &[
            "web",
            "-i",
            "-t",
            "--image=x:1",
            "-n=shop",
            "--",
            "ls",
            "-l",
        ],
        &[
            "--image",
            "x:1",
            "-ti",
            "web",
            "--namespace",
            "shop",
            "--",
            "ls",
            "-l",
        ],
    ] {
        let cli = parse(words).unwrap();
        assert_eq!(cli.debug.pod.as_deref(), Some("web"), "{words:?}");
        assert_eq!(cli.debug.image.as_deref(), Some("x:1"));
        assert_eq!((cli.debug.stdin, cli.debug.tty), (Some(true), Some(true)));
        assert_eq!(cli.global.connection.namespace.as_deref(), Some("shop"));
        assert_eq!(cli.debug.command, ["ls", "-l"]);
    }
}

#[test]
fn a_switch_can_be_turned_off_as_in_kubectl() {
    let cli = parse(&["web", "-i=false", "--tty=false", "--attach=false"]).unwrap();
    assert_eq!(cli.debug.stdin, Some(false));
    assert_eq!(cli.debug.tty, Some(false));
    assert_eq!(cli.debug.attach, Some(false));
}

#[test]
fn no_target_is_told_from_a_target_not_named() {
    assert_eq!(
        parse(&["web", "--target="])
            .unwrap()
            .debug
            .target
            .as_deref(),
        Some("")
    );
    assert_eq!(
        parse(&["web", "--target", ""])
            .unwrap()
            .debug
            .target
            .as_deref(),
        Some("")
    );
    assert_eq!(parse(&["web"]).unwrap().debug.target, None);
}

#[test]
fn a_verb_is_found_behind_global_flags_and_never_in_the_command() {
    let cli = parse(&["-n", "shop", "attach", "web", "-c", "debugger-1", "-q"]).unwrap();
    assert!(
        matches!(cli.verb, Some(Verb::Attach(AttachArgs { pod, .. })) if pod.as_deref() == Some("web"))
    );
    assert!(cli.global.quiet);
    assert_eq!(cli.global.connection.namespace.as_deref(), Some("shop"));

    let cli = parse(&["web", "--", "attach"]).unwrap();
    assert!(cli.verb.is_none());
    let cli = parse(&["pod/attach"]).unwrap();
    assert_eq!(cli.debug.pod.as_deref(), Some("pod/attach"));
}

#[test]
fn a_flag_of_the_main_job_is_not_lost_before_a_verb() {
    for words in [
        &["--image", "x:1", "attach", "web"][..],
        &["web", "attach", "web"],
    ] {
        let error = parse(words).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ArgumentConflict, "{words:?}");
    }
}

#[test]
fn a_stray_word_is_told_where_a_command_goes() {
    let error = parse(&["web", "ls"]).unwrap_err();
    assert!(error.to_string().contains("POD -- ls"), "{error}");
    let error = parse(&["web", "--imaeg", "x"]).unwrap_err();
    assert!(error.to_string().contains("'--image'"), "{error}");
}

#[test]
fn a_stray_word_is_the_command_or_the_name_of_a_workload() {
    for (words, expected) in [
        (
            &["kubectl-ephemeral", "web", "ls"][..],
            "tip: a command for the container follows `--`: kubectl ephemeral POD -- ls",
        ),
        (
            &["kubectl-ephemeral", "deploy", "shop"],
            "tip: type and name are one word: deploy/shop",
        ),
        (
            &["kubectl-ephemeral", "pod", "web"],
            "tip: type and name are one word: pod/web",
        ),
    ] {
        let words = words.iter().map(OsString::from);
        let text = Cli::parse_words(words).unwrap_err().error.to_string();
        assert!(text.contains(expected), "{text}");
    }
}

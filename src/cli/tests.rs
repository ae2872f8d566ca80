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
    assert_eq!(cli.global.quiet, Some(true));
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
fn switches_take_no_for_an_answer() {
    let words = ["web", "--quiet=false", "--no-input=true", "--reuse=false"];
    let cli = parse(&words).unwrap();
    assert_eq!(
        (cli.global.quiet, cli.global.no_input, cli.debug.reuse),
        (Some(false), Some(true), Some(false))
    );
    assert_eq!(parse(&["web", "-q=true"]).unwrap().global.quiet, Some(true));
}

#[test]
fn a_line_for_kubectl_attach_is_understood() {
    for words in [
        &["attach", "web", "-it", "-c", "shell"][..],
        &["attach", "--stdin", "--tty", "web"],
    ] {
        assert!(parse(words).is_ok(), "{words:?}");
    }
}

/// What is said to words that are not understood.
const TIPS: [(&str, &str); 19] = [
    (
        "web ls",
        "a command for the container follows `--`: kubectl ephemeral POD -- ls",
    ),
    (
        "-it web sh -c",
        "a command for the container follows `--`: kubectl ephemeral POD -- sh",
    ),
    ("deploy shop", "type and name are one word: deploy/shop"),
    ("pod web", "type and name are one word: pod/web"),
    (
        "debug web",
        "no verb is needed to add a container: kubectl ephemeral web",
    ),
    (
        "debug -it web",
        "no verb is needed to add a container: kubectl ephemeral web",
    ),
    (
        "web --dry-run client",
        "a value of `--dry-run` follows `=`: --dry-run=client",
    ),
    (
        "web --attach false",
        "a value of `--attach` follows `=`: --attach=false",
    ),
    ("web -i false", "a value of `-i` follows `=`: -i=false"),
    (
        "attach web shell",
        "-c names the container: kubectl ephemeral attach POD -c shell",
    ),
    (
        "attach web -- sh",
        "a command for the container follows `--`: kubectl ephemeral POD -- sh",
    ),
    (
        "attach web --image x:1",
        "`--image` is for a container that is added: kubectl ephemeral POD --image",
    ),
    (
        "list web api",
        "one POD or TYPE/NAME at a time: kubectl ephemeral list api",
    ),
    ("web -A", "`-A` is a flag of `kubectl ephemeral list`"),
    (
        "web -l app=web",
        "`-l` is a flag of `kubectl ephemeral list`",
    ),
    ("web --copy-to=x", COPY),
    ("web --copy-to x --share-processes", COPY),
    ("web --share-processes", COPY),
    ("web --imge x", "a similar argument exists: '--image'"),
];

/// What is said to flags of `kubectl debug` that are about copies.
const COPY: &str = "`kubectl debug POD --copy-to=NAME` makes a copy of a pod; kubectl ephemeral adds a container to the \
                    pod itself";

#[test]
fn a_word_that_is_not_understood_is_told_what_it_may_have_meant() {
    for (words, tip) in TIPS {
        let words = ["kubectl-ephemeral"].into_iter().chain(words.split(' '));
        let stop = Cli::parse_words(words.map(OsString::from)).unwrap_err();
        let text = stop.error.to_string();
        let tips: Vec<_> = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("tip: "))
            .collect();
        assert_eq!(tips, [tip], "{text}");
    }
}

#[test]
fn a_word_that_is_like_no_other_gets_no_tip() {
    for words in [
        "web --no-such",
        "web -w",
        "attach web --rm",
        "completion install bash",
        "version web",
        "web --disable-compresion",
    ] {
        let words = ["kubectl-ephemeral"].into_iter().chain(words.split(' '));
        let stop = Cli::parse_words(words.map(OsString::from)).unwrap_err();
        let text = stop.error.to_string();
        assert!(!text.contains("tip:"), "{text}");
    }
}

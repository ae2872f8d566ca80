use super::*;

fn of(words: &[&str]) -> Completing {
    let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
    Completing::of(&words)
}

/// Returns the words that are offered, of a question with words.
fn offered(words: &[&str]) -> Vec<String> {
    let question = of(words).question;
    let (Question::Words(offered) | Question::PodOr(offered)) = question else {
        panic!("{words:?} {question:?}");
    };
    offered.into_iter().map(|it| it.word).collect()
}

#[test]
fn the_words_so_far_decide_what_is_asked() {
    use Question::{
        Cluster, Context, Ephemeral, File, Folder, Image, Namespace, Nothing, Pod, Target, User,
        Workload,
    };
    const DATA: Question = File(&["yaml", "yml", "json"]);
    for (words, question) in [
        (&["-n", ""][..], Namespace),
        (&["-nsh"], Namespace),
        (&["-n=sh"], Namespace),
        (&["web", "--namespace=sh"], Namespace),
        (&["-qn", ""], Namespace),
        (&["-it", "-n", ""], Namespace),
        (&["--context", ""], Context),
        (&["--cluster", ""], Cluster),
        (&["--user", ""], User),
        (&["web", "--image", ""], Image),
        (&["web", "--target="], Target),
        (&["web", "-c", ""], Nothing),
        (&["web", "--reuse", "-c", ""], Ephemeral),
        (&["attach", "web", "-c", ""], Ephemeral),
        (&["attach", "web", "--container="], Ephemeral),
        (&["-f", ""], DATA),
        (&["--custom="], DATA),
        (&["--kubeconfig", ""], File(&[])),
        (&["--client_key", ""], File(&[])),
        (&["--cache-dir", ""], Folder),
        (&["web", "--", ""], File(&[])),
        (&["web", "--", "ls", "-n"], File(&[])),
        (&["web", ""], Nothing),
        (&["attach", "web", ""], Nothing),
        (&["--token", ""], Nothing),
        (&["--timeout="], Nothing),
        (&["--no-such="], Nothing),
        (&["-n"], Nothing),
        (&["-?"], Nothing),
        (&["pod/"], Pod),
        (&["po/we"], Pod),
        (&["deploy/"], Workload(WorkloadKind::Deployment)),
        (&["check", "sts/d"], Workload(WorkloadKind::StatefulSet)),
        (&["node/"], Nothing),
        (&["nope/"], Nothing),
    ] {
        assert_eq!(of(words).question, question, "{words:?}");
    }
}

#[test]
fn what_stands_before_an_answer_is_kept() {
    for (words, kept, begun) in [
        (&["we"][..], "", "we"),
        (&["deploy/sh"], "deploy/", "sh"),
        (&["--namespace=sh"], "", "sh"),
        (&["-n=sh"], "", "sh"),
        (&["-nsh"], "-n", "sh"),
        (&["-qnsh"], "-qn", "sh"),
        (&["--inherit", "env,us"], "env,", "us"),
        (&["--inherit=env,us"], "env,", "us"),
        (&["--image", "a,b"], "", "a,b"),
        (&["--ima"], "", "--ima"),
        (&[], "", ""),
    ] {
        let asked = of(words);
        assert_eq!(
            (asked.kept.as_str(), asked.begun.as_str()),
            (kept, begun),
            "{words:?}"
        );
    }
}

#[test]
fn values_are_those_that_the_flags_take() {
    for (words, values) in [
        (&["--dry-run="][..], &["none", "client", "server"][..]),
        (&["-o", ""], &["json", "yaml", "name"]),
        (&["list", "-o", ""], &["wide", "json", "yaml", "name"]),
        (&["version", "-o", ""], &["json", "yaml"]),
        (
            &["--image-pull-policy", ""],
            &["Always", "IfNotPresent", "Never"],
        ),
        (&["--inherit", ""], &["env", "mounts", "user", "all"]),
        (&["--color", ""], &["auto", "always", "never"]),
        (&["--escape-char", ""], &["none"]),
        (&["--stdin="], &["true", "false"]),
        (
            &["--profile", ""],
            &[
                "auto",
                "general",
                "baseline",
                "restricted",
                "netadmin",
                "sysadmin",
                "legacy",
            ],
        ),
        (
            &["completion", ""],
            &["bash", "zsh", "fish", "powershell", "elvish", "install"],
        ),
        (
            &[""],
            &["attach", "list", "check", "version", "completion", "help"],
        ),
        (&["attach", ""], &[]),
    ] {
        assert_eq!(offered(words), values, "{words:?}");
    }
}

#[test]
fn flags_are_offered_until_they_are_given() {
    let flags = offered(&["web", "-"]);
    for flag in [
        "--image",
        "--attach=false",
        "--dry-run=client",
        "--context",
        "--help",
    ] {
        assert!(flags.iter().any(|it| it == flag), "{flag} {flags:?}");
    }
    for flag in ["--cache-dir", "--selector", "--client"] {
        assert!(!flags.iter().any(|it| it == flag), "{flag} {flags:?}");
    }
    let left = offered(&["web", "--image=x", "-n", "shop", "--env", "A=1", "-q", "--"]);
    for flag in ["--image", "--namespace", "--quiet"] {
        assert!(!left.iter().any(|it| it == flag), "{flag} {left:?}");
    }
    assert!(left.iter().any(|it| it == "--env"), "{left:?}");
    assert!(offered(&["list", "--"]).iter().any(|it| it == "--selector"));
}

#[test]
fn a_flag_says_what_it_is_for() {
    let Question::Words(flags) = of(&["--quiet"]).question else {
        panic!("flags are words");
    };
    let quiet = flags.iter().find(|it| it.word == "--quiet").unwrap();
    assert_eq!(quiet.about, "Say nothing but errors");
}

#[test]
fn cluster_and_pod_are_those_of_the_words() {
    let asked = of(&[
        "--context",
        "two",
        "attach",
        "deploy/shop",
        "--as=me",
        "-n",
        "shop",
        "--request-timeout=soon",
        "--as-group",
        "a",
        "--as-group",
        "b",
        "-c",
        "",
    ]);
    assert_eq!(asked.pod.as_deref(), Some("deploy/shop"));
    let connection = asked.connection;
    assert_eq!(connection.context.as_deref(), Some("two"));
    assert_eq!(connection.namespace.as_deref(), Some("shop"));
    assert_eq!(connection.act_as.as_deref(), Some("me"));
    assert_eq!(connection.as_groups, ["a", "b"]);
    assert_eq!(connection.request_timeout, None);
}

#[test]
fn a_completion_is_asked_for_by_name_or_by_verb() {
    let asked = |words: &[&str]| {
        let words: Vec<_> = words.iter().map(OsString::from).collect();
        Completing::asked(&words).map(|asked| asked.begun)
    };
    assert_eq!(
        asked(&["/a/kubectl_complete-ephemeral", "x"]).as_deref(),
        Some("x")
    );
    assert_eq!(
        asked(&["kubectl_complete-ephemeral.exe"]).as_deref(),
        Some("")
    );
    assert_eq!(
        asked(&["/a/kubectl-ephemeral", "__complete", "x"]).as_deref(),
        Some("x")
    );
    assert_eq!(asked(&["kubectl-ephemeral", "x", "__complete"]), None);
    assert_eq!(asked(&["kubectl-ephemeral"]), None);
    assert_eq!(asked(&[]), None);
}

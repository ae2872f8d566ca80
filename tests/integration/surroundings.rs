//! What the program is started in: variables that lie, are missing or are hostile. The rows are those
//! that `bad_access` speaks of; `access_wire` has 53 with `-v` too, `access_tls` has 54, the wrong
//! clock.

use sandbox::{Sandbox, World};

use crate::{
    access::{TOKEN, add, assert_added, assert_secret, kubeconfig, with_token},
    plugin::{PLUGIN, Plugin},
    screen::Screen,
};

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

/// Runs a session with a terminal, with variables besides, and returns what was added to the pod.
fn session(variables: &[(&str, &str)], command: &str, shows: &str) -> serde_json::Value {
    let sandbox = plain();
    let mut screen = Screen::of(PLUGIN, &["app"], |start| {
        let start = start.env("KUBECONFIG", sandbox.kubeconfig());
        start.envs(variables.iter().copied())
    });
    screen.wait_for_prompt("/ #");
    screen.type_keys(&format!("{command}\r"));
    screen.wait_for_line(shows);
    screen.type_keys("exit 3\r");
    assert_eq!(screen.wait_for_end(), 3);
    screen.assert_restored();
    let pod = sandbox.pod("default", "app").unwrap();
    pod["spec"]["ephemeralContainers"][0].clone()
}

#[test]
fn input_48_nothing_of_term_reaches_the_pod() {
    let long = "T3RM".repeat(2500);
    for term in ["", "dumb", &long, "T3RM\x1b]0;x\x07"] {
        let added = session(&[("TERM", term)], "echo a-$((1+1))", "a-2");
        assert!(added["env"].is_null(), "{added}");
        assert!(!added.to_string().contains("T3RM"), "{added}");
    }
}

#[test]
fn input_49_the_terminal_knows_its_size_and_variables_do_not() {
    let lies = [("COLUMNS", "7"), ("LINES", "3")];
    // A row less is what makes a shell draw its prompt anew, for a moment.
    let until = "until [ \"$(stty size)\" = '24 80' ]; do :; done; echo right-$((1+1))";
    session(&lies, until, "right-2");
}

#[test]
fn input_50_bytes_pass_in_every_locale() {
    let sandbox = plain();
    for locale in ["C", "POSIX", "no_SUCH.locale", "\u{fffd}"] {
        let ended = Plugin::on(&sandbox)
            .args(["app", "--", "printf", "\\303\\244 \\342\\202\\254"])
            .variable("LANG", locale)
            .variable("LC_ALL", locale)
            .run();
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (0, "ä €"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn input_51_colours_come_and_go_as_the_variables_say() {
    const RED: &str = "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m ";
    for (variables, args, colours) in [
        (&[][..], &[][..], false),
        (&[("CLICOLOR_FORCE", "1")], &[], true),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[], false),
        (&[("NO_COLOR", "1")], &["--color=always"], true),
        (&[("CLICOLOR_FORCE", "1")], &["--color=never"], false),
    ] {
        let plugin = Plugin::nowhere().args(["a/b/c"]).args(args);
        let plugin = variables
            .iter()
            .fold(plugin, |plugin, (name, value)| plugin.variable(name, value));
        let ended = plugin.run();
        assert_eq!(ended.code, 2);
        let start = if colours { RED } else { "error: " };
        assert!(
            ended.stderr.starts_with(start),
            "{variables:?} {:?}",
            ended.stderr
        );
    }
}

#[test]
fn input_52_no_home_and_no_place_for_files() {
    let sandbox = with_token();
    let folder = kubeconfig(&sandbox, "", &format!("token: {TOKEN}"));
    for (name, value) in [
        ("HOME", ""),
        ("HOME", "relative"),
        ("HOME", "/nonexistent"),
        ("HOME", "/proc"),
        ("TMPDIR", "/nonexistent"),
    ] {
        let ended = add(&folder).variable(name, value).run();
        assert_added(&sandbox, &ended, "robot");
    }
    assert_added(&sandbox, &add(&folder).without("HOME").run(), "robot");
    for (home, looked_at) in [
        ("relative", "relative/.kube/config"),
        ("/nonexistent", "/nonexistent/.kube/config"),
    ] {
        let ended = Plugin::nowhere().args(["app"]).variable("HOME", home).run();
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (
                125,
                format!(
                    "error: there is no kubeconfig: `{looked_at}` not found\n\
                     hint: name one with --kubeconfig or the variable KUBECONFIG\n"
                )
                .as_str()
            )
        );
    }
}

#[test]
fn input_53_rust_log_shows_neither_a_token_nor_a_byte_of_the_session() {
    let sandbox = with_token();
    let folder = kubeconfig(&sandbox, "", &format!("token: {TOKEN}"));
    let ended = Plugin::with_kubeconfig(folder.path().join("config"))
        .args(["app", "-i", "--", "sh", "-c", "cat > /dev/null"])
        .variable("RUST_LOG", "trace")
        .input("what is typed\n")
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, ""),
        "{}",
        ended.stderr
    );
    assert_secret(&ended);
    assert!(!ended.stderr.contains("what is typed"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("TRACE"), "{}", ended.stderr);
}

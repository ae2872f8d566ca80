//! Words that no flag takes, each with its exact answer, before anything is asked of a cluster. The
//! numbers are rows of a list of bad inputs that clients of this kind are known to meet.

use crate::plugin::Plugin;

/// Fails unless the words are refused as a wrong use of the command line, in just these words.
fn assert_refused(args: &[&str], stderr: &str) {
    let ended = Plugin::nowhere().args(["web"]).args(args).run();
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (2, "", stderr),
        "{args:?}"
    );
}

/// Does the same where a flag names the value and what it may be.
fn assert_no_value(flag: &str, placeholder: &str, value: &str, rule: &str) {
    assert_refused(
        &[&format!("{flag}={value}")],
        &format!(
            "error: invalid value '{value}' for '{flag} <{placeholder}>'{rule}\n\n\
             For more information, try '--help'.\n"
        ),
    );
}

#[test]
fn input_12_images_that_are_none() {
    for (image, hint) in [
        ("", "it is empty"),
        ("Busybox", "a repository has no capital letters: `busybox`"),
        ("a b", "there is a space in it"),
        (
            "busybox@sha256:zz",
            "`sha256:zz` is no digest: `sha256:` and 64 hexadecimal digits",
        ),
        ("http://x/y", "an image is named without a scheme: `x/y`"),
        ("busybox:", "no tag follows the colon"),
    ] {
        assert_refused(
            &["--image", image],
            &format!("error: `{image}` cannot be the name of an image\nhint: {hint}\n"),
        );
    }
}

#[test]
fn input_13_a_pull_policy_in_small_letters() {
    assert_no_value(
        "--image-pull-policy",
        "POLICY",
        "always",
        "\n  [possible values: Always, IfNotPresent, Never]\n\n  tip: a similar value exists: 'Always'",
    );
}

#[test]
fn input_14_profiles_that_are_none() {
    let choices =
        "\n  [possible values: auto, general, baseline, restricted, netadmin, sysadmin, legacy]";
    assert_no_value("--profile", "PROFILE", "foo", choices);
    let tip = format!("{choices}\n\n  tip: a similar value exists: 'restricted'");
    assert_no_value("--profile", "PROFILE", "restrictd", &tip);
}

#[test]
fn input_15_a_terminal_that_nobody_types_into() {
    let stderr = "error: `-t` needs `-i`: a terminal that cannot be typed into is none\n";
    assert_refused(&["-t"], stderr);
    assert_refused(&["-t", "-i=false", "--", "top"], stderr);
}

#[test]
fn input_20_variables_that_are_none() {
    for (args, stderr) in [
        (
            &["--env", "A"][..],
            "error: `A` in --env has no `=`\n\
             hint: a variable is set as NAME=VALUE; one whose value has commas stands in double quotes\n",
        ),
        (
            &["--env", "=x"],
            "error: `` in --env cannot be the name of a variable\n\
             hint: a name has printable ASCII characters, and at least one\n",
        ),
        (
            &["--env", "A=1", "--env", "A=2"],
            "error: `A` is set twice by --env\n",
        ),
    ] {
        assert_refused(args, stderr);
    }
}

#[test]
fn input_21_durations_that_are_none() {
    let rule = ": a duration is written like `90s`, `5m` or `1h30m`";
    for value in ["-1", "abc", "1e99s", "5"] {
        assert_no_value("--timeout", "DURATION", value, rule);
        assert_no_value("--reconnect", "DURATION", value, rule);
    }
}

#[test]
fn input_22_signs_that_begin_no_escape() {
    let rule = ": it is one sign like `~`, `^` and a letter, or `none`";
    for value in ["ab", "", "é", "a"] {
        assert_no_value("--escape-char", "CHARACTER", value, rule);
    }
}

#[test]
fn input_23_keys_that_are_none() {
    for (value, key) in [
        ("ctrl-", "ctrl-"),
        ("ctrl-p,", ""),
        ("ctrl-é", "ctrl-é"),
        ("xx", "xx"),
    ] {
        let rule =
            format!(": `{key}` is no key; keys are written like `ctrl-p,ctrl-q`, and \"\" is none");
        assert_no_value("--detach-keys", "KEYS", value, &rule);
    }
}

//! The words of the command line, as they are shown.

use std::{os::unix::fs::symlink, process::Command};

use crate::plugin::{PLUGIN, Plugin};

#[test]
fn help_is_on_stdout_and_costs_no_cluster() {
    for words in [&["--help"][..], &["-h"], &["help"]] {
        let ended = Plugin::nowhere().args(words).run();
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{words:?}");
        assert!(
            ended.stdout.contains(
                "Usage: kubectl ephemeral (POD | TYPE/NAME) [flags] [-- COMMAND [ARG...]]"
            ),
            "{}",
            ended.stdout
        );
    }
    let ended = Plugin::nowhere().args(["attach", "--help"]).run();
    assert!(
        ended
            .stdout
            .contains("Usage: kubectl ephemeral attach (POD | TYPE/NAME) [-c NAME] [flags]"),
        "{}",
        ended.stdout
    );
}

/// krew names the link after the plugin, not after the binary; kubectl runs it by that link.
#[test]
fn usage_follows_the_name_that_the_program_was_called_by() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = folder.path().join("kubectl-debug_ephemeral");
    symlink(PLUGIN, &renamed).unwrap();
    let said = |words: &[&str]| {
        let output = Command::new(&renamed).args(words).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    for (words, expected) in [
        (
            &["--help"][..],
            "Usage: kubectl debug-ephemeral (POD | TYPE/NAME) [flags] [-- COMMAND [ARG...]]\n       \
             kubectl debug-ephemeral attach (POD | TYPE/NAME) [-c NAME] [flags]\n",
        ),
        (&["--help"], "\n  kubectl debug-ephemeral deploy/shop\n"),
        (
            &["attach", "--help"],
            "Usage: kubectl debug-ephemeral attach (POD | TYPE/NAME) [-c NAME] [flags]\n",
        ),
        (
            &["help", "list"],
            "Usage: kubectl debug-ephemeral list [POD | TYPE/NAME]",
        ),
        (
            &["web", "ls"],
            "follows `--`: kubectl debug-ephemeral POD -- ls\n",
        ),
        // Not only what the command line is told, but all lines to be typed.
        (
            &["attach", "--no-input"],
            "hint: kubectl debug-ephemeral attach POD [-c NAME] [flags]; `attach --help` tells more\n",
        ),
        (
            &["completion", "zsh"],
            "# For `kubectl debug-ephemeral`, run: kubectl debug-ephemeral completion install\n",
        ),
        (
            &["completion", "bash"],
            "_complete kubectl-debug_ephemeral\n",
        ),
        (
            &["web", "--nonsense"],
            "Usage: kubectl debug-ephemeral (POD | TYPE/NAME) [flags]",
        ),
    ] {
        let said = said(words);
        assert!(said.contains(expected), "{words:?}\n{said}");
        assert!(!said.contains("kubectl ephemeral"), "{words:?}\n{said}");
    }
}

#[test]
fn each_verb_has_its_line_and_its_flags() {
    let main = Plugin::nowhere().args(["--help"]).run().stdout;
    for (verb, usage, flags) in [
        (
            "list",
            "kubectl ephemeral list [POD | TYPE/NAME] [-A] [-l SELECTOR] [-o FORM] [flags]",
            &[
                "-A, --all-namespaces",
                "-l, --selector",
                "-o, --output",
                "--no-headers",
            ][..],
        ),
        (
            "check",
            "kubectl ephemeral check [POD | TYPE/NAME] [-o FORM] [flags]",
            &["-o, --output"],
        ),
        (
            "version",
            "kubectl ephemeral version [--client] [-o FORM] [flags]",
            &["--client", "-o, --output"],
        ),
    ] {
        assert!(main.contains(&format!("\n  {verb} ")), "{main}");
        let help = Plugin::nowhere().args([verb, "--help"]).run().stdout;
        assert!(help.contains(&format!("Usage: {usage}")), "{help}");
        for flag in flags {
            assert!(help.contains(flag), "{flag}\n{help}");
        }
    }
}

#[test]
fn every_flag_is_explained() {
    let ended = Plugin::nowhere().args(["--help"]).run();
    for flag in [
        "--image",
        "--target",
        "-c, --container",
        "--profile",
        "--run-as",
        "--inherit",
        "--env",
        "--image-pull-policy",
        "--arguments-only",
        "-i, --stdin",
        "-t, --tty",
        "--attach",
        "--custom",
        "-f, --filename",
        "--timeout",
        "--reuse",
        "--dry-run",
        "-o, --output",
        "--reconnect",
        "--detach-keys",
        "--escape-char",
        "--record",
        "--record-format",
        "-q, --quiet",
        "--color",
        "--no-input",
        "--kubeconfig",
        "--context",
        "-n, --namespace",
        "--cluster",
        "--user",
        "-s, --server",
        "--token",
        "--as <USER>",
        "--as-group",
        "--as-uid",
        "--as-user-extra",
        "--certificate-authority",
        "--client-certificate",
        "--client-key",
        "--insecure-skip-tls-verify",
        "--tls-server-name",
        "--request-timeout",
        "-v, --v",
    ] {
        assert!(ended.stdout.contains(flag), "{flag}\n{}", ended.stdout);
    }
}

#[test]
fn colours_are_for_terminals_unless_somebody_wants_them() {
    let stderr = |plugin: Plugin| plugin.args(["pod/"]).run().stderr;
    assert!(!stderr(Plugin::nowhere()).contains('\u{1b}'));
    assert!(stderr(Plugin::nowhere().args(["--color=always"])).contains("\u{1b}["));
    assert!(stderr(Plugin::nowhere().variable("CLICOLOR_FORCE", "1")).contains("\u{1b}["));
    assert!(
        !stderr(
            Plugin::nowhere()
                .variable("CLICOLOR_FORCE", "1")
                .args(["--color=never"])
        )
        .contains('\u{1b}')
    );
}

#[test]
fn the_version_is_that_of_the_package() {
    let ended = Plugin::nowhere().args(["--version"]).run();
    assert_eq!(
        ended.stdout,
        concat!("kubectl-ephemeral ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

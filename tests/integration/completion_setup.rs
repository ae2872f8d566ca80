//! How a shell comes to ask for completions: scripts, and the link that kubectl looks for.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use crate::plugin::{Ended, PLUGIN, Plugin};

const LINK: &str = "kubectl_complete-ephemeral";

fn install(path: &Path) -> Ended {
    Plugin::nowhere()
        .variable("PATH", path.to_str().unwrap())
        .args(["completion", "install"])
        .run()
}

#[test]
fn the_link_is_put_next_to_the_plugin() {
    let folder = tempfile::tempdir().unwrap();
    symlink(PLUGIN, folder.path().join("kubectl-ephemeral")).unwrap();
    let link = folder.path().join(LINK);
    let ended = install(folder.path());
    assert_eq!(
        ended.stderr,
        format!("linked {} to kubectl-ephemeral\n", link.display())
    );
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""));
    assert_eq!(
        fs::read_link(&link).unwrap(),
        Path::new("kubectl-ephemeral")
    );
    let again = install(folder.path());
    assert_eq!(
        again.stderr,
        format!("{} is there already\n", link.display())
    );
    assert_eq!(again.code, 0);
}

/// krew names the link after the plugin, and kubectl looks for the completion by that name.
#[test]
fn under_another_name_the_link_is_that_of_this_name() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = folder.path().join("kubectl-debug_ephemeral");
    let link = folder.path().join("kubectl_complete-debug_ephemeral");
    symlink(PLUGIN, &renamed).unwrap();
    let run = |program: &Path, words: &[&str]| {
        let output = Command::new(program)
            .args(words)
            .env_clear()
            .env("PATH", folder.path())
            .output()
            .unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    assert_eq!(
        run(&renamed, &["completion", "install"]),
        format!("linked {} to kubectl-debug_ephemeral\n", link.display())
    );
    assert_eq!(
        run(&link, &["web", "--profile", "net"]),
        "netadmin\tIt may administer the network\n:4\n"
    );
}

#[test]
fn a_script_is_for_the_name_that_asked_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = folder.path().join("ke");
    symlink(PLUGIN, &renamed).unwrap();
    let output = Command::new(&renamed)
        .args(["completion", "bash"])
        .output()
        .unwrap();
    let script = String::from_utf8(output.stdout).unwrap();
    assert!(script.ends_with("complete -F __kubectl_ephemeral_complete ke\n"));
    // That one is another.
    let install = "# For `kubectl ephemeral`, run: kubectl ephemeral completion install\n";
    assert!(script.contains(install), "{script}");
}

#[test]
fn elsewhere_on_the_path_it_leads_to_the_plugin() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join(LINK);
    // What an earlier place has left behind.
    symlink("/gone/kubectl-ephemeral", &link).unwrap();
    let ended = install(folder.path());
    assert_eq!(
        ended.stderr,
        format!("linked {} to {PLUGIN}\n", link.display())
    );
    assert_eq!(fs::read_link(&link).unwrap(), Path::new(PLUGIN));
}

#[test]
fn what_is_not_ours_stays() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join(LINK);
    fs::write(&other, "somebody else's").unwrap();
    let ended = install(folder.path());
    assert_eq!(
        ended.stderr,
        format!(
            "error: {} is there, and not ours\nhint: remove it first, if nobody needs it\n",
            other.display()
        )
    );
    assert_eq!(ended.code, 2);
    assert_eq!(fs::read_to_string(&other).unwrap(), "somebody else's");
}

#[test]
fn a_path_without_a_place_for_it_is_told() {
    let ended = install(Path::new("/nowhere"));
    assert_eq!(
        ended.stderr,
        format!(
            "error: no folder of the PATH takes a file, so that {LINK} cannot be put there\n\
             hint: put a link of that name to {PLUGIN} where your PATH leads\n"
        )
    );
    assert_eq!(ended.code, 2);
}

#[test]
fn each_shell_has_a_script_that_says_how_it_is_installed() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = Plugin::nowhere().args(["completion", shell]).run();
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        let script = ended.stdout;
        assert!(script.contains("Install"), "{script}");
        assert!(script.contains(&format!("completion {shell}")), "{script}");
        assert!(script.contains(" __complete "), "{script}");
    }
}

/// Completes the end of a line in bash, as its line editor does.
fn in_bash(folder: &Path, line: &str) -> Vec<String> {
    const DRIVER: &str = r#"
        source <(kubectl-ephemeral completion bash)
        COMP_LINE=$1 COMP_POINT=${#1}
        __kubectl_ephemeral_complete
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let output = Command::new("bash")
        .args(["--norc", "-c", DRIVER, "bash", line])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("HOME", folder)
        .env("KUBECTL_EPHEMERAL_IMAGE", "registry:5000/tools:2")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
    let answers = String::from_utf8(output.stdout).unwrap();
    answers
        .lines()
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn bash_completes_with_its_script() {
    let folder = tempfile::tempdir().unwrap();
    symlink(PLUGIN, folder.path().join("kubectl-ephemeral")).unwrap();
    for name in ["debugger.yaml", "notes.txt"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    for (line, expected) in [
        ("kubectl-ephemeral --prof", &["--profile"][..]),
        ("kubectl-ephemeral web --profile ne", &["netadmin"]),
        ("kubectl-ephemeral web --profile=ne", &["netadmin"]),
        (
            "kubectl-ephemeral web --dry-run=",
            &["none", "client", "server"],
        ),
        (
            "kubectl-ephemeral web --image registry:50",
            &["5000/tools:2"],
        ),
        ("kubectl-ephemeral -f ", &["debugger.yaml"]),
        ("kubectl-ephemeral web -- no", &["notes.txt"]),
        ("kubectl-ephemeral web --token ", &[]),
    ] {
        assert_eq!(in_bash(folder.path(), line), expected, "{line}");
    }
}

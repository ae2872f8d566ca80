//! What can be wrong with the way a user proves who they are: plug-ins, providers, proxies, and whom
//! one acts as. `bad_access` says what its rows are.
//!
//! Elsewhere already: `access_credentials` (42: what a plug-in prints, how it ends, one that hangs, is
//! not installed or may not be run, needs a terminal; 43: the policy), `access_proxy` and
//! `access_stock` (45: kinds, credentials, `NO_PROXY`, letters), `kubeconfig::proxy` (45: networks),
//! `access` (47: `--as` empty, a group without a user).

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{
    access::{TOKEN, add, kubeconfig, with_token},
    bad_access::{said, with_fields},
    plugin::{Plugin, settled},
};

#[test]
fn input_42_programs_that_are_none() {
    let sandbox = with_token();
    let login = "error: the credential plug-in `FOLDER/login` of user \"u\"";
    for (text, more, expected) in [
        (
            "no program",
            "interactiveMode: Never",
            format!("{login} cannot be run: exec format error\n"),
        ),
        (
            "#!/nonexistent/sh\n",
            "interactiveMode: Never",
            format!(
                "{login} cannot be run: it is not installed\nhint: install it, or put its folder on your PATH\n"
            ),
        ),
        // Nobody types into it: the end of input is what it reads.
        (
            "#!/bin/sh\nread -r code || exit 4\n",
            "interactiveMode: IfAvailable",
            format!(
                "{login} failed with exit code 4\nhint: what it said stands above; it may want you to log in\n"
            ),
        ),
        (
            "#!/bin/sh\n",
            "interactiveMode: Sometimes",
            "error: the kubeconfig FOLDER/config is not valid: unknown variant, expected one of Never, \
             IfAvailable, Always at line 2, column 113\n"
                .to_owned(),
        ),
        (
            "#!/bin/sh\nprintf '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \
             \"status\": {\"token\": \"a\\\\nb\"}}'",
            "interactiveMode: Never",
            "error: token of user \"u\" has a line break or a control character in it\n\
             hint: look how it is quoted; it is sent as a header, which can have neither\n"
                .to_owned(),
        ),
        (
            "#!/bin/sh\necho '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \
             \"status\": {\"expirationTimestamp\": \"2001-01-01T00:00:00Z\", \"token\": \"old\"}}'",
            "interactiveMode: Never",
            "Error from server (Unauthorized): Unauthorized\n\
             hint: log in again; the credentials in the kubeconfig are not accepted\n"
                .to_owned(),
        ),
    ] {
        let user = format!("exec: {{apiVersion: client.authentication.k8s.io/v1, command: ./login, {more}}}");
        let folder = kubeconfig(&sandbox, "", &user);
        let path = folder.path().join("login");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(said(&folder, &add(&folder).run()), expected);
    }
    let folder = "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: /tmp}";
    assert_eq!(
        with_fields(&sandbox, "", folder),
        "error: the credential plug-in `/tmp` of user \"u\" cannot be run: permission denied\n"
    );
}

#[test]
fn input_44_providers_that_are_gone() {
    let sandbox = with_token();
    for (name, hint) in [
        (
            "gcp",
            "install gke-gcloud-auth-plugin; `gcloud container clusters get-credentials CLUSTER` then writes the \
             kubeconfig anew",
        ),
        (
            "azure",
            "install kubelogin; `kubelogin convert-kubeconfig` changes the kubeconfig",
        ),
        (
            "openstack",
            "a credential plug-in (`exec`) is what takes its place",
        ),
    ] {
        assert_eq!(
            with_fields(&sandbox, "", &format!("auth-provider: {{name: {name}}}")),
            format!(
                "error: auth-provider `{name}` of user \"u\" is gone from Kubernetes since 1.26\nhint: {hint}\n"
            )
        );
    }
}

#[test]
fn input_45_proxies_that_cannot_be_used() {
    let sandbox = with_token();
    let hint = "hint: a proxy is written like http://proxy:3128, https://… or socks5://…\n";
    for (url, what) in [
        ("ftp://x", "is of a kind that is not known"),
        ("socks4://x", "is of a kind that is not known"),
        ("127.0.0.1:1", "is of a kind that is not known"),
        ("http://", "is no URL"),
        ("http://a b", "is no URL"),
        ("http://127.0.0.1:99999", "has a port that is none"),
    ] {
        assert_eq!(
            with_fields(&sandbox, &format!("proxy-url: '{url}'"), ""),
            format!("error: proxy-url of cluster \"c\" {what}\n{hint}")
        );
    }
    for (scheme, what) in [
        ("http", "connection refused"),
        ("https", "connection refused"),
        ("socks5", "nobody answers there"),
    ] {
        let said = with_fields(
            &sandbox,
            &format!("proxy-url: '{scheme}://127.0.0.1:1'"),
            "",
        );
        let error = said.split("error: ").nth(1).unwrap();
        assert_eq!(
            error,
            format!(
                "cannot reach the server at https://127.0.0.1:PORT: the proxy {scheme}://127.0.0.1:1 \
                 (proxy-url of cluster \"c\"): {what}\n\
                 hint: is the cluster up, and is this the right context? `kubectl config current-context` tells\n"
            )
        );
    }
    let folder = kubeconfig(&sandbox, "server: 'https://a.invalid'", "");
    let ended = add(&folder).variable("https_proxy", "ftp://x").run();
    assert_eq!(
        said(&folder, &ended),
        format!("error: https_proxy is of a kind that is not known\n{hint}")
    );
}

#[test]
fn input_46_a_kubeconfig_on_standard_input() {
    let sandbox = with_token();
    let folder = kubeconfig(&sandbox, "", &format!("token: {TOKEN}"));
    let config = fs::read(folder.path().join("config")).unwrap();
    let from = |stdin: &str| {
        Plugin::with_kubeconfig(stdin)
            .args(["app"])
            .input(config.clone())
    };
    let ended = from("/dev/stdin").args(["--", "echo", "done"]).run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "done\n"),
        "{}",
        ended.stderr
    );
    for stdin in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        let ended = from(stdin).args(["-i", "--", "cat"]).run();
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
        assert_eq!(
            ended.stderr,
            "error: standard input cannot be both the kubeconfig and what the container reads\n\
             hint: save the kubeconfig in a file\n"
        );
    }
}

#[test]
fn input_47_whom_one_acts_as() {
    let sandbox = with_token();
    let lonely = "error: a group, UID or extra field to act as says nothing without a user\n\
                  hint: name the user with --as\n";
    for (user, args, stderr) in [
        ("", &["--as="][..], "error: `--as` names nobody\n"),
        ("", &["--as-group=x"], lonely),
        ("", &["--as-uid=7"], lonely),
        ("", &["--as-user-extra=a=b"], lonely),
        ("as-groups: [x]", &[], lonely),
        ("as-uid: x", &[], lonely),
        ("as-user-extra: {a: [b]}", &[], lonely),
        (
            "",
            &["--as=x", "--as-user-extra=a"],
            "error: `--as-user-extra` is written KEY=VALUE, not `a`\n",
        ),
    ] {
        let folder = kubeconfig(&sandbox, "", user);
        let ended = add(&folder).args(args).run();
        assert_eq!(
            (ended.code, settled(&ended.stderr).as_str()),
            (2, stderr),
            "{user} {args:?}"
        );
    }
    assert!(sandbox.requests().is_empty());
}

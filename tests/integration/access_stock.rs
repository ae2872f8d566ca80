//! Stock kubectl and we get in, or do not, with the same files, flags and variables.

use std::{env, fs, os::unix::fs::PermissionsExt, process::Command};

use crate::{
    access::{TOKEN, add, authority_of, kubeconfig, with_token},
    listener::{Listener, Role},
    stock,
};

/// A kubeconfig's fields, flags, and variables.
struct Case {
    cluster: &'static str,
    user: String,
    args: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
}

fn case(cluster: &'static str, user: &str) -> Case {
    Case {
        cluster,
        user: user.replace("TOKEN", TOKEN),
        args: &[],
        variables: &[],
    }
}

impl Case {
    fn args(mut self, args: &'static [&'static str]) -> Self {
        self.args = args;
        self
    }

    fn variables(mut self, variables: &'static [(&'static str, &'static str)]) -> Self {
        self.variables = variables;
        self
    }
}

const ELSEWHERE: &str = "server: 'https://api.cluster.invalid:6443', tls-server-name: kubernetes";
const PLUGIN: &str = "interactiveMode: IfAvailable, command: ./login";

fn users() -> Vec<Case> {
    let exec = |version: &str, rest: &str| {
        case(
            "",
            &format!("exec: {{apiVersion: client.authentication.k8s.io/{version}, {rest}}}"),
        )
    };
    vec![
        case("", "token: TOKEN"),
        case("", "token: other"),
        case("", "tokenFile: good"),
        case("", "token: other, tokenFile: good"),
        case("", "token: TOKEN, tokenFile: bad"),
        case("", "token: other, token: TOKEN"),
        case("", "token: TOKEN, tokenFile: nosuch"),
        case("", "token: other, tokenFile: nosuch"),
        case("", "token: other").args(&["--token", TOKEN]),
        case("", "token: TOKEN, username: a, password: b"),
        case("", "token: TOKEN, client-certificate-data: eA=="),
        case("", "token: TOKEN, as-groups: [x]"),
        case("", "auth-provider: {name: gcp}"),
        exec("v1", PLUGIN),
        exec("v1", "command: ./login"),
        exec("v1", "interactiveMode: Never, command: ./nosuch"),
        exec("v1", "interactiveMode: Always, command: ./login"),
        exec("v1", "interactiveMode: Never, command: ./fails"),
        exec("v1beta1", PLUGIN),
        exec("v1alpha1", PLUGIN),
        exec("v1", PLUGIN).args(&["--token", "other"]),
        case("", "token: TOKEN").args(&["--user", "nosuch"]),
        case("", "token: TOKEN").args(&["--cluster", "nosuch"]),
        case("", "token: TOKEN").args(&["--context", "nosuch"]),
        case("", "token: TOKEN").args(&["--as-group", "x"]),
        case("", "token: TOKEN").args(&["--as", "robot", "--as-group=x"]),
    ]
}

fn clusters() -> Vec<Case> {
    let of = |cluster| case(cluster, "token: TOKEN");
    vec![
        of("tls-server-name: localhost"),
        of("tls-server-name: other"),
        of("tls-server-name: other, tls-server-name: kubernetes"),
        of("certificate-authority: ''"),
        of("tls-server-name: other").args(&["--tls_server_name=kubernetes"]),
        of("insecure-skip-tls-verify: true"),
        of("insecure-skip-tls-verify: true, certificate-authority: ca.crt"),
        of("certificate-authority: ca.crt"),
        of("certificate-authority: bundle.crt"),
        of("certificate-authority: bad.crt"),
        of("certificate-authority: nosuch.crt"),
        of("certificate-authority: other.crt"),
        of("certificate-authority: other.crt").args(&["--insecure-skip-tls-verify"]),
        of("server: ''"),
        of("server: 'ftp://x'"),
        of("proxy-url: 'ftp://x'"),
        of(ELSEWHERE).variables(&[("HTTPS_PROXY", "PROXY")]),
        of(ELSEWHERE).variables(&[("https_proxy", "http://PROXY")]),
        of(ELSEWHERE).variables(&[("HTTP_PROXY", "PROXY")]),
        of(ELSEWHERE).variables(&[("ALL_PROXY", "PROXY")]),
        of(ELSEWHERE).variables(&[("HTTPS_PROXY", "PROXY"), ("NO_PROXY", "localhost,")]),
        of(ELSEWHERE).variables(&[("HTTPS_PROXY", "PROXY"), ("NO_PROXY", "cluster.invalid")]),
        of(ELSEWHERE).variables(&[("HTTPS_PROXY", "PROXY"), ("NO_PROXY", ".invalid:6443")]),
        of(ELSEWHERE).variables(&[("HTTPS_PROXY", "PROXY"), ("NO_PROXY", ".invalid:443")]),
        of(ELSEWHERE).variables(&[("HTTPS_PROXY", "PROXY"), ("no_proxy", "*")]),
        of("").variables(&[("HTTPS_PROXY", "http://127.0.0.1:1")]),
    ]
}

#[test]
fn it_gets_in_where_we_do_and_nowhere_else() {
    let Some(kubectl) = stock::kubectl() else {
        return;
    };
    let sandbox = with_token();
    let target = sandbox.url().trim_start_matches("https://").to_owned();
    let proxy = Listener::start(Role::HttpProxy, None, Some(&target));
    let authority = authority_of(sandbox.kubeconfig());
    let (mut differing, mut let_in, mut refused) = (Vec::new(), 0, 0);
    for case in users().into_iter().chain(clusters()) {
        let folder = kubeconfig(&sandbox, case.cluster, &case.user);
        fill(folder.path(), &authority, &case.user);
        let address = proxy.address().to_string();
        let variables: Vec<_> = case
            .variables
            .iter()
            .map(|(name, value)| (*name, value.replace("PROXY", &address)))
            .collect();
        let theirs = Command::new(&kubectl)
            .args(["get", "--raw", "/api/v1/namespaces/default/pods/app"])
            .args(case.args)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .env("KUBECONFIG", folder.path().join("config"))
            .envs(variables.iter().cloned())
            .output()
            .unwrap();
        let plugin = add(&folder).args(case.args);
        let ours = variables
            .iter()
            .fold(plugin, |plugin, (name, value)| plugin.variable(name, value))
            .run();
        let counted = if ours.code == 0 {
            &mut let_in
        } else {
            &mut refused
        };
        *counted += 1;
        if theirs.status.success() != (ours.code == 0) {
            differing.push(format!(
                "{} | {} | {:?} | {:?}\n  kubectl: {}\n  we: {}",
                case.cluster,
                case.user,
                case.args,
                case.variables,
                String::from_utf8_lossy(&theirs.stderr),
                ours.stderr
            ));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    // As many of each as the cases are meant to have, so that agreement is not by accident.
    assert_eq!((let_in, refused), (21, 31));
}

/// Writes the files that the cases name.
fn fill(folder: &std::path::Path, authority: &[u8], user: &str) {
    let write = |name: &str, text: &[u8]| fs::write(folder.join(name), text).unwrap();
    write("good", format!("{TOKEN}\n").as_bytes());
    write("bad", b"other\n");
    write("ca.crt", authority);
    let bad = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    write("bad.crt", bad);
    write("bundle.crt", &[authority, bad].concat());
    let other = rcgen::generate_simple_self_signed(["other".to_owned()]).unwrap();
    write("other.crt", other.cert.pem().as_bytes());
    let version = if user.contains("v1beta1") {
        "v1beta1"
    } else {
        "v1"
    };
    let login = format!(
        "#!/bin/sh\necho '{{\"apiVersion\": \"client.authentication.k8s.io/{version}\", \
         \"kind\": \"ExecCredential\", \"status\": {{\"token\": \"{TOKEN}\"}}}}'\n"
    );
    for (name, text) in [("login", login.as_str()), ("fails", "#!/bin/sh\nexit 1\n")] {
        write(name, text.as_bytes());
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.join(name), executable).unwrap();
    }
}

//! The server behind a proxy, which records what it saw.

use sandbox::Sandbox;

use crate::{
    access::{TOKEN, add, assert_added, kubeconfig, with_token},
    listener::{Listener, Role},
    plugin::{Ended, Plugin, settled},
    screen::Screen,
};

/// A name that no one but the proxy can look up.
const NAME: &str = "server: 'https://cluster.invalid:6443', tls-server-name: kubernetes";

fn target(sandbox: &Sandbox) -> String {
    sandbox.url().trim_start_matches("https://").to_owned()
}

fn user() -> String {
    format!("token: {TOKEN}")
}

fn behind(sandbox: &Sandbox, proxy_url: &str) -> tempfile::TempDir {
    let cluster = format!("{NAME}, proxy-url: '{proxy_url}'");
    kubeconfig(sandbox, &cluster, &user())
}

fn assert_said(ended: &Ended, stderr: &str) {
    assert_eq!(settled(&ended.stderr), stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
}

/// A whole session with a terminal, so with watches, connections made ahead, and the upgrade.
fn assert_session(sandbox: &Sandbox, folder: &tempfile::TempDir) {
    let config = folder.path().join("config").display().to_string();
    let mut screen = Screen::of_plugin(sandbox, &["app", "--kubeconfig", &config]);
    screen.wait_for_prompt("/ #");
    screen.type_keys("exit 3\r");
    assert_eq!(screen.wait_for_end(), 3);
}

#[test]
fn a_session_goes_through_an_http_proxy_with_credentials() {
    let sandbox = with_token();
    let proxy = Listener::start(Role::HttpProxy, None, Some(&target(&sandbox)));
    let url = format!("http://me:p%40ss@{}", proxy.address());
    assert_session(&sandbox, &behind(&sandbox, &url));
    let seen = proxy.seen();
    assert!(seen.len() >= 3, "{seen:?}");
    for head in seen {
        assert!(
            head.starts_with("CONNECT cluster.invalid:6443 HTTP/1.1\r\n"),
            "{head}"
        );
        // me:p@ss
        let login = "proxy-authorization: basic bwu6cebzcw==";
        assert!(head.to_lowercase().contains(login), "{head}");
    }
}

#[test]
fn a_session_goes_through_a_socks_proxy_with_credentials() {
    let sandbox = with_token();
    let proxy = Listener::start(Role::SocksProxy, None, Some(&target(&sandbox)));
    let url = format!("socks5://me:p%40ss@{}", proxy.address());
    assert_session(&sandbox, &behind(&sandbox, &url));
    let seen = proxy.seen();
    assert!(seen.len() >= 3, "{seen:?}");
    assert!(
        seen.iter()
            .all(|seen| seen == "name cluster.invalid as me:p@ss"),
        "{seen:?}"
    );
}

#[test]
fn a_proxy_may_speak_tls() {
    let sandbox = with_token();
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let proxy = Listener::start(
        Role::HttpProxy,
        Some(crate::listener::tls(&certificate, &key)),
        Some(&target(&sandbox)),
    );
    // As in Go, the authorities of the cluster are the proxy's too.
    let mut bundle = crate::access::authority_of(sandbox.kubeconfig());
    bundle.extend_from_slice(certificate.pem().as_bytes());
    let folder = behind(&sandbox, &format!("https://{}", proxy.address()));
    let bundle_path = folder.path().join("bundle");
    std::fs::write(&bundle_path, bundle).unwrap();
    let ended = add(&folder)
        .args([
            "--certificate-authority".into(),
            bundle_path.into_os_string(),
        ])
        .args(["--tls-server-name", "kubernetes"])
        .run();
    assert_added(&sandbox, &ended, "robot");
    assert!(proxy.seen()[0].starts_with("CONNECT cluster.invalid:6443"));
}

#[test]
fn the_environment_names_a_proxy_for_servers_elsewhere() {
    let sandbox = with_token();
    let proxy = Listener::start(Role::HttpProxy, None, Some(&target(&sandbox)));
    let address = proxy.address().to_string();
    let elsewhere = kubeconfig(&sandbox, NAME, &user());
    let with = |variables: &[(&str, &str)], folder| {
        let plugin = variables.iter().fold(add(folder), |plugin, (name, value)| {
            plugin.variable(name, value)
        });
        plugin.run()
    };
    // Without a scheme, and in small letters.
    assert_added(
        &sandbox,
        &with(&[("https_proxy", &address)], &elsewhere),
        "robot",
    );
    assert_eq!(proxy.seen().len(), 1);
    // The server of the sandbox is on this machine, which no proxy can reach.
    let here = kubeconfig(&sandbox, "", &user());
    assert_added(
        &sandbox,
        &with(&[("HTTPS_PROXY", &address)], &here),
        "robot",
    );
    assert_eq!(proxy.seen().len(), 1);
    let ended = with(
        &[("HTTPS_PROXY", &address), ("NO_PROXY", "x,.invalid,")],
        &elsewhere,
    );
    assert_eq!(ended.code, 125);
    assert_eq!(proxy.seen().len(), 1);
    // What the cluster names counts, whatever the environment says.
    let named = behind(&sandbox, &format!("http://{address}"));
    assert_added(&sandbox, &with(&[("NO_PROXY", "*")], &named), "robot");
    assert_eq!(proxy.seen().len(), 2);
}

#[test]
fn a_proxy_that_cannot_be_used_is_told_from_the_server() {
    let sandbox = with_token();
    let hint = "hint: is the cluster up, and is this the right context? \
                `kubectl config current-context` tells\n";
    let refusing = Listener::start(Role::HttpProxy, None, None);
    let url = format!("http://me:{TOKEN}@{}", refusing.address());
    assert_said(
        &add(&behind(&sandbox, &url)).run(),
        &format!(
            "error: cannot reach the server at https://cluster.invalid:6443: the proxy http://127.0.0.1:PORT \
             (proxy-url of cluster \"c\"): it wants other credentials, as in http://USER:PASSWORD@HOST:PORT\n{hint}"
        ),
    );
    assert_said(
        &add(&kubeconfig(&sandbox, NAME, &user()))
            .variable("HTTPS_PROXY", "127.0.0.1:1")
            .run(),
        &format!(
            "error: cannot reach the server at https://cluster.invalid:6443: the proxy http://127.0.0.1:PORT \
             (HTTPS_PROXY): connection refused\n{hint}"
        ),
    );
    assert_said(
        &add(&behind(&sandbox, &format!("ftp://me:{TOKEN}@x"))).run(),
        "error: proxy-url of cluster \"c\" is of a kind that is not known\n\
         hint: a proxy is written like http://proxy:3128, https://… or socks5://…\n",
    );
}

#[test]
fn whom_one_acts_as_is_told_the_server() {
    let server = Listener::start(Role::NoPod, None, None);
    let ended = Plugin::nowhere()
        .args(["app", "--server", &format!("http://{}", server.address())])
        .args(["--as", "ada", "--as-group", "ops", "--as-group", "dev"])
        .args(["--as-uid", "7", "--as-user-extra", "why=incident"])
        .run();
    assert!(
        ended.stderr.starts_with("Error from server (NotFound)"),
        "{}",
        ended.stderr
    );
    let head = server.seen()[0].to_lowercase();
    for header in [
        "impersonate-user: ada\r\n",
        "impersonate-group: ops\r\n",
        "impersonate-group: dev\r\n",
        "impersonate-uid: 7\r\n",
        "impersonate-extra-why: incident\r\n",
    ] {
        assert!(head.contains(header), "{head}");
    }
}

#[test]
fn a_user_name_with_its_password_which_may_be_empty() {
    // As `printf me:p | base64` has it, in lower case.
    for (user, expected) in [
        ("username: me, password: p", "bwu6ca=="),
        ("username: me", "bwu6"),
        ("username: me, password: ''", "bwu6"),
    ] {
        let server = Listener::secured(Role::NoPod);
        let sandbox = with_token();
        let folder = kubeconfig(
            &sandbox,
            &format!(
                "server: 'https://{}', insecure-skip-tls-verify: true",
                server.address()
            ),
            user,
        );
        add(&folder).run();
        let head = server.seen()[0].to_lowercase();
        let header = format!("authorization: basic {expected}\r\n");
        assert!(head.contains(&header), "{user}: {head}");
    }
}

//! How the server is recognised, and each way in which it is not.

use std::fs;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};

use crate::{
    access::{TOKEN, add, assert_added, authority_of, kubeconfig, with_token},
    listener::{self, Listener, Role},
    plugin::{Ended, Plugin, settled},
};

/// A server whose certificate is made as wanted, and what it says when it is believed.
struct Server {
    listener: Listener,
    pem: String,
}

const BELIEVED: &str = "Error from server (NotFound)";

impl Server {
    fn with(names: &[&str], change: impl Fn(&mut CertificateParams)) -> Self {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            listener: Listener::start(Role::NoPod, Some(listener::tls(&certificate, &key)), None),
            pem: certificate.pem(),
        }
    }

    /// Talks to it, its own certificate being the authority.
    fn asked(&self, args: &[&str]) -> Ended {
        let sandbox = with_token();
        let cluster = format!(
            "server: 'https://{}', certificate-authority: ca.crt",
            self.listener.address()
        );
        let folder = kubeconfig(&sandbox, &cluster, "");
        fs::write(folder.path().join("ca.crt"), &self.pem).unwrap();
        add(&folder).args(args).run()
    }
}

fn assert_said(ended: &Ended, stderr: &str) {
    let said = settled(&ended.stderr);
    let today = said
        .split("hint: it is ")
        .nth(1)
        .map_or("\0", |rest| &rest[..10]);
    assert_eq!(said.replace(today, "TODAY"), stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
}

fn assert_believed(ended: &Ended) {
    assert!(ended.stderr.starts_with(BELIEVED), "{}", ended.stderr);
}

#[test]
fn a_certificate_that_is_its_own_authority() {
    let as_authority = |params: &mut CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    };
    assert_believed(&Server::with(&["127.0.0.1"], as_authority).asked(&[]));
    assert_believed(&Server::with(&["127.0.0.1"], |_| {}).asked(&[]));
    // It is trusted, and still it must be for this host, and of this time.
    let elsewhere = Server::with(&["b.org", "10.0.0.1"], as_authority);
    assert_said(
        &elsewhere.asked(&[]),
        "error: the server at https://127.0.0.1:PORT cannot be trusted: its certificate is for \
         b.org, 10.0.0.1, not for 127.0.0.1\n\
         hint: if it is the right server, --tls-server-name takes one of its names\n",
    );
    assert_believed(&elsewhere.asked(&["--tls-server-name", "b.org"]));
    let old = Server::with(&["127.0.0.1"], |params| {
        as_authority(params);
        params.not_after = date_time_ymd(2001, 2, 3);
    });
    assert!(old.asked(&[]).stderr.contains("expired on 2001-02-03"));
}

#[test]
fn row_28_the_wrong_clock_is_told_from_the_wrong_host() {
    let early = Server::with(&["127.0.0.1"], |params| {
        params.not_before = date_time_ymd(2090, 1, 2);
    });
    assert_said(
        &early.asked(&[]),
        "error: the server at https://127.0.0.1:PORT cannot be trusted: its certificate is valid from \
         2090-01-02 on\n\
         hint: it is TODAY by the clock of this machine; is that right?\n",
    );
    let late = Server::with(&["127.0.0.1"], |params| {
        params.not_after = date_time_ymd(2001, 2, 3);
    });
    assert_said(
        &late.asked(&[]),
        "error: the server at https://127.0.0.1:PORT cannot be trusted: its certificate expired on 2001-02-03\n\
         hint: it is TODAY by the clock of this machine; if that is right, the cluster needs a new certificate\n",
    );
}

#[test]
fn nothing_is_checked_where_nothing_shall_be() {
    let server = Server::with(&["b.org"], |params| {
        params.not_after = date_time_ymd(2001, 2, 3);
    });
    assert_believed(&server.asked(&["--insecure-skip-tls-verify"]));
}

#[test]
fn a_machine_without_authorities() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let server = Server::with(&["127.0.0.1"], |_| ());
    let text = format!(
        "clusters: [{{name: c, cluster: {{server: 'https://{}'}}}}]\n\
         contexts: [{{name: x, context: {{cluster: c}}}}]\ncurrent-context: x\n",
        server.listener.address()
    );
    fs::write(&config, text).unwrap();
    let asked = |args: &[&str]| {
        Plugin::with_kubeconfig(&config)
            .variable("SSL_CERT_FILE", "/dev/null")
            .variable("SSL_CERT_DIR", "/nonexistent")
            .args(["app"])
            .args(args.iter().copied())
            .run()
    };
    assert_said(
        &asked(&[]),
        "error: the cluster has no certificate authority, and those of this machine cannot be used: \
         No CA certificates were loaded from the system\n\
         hint: --certificate-authority names one\n",
    );
    assert_believed(&asked(&["--insecure-skip-tls-verify"]));
}

#[test]
fn an_authority_that_cannot_be_read_does_not_hide_the_others() {
    let sandbox = with_token();
    let folder = kubeconfig(
        &sandbox,
        "certificate-authority: ca.crt",
        &format!("token: {TOKEN}"),
    );
    let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let mut bundle = bad.as_bytes().to_vec();
    bundle.extend(authority_of(sandbox.kubeconfig()));
    fs::write(folder.path().join("ca.crt"), bundle).unwrap();
    assert_added(&sandbox, &add(&folder).run(), "robot");
    fs::write(folder.path().join("ca.crt"), bad).unwrap();
    assert_said(
        &add(&folder).run(),
        "error: the certificate authorities of the cluster cannot be used: 1 of 1 cannot be read\n",
    );
}

#[test]
fn a_server_that_does_not_speak_tls() {
    let sandbox = with_token();
    let server = Listener::start(Role::PlainOnly, None, None);
    let cluster = format!("server: 'https://{}'", server.address());
    assert_said(
        &add(&kubeconfig(&sandbox, &cluster, "")).run(),
        "error: the server at https://127.0.0.1:PORT cannot be trusted: it does not speak TLS\n\
         hint: is its address http:// and not https://, or does a proxy answer in its place?\n",
    );
}

#[test]
fn a_key_that_belongs_to_another_certificate() {
    let sandbox = with_token();
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let certificate = CertificateParams::default().self_signed(&key).unwrap();
    let folder = kubeconfig(&sandbox, "", "client-certificate: crt, client-key: key");
    fs::write(folder.path().join("crt"), certificate.pem()).unwrap();
    fs::write(folder.path().join("key"), other.serialize_pem()).unwrap();
    assert_said(
        &add(&folder).run(),
        "error: the client key does not belong to the client certificate\n\
         hint: both must come from the same place: flags replace each by itself\n",
    );
}

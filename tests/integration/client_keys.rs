//! Each kind of key with which a user may prove who they are (row 39 of `bad_access`).

use std::{fs, path::PathBuf};

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use crate::{
    bad_access::said,
    listener::{Listener, Role},
    own_certificate::{Taken, tls},
    plugin::{Ended, Plugin},
};

fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    folder.join("tests/integration/keys").join(name)
}

struct Server {
    listener: Listener,
    folder: TempDir,
}

impl Server {
    fn start(taken: Taken) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.crt"), certificate.pem()).unwrap();
        let tls = tls(&certificate, &key, taken);
        let listener = Listener::start(Role::NoPod, Some(tls), None);
        Self { listener, folder }
    }

    /// Asks with this certificate and this key.
    fn asked(&self, certificate: &str, key: &str) -> Ended {
        let folder = self.folder.path();
        fs::copy(file(certificate), folder.join("crt")).unwrap();
        fs::copy(file(key), folder.join("key")).unwrap();
        let text = format!(
            "clusters: [{{name: c, cluster: {{server: 'https://{}', certificate-authority: ca.crt}}}}]\n\
             users: [{{name: u, user: {{client-certificate: crt, client-key: key}}}}]\n\
             contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
             current-context: x\n",
            self.listener.address()
        );
        fs::write(folder.join("config"), text).unwrap();
        let config = folder.join("config");
        Plugin::with_kubeconfig(config).args(["app"]).run()
    }
}

#[test]
fn input_39_keys_of_all_usual_kinds_are_taken() {
    let server = Server::start(Taken::Any);
    for kind in [
        "rsa-pkcs1",
        "rsa-pkcs8",
        "p256-sec1",
        "p384-sec1",
        "p384-pkcs8",
        "ed25519",
    ] {
        let ended = server.asked(&format!("{kind}.crt"), &format!("{kind}.key"));
        assert!(
            ended
                .stderr
                .starts_with("Error from server (NotFound): pods \"app\" not found\n"),
            "{kind}: {}",
            ended.stderr
        );
    }
}

#[test]
fn input_39_keys_that_cannot_be_used() {
    let server = Server::start(Taken::Any);
    let kind = "error: the client key is of a kind that is not supported\n\
                hint: it may be RSA with 2048 bits or more, P-256, P-384 or Ed25519\n";
    let encrypted = "error: client-key FOLDER/key of user \"u\" is encrypted\n\
                     hint: `openssl pkey -in KEY -out PLAIN` decrypts it; kubectl cannot use it either\n";
    let other = "error: the client key does not belong to the client certificate\n\
                 hint: both must come from the same place: flags replace each by itself\n";
    for (certificate, key, expected) in [
        ("p521.crt", "p521.key", kind),
        ("rsa-1024.crt", "rsa-1024.key", kind),
        ("p256-sec1.crt", "encrypted-pkcs8.key", encrypted),
        ("rsa-pkcs1.crt", "encrypted-pkcs1.key", encrypted),
        ("rsa-pkcs1.crt", "p256-sec1.key", other),
        ("p256-sec1.crt", "p384-sec1.key", other),
        (
            "rsa-pkcs1.key",
            "rsa-pkcs1.key",
            "error: client-certificate FOLDER/crt of user \"u\" holds no certificate\n",
        ),
        (
            "rsa-pkcs1.crt",
            "rsa-pkcs1.crt",
            "error: client-key FOLDER/key of user \"u\" holds no private key\n",
        ),
    ] {
        let ended = server.asked(certificate, key);
        assert_eq!(
            said(&server.folder, &ended),
            expected,
            "{certificate} {key}"
        );
    }
    assert!(server.listener.seen().is_empty());
}

#[test]
fn input_39_a_certificate_that_the_cluster_does_not_know() {
    let sandbox = crate::access::with_token();
    let user = format!(
        "client-certificate: '{}', client-key: '{}'",
        file("ed25519.crt").display(),
        file("ed25519.key").display()
    );
    assert_eq!(
        crate::bad_access::with_fields(&sandbox, "", &user),
        "Error from server (Unauthorized): Unauthorized\n\
         hint: log in again; the credentials in the kubeconfig are not accepted\n"
    );
}

#[test]
fn input_39_a_certificate_that_the_server_does_not_take() {
    let server = Server::start(Taken::None);
    let ended = server.asked("ed25519.crt", "ed25519.key");
    assert_eq!(
        said(&server.folder, &ended),
        "error: the server at https://127.0.0.1:PORT does not accept the client certificate: \
         received fatal alert: UnknownCA\n\
         hint: has it expired, or is it another cluster's? log in again, or name one with --client-certificate\n"
    );
}

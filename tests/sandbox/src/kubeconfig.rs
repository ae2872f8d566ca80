//! Writes the kubeconfig with which clients reach the cluster.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::tls::Credential;

/// One context: its name, its user and the user's certificate.
pub(crate) struct Context<'a> {
    pub(crate) name: String,
    pub(crate) user: &'a str,
    pub(crate) credential: &'a Credential,
}

/// The whole file; the first context is the current one.
pub(crate) fn render(url: &str, authority_pem: &str, contexts: &[Context<'_>]) -> String {
    let mut text =
        String::from("apiVersion: v1\nkind: Config\nclusters:\n- name: sandbox\n  cluster:\n");
    let current = contexts.first().map_or("", |context| context.name.as_str());
    let authority = STANDARD.encode(authority_pem);
    let mut add = |line: std::fmt::Arguments<'_>| text.write_fmt(line).is_ok();
    add(format_args!(
        "    server: {url}\n    certificate-authority-data: {authority}\ncontexts:\n"
    ));
    for Context { name, user, .. } in contexts {
        add(format_args!(
            "- name: {name}\n  context:\n    cluster: sandbox\n    namespace: default\n    user: {user}\n"
        ));
    }
    add(format_args!("current-context: {current}\nusers:\n"));
    for Context {
        user, credential, ..
    } in contexts
    {
        let certificate = STANDARD.encode(&credential.certificate_pem);
        let key = STANDARD.encode(&credential.key_pem);
        add(format_args!(
            "- name: {user}\n  user:\n    client-certificate-data: {certificate}\n    client-key-data: {key}\n"
        ));
    }
    text
}

/// Writes it so that only its owner can read it, from the first byte on.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

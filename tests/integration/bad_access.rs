//! What kubeconfigs can have wrong in them, each with its words and its code: files, names, server,
//! authorities, and the fields of a user.
//!
//! The rows are those of the project's list of bad input. Where another file has the case already it
//! is named: `refusals` (33: nothing anywhere, a flag's file that is missing), `access` (34: a folder
//! in a list; 35: BOM, CRLF, versions; 36: names by flag), `access_tls` (39: key of another
//! certificate; 54: the wrong clock), `access_credentials` and `bad_login` (42 to 47).

use std::fs;

use sandbox::Sandbox;

use crate::{
    access::{TOKEN, add, assert_added, assert_secret, authority_of, kubeconfig, with_token},
    plugin::{Ended, Plugin, settled},
};

/// Runs with these files of the user's beside the kubeconfig, whose name is `FILE` in what is said.
pub(crate) fn said(folder: &tempfile::TempDir, ended: &Ended) -> String {
    assert_secret(ended);
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
    let folder = folder.path().display().to_string();
    settled(&ended.stderr).replace(&folder, "FOLDER")
}

/// Runs with a kubeconfig of exactly this text.
fn with_text(text: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config"), text).unwrap();
    said(&folder, &add(&folder).run())
}

/// Runs with these fields of the cluster and the user.
pub(crate) fn with_fields(sandbox: &Sandbox, cluster: &str, user: &str) -> String {
    let folder = kubeconfig(sandbox, cluster, user);
    said(&folder, &add(&folder).run())
}

#[test]
fn input_33_a_list_in_which_nothing_is_there() {
    let list = "/nonexistent/a:/nonexistent/b";
    let ended = Plugin::with_kubeconfig(list).args(["app"]).run();
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (
            125,
            "error: there is no kubeconfig: `/nonexistent/a`, `/nonexistent/b` not found\n\
             hint: name one with --kubeconfig or the variable KUBECONFIG\n"
        )
    );
}

#[test]
fn input_34_a_list_in_which_the_only_file_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, "").unwrap();
    let list = format!("::{}:/nonexistent/a:", empty.display());
    let ended = Plugin::with_kubeconfig(list).args(["app"]).run();
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (
            125,
            "error: the kubeconfig is empty\nhint: name one with --kubeconfig or the variable KUBECONFIG\n"
        )
    );
}

#[test]
fn input_35_text_that_is_no_kubeconfig() {
    for (text, reason) in [
        ("[]", "expected mapping start at line 1, column 1"),
        ("hello", "expected mapping start at line 1, column 1"),
        (
            "a: b\n c: [",
            "mapping values are not allowed in this context at line 2, column 3",
        ),
        (
            "contexts: 5",
            "expected sequence start at line 1, column 11",
        ),
        (
            "clusters:\n- name: a\n\tcluster: x",
            "while scanning a plain scalar, found a tab at line 2, column 9",
        ),
        (
            "apiVersion: v1\nkind: Pod",
            "it is `v1, Kind=Pod`, not `v1, Kind=Config`",
        ),
        (
            "clusters: [{name: a}, {name: a}]",
            "two clusters have the name \"a\"",
        ),
        (
            "users: [{name: a}, {name: b}, {name: a}]",
            "two users have the name \"a\"",
        ),
        (
            "contexts: [{name: x}, {name: x}]",
            "two contexts have the name \"x\"",
        ),
        (
            "users: [{user: {}}]",
            "missing field `name` at line 1, column 10",
        ),
        (
            "users: [{name: u, user: s3cr3t-0f-the-tests}]",
            "expected mapping start at line 1, column 25",
        ),
    ] {
        assert_eq!(
            with_text(text.as_bytes()),
            format!("error: the kubeconfig FOLDER/config is not valid: {reason}\n")
        );
    }
    assert_eq!(
        with_text(b"current-context: \xff"),
        "error: the kubeconfig FOLDER/config is not valid: it is not UTF-8\n"
    );
}

#[test]
fn input_35_what_kubectl_reads_is_read() {
    let sandbox = with_token();
    let folder = kubeconfig(&sandbox, "", &format!("token: other, token: {TOKEN}"));
    let config = folder.path().join("config");
    let text = fs::read_to_string(&config).unwrap();
    let mut many = format!("current-context: z\n{text}---\ncurrent-context: z\n");
    many = many.replace("contexts: [", "contexts: [{name: z, context: {user: u}}, ");
    fs::write(&config, many).unwrap();
    let ended = add(&folder).run();
    assert_added(&sandbox, &ended, "robot");
}

#[test]
fn input_35_json_is_read() {
    let sandbox = with_token();
    let folder = tempfile::tempdir().unwrap();
    let authority = authority_of(sandbox.kubeconfig());
    fs::write(folder.path().join("ca.crt"), authority).unwrap();
    let config = serde_json::json!({
        "apiVersion": "v1", "kind": "Config", "preferences": {}, "current-context": "x",
        "clusters": [{"name": "c", "cluster": {"server": sandbox.url(), "certificate-authority": "ca.crt"}}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": ""}}],
    });
    fs::write(folder.path().join("config"), format!("{config:#}")).unwrap();
    assert_added(&sandbox, &add(&folder).run(), "robot");
}

#[test]
fn input_36_names_that_nothing_has() {
    const REST: &str = "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\nusers: [{name: u, user: {}}]\n";
    for (contexts, stderr) in [
        (
            "current-context: x",
            "error: context \"x\" does not exist\nhint: the kubeconfig has none\n",
        ),
        (
            "current-context: prodution\ncontexts: [{name: production, context: {cluster: c}}]",
            "error: context \"prodution\" does not exist\n\
             hint: did you mean `production`? the kubeconfig has `production`\n",
        ),
        (
            "contexts: [{name: x, context: {cluster: c}}]",
            "error: the kubeconfig has no current context\nhint: name one with --context; there are `x`\n",
        ),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: gone, user: u}}]",
            "error: cluster \"gone\" of context \"x\" does not exist\nhint: the kubeconfig has `c`\n",
        ),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: gone}}]",
            "error: user \"gone\" of context \"x\" does not exist\nhint: the kubeconfig has `u`\n",
        ),
        (
            "current-context: x\ncontexts: [{name: x, context: {user: u}}]",
            "error: context \"x\" names no cluster\n\
             hint: `kubectl config set-context x --cluster=NAME` names one; --cluster does it for once\n",
        ),
    ] {
        assert_eq!(with_text(format!("{REST}{contexts}").as_bytes()), stderr);
    }
}

#[test]
fn input_37_addresses_of_servers() {
    let sandbox = with_token();
    for (server, said) in [
        ("", "error: cluster \"c\" has no server\n"),
        (
            "ftp://x",
            "error: cluster \"c\" has the server \"ftp://x\", which is no http or https URL\n",
        ),
        (
            "unix:///x",
            "error: cluster \"c\" has the server \"unix:///x\", which is no URL\n",
        ),
        (
            "https://",
            "error: cluster \"c\" has the server \"https://\", which is no URL\n",
        ),
        (
            "https://[::1",
            "error: cluster \"c\" has the server \"https://[::1\", which is no URL\n",
        ),
        (
            "https://127.0.0.1:0",
            "error: cluster \"c\" has the server \"https://127.0.0.1:PORT\", whose port is none\n",
        ),
        (
            "https://127.0.0.1:99999",
            "error: cluster \"c\" has the server \"https://127.0.0.1:PORT\", whose port is none\n",
        ),
        (
            "https://me:s3cr3t-0f-the-tests@127.0.0.1",
            "error: cluster \"c\" has credentials in its server\n\
             hint: put them in the user's `username` and `password`\n",
        ),
    ] {
        let cluster = format!("server: '{server}'");
        assert_eq!(with_fields(&sandbox, &cluster, ""), said);
    }
}

#[test]
fn input_37_addresses_that_are_dialled() {
    let sandbox = with_token();
    let port = sandbox.url().rsplit(':').next().unwrap();
    for (server, shown) in [
        ("127.0.0.1:1", "http://127.0.0.1:PORT"),
        ("http://127.0.0.1:1/a/b", "http://127.0.0.1:PORT/a/b"),
    ] {
        let said = with_fields(&sandbox, &format!("server: '{server}'"), "");
        assert_eq!(
            said,
            format!(
                "trying again: connection refused\n\
                 error: cannot reach the server at {shown}: connection refused\n\
                 hint: is the cluster up, and is this the right context? `kubectl config current-context` tells\n"
            )
        );
    }
    // A name, a path below which there is no API, and a closing slash.
    let token = format!("token: {TOKEN}");
    for (server, code) in [
        (format!("https://localhost:{port}"), 0),
        (format!("https://127.0.0.1:{port}/"), 0),
        (format!("https://127.0.0.1:{port}/elsewhere"), 125),
    ] {
        let folder = kubeconfig(&sandbox, &format!("server: '{server}'"), &token);
        let ended = add(&folder).run();
        assert_eq!(ended.code, code, "{server}: {}", ended.stderr);
    }
}

#[test]
fn input_38_ca_data_and_files() {
    let sandbox = with_token();
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().display();
    for (field, said) in [
        (
            "certificate-authority-data: '%%% s3cr3t-0f-the-tests'",
            "certificate-authority-data of cluster \"c\" is not base64\n".to_owned(),
        ),
        (
            "certificate-authority-data: aGVsbG8=",
            "certificate-authority-data of cluster \"c\" holds no certificate\n".to_owned(),
        ),
        (
            "certificate-authority: /nonexistent/ca.crt",
            "cannot read certificate-authority /nonexistent/ca.crt of cluster \"c\": no such file or directory\n"
                .to_owned(),
        ),
        (
            &format!("certificate-authority: '{here}'"),
            format!("cannot read certificate-authority {here} of cluster \"c\": is a directory\n"),
        ),
        (
            "certificate-authority: /dev/null",
            "certificate-authority /dev/null of cluster \"c\" holds no certificate\n".to_owned(),
        ),
    ] {
        assert_eq!(with_fields(&sandbox, field, ""), format!("error: {said}"));
    }
    // What is empty is not there: the machine's own authorities count, which do not know the sandbox.
    for field in [
        "certificate-authority-data: ''",
        "certificate-authority: ''",
    ] {
        assert_eq!(
            with_fields(&sandbox, field, ""),
            "error: the server at https://127.0.0.1:PORT cannot be trusted: its certificate is signed by an \
             unknown authority\n\
             hint: the kubeconfig names another authority, or something in between inspects TLS; \
             --certificate-authority names one\n"
        );
    }
}

/// Runs with these fields of the user and a file `file` beside it.
fn with_file(sandbox: &Sandbox, user: &str, file: &[u8]) -> Result<(), String> {
    let folder = kubeconfig(sandbox, "", user);
    fs::write(folder.path().join("file"), file).unwrap();
    let ended = add(&folder).run();
    if ended.code == 0 {
        return Ok(());
    }
    Err(said(&folder, &ended))
}

#[test]
fn input_40_a_token_beside_a_file() {
    let sandbox = with_token();
    let beside = format!("token: {TOKEN}, tokenFile: file");
    let nowhere = format!("token: {TOKEN}, tokenFile: /nonexistent/token");
    for (user, file, let_in) in [
        ("tokenFile: file", format!(" {TOKEN}\n"), true),
        ("token: other, tokenFile: file", TOKEN.to_owned(), true),
        // The file counts, and the token where the file says nothing.
        (&beside, "\n".to_owned(), true),
        (&nowhere, String::new(), true),
        (&beside, "other".to_owned(), false),
    ] {
        let asked = with_file(&sandbox, user, file.as_bytes());
        assert_eq!(asked.is_ok(), let_in, "{user}: {asked:?}");
    }
}

#[test]
fn input_40_what_no_header_can_hold() {
    let sandbox = with_token();
    for (user, file, field) in [
        ("tokenFile: file", &b"a\nb"[..], "token"),
        ("token: \"a\\eb\"", b"", "token"),
        ("token: a, as: \"b\\nc\"", b"", "as"),
        ("token: a, as: b, as-uid: \"c\\n\"", b"", "as-uid"),
        ("token: a, as: b, as-groups: [\"c\\r\"]", b"", "as-groups"),
    ] {
        let expected = format!(
            "error: {field} of user \"u\" has a line break or a control character in it\n\
             hint: look how it is quoted; it is sent as a header, which can have neither\n"
        );
        assert_eq!(with_file(&sandbox, user, file), Err(expected));
    }
}

#[test]
fn input_40_a_token_that_is_not_there() {
    let sandbox = with_token();
    let file = "tokenFile FOLDER/file of user \"u\"";
    for (user, text, expected) in [
        ("tokenFile: file", &b"\n"[..], format!("{file} is empty")),
        (
            "tokenFile: file",
            b"a\xff",
            format!("cannot read {file}: stream did not contain valid UTF-8"),
        ),
        (
            "tokenFile: /nonexistent/token",
            b"",
            "cannot read tokenFile /nonexistent/token of user \"u\": no such file or directory"
                .to_owned(),
        ),
        (
            "token: a, username: b, password: s3cr3t-0f-the-tests",
            b"",
            "user \"u\" has both a token and a user name with a password\nhint: keep one of the two"
                .to_owned(),
        ),
    ] {
        let expected = format!("error: {expected}\n");
        assert_eq!(with_file(&sandbox, user, text), Err(expected));
    }
}

#[test]
fn input_41_an_authority_that_is_not_to_be_asked() {
    let sandbox = with_token();
    let authority = String::from_utf8(authority_of(sandbox.kubeconfig())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.crt");
    fs::write(&path, authority).unwrap();
    let cluster = format!(
        "insecure-skip-tls-verify: true, certificate-authority: '{}'",
        path.display()
    );
    assert_eq!(
        with_fields(&sandbox, &cluster, ""),
        "error: cluster \"c\" has both a certificate authority and insecure-skip-tls-verify\n\
         hint: keep one of the two; they contradict each other\n"
    );
}

//! Which cluster is meant, and as whom: files and flags, by kubectl's rules.

use std::{fs, path::Path};

use sandbox::{Request, Sandbox, World};

pub(crate) use crate::secrets::TOKEN;

use crate::plugin::{Ended, Plugin, settled};

/// A sandbox with a user that has a token, and may do everything.
pub(crate) fn with_token() -> Sandbox {
    let world = World::plain().token(TOKEN, "robot");
    Sandbox::start(world.rule("robot", false, &["*"], &["*"])).unwrap()
}

/// A kubeconfig for the server of a sandbox, with these fields of cluster and user besides.
pub(crate) fn kubeconfig(sandbox: &Sandbox, cluster: &str, user: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let stock = fs::read_to_string(sandbox.kubeconfig()).unwrap();
    let authority = stock
        .lines()
        .find_map(|line| line.trim().strip_prefix("certificate-authority-data: "))
        .unwrap();
    let ca = if cluster.contains("insecure") || cluster.contains("certificate-authority") {
        String::new()
    } else {
        format!("certificate-authority-data: {authority}, ")
    };
    let server = if cluster.contains("server:") {
        String::new()
    } else {
        format!("server: '{}', ", sandbox.url())
    };
    let text = format!(
        "clusters: [{{name: c, cluster: {{{server}{ca}{cluster}}}}}]\n\
         users: [{{name: u, user: {{{user}}}}}]\n\
         contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
         current-context: x\n"
    );
    fs::write(folder.path().join("config"), text).unwrap();
    folder
}

/// Adds a container and leaves: one GET and one PATCH.
pub(crate) fn add(folder: &tempfile::TempDir) -> Plugin {
    Plugin::with_kubeconfig(folder.path().join("config")).args(["app", "--attach=false"])
}

/// Fails unless that went well, and as that user.
pub(crate) fn assert_added(sandbox: &Sandbox, ended: &Ended, user: &str) {
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let users: Vec<_> = sandbox.requests().into_iter().map(|r| r.user).collect();
    assert!(users.iter().any(|name| name == user), "{users:?}");
    assert_secret(ended);
}

/// Fails if anything that was said shows the token.
pub(crate) fn assert_secret(ended: &Ended) {
    for said in [&ended.stdout, &ended.stderr] {
        assert!(!said.contains(TOKEN), "{said}");
    }
}

fn assert_said(ended: &Ended, code: i32, stderr: &str) {
    assert_eq!(settled(&ended.stderr), stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (code, ""));
    assert_secret(ended);
}

#[test]
fn flags_alone_are_enough() {
    let sandbox = with_token();
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.crt");
    fs::write(&authority, authority_of(sandbox.kubeconfig())).unwrap();
    let ended = Plugin::nowhere()
        .args(["app", "--attach=false", "--server", sandbox.url()])
        .args(["--token", TOKEN, "--certificate_authority"])
        .args([authority])
        .run();
    assert_added(&sandbox, &ended, "robot");
}

#[test]
fn input_61_flags_that_kubectl_has_and_we_do_not_need_are_accepted() {
    let sandbox = with_token();
    let folder = kubeconfig(&sandbox, "", &format!("token: {TOKEN}"));
    let ended = add(&folder)
        .args(["--cache-dir", "/nonexistent", "--disable-compression"])
        .args(["--match-server-version=true", "--request-timeout=5"])
        .run();
    assert_added(&sandbox, &ended, "robot");
}

#[test]
fn a_user_named_by_flag_replaces_that_of_the_context() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["app", "--attach=false", "--user", "viewer"])
        .run();
    assert_eq!(ended.code, 125, "{}", ended.stderr);
    assert!(ended.stderr.contains("User \"viewer\""), "{}", ended.stderr);
    assert_said(
        &Plugin::on(&sandbox).args(["app", "--user", "viewr"]).run(),
        125,
        "error: user \"viewr\" does not exist\n\
         hint: did you mean `viewer`? the kubeconfig has `admin`, `viewer`, `dev`\n",
    );
    assert_said(
        &Plugin::on(&sandbox)
            .args(["app", "--cluster", "sandbx"])
            .run(),
        125,
        "error: cluster \"sandbx\" does not exist\n\
         hint: did you mean `sandbox`? the kubeconfig has `sandbox`\n",
    );
}

#[test]
fn flags_that_contradict_each_other_are_a_wrong_use() {
    for (args, stderr) in [
        (&["--as="][..], "error: `--as` names nobody\n"),
        (
            &["--as-group", "ops"],
            "error: a group, UID or extra field to act as says nothing without a user\n\
             hint: name the user with --as\n",
        ),
        (
            &["--insecure-skip-tls-verify", "--certificate-authority=x"],
            "error: `--certificate-authority` and `--insecure-skip-tls-verify` contradict each other\n\
             hint: keep one of the two\n",
        ),
    ] {
        let sandbox = Sandbox::start(World::plain()).unwrap();
        let ended = Plugin::on(&sandbox).args(["app"]).args(args).run();
        assert_said(&ended, 2, stderr);
        assert!(sandbox.requests().is_empty());
    }
}

#[test]
fn a_kubeconfig_that_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    for text in ["", "{}", "apiVersion: v1\nkind: Config\n"] {
        fs::write(&path, text).unwrap();
        assert_said(
            &Plugin::with_kubeconfig(&path).args(["app"]).run(),
            125,
            "error: the kubeconfig is empty\n\
             hint: name one with --kubeconfig or the variable KUBECONFIG\n",
        );
    }
}

#[test]
fn a_list_of_files_is_read_by_kubectls_rules() {
    let sandbox = with_token();
    let folder = kubeconfig(&sandbox, "", &format!("token: {TOKEN}"));
    let config = folder.path().join("config").display().to_string();
    let list = format!("/nonexistent/a::{config}:/nonexistent/b");
    let ended = Plugin::with_kubeconfig(&list)
        .args(["app", "--attach=false"])
        .run();
    assert_added(&sandbox, &ended, "robot");

    let list = format!("{config}:{}", folder.path().display());
    assert_said(
        &Plugin::with_kubeconfig(&list).args(["app"]).run(),
        125,
        &format!(
            "error: cannot read the kubeconfig {}: is a directory\n",
            folder.path().display()
        ),
    );
}

#[test]
fn a_kubeconfig_of_another_tongue() {
    let sandbox = with_token();
    let folder = kubeconfig(&sandbox, "", &format!("token: {TOKEN}"));
    let path = folder.path().join("config");
    let text = fs::read_to_string(&path).unwrap();
    for told in [
        format!("\u{feff}{text}"),
        text.replace('\n', "\r\n"),
        format!("apiVersion: v1\nkind: Config\n{text}"),
    ] {
        fs::write(&path, told).unwrap();
        assert_added(&sandbox, &add(&folder).run(), "robot");
    }
    fs::write(&path, format!("apiVersion: v2\nkind: Config\n{text}")).unwrap();
    assert_said(
        &add(&folder).run(),
        125,
        &format!(
            "error: the kubeconfig {} is not valid: it is `v2, Kind=Config`, not `v1, Kind=Config`\n",
            path.display()
        ),
    );
}

#[test]
fn a_field_of_the_cluster_that_cannot_be_used_is_named() {
    let sandbox = with_token();
    for (cluster, stderr) in [
        (
            "server: 'ftp://x'",
            "error: cluster \"c\" has the server \"ftp://x\", which is no http or https URL\n",
        ),
        (
            "certificate-authority-data: 'not base64'",
            "error: certificate-authority-data of cluster \"c\" is not base64\n",
        ),
        (
            "certificate-authority-data: aGVsbG8=",
            "error: certificate-authority-data of cluster \"c\" holds no certificate\n",
        ),
        (
            "certificate-authority: /nonexistent/ca.crt",
            "error: cannot read certificate-authority /nonexistent/ca.crt of cluster \"c\": \
             no such file or directory\n",
        ),
        (
            "insecure-skip-tls-verify: true, certificate-authority: /nonexistent/ca.crt",
            "error: cannot read certificate-authority /nonexistent/ca.crt of cluster \"c\": \
             no such file or directory\n",
        ),
    ] {
        let folder = kubeconfig(&sandbox, cluster, &format!("token: {TOKEN}"));
        assert_said(&add(&folder).run(), 125, stderr);
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_server_that_does_not_answer_in_the_time_it_is_given() {
    let sandbox = with_token();
    let folder = kubeconfig(&sandbox, "", &format!("token: {TOKEN}"));
    sandbox.on(Request::get()).half_open();
    assert_said(
        &add(&folder).args(["--request-timeout=200ms"]).run(),
        125,
        "error: the server at https://127.0.0.1:PORT did not answer within 200ms\n\
         hint: is the cluster up, and is this the right context? `kubectl config current-context` tells\n",
    );
}

/// Returns the certificate of the authority in a kubeconfig, as a file has it.
pub(crate) fn authority_of(kubeconfig: &Path) -> Vec<u8> {
    let text = fs::read_to_string(kubeconfig).unwrap();
    let data = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("certificate-authority-data: "))
        .unwrap();
    base64(data)
}

pub(crate) fn base64(data: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD
        .decode(data)
        .unwrap()
}

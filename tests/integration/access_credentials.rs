//! Each way to say who we are: tokens, certificates, plug-ins; and what is wrong with them.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use sandbox::{Request, Sandbox};
use tempfile::TempDir;

use crate::{
    access::{TOKEN, add, assert_added, assert_secret, kubeconfig, with_token},
    plugin::{Ended, Plugin, settled},
    screen::Screen,
};

/// A credential plug-in: a script that counts its runs and keeps what it was told.
pub(crate) struct Script {
    folder: TempDir,
}

impl Script {
    pub(crate) fn new(body: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("login");
        let text = format!(
            "#!/bin/sh\necho run >> '{0}/runs'\nprintf %s \"$KUBERNETES_EXEC_INFO\" > '{0}/info'\n{body}\n",
            folder.path().display()
        );
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    /// Prints a token.
    fn token(token: &str) -> Self {
        Self::status(&format!(r#"{{"token": "{token}"}}"#))
    }

    fn status(status: &str) -> Self {
        Self::new(&format!(
            "cat <<'END'\n{{\"apiVersion\": \"client.authentication.k8s.io/v1\", \
             \"kind\": \"ExecCredential\", \"status\": {status}}}\nEND"
        ))
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("login")
    }

    /// The user of a kubeconfig.
    pub(crate) fn user(&self, more: &str) -> String {
        format!(
            "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, \
             command: '{}'{more}}}",
            self.path().display()
        )
    }

    fn runs(&self) -> usize {
        let runs = fs::read_to_string(self.folder.path().join("runs"));
        runs.unwrap_or_default().lines().count()
    }

    fn info(&self) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.folder.path().join("info")).unwrap()).unwrap()
    }
}

fn run(sandbox: &Sandbox, user: &str) -> Ended {
    let ended = add(&kubeconfig(sandbox, "", user)).run();
    assert_secret(&ended);
    ended
}

fn assert_said(ended: &Ended, stderr: &str) {
    assert_eq!(settled(&ended.stderr), stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
}

#[test]
fn a_plugin_is_run_once_and_its_words_are_passed_on() {
    let sandbox = with_token();
    let script = Script::new(
        "echo 'please wait' >&2\necho '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \
         \"kind\": \"ExecCredential\", \"status\": {\"token\": \"'\"$GIVEN\"'\"}}'",
    );
    let user = script.user(&format!(", env: [{{name: GIVEN, value: {TOKEN}}}]"));
    let ended = run(&sandbox, &user);
    assert_added(&sandbox, &ended, "robot");
    assert!(
        ended.stderr.starts_with("please wait\n"),
        "{}",
        ended.stderr
    );
    assert_eq!(script.runs(), 1);
    assert_eq!(
        script.info(),
        serde_json::json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "kind": "ExecCredential",
            "spec": {"interactive": false},
        })
    );
}

#[test]
fn a_plugin_is_told_of_the_cluster_where_it_wants_to_know() {
    let sandbox = with_token();
    let script = Script::token(TOKEN);
    let folder = kubeconfig(
        &sandbox,
        "extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a}}]",
        &script.user(", provideClusterInfo: true"),
    );
    assert_added(&sandbox, &add(&folder).run(), "robot");
    let cluster = &script.info()["spec"]["cluster"];
    assert_eq!(cluster["server"], sandbox.url());
    assert_eq!(cluster["config"]["audience"], "a");
    assert!(cluster["certificate-authority-data"].is_string());
}

#[test]
fn a_plugin_may_give_a_certificate() {
    let sandbox = with_token();
    let stock = fs::read_to_string(sandbox.kubeconfig()).unwrap();
    let pem = |field: &str| {
        let mut lines = stock.lines();
        let data = lines
            .find_map(|line| line.trim().strip_prefix(field))
            .unwrap();
        crate::access::base64(data)
    };
    let status = serde_json::json!({
        "clientCertificateData": String::from_utf8(pem("client-certificate-data: ")).unwrap(),
        "clientKeyData": String::from_utf8(pem("client-key-data: ")).unwrap(),
    });
    let script = Script::status(&status.to_string());
    assert_added(&sandbox, &run(&sandbox, &script.user("")), "admin");
    assert_eq!(script.runs(), 1);
}

#[test]
fn a_token_beside_a_plugin_leaves_it_alone() {
    let sandbox = with_token();
    let script = Script::token("unused");
    let folder = kubeconfig(&sandbox, "", &script.user(""));
    let ended = add(&folder).args(["--token", TOKEN]).run();
    assert_added(&sandbox, &ended, "robot");
    assert_eq!(script.runs(), 0);
}

#[test]
fn credentials_that_are_not_accepted_any_more_are_renewed_once() {
    let sandbox = with_token();
    sandbox.on(Request::patch().first()).unauthorized();
    let script = Script::token(TOKEN);
    assert_added(&sandbox, &run(&sandbox, &script.user("")), "robot");
    assert_eq!(script.runs(), 2);

    let script = Script::token("unknown-t0ken");
    let ended = run(&sandbox, &script.user(""));
    assert_said(
        &ended,
        "Error from server (Unauthorized): Unauthorized\n\
         hint: log in again; the credentials in the kubeconfig are not accepted\n",
    );
    assert_eq!(script.runs(), 2);
}

#[test]
fn credentials_are_renewed_in_the_middle_of_a_session_too() {
    for request in [
        Request::watch().path("/pods?"),
        Request::log(),
        Request::get(),
    ] {
        let sandbox = with_token();
        let refused = sandbox.on(request.first());
        let refused = refused.unauthorized();
        let script = Script::token(TOKEN);
        let folder = kubeconfig(&sandbox, "", &script.user(""));
        let ended = Plugin::with_kubeconfig(folder.path().join("config"))
            // Which has a log that is read.
            .args([
                "app",
                "--arguments-only",
                "--",
                "sh",
                "-c",
                "echo done; exit 5",
            ])
            .run();
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (5, "done\n"),
            "{}",
            ended.stderr
        );
        assert_eq!((refused.hits(), script.runs()), (1, 2));
        assert_secret(&ended);
    }
}

#[test]
fn credentials_are_renewed_for_the_stream_and_for_the_events_too() {
    for request in [Request::attach(), Request::watch().path("/events?")] {
        let sandbox = with_token();
        let refused = sandbox.on(request.first());
        let refused = refused.unauthorized();
        let script = Script::token(TOKEN);
        let folder = kubeconfig(&sandbox, "", &script.user(""));
        let config = folder.path().join("config").display().to_string();
        let mut screen = Screen::of_plugin(&sandbox, &["app", "--kubeconfig", &config]);
        screen.wait_for_prompt("/ #");
        screen.wait_while("not renewed", || script.runs() < 2);
        screen.type_keys("exit 5\r");
        assert_eq!(screen.wait_for_end(), 5);
        assert_eq!((refused.hits(), script.runs()), (1, 2));
    }
}

#[test]
fn a_plugin_that_does_not_do_its_work_is_told_of_and_never_quoted() {
    let sandbox = with_token();
    let login = "the credential plug-in `PATH` of user \"u\"";
    for (body, said) in [
        (
            "echo 'token expired' >&2; exit 3",
            format!(
                "token expired\nerror: {login} failed with exit code 3\n\
                 hint: what it said stands above; it may want you to log in\n"
            ),
        ),
        (
            &format!("echo {TOKEN}"),
            format!(
                "error: {login} printed no ExecCredential, as JSON\n\
                 hint: it prints something else besides; run it by itself to see\n"
            ),
        ),
        (
            &format!(
                r#"echo '{{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1", "status": {{"token": "{TOKEN}"}}}}'"#
            ),
            format!(
                "error: {login} answered in another version than it was asked for\n\
                 hint: the kubeconfig asks for `client.authentication.k8s.io/v1`\n"
            ),
        ),
        (
            r#"echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1"}'"#,
            format!("error: {login} printed neither a token nor a certificate\n"),
        ),
        (
            "exec head -c 10000000 /dev/zero",
            format!("error: {login} printed more than a megabyte\n"),
        ),
        (
            "kill -9 $$",
            format!(
                "error: {login} was ended by a signal\nhint: what it said stands above; it may want you to log in\n"
            ),
        ),
    ] {
        let script = Script::new(body);
        let said = said.replace("PATH", &script.path().display().to_string());
        assert_said(&run(&sandbox, &script.user("")), &said);
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn row_79_a_plugin_may_ask_the_user_before_the_session_begins() {
    let sandbox = with_token();
    let script = Script::new(
        "printf 'code: ' >&2\nread -r code\necho '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \
         \"kind\": \"ExecCredential\", \"status\": {\"token\": \"'\"$code\"'\"}}'",
    );
    let folder = kubeconfig(&sandbox, "", &script.user(""));
    let config = folder.path().join("config").display().to_string();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "--kubeconfig", &config]);
    // It is typed, and the terminal echoes it.
    screen.may_show(TOKEN);
    screen.wait_for_prompt("code:");
    screen.type_keys(&format!("{TOKEN}\r"));
    screen.wait_for_prompt("/ #");
    screen.type_keys("exit 4\r");
    assert_eq!(screen.wait_for_end(), 4);
    assert_eq!(script.info()["spec"]["interactive"], true);
    assert_eq!(script.runs(), 1);
}

#[test]
fn a_login_with_openid_connect_whose_token_is_still_good() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let (head, claims) = (part(r#"{"alg":"none"}"#), part(r#"{"exp":4102444800}"#));
    let token = format!("{head}.{claims}.{}", part("signature"));
    let world = sandbox::World::plain().token(&token, "oidc-user");
    let sandbox = Sandbox::start(world.rule("oidc-user", false, &["*"], &["*"])).unwrap();
    let user = format!(
        "auth-provider: {{name: oidc, config: {{id-token: {token}, client-id: c, client-secret: s, \
         refresh-token: r, idp-issuer-url: 'https://127.0.0.1:1'}}}}"
    );
    let ended = run(&sandbox, &user);
    assert_added(&sandbox, &ended, "oidc-user");
    assert!(!ended.stderr.contains(&token), "{}", ended.stderr);
}

#[test]
fn a_plugin_that_cannot_be_run() {
    let sandbox = with_token();
    let exec = "apiVersion: client.authentication.k8s.io/v1, interactiveMode";
    assert_said(
        &run(
            &sandbox,
            &format!(
                "exec: {{{exec}: Never, command: nosuch-login, installHint: 'brew install it'}}"
            ),
        ),
        "error: the credential plug-in `nosuch-login` of user \"u\" cannot be run: it is not installed\n\
         hint: brew install it\n",
    );
    let script = Script::token(TOKEN);
    fs::set_permissions(script.path(), fs::Permissions::from_mode(0o644)).unwrap();
    assert_said(
        &run(&sandbox, &script.user("")),
        &format!(
            "error: the credential plug-in `{}` of user \"u\" cannot be run: permission denied\n",
            script.path().display()
        ),
    );
    assert_said(
        &run(
            &sandbox,
            &format!("exec: {{{exec}: Always, command: login}}"),
        ),
        "error: the credential plug-in `login` of user \"u\" needs a terminal, and standard input is none\n\
         hint: log in from a terminal first, if the plug-in remembers it\n",
    );
}

#[test]
fn input_43_a_plugin_that_the_users_own_policy_does_not_allow() {
    let sandbox = with_token();
    let script = Script::token(TOKEN);
    let folder = kubeconfig(&sandbox, "", &script.user(""));
    let kuberc = folder.path().join("kuberc");
    fs::write(&kuberc, "credentialPluginPolicy: DenyAll\n").unwrap();
    let kuberc = kuberc.display().to_string();
    let ended = add(&folder).variable("KUBERC", &kuberc).run();
    assert_said(
        &ended,
        &format!(
            "error: the credential plug-in `{}` of user \"u\" is not run: credentialPluginPolicy in {kuberc} \
             does not allow it\n\
             hint: add its name to credentialPluginAllowlist there, if you trust it\n",
            script.path().display()
        ),
    );
    assert_eq!(script.runs(), 0);
}

#[test]
fn a_provider_that_kubernetes_dropped_is_explained() {
    let sandbox = with_token();
    assert_said(
        &run(&sandbox, "auth-provider: {name: azure}"),
        "error: auth-provider `azure` of user \"u\" is gone from Kubernetes since 1.26\n\
         hint: install kubelogin; `kubelogin convert-kubeconfig` changes the kubeconfig\n",
    );
}

#[test]
fn tokens_in_files_count_before_tokens_beside_them() {
    let sandbox = with_token();
    let folder = kubeconfig(&sandbox, "", "token: other, tokenFile: token");
    let file = folder.path().join("token");
    fs::write(&file, format!("{TOKEN}\n")).unwrap();
    assert_added(&sandbox, &add(&folder).run(), "robot");
}

//! A login with `OpenID Connect`, against an issuer of the test's own: discovery and token endpoint,
//! over TLS, recognised by an authority that the kubeconfig names.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, KeyPair};
use rustix::process::Signal;
use sandbox::{Request, Sandbox, World};
use tempfile::TempDir;

use crate::{
    access::{add, assert_added, kubeconfig},
    listener::{Listener, Role, tls},
    plugin::{Ended, Plugin, settled},
    screen::Screen,
    stock,
};

/// What the issuer gives for the first refresh-token.
const SECOND_REFRESH: &str = "second-refresh-t0ken";

/// A token as issuers make them; what it says counts here, not who signed it.
fn id_token(end: i64, text: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = part(&format!(r#"{{"exp":{end},"sub":"{text}"}}"#));
    format!(
        "{}.{claims}.{}",
        part(r#"{"alg":"none"}"#),
        part("signature")
    )
}

fn expired() -> String {
    id_token(86_400, "expired")
}

fn fresh() -> String {
    id_token(4_102_444_800, "fresh")
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn discovery(request: &str) -> String {
    let lower = request.to_lowercase();
    let host = lower.split("host: ").nth(1).unwrap();
    let host = host.split("\r\n").next().unwrap();
    let endpoint = format!(r#"{{"token_endpoint":"https://{host}/realm/token?x=1"}}"#);
    answer("200 OK", &endpoint)
}

/// Takes the program's proof in the header.
fn good(request: &str) -> String {
    if request.starts_with("GET /realm/.well-known/openid-configuration ") {
        return discovery(request);
    }
    // client/1:s ecret, encoded as a form first. Go writes the header with a capital.
    let proof = "uthorization: Basic Y2xpZW50JTJGMTpzK2VjcmV0";
    assert!(request.contains(proof), "{request}");
    let form = "grant_type=refresh_token&refresh_token=first+refresh%2Ft0ken";
    if !request.ends_with(form) {
        return answer("400 Bad Request", r#"{"error":"invalid_grant"}"#);
    }
    let id = fresh();
    answer(
        "200 OK",
        &format!(
            r#"{{"access_token":"a","token_type":"bearer","id_token":"{id}","refresh_token":"{SECOND_REFRESH}"}}"#
        ),
    )
}

/// Takes the program's proof in the body only, and keeps the refresh-token.
fn wants_the_body(request: &str) -> String {
    if request.starts_with("GET ") {
        return discovery(request);
    }
    if !request.ends_with("&client_id=client%2F1&client_secret=s+ecret") {
        return answer("401 Unauthorized", r#"{"error":"invalid_client"}"#);
    }
    answer("200 OK", &format!(r#"{{"id_token":"{}"}}"#, fresh()))
}

struct Scene {
    sandbox: Sandbox,
    issuer: Listener,
    folder: TempDir,
}

impl Scene {
    /// A cluster that knows the fresh token, and a login with the given id-token.
    fn new(role: fn(&str) -> String, id: Option<&str>) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let issuer = Listener::start(Role::Http(role), Some(tls(&certificate, &key)), None);
        let world = World::plain().token(&fresh(), "oidc-user");
        let world = world.rule("oidc-user", false, &["*"], &["*"]);
        let sandbox = Sandbox::start(world).unwrap();
        let id = id.map_or_else(String::new, |id| format!("id-token: {id},"));
        let user = format!(
            "auth-provider: {{name: oidc, config: {{idp-issuer-url: 'https://{}/realm/', client-id: client/1, \
             client-secret: s ecret, {id} refresh-token: first refresh/t0ken, \
             idp-certificate-authority: ISSUER}}}}",
            issuer.address()
        );
        let folder = kubeconfig(&sandbox, "", &user);
        let authority = folder.path().join("issuer.crt");
        fs::write(&authority, certificate.pem()).unwrap();
        let scene = Self {
            sandbox,
            issuer,
            folder,
        };
        let text = scene
            .text()
            .replace("ISSUER", &authority.display().to_string());
        let text = format!("# kept by hand\n{text}");
        let config = scene.folder.path().join("config");
        fs::write(&config, text).unwrap();
        fs::set_permissions(config, fs::Permissions::from_mode(0o640)).unwrap();
        scene
    }

    fn text(&self) -> String {
        fs::read_to_string(self.folder.path().join("config")).unwrap()
    }

    fn run(&self) -> Ended {
        self.run_with(&[])
    }

    fn run_with(&self, args: &[&str]) -> Ended {
        let ended = add(&self.folder).args(args).run();
        for secret in [
            &fresh(),
            &expired(),
            SECOND_REFRESH,
            "first refresh/t0ken",
            "s ecret",
        ] {
            assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
        }
        ended
    }

    /// Fails unless it ended because the login cannot be renewed, for that reason.
    fn assert_not_renewed(&self, ended: &Ended, reason: &str) {
        assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
        assert_eq!(
            settled(&ended.stderr),
            format!(
                "error: the login of user \"u\" cannot be renewed: {reason}\n\
                 hint: log in again, as you did the first time; that writes new tokens into the kubeconfig\n"
            )
        );
        assert!(self.sandbox.requests().is_empty());
    }
}

#[test]
fn a_login_that_has_expired_is_renewed_once_and_kept() {
    let scene = Scene::new(good, Some(&expired()));
    let before = scene.text();
    // Not even the requests to the issuer show a secret.
    let ended = scene.run_with(&["-v=8"]);
    assert!(ended.stderr.contains("verb=\"POST\""), "{}", ended.stderr);
    assert_added(&scene.sandbox, &ended, "oidc-user");
    assert_eq!(scene.issuer.seen().len(), 2, "{:?}", scene.issuer.seen());
    assert!(scene.issuer.seen()[1].starts_with("POST /realm/token?x=1 "));
    let kept = before
        .replace(&expired(), &fresh())
        .replace("first refresh/t0ken", SECOND_REFRESH);
    assert_eq!(scene.text(), kept);
    let config = scene.folder.path().join("config");
    let mode = fs::metadata(config).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    // Nothing else is left in the folder, and the next time there is nothing to renew.
    assert_eq!(fs::read_dir(scene.folder.path()).unwrap().count(), 2);
    assert_added(&scene.sandbox, &scene.run(), "oidc-user");
    assert_eq!(scene.issuer.seen().len(), 2);
}

#[test]
fn stock_kubectl_keeps_the_same_tokens() {
    let Some(kubectl) = stock::kubectl() else {
        return;
    };
    let scene = Scene::new(good, Some(&expired()));
    let config = scene.folder.path().join("config");
    let theirs = Command::new(kubectl)
        .args(["get", "--raw", "/api/v1/namespaces/default/pods/app"])
        .env_clear()
        .env("HOME", scene.folder.path())
        .env("KUBECONFIG", config)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&theirs.stderr);
    assert!(theirs.status.success(), "{said}");
    let kept = scene.text();
    assert!(
        kept.contains(&fresh()) && kept.contains(SECOND_REFRESH),
        "{kept}"
    );
    // What it has written, we read.
    assert_added(&scene.sandbox, &scene.run(), "oidc-user");
    assert_eq!(scene.issuer.seen().len(), 2);
}

#[test]
fn an_issuer_may_want_the_proof_in_the_body() {
    let scene = Scene::new(wants_the_body, Some(&expired()));
    assert_added(&scene.sandbox, &scene.run(), "oidc-user");
    assert_eq!(scene.issuer.seen().len(), 3);
    assert!(scene.text().contains(&fresh()));
    assert!(scene.text().contains("first refresh/t0ken"));
}

#[test]
fn a_login_that_the_server_does_not_accept_any_more_is_renewed() {
    let scene = Scene::new(good, Some(&fresh()));
    scene
        .sandbox
        .on(Request::watch().path("/pods?").first())
        .unauthorized();
    let ended = Plugin::with_kubeconfig(scene.folder.path().join("config"))
        .args(["app", "--arguments-only", "--", "sh", "-c", "exit 5"])
        .run();
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert_eq!(scene.issuer.seen().len(), 2);
    assert!(scene.text().contains(SECOND_REFRESH));
}

/// Whether the issuer of one test may answer.
static MAY_ANSWER: AtomicBool = AtomicBool::new(false);

/// Gives the new tokens once the program was told to end.
fn slow(request: &str) -> String {
    while request.starts_with("POST ") && !MAY_ANSWER.load(Ordering::Relaxed) {
        std::thread::park_timeout(Duration::from_millis(5));
    }
    good(request)
}

#[test]
fn who_is_interrupted_while_a_login_is_renewed_keeps_it() {
    let scene = Scene::new(slow, Some(&expired()));
    let asked = || scene.issuer.seen().len() == 2;
    let answer = || MAY_ANSWER.store(true, Ordering::Relaxed);
    let ended = add(&scene.folder).signalled_and(Signal::INT, asked, answer);
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    let kept = scene.text();
    assert!(
        kept.contains(&fresh()) && kept.contains(SECOND_REFRESH),
        "{kept}"
    );
    assert!(scene.sandbox.requests().is_empty());
}

/// Whether nobody waits any more for the issuer of another test.
static NOBODY_WAITS: AtomicBool = AtomicBool::new(false);

/// Does not answer while anybody waits.
fn never(request: &str) -> String {
    while request.starts_with("POST ") && !NOBODY_WAITS.load(Ordering::Relaxed) {
        std::thread::park_timeout(Duration::from_millis(5));
    }
    discovery(request)
}

#[test]
fn who_is_interrupted_twice_does_not_wait_for_the_issuer() {
    let scene = Scene::new(never, Some(&expired()));
    let config = scene.folder.path().join("config");
    let args = ["app", "--kubeconfig", config.to_str().unwrap()];
    let mut screen = Screen::of_plugin(&scene.sandbox, &args);
    screen.wait_while("the issuer is not asked", || scene.issuer.seen().len() < 2);
    screen.type_keys("\x03");
    screen.wait_for("leaving once the new tokens of the login are kept; Ctrl-C leaves at once");
    screen.type_keys("\x03");
    let code = screen.wait_for_end();
    NOBODY_WAITS.store(true, Ordering::Relaxed);
    assert_eq!(code, 130);
}

#[test]
fn a_login_that_cannot_be_kept_counts_all_the_same() {
    let scene = Scene::new(good, Some(&expired()));
    let lock = scene.folder.path().join("config.lock");
    fs::write(&lock, "").unwrap();
    let ended = scene.run();
    assert_added(&scene.sandbox, &ended, "oidc-user");
    assert!(
        ended.stderr.starts_with(&format!(
            "warning: the new tokens of user \"u\" cannot be kept in the kubeconfig, so a new login may be \
             needed soon: {} says that somebody else writes\n",
            lock.canonicalize().unwrap().display()
        )),
        "{}",
        ended.stderr
    );
    assert!(lock.exists());
}

#[test]
fn why_a_login_cannot_be_renewed_is_told() {
    let id = expired();
    let refuses = |request: &str| {
        if request.starts_with("GET ") {
            return discovery(request);
        }
        let body = r#"{"error":"invalid_grant","error_description":"Session not active"}"#;
        answer("400 Bad Request", body)
    };
    let scene = Scene::new(refuses, Some(&id));
    scene.assert_not_renewed(
        &scene.run(),
        "https://127.0.0.1:PORT/realm/ answered 400 Bad Request: invalid_grant: Session not active",
    );
    let silent = |request: &str| {
        if request.starts_with("GET ") {
            return discovery(request);
        }
        answer("200 OK", "{}")
    };
    let scene = Scene::new(silent, Some(&id));
    scene.assert_not_renewed(
        &scene.run(),
        "https://127.0.0.1:PORT/realm/ gave no id_token, which it does for the scope `openid` only",
    );
    let scene = Scene::new(|_| answer("404 Not Found", "no"), Some(&id));
    scene.assert_not_renewed(
        &scene.run(),
        "https://127.0.0.1:PORT/realm/.well-known/openid-configuration answered 404 Not Found",
    );
    let scene = Scene::new(|_| answer("200 OK", "<html>"), Some(&id));
    scene.assert_not_renewed(
        &scene.run(),
        "https://127.0.0.1:PORT/realm/.well-known/openid-configuration names no token_endpoint",
    );
}

#[test]
fn an_issuer_that_cannot_be_asked_is_told_from_the_server() {
    let id = expired();
    let scene = Scene::new(good, Some(&id));
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let authority = scene.folder.path().join("issuer.crt");
    fs::write(authority, other.cert.pem()).unwrap();
    scene.assert_not_renewed(
        &scene.run(),
        "127.0.0.1:PORT cannot be trusted: its certificate is signed by an unknown authority",
    );
    let config = scene.folder.path().join("config");
    let address = scene.issuer.address().to_string();
    let text = scene.text().replace(&address, "127.0.0.1:1");
    fs::write(&config, &text).unwrap();
    scene.assert_not_renewed(
        &scene.run(),
        "cannot reach 127.0.0.1:PORT: connection refused",
    );
    fs::write(
        &config,
        text.replace("refresh-token: first refresh/t0ken,", ""),
    )
    .unwrap();
    scene.assert_not_renewed(
        &scene.run(),
        "its id-token expired on 1970-01-02, and there is no refresh-token",
    );
    fs::write(
        &config,
        text.replace("refresh-token: first refresh/t0ken,", "")
            .replace(&format!("id-token: {id},"), ""),
    )
    .unwrap();
    scene.assert_not_renewed(&scene.run(), "there is no id-token, and no refresh-token");
}

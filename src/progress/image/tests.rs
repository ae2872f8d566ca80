use serde_json::json;

use super::*;
use crate::{
    progress::{Trouble, Wording},
    shell::There,
};

fn subject(image: &str, secrets: &[&str]) -> Subject {
    let secrets: Vec<_> = secrets.iter().map(|name| json!({"name": name})).collect();
    let pod = json!({
        "metadata": {"name": "app", "namespace": "default"},
        "spec": {
            "imagePullSecrets": secrets,
            "containers": [{"name": "app", "image": "ghcr.io/acme/app:7"}],
            "ephemeralContainers": [{"name": "debugger", "image": image, "stdin": true, "tty": true}],
        },
    });
    Subject::of(
        &serde_json::from_value(pod).unwrap(),
        "debugger",
        &Wording::at(&There::new("default", Vec::new())),
    )
}

const SAID: [(&str, Fault); 17] = [
    // containerd, recorded
    (
        r#"rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nosuch:1": failed to resolve image: docker.io/library/nosuch:1: not found"#,
        Fault::NotFound,
    ),
    (
        r#"failed to pull and unpack image "docker.io/x:1": failed to resolve image: pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials"#,
        Fault::NotAllowed,
    ),
    (
        r#"failed to pull and unpack image "docker.io/x:1": failed to resolve image: unexpected status from HEAD request to http://127.0.0.1:5000/v2/x/manifests/1?ns=docker.io: 500 Internal Server Error"#,
        Fault::ServerError,
    ),
    (
        r#"failed to resolve reference "ghcr.io/acme/x:1": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 403 Forbidden"#,
        Fault::NotAllowed,
    ),
    (
        r#"failed to do request: Head "https://registry.invalid/v2/x/manifests/1": dial tcp: lookup registry.invalid on 10.0.0.10:53: no such host"#,
        Fault::UnknownHost,
    ),
    (
        r#"failed to do request: Head "https://10.1.1.1/v2/": dial tcp 10.1.1.1:443: i/o timeout"#,
        Fault::NoConnection,
    ),
    (
        r#"failed to do request: Head "https://r/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
        Fault::Untrusted,
    ),
    (
        r#"Head "https://r:5000/v2/": http: server gave HTTP response to HTTPS client"#,
        Fault::Untrusted,
    ),
    (
        "unexpected status from HEAD request to https://registry-1.docker.io/v2/library/x/manifests/1: 429 Too Many Requests",
        Fault::RateLimit,
    ),
    (
        "toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
        Fault::RateLimit,
    ),
    (
        "failed to pull and unpack image: no match for platform in manifest: not found",
        Fault::WrongPlatform,
    ),
    // CRI-O
    (
        "choosing image instance: no image found in image index for architecture arm64, variant \"v8\", OS linux",
        Fault::WrongPlatform,
    ),
    (
        "reading manifest 1 in quay.io/acme/x: unauthorized: access to the requested resource is not authorized",
        Fault::NotAllowed,
    ),
    (
        "reading manifest 9 in docker.io/library/x: manifest unknown",
        Fault::NotFound,
    ),
    // Docker
    (
        "Error response from daemon: no matching manifest for linux/arm64/v8 in the manifest list entries",
        Fault::WrongPlatform,
    ),
    ("pull QPS exceeded", Fault::NodeBusy),
    ("something new", Fault::Other),
];

#[test]
fn faults_are_told_apart_by_the_words_of_runtimes_and_registries() {
    for (message, expected) in SAID {
        assert_eq!(fault("x:1", message), expected, "{message}");
    }
}

#[test]
fn the_name_of_the_image_is_no_sign() {
    let message = "failed to resolve image: docker.io/denied/certificate:1: not found";
    assert_eq!(fault("denied/certificate:1", message), Fault::NotFound);
}

#[test]
fn each_fault_has_a_cause_and_the_line_that_cures_it() {
    let line = "`kubectl ephemeral pod/app -n default --image=IMAGE`";
    let elsewhere = "another image, as from `ghcr.io` where the pod's own come from: ";
    for (image, secrets, message, cause, hint) in [
        (
            "busybox:1",
            &[][..],
            "not found",
            "image `busybox:1` was not found in its registry",
            format!("is the name spelt right, with its tag? {elsewhere}{line}"),
        ),
        (
            "busybox:1",
            &[],
            "unauthorized",
            "the node may not pull image `busybox:1`, or there is none of that name",
            format!("the pod has no imagePullSecrets, and a running pod gets none; {elsewhere}{line}"),
        ),
        (
            "ghcr.io/acme/tool:1",
            &["ghcr", "more"],
            "unauthorized",
            "the node may not pull image `ghcr.io/acme/tool:1`, or there is none of that name",
            format!(
                "the pod pulls with the secrets `ghcr`, `more`, and a running pod gets no others; another image: {line}"
            ),
        ),
        (
            "busybox:1",
            &[],
            "toomanyrequests: too many",
            "the registry `docker.io` of image `busybox:1` has had too many requests",
            "a mirror may have it: `kubectl ephemeral pod/app -n default --image=mirror.gcr.io/library/busybox:1`"
                .to_owned(),
        ),
        (
            "localhost:5000/x:1",
            &[],
            "dial tcp 127.0.0.1:5000: connect: connection refused",
            "the node cannot reach `localhost:5000`, the registry of image `localhost:5000/x:1`",
            format!("{elsewhere}{line}"),
        ),
        (
            "busybox:1",
            &[],
            "no match for platform in manifest",
            "image `busybox:1` is not built for the node's platform",
            format!(
                "`kubectl get pod app -n default -o wide` names the node, `kubectl get nodes -L kubernetes.io/arch` its platform; {elsewhere}{line}"
            ),
        ),
    ] {
        let Trouble { cause: told, hint: told_hint, .. } =
            pull_failed(&subject(image, secrets), message).trouble;
        assert_eq!((told.as_str(), told_hint), (cause, hint), "{message}");
    }
}

#[test]
fn registry_and_repository_are_read_from_the_name() {
    for (image, host, name) in [
        ("busybox", DEFAULT_REGISTRY, "busybox"),
        ("acme/x:1", DEFAULT_REGISTRY, "acme/x"),
        ("ghcr.io/acme/x:1", "ghcr.io", "ghcr.io/acme/x"),
        ("localhost:5000/x", "localhost:5000", "localhost:5000/x"),
        ("x@sha256:abc", DEFAULT_REGISTRY, "x"),
    ] {
        assert_eq!(
            (registry(image), repository(image)),
            (host, name),
            "{image}"
        );
    }
}

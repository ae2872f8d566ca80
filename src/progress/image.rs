//! Why an image does not get to its node.
//!
//! Runtimes and registries say it in words of their own: those of containerd 1.6 to 2.1 are recorded,
//! those of CRI-O and Docker are from their sources.

use super::{
    subject::{Change, Subject},
    trouble::{Chances, Ending, Finding, Kind},
};

/// The registry of an image that names none.
const DEFAULT_REGISTRY: &str = "docker.io";

/// Why a pull failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    WrongPlatform,
    RateLimit,
    /// The kubelet itself holds back; no registry was asked.
    NodeBusy,
    UnknownHost,
    Untrusted,
    NoConnection,
    ServerError,
    NotAllowed,
    NotFound,
    Other,
}

/// What gives a fault away, in the order in which it is looked for: a manifest without the platform
/// is "not found" too, and a limit may be told as "denied".
const SIGNS: [(Fault, &[&str]); 9] = [
    (
        Fault::WrongPlatform,
        &[
            "no match for platform",
            "no matching manifest",
            "no image found in manifest list",
            "no image found in image index",
            "does not match the specified platform",
        ],
    ),
    (Fault::NodeBusy, &["pull qps exceeded"]),
    (
        Fault::RateLimit,
        &["toomanyrequests", "too many requests", "rate limit"],
    ),
    (
        Fault::UnknownHost,
        &["no such host", "server misbehaving", "name resolution"],
    ),
    (
        Fault::Untrusted,
        &["x509:", "certificate", "gave http response to https client"],
    ),
    (
        Fault::NoConnection,
        &[
            "dial tcp",
            "connection refused",
            "connection reset",
            "i/o timeout",
            "tls handshake timeout",
            "deadline exceeded",
            "request canceled",
            "no route to host",
            "network is unreachable",
            "registryunavailable",
        ],
    ),
    (
        Fault::NotAllowed,
        &[
            "unauthorized",
            "authorization failed",
            "authentication required",
            "access denied",
            "denied:",
            "403 forbidden",
            "no basic auth credentials",
            "insufficient_scope",
        ],
    ),
    (
        Fault::ServerError,
        &[
            "500 internal server error",
            "502 bad gateway",
            "503 service unavailable",
            "504 gateway",
            "unexpected status",
        ],
    ),
    (
        Fault::NotFound,
        &[
            "not found",
            "manifest unknown",
            "name unknown",
            "name_unknown",
            "does not exist",
        ],
    ),
];

/// Says why a pull failed. The kubelet goes on trying, at ever longer intervals.
pub(super) fn pull_failed(subject: &Subject, message: &str) -> Finding {
    let fault = fault(&subject.image, message);
    let (cause, hint) = (cause(subject, fault), hint(subject, fault));
    let chances = if fault == Fault::NodeBusy {
        Chances::Many
    } else {
        Chances::OneUnlessTold
    };
    let ending = match fault {
        Fault::RateLimit
        | Fault::NodeBusy
        | Fault::UnknownHost
        | Fault::Untrusted
        | Fault::NoConnection
        | Fault::ServerError => Ending::NeedsYou,
        Fault::WrongPlatform | Fault::NotAllowed | Fault::NotFound | Fault::Other => {
            Ending::NeverWill
        }
    };
    found(chances, ending, cause, message, hint)
}

/// Says that no registry can be asked for a name like that.
pub(super) fn invalid_name(subject: &Subject, message: &str) -> Finding {
    let cause = format!("`{}` is no valid image name", subject.image);
    hopeless(cause, message, other_image(subject))
}

/// Says that the image is not on the node, or not for this pod, and must not be pulled.
pub(super) fn never_pulled(subject: &Subject, message: &str) -> Finding {
    let image = &subject.image;
    let cause = if message.contains("not present") {
        format!("image `{image}` is not on the node, and its pull policy is Never")
    } else {
        format!("image `{image}` is not for this pod to use, and its pull policy is Never")
    };
    let way = subject.way(Change::Pulled);
    hopeless(cause, message, format!("{way} adds one that is pulled"))
}

/// Says that the runtime cannot read an image that it has.
pub(super) fn not_inspected(subject: &Subject, message: &str) -> Finding {
    let cause = format!("the node cannot read image `{}`", subject.image);
    hopeless(cause, message, other_image(subject))
}

/// Says that a policy of the node does not accept the image's signature.
pub(super) fn not_signed(subject: &Subject, message: &str) -> Finding {
    let cause = format!(
        "the node does not accept the signature of image `{}`",
        subject.image
    );
    hopeless(cause, message, other_image(subject))
}

fn hopeless(cause: String, message: &str, hint: String) -> Finding {
    found(Chances::None, Ending::NeverWill, cause, message, hint)
}

fn found(chances: Chances, ending: Ending, cause: String, message: &str, hint: String) -> Finding {
    Finding::new(Kind::Image, chances, ending, cause, message, hint)
}

fn fault(image: &str, message: &str) -> Fault {
    // The name itself may hold any of the words.
    let name = repository(image);
    let words = message.split_whitespace().filter(|word| {
        let word = word.trim_matches(|letter: char| "\"':,()".contains(letter));
        let is_a_name = word == name || word.contains(['/', ':', '@']);
        !(is_a_name && word.contains(name))
    });
    let said = words.collect::<Vec<_>>().join(" ").to_lowercase();
    let has = |words: &&[&str]| words.iter().any(|word| said.contains(word));
    let sign = SIGNS.iter().find(|(_, words)| has(words));
    sign.map_or(Fault::Other, |(fault, _)| *fault)
}

fn cause(subject: &Subject, fault: Fault) -> String {
    let image = &subject.image;
    let registry = registry(image);
    match fault {
        Fault::WrongPlatform => format!("image `{image}` is not built for the node's platform"),
        Fault::RateLimit => {
            format!("the registry `{registry}` of image `{image}` has had too many requests")
        }
        Fault::NodeBusy => format!("the node pulls too many images to pull `{image}` now"),
        Fault::UnknownHost => {
            format!(
                "the node does not know the address of `{registry}`, the registry of image `{image}`"
            )
        }
        Fault::Untrusted => {
            format!("the node does not trust `{registry}`, the registry of image `{image}`")
        }
        Fault::NoConnection => {
            format!("the node cannot reach `{registry}`, the registry of image `{image}`")
        }
        Fault::ServerError => {
            format!("the registry `{registry}` answers with an error for image `{image}`")
        }
        Fault::NotAllowed => {
            format!("the node may not pull image `{image}`, or there is none of that name")
        }
        Fault::NotFound => format!("image `{image}` was not found in its registry"),
        Fault::Other => format!("image `{image}` cannot be pulled"),
    }
}

fn hint(subject: &Subject, fault: Fault) -> String {
    let image = &subject.image;
    match fault {
        Fault::WrongPlatform => format!(
            "`kubectl get pod {} -o wide` names the node, `kubectl get nodes -L kubernetes.io/arch{}` its platform; {}",
            subject.pod_words(),
            subject.wording.there.cluster_words(),
            other_image(subject)
        ),
        Fault::RateLimit if registry(image) == DEFAULT_REGISTRY => {
            let mirror = format!("mirror.gcr.io/{}", path_on_default_registry(image));
            let way = subject.way(Change::Image(&mirror));
            format!("a mirror may have it: {way}")
        }
        Fault::RateLimit | Fault::NodeBusy => "wait: it is tried again by itself".to_owned(),
        Fault::NotAllowed => {
            let with = if subject.pull_secrets.is_empty() {
                "the pod has no imagePullSecrets, and a running pod gets none".to_owned()
            } else {
                let secrets = crate::error::listed(&subject.pull_secrets);
                format!(
                    "the pod pulls with the secrets {secrets}, and a running pod gets no others"
                )
            };
            format!("{with}; {}", other_image(subject))
        }
        Fault::UnknownHost | Fault::Untrusted | Fault::NoConnection | Fault::ServerError => {
            other_image(subject)
        }
        Fault::NotFound | Fault::Other => {
            format!(
                "is the name spelt right, with its tag? {}",
                other_image(subject)
            )
        }
    }
}

/// Tells how to take another image; best from where the pod's own come from, since that works.
fn other_image(subject: &Subject) -> String {
    let way = subject.way(Change::Image("IMAGE"));
    let proven = subject
        .other_images
        .iter()
        .map(|image| registry(image))
        .find(|registry| *registry != self::registry(&subject.image));
    match proven {
        Some(registry) => {
            format!("another image, as from `{registry}` where the pod's own come from: {way}")
        }
        None => format!("another image: {way}"),
    }
}

/// Returns the host that an image is pulled from.
fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => first,
        _ => DEFAULT_REGISTRY,
    }
}

fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    match name.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => before,
        _ => name,
    }
}

fn path_on_default_registry(image: &str) -> String {
    let path = image.strip_prefix("docker.io/").unwrap_or(image);
    if path.contains('/') {
        path.to_owned()
    } else {
        format!("library/{path}")
    }
}

#[cfg(test)]
mod tests;

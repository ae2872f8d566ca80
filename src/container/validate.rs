//! What the API server would refuse of a container, told before anything is sent and all at once.
//!
//! Rules and words are those of `pkg/apis/core/validation/validation.go` of Kubernetes 1.36. A few
//! things are refused that the server takes and in which no container can ever start.

mod environment;
mod mounts;
mod security;

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::{image_reference, name, parts};
use crate::error::{Error, listed};

/// What the server says of a field that ephemeral containers must not have.
pub(super) const NOT_ALLOWED: &str = "Forbidden: cannot be set for an Ephemeral Container";
const REQUIRED: &str = "Required value";
const NOT_A_LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', \
     and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', \
     regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

/// How large a container may be, in bytes. What stores pods takes one and a half of it for all of
/// a pod.
const LARGEST: usize = 1024 * 1024;
/// How much of a value is told.
const SHOWN: usize = 200;

/// Checks containers that are about to be added to a pod together.
pub fn validate(containers: &[EphemeralContainer], pod: &Pod) -> Result<(), Error> {
    let mut faults = Vec::new();
    for (index, container) in containers.iter().enumerate() {
        let path = format!("spec.ephemeralContainers[{index}]");
        faults.extend(naming(container, &containers[..index], pod, &path));
        faults.extend(by_itself(container, &path));
        faults.extend(in_pod(container, pod, &path));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = containers
        .iter()
        .map(|container| container.name.clone())
        .collect();
    let what = match names.as_slice() {
        [one] => format!("container `{one}` is not valid"),
        names => format!("the containers {} are not valid", listed(names)),
    };
    Err(Error::Invalid { what, faults })
}

/// Returns the faults that do not depend on the pod, nor on the name, which may be given later.
pub(super) fn by_itself(container: &EphemeralContainer, path: &str) -> Vec<String> {
    let mut faults = Faults::at(path);
    match container.image.as_deref() {
        None | Some("") => faults.add("image", REQUIRED),
        Some(image) if image.trim() != image => {
            let why = "must not have leading or trailing whitespace";
            faults.add("image", &invalid(image, why));
        }
        // The server takes it, and no kubelet can read it.
        Some(image) => {
            if let Err(why) = image_reference::check(image) {
                faults.add("image", &invalid(image, &why));
            }
        }
    }
    let policy = container.image_pull_policy.as_deref();
    faults.among(
        "imagePullPolicy",
        policy,
        &["Always", "IfNotPresent", "Never"],
    );
    let policy = container.termination_message_policy.as_deref();
    faults.among(
        "terminationMessagePolicy",
        policy,
        &["File", "FallbackToLogsOnError"],
    );
    faults.words("command", container.command.as_deref());
    faults.words("args", container.args.as_deref());
    if container
        .command
        .as_ref()
        .and_then(|command| command.first())
        .is_some_and(String::is_empty)
    {
        faults.add("command[0]", REQUIRED);
    }
    environment::check(container, &mut faults);
    mounts::check(container, &mut faults);
    forbidden(container, &mut faults);
    if let Some(context) = &container.security_context {
        security::check(context, &mut faults);
    }
    let size = serde_json::to_vec(container).map_or(0, |bytes| bytes.len());
    if size > LARGEST {
        let told = format!(
            "Too long: it takes {size} bytes, and a pod cannot hold more than {LARGEST} of it"
        );
        faults.add("", &told);
    }
    faults.found
}

/// Returns the faults of the name. The server compares it with the names of all containers.
fn naming(
    container: &EphemeralContainer,
    before: &[EphemeralContainer],
    pod: &Pod,
    path: &str,
) -> Vec<String> {
    let mut faults = Faults::at(path);
    let name = container.name.as_str();
    let mut ephemeral = before.iter().chain(parts::ephemeral(pod));
    if name.is_empty() {
        faults.add("name", REQUIRED);
    } else if name.len() > 63 {
        faults.add("name", &invalid(name, "must be no more than 63 characters"));
    } else if !name::is_label(name) {
        faults.add("name", &invalid(name, NOT_A_LABEL));
    } else if is_ordinary(pod, name) || ephemeral.any(|other| other.name == name) {
        faults.add("name", &format!("Duplicate value: {}", quoted(name)));
    }
    faults.found
}

fn in_pod(container: &EphemeralContainer, pod: &Pod, path: &str) -> Vec<String> {
    let mut faults = Faults::at(path);
    mounts::check_in_pod(container, pod, &mut faults);
    if let Some(target) = container.target_container_name.as_deref()
        && !target.is_empty()
        && !is_ordinary(pod, target)
    {
        faults.add("targetContainerName", &not_found(target));
    }
    if let Some(context) = &container.security_context {
        security::check_in_pod(context, pod, &mut faults);
    }
    faults.found
}

fn is_ordinary(pod: &Pod, name: &str) -> bool {
    parts::ordinary(pod).any(|container| container.name == name)
}

/// What a file has of these is told while it is read; what is built may have them too.
fn forbidden(container: &EphemeralContainer, faults: &mut Faults<'_>) {
    fn any<T>(list: Option<&Vec<T>>) -> bool {
        list.is_some_and(|list| !list.is_empty())
    }
    let resources = container.resources.clone().unwrap_or_default();
    for (field, is_set) in [
        ("ports", any(container.ports.as_ref())),
        ("resources", resources != <_>::default()),
        ("livenessProbe", container.liveness_probe.is_some()),
        ("readinessProbe", container.readiness_probe.is_some()),
        ("startupProbe", container.startup_probe.is_some()),
        ("lifecycle", container.lifecycle.is_some()),
        ("resizePolicy", any(container.resize_policy.as_ref())),
        ("restartPolicy", container.restart_policy.is_some()),
        (
            "restartPolicyRules",
            any(container.restart_policy_rules.as_ref()),
        ),
    ] {
        if is_set {
            faults.add(field, NOT_ALLOWED);
        }
    }
}

/// Faults below a path.
struct Faults<'a> {
    path: &'a str,
    found: Vec<String>,
}

impl<'a> Faults<'a> {
    fn at(path: &'a str) -> Self {
        Self {
            path,
            found: Vec::new(),
        }
    }

    fn add(&mut self, field: &str, what: &str) {
        let path = below(self.path, field);
        let fault = if path.is_empty() {
            what.to_owned()
        } else {
            format!("{path}: {what}")
        };
        self.found.push(fault);
    }

    /// Checks a word that may be left out, and else is one of a few.
    fn among(&mut self, field: &str, value: Option<&str>, known: &[&str]) {
        let value = value.unwrap_or_default();
        if !value.is_empty() && !known.contains(&value) {
            let known: Vec<_> = known.iter().map(|word| format!("\"{word}\"")).collect();
            let told = format!(
                "Unsupported value: {}: supported values: {}",
                quoted(value),
                known.join(", ")
            );
            self.add(field, &told);
        }
    }

    /// Checks words that are passed to a program, which ends each with a NUL byte.
    fn words(&mut self, field: &str, words: Option<&[String]>) {
        for (index, word) in words.unwrap_or_default().iter().enumerate() {
            self.word(&format!("{field}[{index}]"), word);
        }
    }

    fn word(&mut self, field: &str, word: &str) {
        if word.contains('\0') {
            self.add(field, "Invalid value: must not have a NUL byte");
        }
    }
}

/// Joins a path and what is below it.
pub(super) fn below(path: &str, field: &str) -> String {
    match (path, field) {
        ("", field) => field.to_owned(),
        (path, "") => path.to_owned(),
        (path, field) => format!("{path}.{field}"),
    }
}

fn invalid(value: &str, why: &str) -> String {
    format!("Invalid value: {}: {why}", quoted(value))
}

fn not_found(value: &str) -> String {
    format!("Not found: {}", quoted(value))
}

fn quoted(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("\"{}…\"", &value[..end]),
        None => format!("\"{value}\""),
    }
}

#[cfg(test)]
mod tests;

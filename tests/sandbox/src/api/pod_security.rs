//! Pod Security admission: what a namespace's level forbids a whole pod, in the words of the real one.

use serde_json::Value;

/// A level that restricts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Baseline,
    Restricted,
}

/// What a namespace says about a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Why the pod is refused.
    pub(crate) refusal: Option<String>,
    /// What the client is warned of.
    pub(crate) warning: Option<String>,
}

/// Capabilities that baseline lets a container add.
const DEFAULT_CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Looks at a pod by the labels of its namespace.
pub(crate) fn review(namespace: &Value, pod: &Value) -> Verdict {
    let labels = &namespace["metadata"]["labels"];
    let violation = |mode: &str| {
        let label =
            |suffix: &str| labels[format!("pod-security.kubernetes.io/{mode}{suffix}")].as_str();
        let (name, level) = match label("") {
            Some("baseline") => ("baseline", Level::Baseline),
            Some("restricted") => ("restricted", Level::Restricted),
            Some(_) | None => return None,
        };
        let violations = violations(level, &pod["spec"]);
        let version = label("-version").unwrap_or("latest");
        (!violations.is_empty()).then(|| {
            format!(
                "PodSecurity \"{name}:{version}\": {}",
                violations.join(", ")
            )
        })
    };
    let refusal = violation("enforce").map(|what| format!("violates {what}"));
    let warning = match refusal {
        Some(_) => None,
        None => violation("warn").map(|what| format!("would violate {what}")),
    };
    Verdict { refusal, warning }
}

/// A container with its security context.
struct Container<'a> {
    name: &'a str,
    context: &'a Value,
}

fn containers(spec: &Value) -> Vec<Container<'_>> {
    ["initContainers", "containers", "ephemeralContainers"]
        .iter()
        .filter_map(|list| spec[*list].as_array())
        .flatten()
        .map(|container| Container {
            name: container["name"].as_str().unwrap_or_default(),
            context: &container["securityContext"],
        })
        .collect()
}

/// `container "a"` or `containers "a", "b"`.
fn named(containers: &[&Container<'_>]) -> String {
    let names: Vec<String> = containers
        .iter()
        .map(|container| format!("\"{}\"", container.name))
        .collect();
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("container{plural} {}", names.join(", "))
}

fn violations(level: Level, spec: &Value) -> Vec<String> {
    let containers = containers(spec);
    let pod = &spec["securityContext"];
    let mut found = vec![
        host_namespaces(spec),
        host_paths(spec),
        privileged(&containers),
    ];
    match level {
        Level::Baseline => found.push(default_capabilities(&containers)),
        Level::Restricted => found.extend([
            privilege_escalation(&containers),
            restricted_capabilities(&containers),
            run_as_non_root(pod, &containers),
            run_as_user(pod, &containers),
            seccomp(pod, &containers),
        ]),
    }
    found.into_iter().flatten().collect()
}

fn host_namespaces(spec: &Value) -> Option<String> {
    let set: Vec<String> = ["hostNetwork", "hostPID", "hostIPC"]
        .iter()
        .filter(|field| spec[**field] == true)
        .map(|field| format!("{field}=true"))
        .collect();
    (!set.is_empty()).then(|| format!("host namespaces ({})", set.join(", ")))
}

fn host_paths(spec: &Value) -> Option<String> {
    let volumes: Vec<String> = spec["volumes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|volume| !volume["hostPath"].is_null())
        .map(|volume| format!("\"{}\"", volume["name"].as_str().unwrap_or_default()))
        .collect();
    let plural = if volumes.len() == 1 { "" } else { "s" };
    (!volumes.is_empty())
        .then(|| format!("hostPath volumes (volume{plural} {})", volumes.join(", ")))
}

/// The containers for which something holds, told with what they must do.
fn told(
    containers: &[Container<'_>],
    what: &str,
    must: &str,
    holds: impl Fn(&Container<'_>) -> bool,
) -> Option<String> {
    let bad: Vec<&Container<'_>> = containers.iter().filter(|one| holds(one)).collect();
    (!bad.is_empty()).then(|| format!("{what} ({} {must})", named(&bad)))
}

fn privileged(containers: &[Container<'_>]) -> Option<String> {
    let must = "must not set securityContext.privileged=true";
    told(containers, "privileged", must, |one| {
        one.context["privileged"] == true
    })
}

fn privilege_escalation(containers: &[Container<'_>]) -> Option<String> {
    let must = "must set securityContext.allowPrivilegeEscalation=false";
    told(
        containers,
        "allowPrivilegeEscalation != false",
        must,
        |one| one.context["allowPrivilegeEscalation"] != false,
    )
}

fn added<'a>(container: &'a Container<'_>, allowed: &[&str]) -> Vec<&'a str> {
    let mut added: Vec<&str> = container.context["capabilities"]["add"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter(|name| !allowed.contains(name))
        .collect();
    added.sort_unstable();
    added.dedup();
    added
}

/// The containers that add what is not allowed, and all of that together.
fn adding(containers: &[Container<'_>], allowed: &[&str]) -> Option<String> {
    let bad: Vec<&Container<'_>> = containers
        .iter()
        .filter(|container| !added(container, allowed).is_empty())
        .collect();
    let mut names: Vec<&str> = bad
        .iter()
        .flat_map(|container| added(container, allowed))
        .collect();
    names.sort_unstable();
    names.dedup();
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    (!bad.is_empty()).then(|| {
        format!(
            "{} must not include {} in securityContext.capabilities.add",
            named(&bad),
            names.join(", ")
        )
    })
}

fn default_capabilities(containers: &[Container<'_>]) -> Option<String> {
    adding(containers, DEFAULT_CAPABILITIES)
        .map(|what| format!("non-default capabilities ({what})"))
}

fn restricted_capabilities(containers: &[Container<'_>]) -> Option<String> {
    let drops_all = |container: &Container<'_>| {
        let dropped = container.context["capabilities"]["drop"].as_array();
        dropped.into_iter().flatten().any(|name| name == "ALL")
    };
    let keeping: Vec<&Container<'_>> = containers.iter().filter(|one| !drops_all(one)).collect();
    let keeping = (!keeping.is_empty()).then(|| {
        format!(
            "{} must set securityContext.capabilities.drop=[\"ALL\"]",
            named(&keeping)
        )
    });
    let parts: Vec<String> = [keeping, adding(containers, &["NET_BIND_SERVICE"])]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| format!("unrestricted capabilities ({})", parts.join("; ")))
}

fn run_as_non_root(pod: &Value, containers: &[Container<'_>]) -> Option<String> {
    let pod_does = pod["runAsNonRoot"] == true;
    let bad: Vec<&Container<'_>> = containers
        .iter()
        .filter(|one| match one.context["runAsNonRoot"].as_bool() {
            Some(set) => !set,
            None => !pod_does,
        })
        .collect();
    let who = if pod_does { "" } else { "pod or " };
    (!bad.is_empty()).then(|| {
        format!(
            "runAsNonRoot != true ({who}{} must set securityContext.runAsNonRoot=true)",
            named(&bad)
        )
    })
}

fn run_as_user(pod: &Value, containers: &[Container<'_>]) -> Option<String> {
    if pod["runAsUser"] == 0 {
        return Some("runAsUser=0 (pod must not set runAsUser=0)".to_owned());
    }
    let is_root = |one: &Container<'_>| one.context["runAsUser"] == 0;
    told(
        containers,
        "runAsUser=0",
        "must not set runAsUser=0",
        is_root,
    )
}

fn seccomp(pod: &Value, containers: &[Container<'_>]) -> Option<String> {
    let is_good = |context: &Value| {
        matches!(
            context["seccompProfile"]["type"].as_str(),
            Some("RuntimeDefault" | "Localhost")
        )
    };
    let pod_is_good = is_good(pod);
    let bad: Vec<&Container<'_>> = containers
        .iter()
        .filter(|one| {
            if one.context["seccompProfile"].is_null() {
                !pod_is_good
            } else {
                !is_good(one.context)
            }
        })
        .collect();
    let who = if pod_is_good { "" } else { "pod or " };
    (!bad.is_empty()).then(|| {
        format!(
            "seccompProfile ({who}{} must set securityContext.seccompProfile.type to \
             \"RuntimeDefault\" or \"Localhost\")",
            named(&bad)
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(context: &Value) -> Option<String> {
        let namespace = json!({"metadata": {"labels": {
            "pod-security.kubernetes.io/enforce": "restricted"}}});
        let pod = json!({"spec": {
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{"name": "secure", "securityContext": {
                "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}],
            "ephemeralContainers": [{"name": "debugger-1", "securityContext": context}],
        }});
        review(&namespace, &pod).refusal
    }

    /// What a real 1.36 server answers in a restricted namespace.
    #[test]
    fn a_restricted_namespace_refuses_in_the_words_of_the_real_one() {
        let plain = "violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false \
             (container \"debugger-1\" must set securityContext.allowPrivilegeEscalation=false), \
             unrestricted capabilities (container \"debugger-1\" must set \
             securityContext.capabilities.drop=[\"ALL\"])";
        assert_eq!(refusal(&json!(null)).as_deref(), Some(plain));
        let sysadmin = "violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false \
             (container \"debugger-1\" must set securityContext.allowPrivilegeEscalation=false), \
             unrestricted capabilities (container \"debugger-1\" must set \
             securityContext.capabilities.drop=[\"ALL\"]; container \"debugger-1\" must not include \
             \"NET_ADMIN\", \"SYS_PTRACE\" in securityContext.capabilities.add), \
             runAsUser=0 (container \"debugger-1\" must not set runAsUser=0)";
        let context = json!({"runAsUser": 0, "capabilities": {"add": ["SYS_PTRACE", "NET_ADMIN"]}});
        assert_eq!(refusal(&context).as_deref(), Some(sysadmin));
        let good = json!({"runAsNonRoot": true, "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}});
        assert_eq!(refusal(&good), None);
    }

    #[test]
    fn a_namespace_without_labels_lets_everything_pass() {
        let pod = json!({"spec": {"containers": [{"name": "a", "securityContext": {"privileged": true}}]}});
        assert_eq!(review(&json!({}), &pod), Verdict::default());
        let warns =
            json!({"metadata": {"labels": {"pod-security.kubernetes.io/warn": "baseline"}}});
        let warning = review(&warns, &pod).warning;
        assert_eq!(
            warning.as_deref(),
            Some(
                "would violate PodSecurity \"baseline:latest\": privileged (container \"a\" must not set \
                 securityContext.privileged=true)"
            )
        );
    }
}

//! Why the cluster does not let a container in, and what would be let in.
//!
//! The words are those of the admission plug-ins: Pod Security, OpenShift's security context
//! constraints, webhooks, quotas.

use k8s_openapi::api::core::v1::Pod;

use crate::error::{Error, listed};

/// Adds to a refusal what cures it, if a policy of the cluster is behind it. `pod` is the pod as it
/// was before.
pub fn explain_refusal(error: Error, pod: &Pod) -> Error {
    let Error::Refused { reason, message } = error else {
        return error;
    };
    match hint(&message, pod) {
        Some(hint) => Error::Denied {
            reason,
            message,
            hint,
        },
        None => Error::Refused { reason, message },
    }
}

fn hint(message: &str, pod: &Pod) -> Option<String> {
    let namespace = pod.metadata.namespace.as_deref().unwrap_or("default");
    if let Some((_, violation)) = message.split_once("violates PodSecurity \"") {
        return Some(pod_security(violation, pod));
    }
    if message.contains("unable to validate against any security context constraint") {
        let account = pod
            .spec
            .as_ref()
            .and_then(|spec| spec.service_account_name.as_deref());
        let account = account.unwrap_or("default");
        return Some(format!(
            "`--profile=restricted` asks for the least; `oc adm policy add-scc-to-user SCC -z {account} -n {namespace}` \
             lets the pod's service account have more"
        ));
    }
    if let Some(webhook) = quoted_after(message, "failed calling webhook ") {
        return Some(format!(
            "webhook `{webhook}` must let it pass and does not answer; `kubectl get \
             validatingwebhookconfigurations,mutatingwebhookconfigurations` lists where webhooks are"
        ));
    }
    if let Some(webhook) = quoted_after(message, "admission webhook ") {
        return Some(format!(
            "that is a rule of this cluster, not of Kubernetes; who runs the webhook `{webhook}` knows what it lets pass"
        ));
    }
    if message.contains("exceeded quota: ") {
        return Some(format!(
            "`kubectl describe quota -n {namespace}` shows what is used"
        ));
    }
    None
}

/// Pod Security looks at the whole pod, also at what was there before.
fn pod_security(violation: &str, pod: &Pod) -> String {
    let level = violation.split([':', '"']).next().unwrap_or_default();
    let (older, own) = blamed(violation, pod);
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    if !own.is_empty() {
        return format!(
            "the pod itself breaks the policy `{level}`, with its containers {}; nothing can be added to it",
            listed(&own)
        );
    }
    if !older.is_empty() {
        return format!(
            "ephemeral containers that were added before break the policy `{level}`: {}; they stay as long as the pod \
             does, and nothing can be added to `{name}` until it is replaced",
            listed(&older)
        );
    }
    let user = if violation.contains("runAsUser=0") || violation.contains("runAsNonRoot != true") {
        " --run-as=65532"
    } else {
        ""
    };
    format!("the namespace enforces the policy `{level}`; `--profile={level}{user}` passes it")
}

/// Finds the containers of the pod that a policy objects to: those added before, and its own.
fn blamed(violation: &str, pod: &Pod) -> (Vec<String>, Vec<String>) {
    let is_blamed = |name: &String| violation.contains(&format!("\"{name}\""));
    let spec = pod.spec.as_ref();
    let older = spec
        .into_iter()
        .flat_map(|spec| spec.ephemeral_containers.iter().flatten());
    let own = spec.into_iter().flat_map(|spec| {
        let init = spec.init_containers.iter().flatten();
        spec.containers.iter().chain(init)
    });
    (
        older
            .map(|older| older.name.clone())
            .filter(is_blamed)
            .collect(),
        own.map(|own| own.name.clone()).filter(is_blamed).collect(),
    )
}

fn quoted_after<'a>(message: &'a str, words: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(words)?;
    rest.strip_prefix('"')?.split('"').next()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hint_for(message: &str) -> Option<String> {
        let pod = json!({
            "metadata": {"name": "secure", "namespace": "shop"},
            "spec": {
                "serviceAccountName": "web",
                "containers": [{"name": "secure"}],
                "ephemeralContainers": [{"name": "debugger-old"}],
            },
        });
        let error = Error::Refused {
            reason: "Forbidden".to_owned(),
            message: message.to_owned(),
        };
        explain_refusal(error, &serde_json::from_value(pod).unwrap()).hint()
    }

    #[test]
    fn pod_security_is_told_with_the_profile_that_passes() {
        let privileged = "pods \"secure\" is forbidden: violates PodSecurity \"restricted:latest\": \
                          allowPrivilegeEscalation != false (container \"debugger-1\" must set \
                          securityContext.allowPrivilegeEscalation=false)";
        assert_eq!(
            hint_for(privileged).unwrap(),
            "the namespace enforces the policy `restricted`; `--profile=restricted` passes it"
        );
        let root = "violates PodSecurity \"restricted:v1.30\": runAsUser=0 (container \"debugger-1\" must not set runAsUser=0)";
        assert_eq!(
            hint_for(root).unwrap(),
            "the namespace enforces the policy `restricted`; `--profile=restricted --run-as=65532` passes it"
        );
    }

    #[test]
    fn what_was_there_before_is_blamed_by_name() {
        let older = "violates PodSecurity \"baseline:latest\": privileged (containers \"debugger-1\", \"debugger-old\" must not set securityContext.privileged=true)";
        assert_eq!(
            hint_for(older).unwrap(),
            "ephemeral containers that were added before break the policy `baseline`: `debugger-old`; they stay as long as \
             the pod does, and nothing can be added to `secure` until it is replaced"
        );
        let own = "violates PodSecurity \"baseline:latest\": privileged (container \"secure\" must not set securityContext.privileged=true)";
        assert_eq!(
            hint_for(own).unwrap(),
            "the pod itself breaks the policy `baseline`, with its containers `secure`; nothing can be added to it"
        );
    }

    #[test]
    fn other_gatekeepers_are_told_apart() {
        for (message, hint) in [
            (
                "pods \"secure\" is forbidden: unable to validate against any security context constraint: [provider \"anyuid\": Forbidden]",
                "`--profile=restricted` asks for the least; `oc adm policy add-scc-to-user SCC -z web -n shop` lets the \
                 pod's service account have more",
            ),
            (
                "admission webhook \"no.example.com\" denied the request: not today",
                "that is a rule of this cluster, not of Kubernetes; who runs the webhook `no.example.com` knows what it \
                 lets pass",
            ),
            (
                "Internal error occurred: failed calling webhook \"a.example.com\": failed to call webhook: EOF",
                "webhook `a.example.com` must let it pass and does not answer; `kubectl get \
                 validatingwebhookconfigurations,mutatingwebhookconfigurations` lists where webhooks are",
            ),
            (
                "pods \"secure\" is forbidden: exceeded quota: small",
                "`kubectl describe quota -n shop` shows what is used",
            ),
        ] {
            assert_eq!(hint_for(message).as_deref(), Some(hint), "{message}");
        }
        assert_eq!(hint_for("something else"), None);
    }
}

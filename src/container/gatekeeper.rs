//! Who else besides Pod Security does not let a container in: security context constraints, webhooks,
//! quotas. They are told apart by their words.

use k8s_openapi::api::core::v1::Pod;

use super::policy::CONSTRAINTS;
use crate::{error::Error, shell::There};

/// Adds to a refusal what cures it, if one of them is behind it; leaves every other error as it is.
pub fn explain_refusal(error: Error, pod: &Pod, there: &There) -> Error {
    let Error::Refused { reason, message } = error else {
        return error;
    };
    match hint(&message, pod, there) {
        Some(hint) => Error::PolicyRefused {
            reason,
            message,
            hint,
        },
        None => Error::Refused { reason, message },
    }
}

fn hint(message: &str, pod: &Pod, there: &There) -> Option<String> {
    if message.contains(CONSTRAINTS) {
        let account = pod
            .spec
            .as_ref()
            .and_then(|spec| spec.service_account_name.as_deref());
        let account = account.unwrap_or("default");
        return Some(format!(
            "`--profile=restricted` asks for the least; `oc adm policy add-scc-to-user SCC -z {account} {there}` \
             lets the pod's service account have more"
        ));
    }
    if let Some(webhook) = quoted_after(message, "failed calling webhook ") {
        return Some(format!(
            "webhook `{webhook}` must let it pass and does not answer; `kubectl get \
             validatingwebhookconfigurations,mutatingwebhookconfigurations{}` lists where webhooks are",
            there.cluster_words()
        ));
    }
    if let Some(webhook) = quoted_after(message, "admission webhook ") {
        return Some(format!(
            "that is a rule of this cluster, not of Kubernetes; who runs the webhook `{webhook}` knows what it lets pass"
        ));
    }
    if message.contains("exceeded quota: ") {
        return Some(format!(
            "`kubectl describe quota {there}` shows what is used"
        ));
    }
    None
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
        explain_refusal(
            error,
            &serde_json::from_value(pod).unwrap(),
            &There::new("shop", Vec::new()),
        )
        .hint()
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

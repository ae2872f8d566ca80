//! What the API server must allow us, and the role that allows it.

use serde_json::{Value, json};

/// The first minor version that asks for `create` where a WebSocket is opened, besides `get`.
const ATTACH_NEEDS_CREATE: u32 = 35;

/// A right, in the words of the cluster's access rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Right {
    pub verb: &'static str,
    /// With the subresource: `pods/attach`.
    pub resource: &'static str,
    /// Whether nothing can be done without it.
    pub needed: bool,
    /// What it is good for.
    pub purpose: &'static str,
}

/// Returns the rights that we use on a server of this version (the 36 in `v1.36`).
pub fn rights(minor: Option<u32>) -> [Right; 8] {
    let needs_create = minor.is_none_or(|minor| minor >= ATTACH_NEEDS_CREATE);
    let needed = |verb, resource, purpose| Right {
        verb,
        resource,
        needed: true,
        purpose,
    };
    let of_use = |verb, resource, purpose| Right {
        verb,
        resource,
        needed: false,
        purpose,
    };
    [
        needed("get", "pods", "to see the pod"),
        needed("patch", "pods/ephemeralcontainers", "to add the container"),
        needed("get", "pods/attach", "to attach to it"),
        Right {
            needed: needs_create,
            ..needed(
                "create",
                "pods/attach",
                "to attach to it from Kubernetes 1.35 on",
            )
        },
        of_use("get", "pods/log", "to show the output of a command"),
        of_use("watch", "pods", "else the pod is read again and again"),
        of_use(
            "list",
            "pods",
            "for `list`, and to find the pods of a workload",
        ),
        of_use(
            "watch",
            "events",
            "else the start is noticed a little later",
        ),
    ]
}

/// Returns rights as a Role has them: each resource with its verbs.
pub fn rules(rights: &[Right]) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut rules: Vec<(&str, Vec<&str>)> = Vec::new();
    for right in rights {
        let known = rules.iter_mut().find(|rule| rule.0 == right.resource);
        match known {
            Some((_, verbs)) => verbs.push(right.verb),
            None => rules.push((right.resource, vec![right.verb])),
        }
    }
    rules
}

/// Returns the Role with these rights, ready to be applied.
pub fn role(namespace: &str, rights: &[Right]) -> Value {
    let rules = rules(rights).into_iter().map(
        |(resource, verbs)| json!({"apiGroups": [""], "resources": [resource], "verbs": verbs}),
    );
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "ephemeral-debugger", "namespace": namespace},
        "rules": rules.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn create_is_needed_where_the_server_asks_for_it() {
        let needed = |minor| {
            let rights = rights(minor);
            let create = rights.iter().find(|right| right.verb == "create");
            create.unwrap().needed
        };
        assert!(!needed(Some(34)));
        assert!(needed(Some(35)));
        assert!(needed(None));
    }

    #[test]
    fn a_role_has_one_rule_for_each_resource() {
        let all = rights(None);
        let role = role("shop", &[all[0], all[1], all[5]]);
        assert_eq!(
            role["metadata"],
            json!({"name": "ephemeral-debugger", "namespace": "shop"})
        );
        assert_eq!(
            role["rules"],
            json!([
                {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "watch"]},
                {"apiGroups": [""], "resources": ["pods/ephemeralcontainers"], "verbs": ["patch"]},
            ])
        );
    }
}

//! The rights that the plugin needs, as lines with which somebody gives them.

use serde_json::Value;

use super::Action;
use crate::rights;

/// Says how to give a user the right that is missing, and the others that are needed.
pub(super) fn how_to_give(action: &Action, message: &str) -> String {
    // No namespace stands for all of them.
    let (scope, metadata) = match action.there.namespace() {
        "" => ("Cluster", "{name: ephemeral-debugger}".to_owned()),
        namespace => (
            "",
            format!("{{name: ephemeral-debugger, namespace: {namespace}}}"),
        ),
    };
    let rule = |group: &str, resources: &str, verbs: &str| {
        format!("- {{apiGroups: [\"{group}\"], resources: [{resources}], verbs: [{verbs}]}}\n")
    };
    // Of a server that refuses, the version is not known.
    let known = rights::rules(&rights::rights(None));
    let mut rules: Vec<_> = known
        .iter()
        .map(|(resource, verbs)| rule("", resource, &verbs.join(", ")))
        .collect();
    // What only a way to a pod needs: the workload that it belongs to.
    let resource = action.resource;
    if !known.iter().any(|(known, _)| *known == resource) {
        rules.push(rule(action.group, resource, action.verb));
    }
    let subject = subject(message);
    format!(
        "somebody who may give rights gives all that are needed with\n\
         kubectl apply -f - <<'END'\n\
         apiVersion: rbac.authorization.k8s.io/v1\n\
         kind: {scope}Role\n\
         metadata: {metadata}\n\
         rules:\n\
         {}\
         ---\n\
         apiVersion: rbac.authorization.k8s.io/v1\n\
         kind: {scope}RoleBinding\n\
         metadata: {metadata}\n\
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {scope}Role, name: ephemeral-debugger}}\n\
         subjects:\n\
         - {subject}\n\
         END",
        rules.concat()
    )
}

/// Reads whom the server means: `User "jane" cannot get resource …`.
///
/// Names are written as JSON, which YAML takes. They may hold anything, also what would end the
/// text for `kubectl apply` and have a shell run the rest.
fn subject(message: &str) -> String {
    let user = message
        .split_once("User \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("USER", |(user, _)| user);
    let account = user.strip_prefix("system:serviceaccount:");
    match account.and_then(|account| account.split_once(':')) {
        Some((namespace, name)) => {
            let (name, namespace) = (Value::from(name), Value::from(namespace));
            format!("{{kind: ServiceAccount, name: {name}, namespace: {namespace}}}")
        }
        None => {
            let user = Value::from(user);
            format!("{{apiGroup: rbac.authorization.k8s.io, kind: User, name: {user}}}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_refused_is_named() {
        for (message, expected) in [
            (
                "pods \"app\" is forbidden: User \"jane@example.com\" cannot get resource \"pods\"",
                "{apiGroup: rbac.authorization.k8s.io, kind: User, name: \"jane@example.com\"}",
            ),
            (
                "User \"system:serviceaccount:ci:runner\" cannot patch resource",
                "{kind: ServiceAccount, name: \"runner\", namespace: \"ci\"}",
            ),
            (
                "User \"a\nEND\nreboot\\\"",
                r#"{apiGroup: rbac.authorization.k8s.io, kind: User, name: "a\nEND\nreboot\\"}"#,
            ),
            (
                "User \"system:serviceaccount:ci:x}\n- {kind: User, name: eve\"",
                r#"{kind: ServiceAccount, name: "x}\n- {kind: User, name: eve", namespace: "ci"}"#,
            ),
            (
                "no",
                "{apiGroup: rbac.authorization.k8s.io, kind: User, name: \"USER\"}",
            ),
        ] {
            assert_eq!(subject(message), expected, "{message}");
        }
    }
}

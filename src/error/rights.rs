//! The rights that the plugin needs, ready to be given.

use super::Action;

/// What works with all of the plugin: each rule by its resources and verbs.
const RULES: [(&str, &str); 4] = [
    ("pods, events", "get, list, watch"),
    ("pods/log", "get"),
    ("pods/ephemeralcontainers", "patch"),
    // An upgrade is a GET, and since 1.35 it needs `create` besides.
    ("pods/attach", "get, create"),
];

/// Says how to give a user the right that is missing, and the others that are needed.
pub(super) fn how_to_give(action: &Action, message: &str) -> String {
    // No namespace stands for all of them.
    let (scope, metadata) = match action.namespace.as_str() {
        "" => ("Cluster", "{name: ephemeral-debugger}".to_owned()),
        namespace => (
            "",
            format!("{{name: ephemeral-debugger, namespace: {namespace}}}"),
        ),
    };
    let rule = |group: &str, resources: &str, verbs: &str| {
        format!("- {{apiGroups: [\"{group}\"], resources: [{resources}], verbs: [{verbs}]}}\n")
    };
    let rules = RULES.iter();
    let mut rules: Vec<_> = rules
        .map(|(resources, verbs)| rule("", resources, verbs))
        .collect();
    // What only a way to a pod needs: the workload that it belongs to.
    let resource = action.resource;
    if !RULES
        .iter()
        .any(|(known, _)| known.split(", ").any(|known| known == resource))
    {
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
fn subject(message: &str) -> String {
    let user = message
        .split_once("User \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("USER", |(user, _)| user);
    let account = user.strip_prefix("system:serviceaccount:");
    match account.and_then(|account| account.split_once(':')) {
        Some((namespace, name)) => {
            format!("{{kind: ServiceAccount, name: {name}, namespace: {namespace}}}")
        }
        // Quoted, because the names of users may hold anything.
        None => format!("{{apiGroup: rbac.authorization.k8s.io, kind: User, name: \"{user}\"}}"),
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
                "{kind: ServiceAccount, name: runner, namespace: ci}",
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

//! Who a request is from and what that user may do.

use crate::Server;
use crate::answer::Failure;
use http::StatusCode;
use serde_json::{Value, json};

/// Members of this group may do everything.
const MASTERS: &str = "system:masters";

/// A user as the credential tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) groups: Vec<String>,
    /// What the user was known by, if the server tells: `X509SHA256=...`.
    pub(crate) credential: Option<String>,
}

impl User {
    pub(crate) fn new(name: &str, groups: &[String]) -> Self {
        let mut groups = groups.to_vec();
        groups.push("system:authenticated".to_owned());
        Self {
            name: name.to_owned(),
            groups,
            credential: None,
        }
    }

    /// Known by a certificate.
    pub(crate) fn with_certificate(mut self, der: &[u8]) -> Self {
        use std::fmt::Write as _;
        let mut text = String::from("X509SHA256=");
        for byte in ring::digest::digest(&ring::digest::SHA256, der).as_ref() {
            // A String takes everything.
            write!(text, "{byte:02x}").ok();
        }
        self.credential = Some(text);
        self
    }

    pub(crate) fn is_master(&self) -> bool {
        self.groups.iter().any(|group| group == MASTERS)
    }

    pub(crate) fn anonymous() -> Self {
        Self {
            name: "system:anonymous".to_owned(),
            groups: vec!["system:unauthenticated".to_owned()],
            credential: None,
        }
    }

    pub(crate) fn is_anonymous(&self) -> bool {
        self.name == "system:anonymous"
    }
}

/// What a user or a group may do: verbs on resources (`pods`, `pods/attach`, `*`) in every namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The role it is of, and that role's binding.
    pub(crate) role: String,
    pub(crate) subject: String,
    pub(crate) is_group: bool,
    pub(crate) verbs: Vec<String>,
    pub(crate) resources: Vec<String>,
}

impl Rule {
    fn is_for(&self, user: &User) -> bool {
        if self.is_group {
            user.groups.contains(&self.subject)
        } else {
            self.subject == user.name
        }
    }

    fn allows(&self, verb: &str, resource: &str) -> bool {
        let has = |list: &[String], item: &str| list.iter().any(|own| own == item || own == "*");
        has(&self.verbs, verb) && has(&self.resources, resource)
    }
}

/// One thing a user asks to do.
#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a> {
    pub(crate) verb: &'a str,
    pub(crate) group: &'a str,
    /// With the subresource: `pods/attach`.
    pub(crate) resource: &'a str,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
}

/// A decision: the reason of what is allowed, or `None`.
pub(crate) fn decide(rules: &[Rule], user: &User, verb: &str, resource: &str) -> Option<String> {
    if user.is_master() {
        return Some(String::new());
    }
    let rule = rules
        .iter()
        .find(|rule| rule.is_for(user) && rule.allows(verb, resource))?;
    let kind = if rule.is_group { "Group" } else { "User" };
    let (binding, subject) = (&rule.role, &rule.subject);
    Some(format!(
        "RBAC: allowed by ClusterRoleBinding \"{binding}\" of ClusterRole \"{binding}\" to {kind} \"{subject}\""
    ))
}

/// Refuses what no rule allows, in the words of the API server.
pub(crate) fn check(rules: &[Rule], user: &User, asked: &Attributes<'_>) -> Result<(), Failure> {
    if decide(rules, user, asked.verb, asked.resource).is_some() {
        return Ok(());
    }
    Err(refuse(user, asked))
}

/// The refusal of what no rule allows.
pub(crate) fn refuse(user: &User, asked: &Attributes<'_>) -> Failure {
    let place = asked.namespace.map_or_else(
        || "at the cluster scope".to_owned(),
        |namespace| format!("in the namespace \"{namespace}\""),
    );
    let what = format!(
        "User \"{}\" cannot {} resource \"{}\" in API group \"{}\" {place}",
        user.name, asked.verb, asked.resource, asked.group
    );
    forbidden(asked, &what)
}

/// 403 about a resource, with whatever the authorizer says.
pub(crate) fn forbidden(asked: &Attributes<'_>, what: &str) -> Failure {
    let resource = asked.resource.split('/').next().unwrap_or_default();
    let full = if asked.group.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}.{}", asked.group)
    };
    let mut details = json!({"kind": resource});
    if !asked.group.is_empty() {
        details["group"] = json!(asked.group);
    }
    let subject = match asked.name {
        Some(name) => {
            details["name"] = json!(name);
            format!("{full} \"{name}\"")
        }
        None => full,
    };
    let message = format!("{subject} is forbidden: {what}");
    Failure::new(StatusCode::FORBIDDEN, "Forbidden", message, Some(details))
}

/// 403 about a path that is no resource.
pub(crate) fn forbidden_path(user: &User, verb: &str, path: &str) -> Failure {
    let message = format!(
        "forbidden: User \"{}\" cannot {verb} path \"{path}\"",
        user.name
    );
    Failure::new(StatusCode::FORBIDDEN, "Forbidden", message, Some(json!({})))
}

/// What a user may do, as a `SelfSubjectRulesReview` lists it.
pub(crate) fn rules_of(server: Server, rules: &[Rule], user: &User) -> Vec<Value> {
    let mut list = vec![
        json!({"verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
               "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]}),
    ];
    if server.has_self_subject_review() {
        list.push(
            json!({"verbs": ["create"], "apiGroups": ["authentication.k8s.io"],
               "resources": ["selfsubjectreviews"]}),
        );
    }
    if user.is_master() {
        list.push(json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}));
    }
    for rule in rules.iter().filter(|rule| rule.is_for(user)) {
        list.push(json!({"verbs": rule.verbs, "apiGroups": [""], "resources": rule.resources}));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Vec<Rule> {
        vec![Rule {
            role: "viewers".to_owned(),
            subject: "viewers".to_owned(),
            is_group: true,
            verbs: vec!["get".to_owned(), "list".to_owned()],
            resources: vec!["pods".to_owned()],
        }]
    }

    fn asked<'a>(verb: &'a str, resource: &'a str, name: Option<&'a str>) -> Attributes<'a> {
        Attributes {
            verb,
            group: "",
            resource,
            namespace: Some("default"),
            name,
        }
    }

    #[test]
    fn refusals_are_in_the_words_of_the_api_server() {
        let viewer = User::new("viewer", &["viewers".to_owned()]);
        let refused = |asked: &Attributes<'_>| {
            check(&rules(), &viewer, asked).map_err(|failure| failure.message)
        };
        assert_eq!(refused(&asked("get", "pods", Some("app"))), Ok(()));
        assert_eq!(
            refused(&asked("patch", "pods/ephemeralcontainers", Some("app"))),
            Err(
                "pods \"app\" is forbidden: User \"viewer\" cannot patch resource \
                 \"pods/ephemeralcontainers\" in API group \"\" in the namespace \"default\""
                    .to_owned()
            )
        );
        assert_eq!(
            refused(&asked("list", "secrets", None)),
            Err(
                "secrets is forbidden: User \"viewer\" cannot list resource \"secrets\" \
                 in API group \"\" in the namespace \"default\""
                    .to_owned()
            )
        );
    }

    #[test]
    fn masters_may_do_everything() {
        let admin = User::new("admin", &[MASTERS.to_owned()]);
        assert!(check(&[], &admin, &asked("delete", "nodes", None)).is_ok());
        let nobody = User::anonymous();
        assert!(check(&rules(), &nobody, &asked("get", "pods", None)).is_err());
    }
}

//! What a path asks for: a resource with its place, or something beside the resources.

use http::Method;

use super::query::{Query, decode};

/// A resource, or one object, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) group: String,
    pub(crate) namespace: Option<String>,
    pub(crate) resource: String,
    pub(crate) name: Option<String>,
    pub(crate) subresource: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Resource(Target),
    /// Discovery, health, version.
    Path(String),
}

impl Route {
    pub(crate) fn parse(path: &str) -> Self {
        let parts: Vec<String> = path.trim_matches('/').split('/').map(decode).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let target = match parts.as_slice() {
            ["api", "v1", rest @ ..] => resource("", rest),
            ["apis", group, _version, rest @ ..] => resource(group, rest),
            _ => None,
        };
        target.map_or_else(|| Self::Path(path.to_owned()), Self::Resource)
    }
}

fn resource(group: &str, parts: &[&str]) -> Option<Target> {
    let (namespace, rest) = match parts {
        [] => return None,
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() && *rest != ["status"] => {
            (Some((*namespace).to_owned()), rest)
        }
        ["namespaces", namespace, ..] => (Some((*namespace).to_owned()), parts),
        _ => (None, parts),
    };
    let part = |index: usize| rest.get(index).map(|part| (*part).to_owned());
    (rest.len() <= 3).then(|| Target {
        group: group.to_owned(),
        namespace,
        resource: part(0).unwrap_or_default(),
        name: part(1),
        subresource: part(2),
    })
}

impl Target {
    /// The verb that authorization knows the request by.
    pub(crate) fn verb(&self, method: &Method, query: &Query) -> &'static str {
        match (method.as_str(), &self.name) {
            ("GET" | "HEAD", _) if query.is("watch") => "watch",
            ("GET" | "HEAD", Some(_)) => "get",
            ("GET" | "HEAD", None) => "list",
            ("POST", _) => "create",
            ("PUT", _) => "update",
            ("PATCH", _) => "patch",
            ("DELETE", Some(_)) => "delete",
            ("DELETE", None) => "deletecollection",
            _ => "",
        }
    }

    /// `pods`, `pods/attach`, `deployments.apps`: as rules name it.
    pub(crate) fn full_resource(&self) -> String {
        match &self.subresource {
            Some(subresource) => format!("{}/{subresource}", self.resource),
            None => self.resource.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> Target {
        match Route::parse(path) {
            Route::Resource(target) => target,
            Route::Path(path) => panic!("{path} is no resource"),
        }
    }

    #[test]
    fn paths_name_resources_objects_and_parts() {
        let attach = target("/api/v1/namespaces/default/pods/app/attach");
        assert_eq!(attach.full_resource(), "pods/attach");
        assert_eq!(attach.namespace.as_deref(), Some("default"));
        assert_eq!(attach.name.as_deref(), Some("app"));
        let all = target("/apis/apps/v1/deployments");
        assert_eq!((all.group.as_str(), all.namespace), ("apps", None));
        let namespace = target("/api/v1/namespaces/default");
        assert_eq!(namespace.resource, "namespaces");
        assert_eq!(namespace.name.as_deref(), Some("default"));
        assert!(matches!(Route::parse("/api/v1"), Route::Path(_)));
        assert!(matches!(Route::parse("/version"), Route::Path(_)));
    }

    #[test]
    fn verbs_are_those_of_authorization() {
        let query = Query::parse("watch=true");
        let none = Query::default();
        let list = target("/api/v1/pods");
        assert_eq!(list.verb(&Method::GET, &query), "watch");
        assert_eq!(list.verb(&Method::GET, &none), "list");
        let one = target("/api/v1/namespaces/a/pods/b");
        assert_eq!(one.verb(&Method::GET, &none), "get");
        assert_eq!(one.verb(&Method::PATCH, &none), "patch");
    }
}

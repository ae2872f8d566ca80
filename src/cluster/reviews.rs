//! What the server would let us do, and what it offers, asked without doing it.

use serde::Deserialize;
use serde_json::json;

use super::{Cluster, exchange};
use crate::error::Error;

/// How servers up to 1.21 call what later ones call a pod.
const HISTORIC_KIND: &str = "EphemeralContainers";

#[derive(Deserialize)]
struct Review {
    status: ReviewStatus,
}

#[derive(Deserialize)]
struct ReviewStatus {
    allowed: bool,
}

#[derive(Deserialize)]
struct Resources {
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    name: String,
    kind: String,
}

/// How a server offers ephemeral containers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Offer {
    /// As all do since 1.22.
    Today,
    /// As those of 1.16 to 1.21 do.
    Historic,
    /// Not at all.
    None,
}

impl Cluster {
    /// Tells whether we may use a verb on a resource, such as `get` on `pods/attach`.
    pub async fn may(&self, verb: &'static str, resource: &'static str) -> Result<bool, Error> {
        let (resource, below) = resource.split_once('/').unwrap_or((resource, ""));
        // Nodes are in no namespace.
        let namespace = if resource == "nodes" {
            ""
        } else {
            &self.namespace
        };
        let review = json!({
            "kind": "SelfSubjectAccessReview",
            "apiVersion": "authorization.k8s.io/v1",
            "spec": {"resourceAttributes": {
                "namespace": namespace,
                "verb": verb,
                "version": "v1",
                "resource": resource,
                "subresource": below,
            }},
        });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        let action = self.action("create", "selfsubjectaccessreviews");
        let answer = self.exchange(exchange::post(path, &review), action).await?;
        Ok(answer.read::<Review>()?.status.allowed)
    }

    /// Finds out how the server offers ephemeral containers.
    pub async fn offer(&self) -> Result<Offer, Error> {
        let action = self.action("get", "/api/v1");
        let answer = self.exchange(exchange::get("/api/v1"), action).await?;
        let resources = answer.read::<Resources>()?.resources;
        let mut resources = resources.into_iter();
        let found = resources.find(|resource| resource.name == "pods/ephemeralcontainers");
        Ok(match found {
            Some(resource) if resource.kind == HISTORIC_KIND => Offer::Historic,
            Some(_) => Offer::Today,
            None => Offer::None,
        })
    }
}

//! What can be asked without changing anything: rights, what is served, the rules of a namespace.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{Cluster, exchange};
use crate::error::Error;

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

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
}

#[derive(Deserialize)]
struct Namespace {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

impl Cluster {
    /// Asks whether we may do something in our namespace, to one pod if it is named.
    pub async fn may(&self, verb: &str, resource: &str, pod: Option<&str>) -> Result<bool, Error> {
        let (resource, below) = resource.split_once('/').unwrap_or((resource, ""));
        let mut asked = json!({"namespace": self.namespace(), "verb": verb, "resource": resource});
        if !below.is_empty() {
            asked["subresource"] = json!(below);
        }
        if let Some(pod) = pod {
            asked["name"] = json!(pod);
        }
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": asked},
        });
        let action = self.action("create", "selfsubjectaccessreviews");
        let answer = self
            .exchange(exchange::post(REVIEWS, &review), action)
            .await?;
        Ok(answer.read::<Review>()?.status.allowed)
    }

    /// Asks whether the server has a resource, such as `pods/ephemeralcontainers`.
    pub async fn serves(&self, resource: &str) -> Result<bool, Error> {
        let request = exchange::get("/api/v1");
        let answer = self.exchange(request, self.action("get", "api")).await?;
        let served = answer.read::<Resources>()?.resources;
        Ok(served.iter().any(|served| served.name == resource))
    }

    /// Reads the labels of our namespace, among which are the rules of Pod Security.
    pub async fn namespace_labels(&self) -> Result<BTreeMap<String, String>, Error> {
        let path = format!("/api/v1/namespaces/{}", self.namespace());
        let action = self.action("get", "namespaces");
        let answer = self.exchange(exchange::get(&path), action).await?;
        Ok(answer.read::<Namespace>()?.metadata.labels)
    }
}

//! The reviews by which a user asks who it is and what it may do.

use http::StatusCode;
use serde_json::{Value, json};

use super::protobuf;
use crate::Server;
use crate::answer::{self, Failure, Response};
use crate::authorization::{self, Rule, User};
use crate::clock;
use crate::managed_fields;

pub(crate) fn review(
    server: Server,
    resource: &str,
    rules: &[Rule],
    user: &User,
    manager: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let asked: Value = match protobuf::review(resource, body) {
        Some(review) => review,
        None => {
            serde_json::from_slice(body).map_err(|error| Failure::bad_request(error.to_string()))?
        }
    };
    let answer = match resource {
        "selfsubjectaccessreviews" => {
            let mut review = json!({
                "kind": "SelfSubjectAccessReview",
                "apiVersion": "authorization.k8s.io/v1",
                "metadata": {},
                "spec": asked["spec"],
            });
            managed_fields::created(&mut review, manager, &clock::now());
            managed_fields::expand(&mut review);
            review["status"] = access(rules, user, &asked["spec"]);
            review
        }
        "selfsubjectrulesreviews" => json!({
            "kind": "SelfSubjectRulesReview",
            "apiVersion": "authorization.k8s.io/v1",
            "metadata": {},
            "spec": {},
            "status": {
                "resourceRules": authorization::rules_of(server, rules, user),
                "nonResourceRules": [
                    {"verbs": ["get"], "nonResourceURLs": ["/.well-known", "/.well-known/*"]},
                    {"verbs": ["get"], "nonResourceURLs": [
                        "/healthz", "/livez", "/readyz", "/version", "/version/"]},
                    {"verbs": ["get"], "nonResourceURLs": [
                        "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi",
                        "/openapi/*", "/readyz", "/version", "/version/"]},
                ],
                "incomplete": false,
            },
        }),
        "selfsubjectreviews" => {
            let mut info = json!({"username": user.name, "groups": user.groups});
            if let Some(credential) = &user.credential {
                info["extra"] = json!({"authentication.kubernetes.io/credential-id": [credential]});
            }
            json!({
                "kind": "SelfSubjectReview",
                "apiVersion": "authentication.k8s.io/v1",
                "metadata": {"creationTimestamp": clock::now()},
                "status": {"userInfo": info},
            })
        }
        _ => return Err(Failure::no_resource()),
    };
    Ok(answer::json(StatusCode::CREATED, &answer))
}

fn access(rules: &[Rule], user: &User, spec: &Value) -> Value {
    let attributes = &spec["resourceAttributes"];
    let text = |field: &str| attributes[field].as_str().unwrap_or_default();
    let resource = match text("subresource") {
        "" => text("resource").to_owned(),
        subresource => format!("{}/{subresource}", text("resource")),
    };
    if attributes.is_null() {
        // A path beside the resources: all who are somebody may read those.
        let verb = spec["nonResourceAttributes"]["verb"].as_str();
        return json!({"allowed": verb == Some("get") && !user.is_anonymous()});
    }
    match authorization::decide(rules, user, text("verb"), &resource) {
        None => json!({"allowed": false}),
        Some(reason) if reason.is_empty() => json!({"allowed": true}),
        Some(reason) => json!({"allowed": true, "reason": reason}),
    }
}

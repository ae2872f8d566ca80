//! The subresource `pods/NAME/ephemeralcontainers`: patching and replacing the list.

use http::StatusCode;
use serde_json::{Value, json};

use super::query::Query;
use super::{
    defaults, json_patch, old, pod_update, schema, server_side_apply, strategic_merge, validation,
};
use crate::Server;
use crate::answer::{Cause, Failure};
use crate::managed_fields::{self, Writer};
use crate::store::{Key, Store};
use crate::version;

/// How the change is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    StrategicMerge(Value),
    JsonMerge(Value),
    JsonPatch(Vec<Value>),
    Replace(Value),
    Apply(Value),
}

/// What was stored (or would be), with the warnings about the request.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) pod: Value,
    pub(crate) warnings: Vec<String>,
}

impl Change {
    /// Reads the body of a PATCH by its content type.
    pub(crate) fn parse(content_type: &str, query: &Query, body: &[u8]) -> Result<Self, Failure> {
        let media = content_type.split(';').next().unwrap_or_default().trim();
        let value = || {
            serde_json::from_slice::<Value>(body).map_err(|error| {
                Failure::bad_request(if error.is_eof() {
                    "unexpected end of JSON input".to_owned()
                } else {
                    error.to_string()
                })
            })
        };
        match media {
            "application/strategic-merge-patch+json" => Ok(Self::StrategicMerge(value()?)),
            "application/merge-patch+json" => Ok(Self::JsonMerge(value()?)),
            "application/json-patch+json" => match value()? {
                Value::Array(operations) => Ok(Self::JsonPatch(operations)),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Object(_) => Err(Failure::bad_request("a JSON patch is a list")),
            },
            "application/apply-patch+yaml" if query.get("fieldManager").is_some() => {
                Ok(Self::Apply(value()?))
            }
            "application/apply-patch+yaml" => {
                let cause = Cause {
                    reason: "FieldValueRequired",
                    message: "Required value: is required for apply patch".to_owned(),
                    field: "fieldManager".to_owned(),
                };
                Err(invalid_options(&cause))
            }
            _ => Err(Failure::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UnsupportedMediaType",
                "415: Unsupported Media Type",
                Some(json!({})),
            )),
        }
    }

    pub(super) fn apply(&self, pod: &Value, manager: &str) -> Result<Value, Failure> {
        let mut new = pod.clone();
        match self {
            Self::StrategicMerge(patch) => {
                if let Err(strategic_merge::MergeError::NoKey(message)) =
                    strategic_merge::apply(&mut new, patch)
                {
                    return Err(Failure::internal(message));
                }
                schema::check_types(patch)?;
            }
            Self::JsonMerge(patch) => {
                strategic_merge::apply_json_merge(&mut new, patch);
                schema::check_kind(&new)?;
            }
            Self::JsonPatch(operations) => {
                json_patch::apply(&mut new, operations).map_err(|_| Failure::unprocessable())?;
            }
            Self::Replace(object) => {
                let kind = object["kind"].as_str().unwrap_or("Pod");
                if kind != "Pod" {
                    let message = format!(
                        "{kind} in version \"v1\" cannot be handled as a Pod: {}",
                        schema::no_kind(kind)
                    );
                    return Err(Failure::bad_request(message));
                }
                pod_update::check_place(pod, object)?;
                new.clone_from(object);
            }
            Self::Apply(config) => new = server_side_apply::merged(pod, config, manager),
        }
        Ok(new)
    }
}

/// Changes the ephemeral containers of a pod; everything else in the change is dropped.
pub(crate) fn change(
    store: &Store,
    key: &Key,
    change: &Change,
    manager: &str,
    query: &Query,
    mut admit: impl FnMut(&Value) -> Result<(), Failure>,
) -> Result<Outcome, Failure> {
    let is_dry_run = dry_run(query)?;
    let mut outcome = None;
    let stored = store.update(key, |pod| {
        let Changed {
            pod: mut new,
            written,
            warnings,
        } = changed(pod, change, manager, query, store.server())?;
        if new["spec"] != pod["spec"] {
            admit(&new)?;
            let now = crate::clock::now();
            let writer = Writer::update(manager).on("ephemeralcontainers");
            match change {
                Change::Apply(config) => {
                    let writer = server_side_apply::writer(manager);
                    managed_fields::applied(config, &mut new, writer, &now);
                }
                Change::StrategicMerge(_)
                | Change::JsonMerge(_)
                | Change::JsonPatch(_)
                | Change::Replace(_)
                    if !store.server().notes_who_added() => {}
                Change::StrategicMerge(_)
                | Change::JsonMerge(_)
                | Change::JsonPatch(_)
                | Change::Replace(_) => {
                    managed_fields::changed(pod, &written, &mut new, writer, &now);
                }
            }
        }
        outcome = Some(Outcome {
            pod: new.clone(),
            warnings,
        });
        if !is_dry_run {
            *pod = new;
        }
        Ok(())
    })?;
    let missing = || Failure::not_found("pods", &key.name);
    let stored = stored.ok_or_else(missing)?;
    let mut outcome = outcome.ok_or_else(missing)?;
    if is_dry_run {
        version::shape(store.server(), &mut outcome.pod);
    } else {
        outcome.pod = Value::clone(&stored);
    }
    Ok(outcome)
}

/// Whether nothing is to be stored.
pub(crate) fn dry_run(query: &Query) -> Result<bool, Failure> {
    let values: Vec<&str> = query.all("dryRun").collect();
    match values.as_slice() {
        [] => Ok(false),
        ["All"] => Ok(true),
        [other, ..] => {
            let cause = Cause {
                reason: "FieldValueNotSupported",
                message: format!("Unsupported value: [\"{other}\"]: supported values: \"All\""),
                field: "dryRun".to_owned(),
            };
            Err(invalid_options(&cause))
        }
    }
}

fn invalid_options(cause: &Cause) -> Failure {
    let details = json!({"group": "meta.k8s.io", "kind": "PatchOptions"});
    let cause = std::slice::from_ref(cause);
    Failure::invalid("PatchOptions.meta.k8s.io", "", details, cause)
}

/// The pod as it becomes, what was written of which most is taken back, and what to warn of.
struct Changed {
    pod: Value,
    written: Value,
    warnings: Vec<String>,
}

fn changed(
    pod: &Value,
    change: &Change,
    manager: &str,
    query: &Query,
    server: Server,
) -> Result<Changed, Failure> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let patched = change.apply(pod, manager);
    let patched = patched.map_err(|failure| old::of_its_scheme(server, failure))?;
    check_metadata(pod, &patched, name)?;

    let unknown = old::unknown_fields(server, &patched, query);
    if query.get("fieldValidation") == Some("Strict") && !unknown.is_empty() {
        return Err(schema::strict_error(change, &unknown));
    }
    let list = patched["spec"]["ephemeralContainers"].clone();
    let mut new = with_list(pod, list, server);
    let causes = validation::ephemeral_containers(&new["spec"]);
    let mut causes = old::told(server, causes, &new["spec"]);
    if causes.is_empty() {
        causes = validation::update(&pod["spec"], &new["spec"]);
    }
    if pod["metadata"]["annotations"]["kubernetes.io/config.mirror"].is_string() {
        let why = "static pods do not support ephemeral containers";
        causes = vec![validation::forbidden("", why)];
    }
    if !causes.is_empty() {
        return Err(Failure::invalid_pod(name, &causes));
    }
    if new["spec"] != pod["spec"] {
        let generation = pod["metadata"]["generation"].as_u64().unwrap_or_default();
        new["metadata"]["generation"] = json!(generation + 1);
    }
    let mut written = json!({"metadata": patched["metadata"], "spec": patched["spec"]});
    written["spec"]["ephemeralContainers"] = new["spec"]["ephemeralContainers"].clone();
    Ok(Changed {
        pod: new,
        written,
        warnings: unknown,
    })
}

/// The pod with these ephemeral containers, as far as the server knows their fields.
pub(super) fn with_list(pod: &Value, mut list: Value, server: Server) -> Value {
    let mut new = pod.clone();
    for container in list.as_array_mut().into_iter().flatten() {
        schema::drop_unknown(container);
        old::drop_later_fields(server, container);
        // An empty policy is filled in, but a wrong one is told of.
        defaults::container(container);
    }
    if list.as_array().is_some_and(|list| !list.is_empty()) {
        new["spec"]["ephemeralContainers"] = list;
    } else if let Some(spec) = new["spec"].as_object_mut() {
        spec.remove("ephemeralContainers");
    }
    new
}

/// A uid or a version in the change must be those of the pod.
pub(super) fn check_metadata(pod: &Value, patched: &Value, name: &str) -> Result<(), Failure> {
    let (old, new) = (&pod["metadata"], &patched["metadata"]);
    if new["uid"] != old["uid"] && !new["uid"].is_null() {
        let uid = new["uid"].as_str().unwrap_or_default();
        let cause = validation::invalid("metadata.uid", uid, "field is immutable");
        return Err(Failure::invalid_pod(name, &[cause.clone(), cause]));
    }
    let version = &new["resourceVersion"];
    if version != &old["resourceVersion"] && !version.is_null() && version != "" {
        return Err(Failure::conflict("pods", name));
    }
    Ok(())
}

#[cfg(test)]
mod tests;

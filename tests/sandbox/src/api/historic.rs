//! The `kind: EphemeralContainers` that the subresource had until 1.21: a view of a pod's list, which is
//! read, patched and replaced, and validated as part of the pod.

use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::ephemeral_containers::{Change, with_list};
use super::{Api, Call, json_patch, old, pods, schema, strategic_merge, validation};
use crate::answer::{self, Cause, Failure, Response};
use crate::store::Key;

const KIND: &str = "EphemeralContainers";

/// What the subresource shows of a pod.
fn view(pod: &Value) -> Value {
    let metadata = &pod["metadata"];
    let list = &pod["spec"]["ephemeralContainers"];
    let list = if list.is_array() {
        list.clone()
    } else {
        json!([])
    };
    json!({
        "kind": KIND,
        "apiVersion": "v1",
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
            "creationTimestamp": metadata["creationTimestamp"],
        },
        "ephemeralContainers": list,
    })
}

pub(crate) fn answer(
    api: &Api,
    key: &Key,
    pod: Option<&Value>,
    call: &Call,
) -> Result<Response, Failure> {
    let missing = || Failure::not_found("pods", &key.name);
    let edit = match call.method {
        Method::GET => {
            let pod = pod.ok_or_else(missing)?;
            return Ok(answer::json(StatusCode::OK, &view(pod)));
        }
        Method::PATCH => Edit::parse(call)?,
        Method::PUT => Edit::Replace(replacement(key, &call.body)?),
        _ => return Err(Failure::method_not_allowed()),
    };
    pod.ok_or_else(missing)?;
    let is_dry_run = old::dry_run(&call.query)?;
    let namespace = pods::namespace(&api.store, &key.namespace);
    let mut shown = Value::Null;
    let stored = api.store.update(key, |pod| {
        let new = changed(pod, &edit)?;
        if new["spec"] != pod["spec"] {
            pods::admit(&namespace, &new)?;
        }
        shown = view(&new);
        if !is_dry_run {
            *pod = new;
        }
        Ok(())
    })?;
    let stored = stored.ok_or_else(missing)?;
    if !is_dry_run {
        api.kubelet.sync(&stored);
        // A PUT shows the version that it made, too.
        shown = view(&stored);
    }
    Ok(answer::json(StatusCode::OK, &shown))
}

/// How the view is to change.
enum Edit {
    Patch(Change),
    Apply(Value),
    Replace(Value),
}

impl Edit {
    fn parse(call: &Call) -> Result<Self, Failure> {
        let media = call.header(header::CONTENT_TYPE);
        if media == "application/apply-patch+yaml" && call.query.get("fieldManager").is_some() {
            let value = serde_json::from_slice(&call.body)
                .map_err(|error| Failure::bad_request(error.to_string()))?;
            return Ok(Self::Apply(value));
        }
        Change::parse(media, &call.query, &call.body)
            .map(Self::Patch)
            .map_err(old::of_its_reader)
    }

    fn of(&self, pod: &Value) -> Result<Value, Failure> {
        let mut new = view(pod);
        match self {
            Self::Replace(object) => new.clone_from(object),
            Self::Apply(object) if object["kind"] != KIND => {
                let what =
                    "failed to merge config: expected objects of the same type, but got another";
                return Err(Failure::internal(what));
            }
            Self::Apply(patch) | Self::Patch(Change::StrategicMerge(patch)) => {
                let strategic_merge::MergeError::NoKey(message) =
                    match strategic_merge::apply(&mut new, patch) {
                        Ok(()) => {
                            let list = json!({"spec": patch});
                            return schema::check_types(&list)
                                .map(|()| new)
                                .map_err(|_| old::wrong_type(patch));
                        }
                        Err(error) => error,
                    };
                return Err(Failure::internal(message));
            }
            Self::Patch(Change::JsonMerge(patch)) => {
                strategic_merge::apply_json_merge(&mut new, patch);
            }
            Self::Patch(Change::JsonPatch(operations)) => {
                json_patch::apply(&mut new, operations).map_err(|_| Failure::unprocessable())?;
            }
            Self::Patch(_) => return Err(Failure::method_not_allowed()),
        }
        Ok(new)
    }
}

/// The body of a PUT, which says itself what it is.
fn replacement(key: &Key, body: &[u8]) -> Result<Value, Failure> {
    let mut object: Value = serde_json::from_slice(body).map_err(|_| {
        let body = String::from_utf8_lossy(body);
        Failure::bad_request(format!(
            "the object provided is unrecognized (must be of type {KIND}): couldn't get version/kind; \
             json parse error: unexpected end of JSON input ({body})"
        ))
    })?;
    let text = |at: &str| {
        object
            .pointer(at)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (kind, version) = (text("/kind"), text("/apiVersion"));
    if !matches!(kind, "" | KIND) || !matches!(version, "" | "v1") {
        let why = if kind == "Pod" {
            "converting (v1.Pod) to (core.EphemeralContainers): unknown conversion".to_owned()
        } else {
            format!(
                "no kind \"{kind}\" is registered for version \"{version}\" in scheme \"{}\"",
                old::SCHEME
            )
        };
        return Err(Failure::bad_request(format!(
            "{kind} in version \"{version}\" cannot be handled as a {KIND}: {why}"
        )));
    }
    old::check_decoding(&object)?;
    let (name, namespace) = (text("/metadata/name"), text("/metadata/namespace"));
    if name.is_empty() {
        return Err(Failure::bad_request(format!(
            "the name of the object ({} based on URL) was undeterminable: name must be provided",
            key.name
        )));
    }
    for (what, theirs, ours, whose) in [
        ("name", name, &key.name, "name on the URL"),
        (
            "namespace",
            namespace,
            &key.namespace,
            "namespace on the request",
        ),
    ] {
        if !theirs.is_empty() && theirs != ours {
            return Err(Failure::bad_request(format!(
                "the {what} of the object ({theirs}) does not match the {whose} ({ours})"
            )));
        }
    }
    object["kind"] = json!(KIND);
    Ok(object)
}

/// The pod as it becomes.
fn changed(pod: &Value, edit: &Edit) -> Result<Value, Failure> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let object = edit.of(pod)?;
    let metadata = &object["metadata"];
    let version = &metadata["resourceVersion"];
    if version != &pod["metadata"]["resourceVersion"] && !version.is_null() && version != "" {
        return Err(Failure::conflict("pods", name));
    }
    let list = object["ephemeralContainers"].clone();
    let new = with_list(pod, list, crate::Server::V1_21);
    let mut causes: Vec<Cause> = Vec::new();
    let uid = metadata["uid"].as_str().unwrap_or_default();
    if !uid.is_empty() && metadata["uid"] != pod["metadata"]["uid"] {
        causes.push(validation::invalid(
            "metadata.uid",
            uid,
            "field is immutable",
        ));
    }
    let faults = validation::ephemeral_containers(&new["spec"]);
    causes.extend(old::told(crate::Server::V1_21, faults, &new["spec"]));
    if causes.iter().all(|cause| cause.field == "metadata.uid") {
        causes.extend(validation::update(&pod["spec"], &new["spec"]));
    }
    if causes.is_empty() {
        return Ok(new);
    }
    Err(Failure::invalid_pod(name, &causes))
}

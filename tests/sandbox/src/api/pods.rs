//! Creating, changing and deleting pods.

use std::convert::Infallible;
use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::discovery::Resource;
use super::ephemeral_containers::{self, Change};
use super::validation;
use super::{Api, Call, defaults, pod_security};
use crate::answer::{self, Failure, Response};
use crate::clock;
use crate::kubelet::{Kubelet, status};
use crate::store::{Key, Store};
use crate::version;

/// Stores an object of the world; a pod gets its defaults and is started.
pub(crate) fn install(store: &Store, kubelet: &Arc<Kubelet>, mut object: Value) {
    let Some(resource) = object["kind"].as_str().and_then(Resource::of_kind) else {
        return;
    };
    if resource.plural == "pods" {
        bind(store, &mut object);
    }
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    let namespace = if resource.is_namespaced() {
        text("namespace")
    } else {
        ""
    };
    let key = Key::new(resource.plural, namespace, text("name"));
    if let Some(created) = store.create(&key, object)
        && resource.plural == "pods"
    {
        kubelet.sync(&created);
    }
}

/// Gives a new pod its defaults, its node and its first status.
fn bind(store: &Store, pod: &mut Value) {
    defaults::pod(pod);
    let number = store.version() % 250 + 1;
    status::initial(pod, &format!("10.99.1.{number}"), &clock::now());
}

pub(crate) fn create(api: &Api, namespace: &str, call: &Call) -> Result<Response, Failure> {
    let mut pod: Value = serde_json::from_slice(&call.body)
        .map_err(|error| Failure::bad_request(error.to_string()))?;
    pod["metadata"]["namespace"] = json!(namespace);
    bind(&api.store, &mut pod);
    let name = pod["metadata"]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    version::shape(api.store.server(), &mut pod);
    let mut causes = validation::ephemeral_containers(&pod["spec"]);
    if pod["spec"]["ephemeralContainers"].is_array() {
        let field = "spec.ephemeralContainers";
        causes.push(validation::forbidden(field, "cannot be set on create"));
    }
    if !causes.is_empty() {
        return Err(Failure::invalid_pod(&name, &causes));
    }
    admit(&self::namespace(&api.store, namespace), &pod)?;
    if ephemeral_containers::dry_run(&call.query)? {
        return Ok(answer::json(StatusCode::CREATED, &pod));
    }
    let key = Key::new("pods", namespace, &name);
    let created = api.store.create(&key, pod).ok_or_else(|| {
        Failure::new(
            StatusCode::CONFLICT,
            "AlreadyExists",
            format!("pods \"{name}\" already exists"),
            Some(json!({"name": name, "kind": "pods"})),
        )
    })?;
    api.kubelet.sync(&created);
    Ok(answer::json(StatusCode::CREATED, &created))
}

/// Marks a pod for deletion; the kubelet does the rest. Without grace it is gone at once.
pub(crate) fn delete(api: &Api, key: &Key, call: &Call) -> Result<Response, Failure> {
    let options: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let asked = call
        .query
        .number("gracePeriodSeconds")
        .or_else(|| options["gracePeriodSeconds"].as_i64());
    let pod = mark_deleted(&api.store, &api.kubelet, key, asked)
        .ok_or_else(|| Failure::not_found("pods", &key.name))?;
    Ok(answer::json(StatusCode::OK, &pod))
}

pub(crate) fn mark_deleted(
    store: &Store,
    kubelet: &Arc<Kubelet>,
    key: &Key,
    asked: Option<i64>,
) -> Option<Arc<Value>> {
    let mut was_marked = false;
    let marked = store.update(key, |pod| {
        was_marked = pod["metadata"]["deletionTimestamp"].is_string();
        let own = pod["spec"]["terminationGracePeriodSeconds"].as_i64();
        let grace = asked.or(own).unwrap_or(30).max(0);
        let until = Timestamp::now() + SignedDuration::from_secs(grace);
        let generation = pod["metadata"]["generation"].as_u64().unwrap_or_default();
        if !was_marked {
            pod["metadata"]["generation"] = json!(generation + 1);
            pod["metadata"]["deletionTimestamp"] = json!(clock::seconds(until));
        }
        pod["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
        Ok::<(), Infallible>(())
    });
    let marked = match marked {
        Ok(marked) => marked?,
        Err(never) => match never {},
    };
    if !was_marked {
        kubelet.delete(&marked);
    }
    if asked == Some(0) {
        return store.delete(key);
    }
    Some(marked)
}

pub(crate) fn ephemeral_containers(
    api: &Api,
    key: &Key,
    pod: &Value,
    call: &Call,
) -> Result<Response, Failure> {
    let mut warnings = Vec::new();
    let namespace = namespace(&api.store, &key.namespace);
    let change = match call.method {
        Method::GET => return Ok(answer::json(StatusCode::OK, pod)),
        Method::PATCH => Change::parse(call.header(header::CONTENT_TYPE), &call.query, &call.body)?,
        Method::PUT => {
            let object = serde_json::from_slice(&call.body)
                .map_err(|error| Failure::bad_request(error.to_string()))?;
            Change::Replace(object)
        }
        _ => return Err(Failure::method_not_allowed()),
    };
    let admit = |pod: &Value| admit(&namespace, pod).map(|warning| warnings.extend(warning));
    let outcome = ephemeral_containers::change(&api.store, key, &change, &call.query, admit)?;
    if !ephemeral_containers::dry_run(&call.query)? {
        api.kubelet.sync(&outcome.pod);
    }
    let mut response = answer::json(StatusCode::OK, &outcome.pod);
    for warning in outcome.warnings.iter().chain(&warnings) {
        let quoted = format!("299 - \"{}\"", warning.replace('"', "\\\""));
        if let Ok(value) = HeaderValue::from_str(&quoted) {
            response.headers_mut().append(header::WARNING, value);
        }
    }
    Ok(response)
}

pub(super) fn namespace(store: &Store, name: &str) -> Arc<Value> {
    let namespace = store.get(&Key::new("namespaces", "", name));
    namespace.unwrap_or_default()
}

/// The admission plugins: Pod Security, by the labels of the namespace. What passes may be warned of.
pub(super) fn admit(namespace: &Value, pod: &Value) -> Result<Option<String>, Failure> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let verdict = pod_security::review(namespace, pod);
    match verdict.refusal {
        Some(refusal) => Err(Failure::admission("pods", name, &refusal)),
        None => Ok(verdict.warning),
    }
}

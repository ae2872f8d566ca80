//! Creating, changing and deleting pods.

use std::convert::Infallible;
use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::discovery::Resource;
use super::ephemeral_containers::{self, Change};
use super::validation;
use super::{Api, Call, defaults, pod_security, pod_update, scheduling};
use crate::answer::{self, Failure, Response};
use crate::clock;
use crate::kubelet::{Kubelet, status, still};
use crate::managed_fields;
use crate::store::{Key, Store};
use crate::version;
use crate::webhook;

/// Stores an object of the world; a pod gets its defaults and is started.
pub(crate) fn install(store: &Store, kubelet: &Arc<Kubelet>, mut object: Value) {
    let Some(resource) = object["kind"].as_str().and_then(Resource::of_kind) else {
        install_source(store, object);
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

/// Stores what only the kubelet reads: secrets and config maps.
fn install_source(store: &Store, object: Value) {
    let plural = match object["kind"].as_str() {
        Some("Secret") => "secrets",
        Some("ConfigMap") => "configmaps",
        _ => return,
    };
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    let key = Key::new(plural, text("namespace"), text("name"));
    store.create(&key, object);
}

/// Stores a pod that only exists; nothing is started for it.
pub(crate) fn install_still(store: &Store, mut pod: Value) {
    bind(store, &mut pod);
    still::run(&mut pod);
    let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    let key = Key::new("pods", text("namespace"), text("name"));
    store.create(&key, pod);
}

/// Gives a new pod its defaults, its node and its first status.
fn bind(store: &Store, pod: &mut Value) {
    let is_owned = pod["metadata"]["ownerReferences"].is_array();
    let manager = if is_owned {
        "kube-controller-manager"
    } else {
        "kubectl-create"
    };
    bind_as(store, pod, manager);
}

/// The same for a pod of a known creator.
fn bind_as(store: &Store, pod: &mut Value, manager: &str) {
    let sent = pod.clone();
    defaults::pod(pod);
    managed_fields::pod_created(&sent, pod, manager, &clock::now());
    let number = store.version() % 250 + 1;
    status::initial(pod, &format!("10.99.1.{number}"), &clock::now());
    scheduling::leave_unless_it_fits(store, pod, &clock::now());
}

/// Lets the node take a pod that has none.
pub(crate) fn take(store: &Store, kubelet: &Arc<Kubelet>, key: &Key) {
    let number = store.version() % 250 + 1;
    let taken = store.update(key, |pod| {
        pod["spec"]["nodeName"] = json!("node-1");
        status::initial(pod, &format!("10.99.1.{number}"), &clock::now());
        Ok::<(), Infallible>(())
    });
    if let Ok(Some(pod)) = taken {
        kubelet.sync(&pod);
    }
}

/// A pod as it is sent.
fn sent(code: StatusCode, pod: &Value) -> Response {
    let mut pod = pod.clone();
    managed_fields::expand(&mut pod);
    answer::json(code, &pod)
}

pub(crate) fn create(api: &Api, namespace: &str, call: &Call) -> Result<Response, Failure> {
    let mut pod: Value = serde_json::from_slice(&call.body)
        .map_err(|error| Failure::bad_request(error.to_string()))?;
    pod["metadata"]["namespace"] = json!(namespace);
    if api
        .store
        .get(&Key::new("namespaces", "", namespace))
        .is_none()
    {
        return Err(Failure::not_found("namespaces", namespace));
    }
    give_name(&mut pod)?;
    bind_as(&api.store, &mut pod, call.manager());
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
    webhook::review(&api.webhooks, &pod)?;
    if ephemeral_containers::dry_run(&call.query)? {
        return Ok(sent(StatusCode::CREATED, &pod));
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
    Ok(sent(StatusCode::CREATED, &created))
}

/// A pod without a name gets the one it asks for, with something random at its end.
fn give_name(pod: &mut Value) -> Result<(), Failure> {
    let metadata = &mut pod["metadata"];
    if metadata["name"]
        .as_str()
        .is_some_and(|name| !name.is_empty())
    {
        return Ok(());
    }
    let Some(prefix) = metadata["generateName"].as_str() else {
        let mut cause = validation::required("metadata.name".to_owned());
        cause.message.push_str(": name or generateName is required");
        return Err(Failure::invalid(
            "Pod",
            "",
            json!({"kind": "Pod"}),
            &[cause],
        ));
    };
    metadata["name"] = json!(format!("{prefix}{}", crate::identifier::hex(5)));
    Ok(())
}

/// Marks a pod for deletion; the kubelet does the rest. Without grace it is gone at once.
pub(crate) fn delete(api: &Api, key: &Key, call: &Call) -> Result<Response, Failure> {
    let pod = mark_deleted(&api.store, &api.kubelet, key, grace(call))
        .ok_or_else(|| Failure::not_found("pods", &key.name))?;
    Ok(sent(StatusCode::OK, &pod))
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

/// Deletes what a collection holds, or what of it is selected; answers what that was.
pub(crate) fn delete_all(
    api: &Api,
    namespace: Option<&str>,
    call: &Call,
) -> (Value, Vec<Arc<Value>>) {
    let (version, mut pods) = api.store.list("pods", namespace);
    let selector = call.selector();
    pods.retain(|pod| selector.matches(pod));
    for pod in &mut pods {
        let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
        let key = Key::new("pods", text("namespace"), text("name"));
        if let Some(marked) = mark_deleted(&api.store, &api.kubelet, &key, grace(call)) {
            *pod = marked;
        }
    }
    (json!({"resourceVersion": version.to_string()}), pods)
}

/// The grace period that a request asks for.
fn grace(call: &Call) -> Option<i64> {
    let options: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let asked = call.query.number("gracePeriodSeconds");
    asked.or_else(|| options["gracePeriodSeconds"].as_i64())
}

/// PATCH or PUT of the pod itself.
pub(crate) fn change(api: &Api, key: &Key, call: &Call) -> Result<Response, Failure> {
    let change = written(call)?;
    let pod = pod_update::change(&api.store, key, &change, call.manager(), &call.query)?;
    Ok(sent(StatusCode::OK, &pod))
}

/// What a PATCH or a PUT says.
fn written(call: &Call) -> Result<Change, Failure> {
    if call.method == Method::PATCH {
        return Change::parse(call.header(header::CONTENT_TYPE), &call.query, &call.body);
    }
    let object = serde_json::from_slice(&call.body);
    let object = object.map_err(|error| Failure::bad_request(error.to_string()))?;
    Ok(Change::Replace(object))
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
        Method::GET => return Ok(sent(StatusCode::OK, pod)),
        Method::PATCH | Method::PUT => written(call)?,
        _ => return Err(Failure::method_not_allowed()),
    };
    let admit = |pod: &Value| {
        warnings.extend(admit(&namespace, pod)?);
        webhook::review(&api.webhooks, pod)
    };
    let outcome =
        ephemeral_containers::change(&api.store, key, &change, call.manager(), &call.query, admit)?;
    if !ephemeral_containers::dry_run(&call.query)? {
        api.kubelet.sync(&outcome.pod);
    }
    let mut response = sent(StatusCode::OK, &outcome.pod);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_without_a_name_gets_one_or_is_refused() {
        let mut pod = json!({"metadata": {"generateName": "web-"}});
        give_name(&mut pod).expect("may be made");
        let name = pod["metadata"]["name"].as_str().expect("is given");
        assert!(name.starts_with("web-") && name.len() == 9, "{name}");
        let failure = give_name(&mut json!({"metadata": {}})).expect_err("has no name");
        assert_eq!(
            failure.message,
            "Pod \"\" is invalid: metadata.name: Required value: name or generateName is required"
        );
    }
}

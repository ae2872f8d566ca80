//! PATCH of a pod itself: its labels, its images and little else may change.

use std::sync::Arc;

use serde_json::{Value, json};

use super::ephemeral_containers::{self, Change};
use super::query::Query;
use super::{defaults, go_struct, line_diff, old, schema, validation};
use crate::Server;
use crate::answer::{Cause, Failure};
use crate::managed_fields::{self, Writer};
use crate::store::{Key, Store};
use crate::version;

const MUTABLE: [&str; 5] = [
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
];

/// What may change, as the server lists it.
fn mutable(server: Server) -> String {
    let fields = if server.minor() < 22 {
        &MUTABLE[..4]
    } else {
        &MUTABLE
    };
    let list = match fields.split_last() {
        Some((last, others)) if server.minor() < 28 => format!("{} or {last}", others.join(", ")),
        _ => fields.join(","),
    };
    format!("pod updates may not change fields other than {list}")
}

/// Changes a pod; answers it as it is stored, or would be in a dry run.
pub(crate) fn change(
    store: &Store,
    key: &Key,
    change: &Change,
    manager: &str,
    query: &Query,
) -> Result<Arc<Value>, Failure> {
    let is_dry_run = ephemeral_containers::dry_run(query)?;
    let mut dry = None;
    let stored = store.update(key, |pod| {
        let mut new = changed(pod, change, manager, store.server())?;
        let now = crate::clock::now();
        managed_fields::changed(pod, &new.clone(), &mut new, Writer::update(manager), &now);
        if is_dry_run {
            version::shape(store.server(), &mut new);
            dry = Some(new);
        } else {
            *pod = new;
        }
        Ok(())
    })?;
    let stored = stored.ok_or_else(|| Failure::not_found("pods", &key.name))?;
    Ok(dry.map_or(stored, Arc::new))
}

fn changed(pod: &Value, change: &Change, manager: &str, server: Server) -> Result<Value, Failure> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let patched = change.apply(pod, manager);
    let patched = patched.map_err(|failure| old::of_its_scheme(server, failure))?;
    ephemeral_containers::check_metadata(pod, &patched, name)?;
    let mut new = pod.clone();
    for field in ["labels", "annotations", "ownerReferences", "finalizers"] {
        match patched["metadata"].get(field) {
            Some(value) if !value.is_null() => new["metadata"][field] = value.clone(),
            _ => {
                if let Some(metadata) = new["metadata"].as_object_mut() {
                    metadata.remove(field);
                }
            }
        }
    }
    new["spec"] = patched["spec"].clone();
    if !server.has_ephemeral_containers() {
        // What is switched off is dropped in silence.
        new["spec"]["ephemeralContainers"] = Value::Null;
    }
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for container in new["spec"][list].as_array_mut().into_iter().flatten() {
            schema::drop_unknown(container);
            old::drop_later_fields(server, container);
            defaults::container(container);
        }
        if new["spec"][list].is_null()
            && let Some(spec) = new["spec"].as_object_mut()
        {
            spec.remove(list);
        }
    }
    match check(server, &pod["spec"], &new["spec"]) {
        Some(cause) => Err(Failure::invalid_pod(name, &[cause])),
        None => {
            if new["spec"] != pod["spec"] {
                let generation = pod["metadata"]["generation"].as_u64().unwrap_or_default();
                new["metadata"]["generation"] = json!(generation + 1);
            }
            Ok(new)
        }
    }
}

/// What is put in a place must be of that place.
pub(super) fn check_place(pod: &Value, object: &Value) -> Result<(), Failure> {
    let text = |object: &Value, field: &str| {
        object["metadata"][field]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let (name, at) = (text(object, "name"), text(pod, "name"));
    if name != at {
        return Err(Failure::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({at})"
        )));
    }
    let namespace = text(object, "namespace");
    if !namespace.is_empty() && namespace != text(pod, "namespace") {
        return Err(Failure::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    Ok(())
}

/// Whether a new spec differs in no more than may differ.
fn check(server: Server, old: &Value, new: &Value) -> Option<Cause> {
    let count = |spec: &Value| spec["containers"].as_array().map(Vec::len);
    if count(old) != count(new) {
        let why = "pod updates may not add or remove containers";
        return Some(validation::forbidden("spec.containers", why));
    }
    let mut same = new.clone();
    for list in ["containers", "initContainers"] {
        let before = old[list].as_array().into_iter().flatten();
        let after = same.get_mut(list).and_then(Value::as_array_mut);
        let after = after.into_iter().flatten();
        for (before, after) in before.zip(after) {
            after["image"] = before["image"].clone();
        }
    }
    for field in ["activeDeadlineSeconds", "tolerations"] {
        match (old.get(field), same.as_object_mut()) {
            (Some(before), _) => same[field] = before.clone(),
            (None, Some(fields)) => drop(fields.remove(field)),
            (None, None) => {}
        }
    }
    if same == *old {
        return None;
    }
    let diff = line_diff::unified(&go_struct::spec(old), &go_struct::spec(&same));
    Some(validation::forbidden(
        "spec",
        &format!("{}\n{diff}", mutable(server)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(image: &str) -> Value {
        json!({"containers": [{"name": "app", "image": image}]})
    }

    #[test]
    fn an_image_may_change_and_the_node_may_not() {
        assert_eq!(check(Server::V1_36, &spec("a"), &spec("b")), None);
        let mut elsewhere = spec("a");
        elsewhere["nodeName"] = json!("node-2");
        let cause = check(Server::V1_36, &spec("a"), &elsewhere).expect("is refused");
        assert!(
            cause
                .message
                .contains("- \"NodeName\": \"\",\n+ \"NodeName\": \"node-2\",\n"),
            "{}",
            cause.message
        );
    }

    #[test]
    fn what_may_change_is_listed_as_at_the_time() {
        assert!(mutable(Server::V1_21).ends_with(
            ", `spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)"
        ));
        assert!(mutable(Server::V1_23).contains(" or `spec.terminationGracePeriodSeconds`"));
        assert_eq!(mutable(Server::V1_28), mutable(Server::V1_36));
    }

    #[test]
    fn a_label_is_changed_and_belongs_to_who_changed_it() {
        let store = Store::new();
        let key = Key::new("pods", "default", "app");
        let mut pod = json!({"metadata": {"name": "app"}, "spec": spec("a")});
        defaults::pod(&mut pod);
        store.create(&key, pod);
        let patch = Change::JsonMerge(json!({"metadata": {"labels": {"x": "y"}}}));
        let pod = change(&store, &key, &patch, "lab", &Query::default()).expect("may be");
        assert_eq!(pod["metadata"]["labels"]["x"], "y");
        let owned = managed_fields::fields(&pod, Writer::update("lab")).expect("some");
        assert_eq!(owned["f:metadata"]["f:labels"]["f:x"], json!({}));
    }
}

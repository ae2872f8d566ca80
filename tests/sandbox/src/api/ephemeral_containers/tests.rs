use super::*;

fn store() -> (Store, Key) {
    let store = Store::new();
    let key = Key::new("pods", "default", "app");
    let mut pod = json!({"metadata": {"name": "app"},
        "spec": {"containers": [{"name": "app", "image": "distroless-app:1"}]}});
    defaults::pod(&mut pod);
    store.create(&key, pod);
    (store, key)
}

fn patch(store: &Store, key: &Key, patch: Value, query: &str) -> Result<Outcome, Failure> {
    let change = Change::StrategicMerge(patch);
    super::change(store, key, &change, "lab", &Query::parse(query), |_| Ok(()))
}

fn container(name: &str) -> Value {
    json!({"spec": {"ephemeralContainers": [{"name": name, "image": "busybox:1"}]}})
}

#[test]
fn a_change_counts_up_the_generation_and_the_same_again_does_nothing() {
    let (store, key) = store();
    let first = patch(&store, &key, container("d"), "").expect("is valid");
    assert_eq!(first.pod["metadata"]["generation"], 2);
    let again = patch(&store, &key, container("d"), "").expect("is valid");
    assert_eq!(again.pod, first.pod);
}

#[test]
fn a_dry_run_stores_nothing() {
    let (store, key) = store();
    let dry = patch(&store, &key, container("d"), "dryRun=All").expect("is valid");
    assert_eq!(dry.pod["metadata"]["generation"], 2);
    let stored = store.get(&key).expect("exists");
    assert_eq!(stored["metadata"]["generation"], 1);
    let other = patch(&store, &key, container("d"), "dryRun=Some").expect_err("is no value");
    assert_eq!(
        other.message,
        "PatchOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Some\"]: \
         supported values: \"All\""
    );
}

#[test]
fn nothing_but_ephemeral_containers_changes() {
    let (store, key) = store();
    let mut body = container("d");
    body["metadata"] = json!({"labels": {"x": "y"}});
    body["spec"]["nodeName"] = json!("elsewhere");
    let outcome = patch(&store, &key, body, "").expect("is valid");
    assert_eq!(outcome.pod["spec"]["nodeName"], "node-1");
    assert!(outcome.pod["metadata"]["labels"].is_null());
}

#[test]
fn another_uid_or_an_old_version_is_refused() {
    let (store, key) = store();
    let mut body = container("d");
    body["metadata"] = json!({"uid": "other"});
    let failure = patch(&store, &key, body.clone(), "").expect_err("is another pod");
    assert_eq!(
        failure.message,
        "Pod \"app\" is invalid: metadata.uid: Invalid value: \"other\": field is immutable"
    );
    body["metadata"] = json!({"resourceVersion": "1"});
    let failure = patch(&store, &key, body, "").expect_err("is stale");
    assert_eq!(failure.code, StatusCode::CONFLICT);
}

#[test]
fn what_is_put_must_be_of_its_place_and_of_its_time() {
    let (store, key) = store();
    let put = |object: &Value| {
        let change = Change::Replace(object.clone());
        let put = super::change(&store, &key, &change, "lab", &Query::default(), |_| Ok(()));
        put.map_err(|failure| failure.code.as_u16())
    };
    let mut pod = Value::clone(&store.get(&key).expect("exists"));
    pod["spec"]["ephemeralContainers"] = json!([{"name": "d", "image": "busybox:1"}]);
    let put_first = put(&pod).expect("is valid").pod;
    assert_eq!(put_first["spec"]["ephemeralContainers"][0]["name"], "d");
    assert_eq!(put(&pod).err(), Some(409));
    // Without a version, whatever is there is replaced.
    pod["metadata"]["resourceVersion"] = Value::Null;
    assert!(put(&pod).is_ok());
    pod["metadata"]["name"] = json!("other");
    assert_eq!(put(&pod).err(), Some(400));
}

#[test]
fn an_unknown_field_is_warned_of_or_refused() {
    let (store, key) = store();
    let mut body = container("d");
    body["spec"]["ephemeralContainers"][0]["comand"] = json!(["ls"]);
    let outcome = patch(&store, &key, body.clone(), "dryRun=All").expect("is valid");
    assert_eq!(
        outcome.warnings,
        ["unknown field \"spec.ephemeralContainers[0].comand\""]
    );
    let ignored = "fieldValidation=Ignore&dryRun=All";
    let outcome = patch(&store, &key, body.clone(), ignored).expect("is valid");
    assert_eq!(outcome.warnings, [""; 0]);
    let failure = patch(&store, &key, body, "fieldValidation=Strict").expect_err("is strict");
    assert_eq!(
        failure.message,
        " \"\" is invalid: patch: Invalid value: \"map[spec:map[ephemeralContainers:[map[\
         comand:[ls] image:busybox:1 name:d]]]]\": strict decoding error: unknown field \
         \"spec.ephemeralContainers[0].comand\""
    );
}

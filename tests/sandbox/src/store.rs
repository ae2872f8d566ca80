//! Keeps the objects of the cluster, their resource versions and the changes that watches are told of.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::version::{self, Server};
use crate::{lock, managed_fields};

/// How many changes are remembered for watches that start in the past.
const HISTORY: usize = 10_000;

/// Where an object lives: the resource's plural name, its namespace (empty if it has none) and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) resource: &'static str,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn new(resource: &'static str, namespace: &str, name: &str) -> Self {
        Self {
            resource,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// One change of one object, as a watch needs it.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) version: u64,
    pub(crate) key: Key,
    pub(crate) before: Option<Arc<Value>>,
    /// The object after the change; a deleted one in its last state.
    pub(crate) object: Arc<Value>,
    pub(crate) deleted: bool,
}

/// The version asked for is no longer (fully) remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooOld {
    pub(crate) oldest: u64,
}

#[derive(Debug)]
struct Inner {
    version: u64,
    /// Changes up to this version are forgotten.
    compacted: u64,
    objects: BTreeMap<Key, Arc<Value>>,
    history: VecDeque<Change>,
}

#[derive(Debug)]
pub(crate) struct Store {
    inner: Mutex<Inner>,
    latest: watch::Sender<u64>,
    /// Whose fields are stored.
    server: Server,
}

impl Store {
    #[cfg(test)]
    pub(crate) fn new() -> Self {
        Self::of(Server::default())
    }

    pub(crate) fn of(server: Server) -> Self {
        const FIRST: u64 = 100;
        Self {
            inner: Mutex::new(Inner {
                version: FIRST,
                compacted: FIRST,
                objects: BTreeMap::new(),
                history: VecDeque::new(),
            }),
            latest: watch::Sender::new(FIRST),
            server,
        }
    }

    pub(crate) fn server(&self) -> Server {
        self.server
    }

    /// Stores a new object, with uid, creation time and version; `None` if there is one by its name.
    pub(crate) fn create(&self, key: &Key, mut object: Value) -> Option<Arc<Value>> {
        let mut inner = lock(&self.inner);
        if inner.objects.contains_key(key) {
            return None;
        }
        let metadata = &mut object["metadata"];
        if metadata["uid"].is_null() {
            metadata["uid"] = json!(crate::identifier::uid());
        }
        if metadata["creationTimestamp"].is_null() {
            metadata["creationTimestamp"] = json!(crate::clock::now());
        }
        if key.resource == "events" {
            managed_fields::created(&mut object, "kubelet", &crate::clock::now());
        }
        version::shape(self.server, &mut object);
        Some(self.put(&mut inner, key, None, object))
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Value>> {
        lock(&self.inner).objects.get(key).cloned()
    }

    /// All objects of a resource, in one namespace or in all, and the version of this answer.
    pub(crate) fn list(
        &self,
        resource: &'static str,
        namespace: Option<&str>,
    ) -> (u64, Vec<Arc<Value>>) {
        let inner = lock(&self.inner);
        let first = Key::new(resource, namespace.unwrap_or_default(), "");
        let items = inner
            .objects
            .range(first..)
            .take_while(|(key, _)| key.resource == resource)
            .take_while(|(key, _)| namespace.is_none_or(|namespace| key.namespace == namespace))
            .map(|(_, object)| Arc::clone(object))
            .collect();
        (inner.version, items)
    }

    /// The objects as they were at a version.
    pub(crate) fn list_at(
        &self,
        resource: &str,
        namespace: Option<&str>,
        version: u64,
    ) -> Result<Vec<Arc<Value>>, TooOld> {
        let inner = lock(&self.inner);
        if version < inner.compacted {
            return Err(TooOld {
                oldest: inner.compacted,
            });
        }
        let is_in = |key: &Key| {
            key.resource == resource && namespace.is_none_or(|namespace| key.namespace == namespace)
        };
        let now = inner.objects.iter().filter(|(key, _)| is_in(key));
        let later = inner.history.iter().rev();
        let later = later.take_while(|change| change.version > version);
        let mut later = later.filter(|change| is_in(&change.key)).peekable();
        if later.peek().is_none() {
            return Ok(now.map(|(_, object)| Arc::clone(object)).collect());
        }
        let mut objects: BTreeMap<&Key, &Arc<Value>> = now.collect();
        for change in later {
            match &change.before {
                Some(before) => drop(objects.insert(&change.key, before)),
                None => drop(objects.remove(&change.key)),
            }
        }
        Ok(objects.into_values().map(Arc::clone).collect())
    }

    /// Changes an object in one step; nothing is stored, and no watch is told, if it stays the same.
    pub(crate) fn update<E>(
        &self,
        key: &Key,
        change: impl FnOnce(&mut Value) -> Result<(), E>,
    ) -> Result<Option<Arc<Value>>, E> {
        let mut inner = lock(&self.inner);
        let Some(before) = inner.objects.get(key).cloned() else {
            return Ok(None);
        };
        let mut object = Value::clone(&before);
        change(&mut object)?;
        version::shape(self.server, &mut object);
        if object == *before {
            return Ok(Some(before));
        }
        if key.resource == "pods" && object["status"] != before["status"] {
            managed_fields::status_changed(&before, &mut object, &crate::clock::now());
        }
        Ok(Some(self.put(&mut inner, key, Some(before), object)))
    }

    /// Removes an object; answers its last state.
    pub(crate) fn delete(&self, key: &Key) -> Option<Arc<Value>> {
        let mut inner = lock(&self.inner);
        let before = inner.objects.remove(key)?;
        inner.version += 1;
        let mut object = Value::clone(&before);
        object["metadata"]["resourceVersion"] = json!(inner.version.to_string());
        let object = Arc::new(object);
        self.remember(&mut inner, key, Some(before), &object, true);
        Some(object)
    }

    /// What happened to a resource after `version`, oldest first, and the version this is up to.
    pub(crate) fn changes(
        &self,
        resource: &str,
        version: u64,
    ) -> Result<(u64, Vec<Change>), TooOld> {
        let inner = lock(&self.inner);
        if version < inner.compacted {
            return Err(TooOld {
                oldest: inner.compacted,
            });
        }
        let start = inner
            .history
            .partition_point(|change| change.version <= version);
        let changes = inner
            .history
            .range(start..)
            .filter(|change| change.key.resource == resource)
            .cloned()
            .collect();
        Ok((inner.version, changes))
    }

    pub(crate) fn version(&self) -> u64 {
        lock(&self.inner).version
    }

    /// Forgets all changes so far, as etcd's compaction does: older watches get 410.
    pub(crate) fn compact(&self) {
        let mut inner = lock(&self.inner);
        inner.history.clear();
        inner.compacted = inner.version;
    }

    /// Tells of every new version.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    fn put(
        &self,
        inner: &mut Inner,
        key: &Key,
        before: Option<Arc<Value>>,
        mut object: Value,
    ) -> Arc<Value> {
        inner.version += 1;
        object["metadata"]["resourceVersion"] = json!(inner.version.to_string());
        let object = Arc::new(object);
        inner.objects.insert(key.clone(), Arc::clone(&object));
        self.remember(inner, key, before, &object, false);
        object
    }

    fn remember(
        &self,
        inner: &mut Inner,
        key: &Key,
        before: Option<Arc<Value>>,
        object: &Arc<Value>,
        deleted: bool,
    ) {
        inner.history.push_back(Change {
            version: inner.version,
            key: key.clone(),
            before,
            object: Arc::clone(object),
            deleted,
        });
        while inner.history.len() > HISTORY {
            if let Some(forgotten) = inner.history.pop_front() {
                inner.compacted = forgotten.version;
            }
        }
        self.latest.send_replace(inner.version);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn pod(name: &str) -> (Key, Value) {
        (
            Key::new("pods", "default", name),
            json!({"metadata": {"name": name, "namespace": "default"}}),
        )
    }

    #[test]
    fn a_change_that_changes_nothing_is_no_change() {
        let store = Store::new();
        let (key, object) = pod("app");
        let created = store.create(&key, object).expect("is new");
        let same = store
            .update(&key, |_| Ok::<(), Infallible>(()))
            .expect("cannot fail")
            .expect("exists");
        assert_eq!(created["metadata"], same["metadata"]);
        assert_eq!(store.changes("pods", 100).expect("kept").1.len(), 1);
    }

    #[test]
    fn a_deleted_object_is_told_with_its_last_state_and_a_new_version() {
        let store = Store::new();
        let (key, object) = pod("app");
        store.create(&key, object).expect("is new");
        store.delete(&key).expect("exists");
        let (version, changes) = store.changes("pods", 101).expect("kept");
        assert_eq!(version, 102);
        assert!(changes[0].deleted);
        assert_eq!(changes[0].object["metadata"]["resourceVersion"], "102");
    }

    #[test]
    fn a_compacted_version_is_too_old() {
        let store = Store::new();
        let (key, object) = pod("app");
        store.create(&key, object).expect("is new");
        store.compact();
        assert_eq!(
            store.changes("pods", 100).err(),
            Some(TooOld { oldest: 101 })
        );
        assert!(store.changes("pods", 101).is_ok());
    }
}

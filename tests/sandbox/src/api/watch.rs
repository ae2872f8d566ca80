//! The stream of a watch: where it starts, and an event for each change from there on.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::StatusCode;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::discovery::Resource;
use super::query::Query;
use super::representation::Form;
use super::selector::Selector;
use crate::answer::{self, Failure, Response};
use crate::store::{Change, Store};

/// How long a watch lasts if the client does not say.
const LASTS: Duration = Duration::from_mins(45);
/// How often a watch that wants bookmarks gets one.
const BOOKMARKS: Duration = Duration::from_mins(1);

struct Watch {
    store: Arc<Store>,
    resource: &'static Resource,
    namespace: Option<String>,
    selector: Selector,
    form: Form,
    bookmarks: bool,
    version: u64,
    ready: VecDeque<Bytes>,
    latest: tokio::sync::watch::Receiver<u64>,
    until: Instant,
    over: bool,
}

/// Answers a watch.
pub(crate) fn start(
    store: &Arc<Store>,
    resource: &'static Resource,
    namespace: Option<&str>,
    selector: Selector,
    form: Form,
    query: &Query,
) -> Response {
    let mut watch = Watch {
        store: Arc::clone(store),
        resource,
        namespace: namespace.map(str::to_owned),
        selector,
        form,
        bookmarks: query.is("allowWatchBookmarks"),
        version: 0,
        ready: VecDeque::new(),
        latest: store.subscribe(),
        until: Instant::now()
            + query
                .number("timeoutSeconds")
                .map_or(LASTS, Duration::from_secs),
        over: false,
    };
    watch.begin(query);
    let events = stream::unfold(watch, |mut watch| async move {
        let next = watch.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(next)), watch))
    });
    answer::stream("application/json", StreamBody::new(events).boxed_unsync())
}

impl Watch {
    /// From a version on, or with the present objects first.
    fn begin(&mut self, query: &Query) {
        let initial = query.is("sendInitialEvents");
        let asked = query.get("resourceVersion").unwrap_or_default();
        let from: Option<u64> = asked.parse().ok().filter(|version| *version > 0);
        match from {
            Some(version) if !initial => self.version = version,
            _ => {
                let (version, items) = self
                    .store
                    .list(self.resource.plural, self.namespace.as_deref());
                self.version = version;
                for item in &items {
                    if self.selector.matches(item) {
                        self.push("ADDED", item);
                    }
                }
                if initial && self.bookmarks {
                    let annotations = json!({"k8s.io/initial-events-end": "true"});
                    self.push_bookmark(&annotations);
                }
            }
        }
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some(bytes);
            }
            if self.over || Instant::now() >= self.until {
                return None;
            }
            self.latest.mark_unchanged();
            match self.store.changes(self.resource.plural, self.version) {
                Ok((version, changes)) => {
                    self.version = self.version.max(version);
                    for change in &changes {
                        self.tell(change);
                    }
                }
                Err(too_old) => {
                    self.expire(too_old.oldest);
                    continue;
                }
            }
            if self.ready.is_empty() {
                self.wait().await;
            }
        }
    }

    async fn wait(&mut self) {
        let idle = (Instant::now() + BOOKMARKS).min(self.until);
        let changed = tokio::time::timeout_at(idle, self.latest.changed()).await;
        match changed {
            // The store is gone.
            Ok(Err(_)) => self.over = true,
            Err(_) if self.bookmarks => self.push_bookmark(&Value::Null),
            Ok(Ok(())) | Err(_) => {}
        }
    }

    /// An object that comes to match is new to this watch, and one that no longer does is gone.
    fn tell(&mut self, change: &Change) {
        if self
            .namespace
            .as_ref()
            .is_some_and(|namespace| *namespace != change.key.namespace)
        {
            return;
        }
        let before = change
            .before
            .as_ref()
            .is_some_and(|object| self.selector.matches(object));
        let after = self.selector.matches(&change.object);
        match (before, after && !change.deleted) {
            (false, true) => self.push("ADDED", &change.object),
            (true, true) => self.push("MODIFIED", &change.object),
            (true, false) => self.push("DELETED", &change.object),
            (false, false) => {}
        }
    }

    fn push(&mut self, kind: &str, object: &Value) {
        let object = self.form.object(self.resource, object);
        self.push_event(kind, &object);
    }

    fn push_bookmark(&mut self, annotations: &Value) {
        let mut object = json!({"metadata": {
            "resourceVersion": self.version.to_string(),
            "creationTimestamp": null,
        }});
        if annotations.is_object() {
            object["metadata"]["annotations"] = annotations.clone();
        }
        if self.resource.kind == "Pod" {
            object["spec"] = json!({"containers": null});
            object["status"] = json!({});
        }
        self.push("BOOKMARK", &object);
    }

    fn expire(&mut self, oldest: u64) {
        let message = format!("too old resource version: {} ({oldest})", self.version);
        let failure = Failure::new(StatusCode::GONE, "Expired", message, None);
        self.push_event("ERROR", &failure.status());
        self.over = true;
    }

    fn push_event(&mut self, kind: &str, object: &Value) {
        let mut line = json!({"type": kind, "object": object}).to_string();
        line.push('\n');
        self.ready.push_back(Bytes::from(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Key;

    async fn events(response: Response, count: usize) -> Vec<Value> {
        let mut body = response.into_body();
        let mut events = Vec::new();
        while events.len() < count {
            let frame = body.frame().await.expect("goes on").expect("cannot fail");
            let bytes = frame.into_data().expect("is data");
            events.push(serde_json::from_slice(&bytes).expect("is JSON"));
        }
        events
    }

    fn pods() -> &'static Resource {
        Resource::find("", "pods").expect("is known")
    }

    fn put(store: &Store, name: &str) {
        let object = json!({"metadata": {"name": name, "namespace": "default"}});
        store.create(&Key::new("pods", "default", name), object);
    }

    fn watch(store: &Arc<Store>, query: &str) -> Response {
        let (selector, query) = (Selector::default(), Query::parse(query));
        start(store, pods(), None, selector, Form::Whole, &query)
    }

    #[tokio::test]
    async fn the_initial_events_end_with_a_bookmark() {
        let store = Arc::new(Store::new());
        put(&store, "a");
        let response = watch(&store, "sendInitialEvents=true&allowWatchBookmarks=true");
        let events = events(response, 2).await;
        assert_eq!(events[0]["type"], "ADDED");
        assert_eq!(events[1]["type"], "BOOKMARK");
        let metadata = &events[1]["object"]["metadata"];
        assert_eq!(metadata["annotations"]["k8s.io/initial-events-end"], "true");
        assert_eq!(metadata["resourceVersion"], "101");
    }

    #[tokio::test]
    async fn a_watch_tells_of_what_it_selects_from_its_version_on() {
        let store = Arc::new(Store::new());
        put(&store, "a");
        let query = Query::parse("resourceVersion=101");
        let selector = Selector::parse(Some("metadata.name=c"), None);
        let response = start(
            &store,
            pods(),
            Some("default"),
            selector,
            Form::Whole,
            &query,
        );
        put(&store, "b");
        put(&store, "c");
        store.delete(&Key::new("pods", "default", "c"));
        let events = events(response, 2).await;
        assert_eq!(events[0]["type"], "ADDED");
        assert_eq!(events[1]["type"], "DELETED");
        assert_eq!(events[1]["object"]["metadata"]["name"], "c");
    }

    #[tokio::test]
    async fn a_version_that_is_too_old_ends_the_watch() {
        let store = Arc::new(Store::new());
        put(&store, "a");
        store.compact();
        let response = watch(&store, "resourceVersion=1");
        let events = events(response, 1).await;
        assert_eq!(events[0]["type"], "ERROR");
        assert_eq!(events[0]["object"]["reason"], "Expired");
        assert_eq!(
            events[0]["object"]["message"],
            "too old resource version: 1 (101)"
        );
    }
}

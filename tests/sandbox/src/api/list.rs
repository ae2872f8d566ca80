//! Lists in pieces: `limit` and `continue`, all of one moment however long a client takes.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};

use super::query::Query;
use super::selector::Selector;
use crate::answer::Failure;
use crate::store::Store;

const TOO_OLD: &str = "The provided continue parameter is too old to display a consistent list result. You can \
    start a new list without the continue parameter, or use the continue token in this response to retrieve the \
    remainder of the results. Continuing with the provided token results in an inconsistent list - objects that \
    were created, modified, or deleted between the time the first chunk was returned and now may show up in the \
    list.";

/// A piece of a list, with the metadata that tells of the rest.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) metadata: Value,
    pub(crate) items: Vec<Arc<Value>>,
}

/// Where a list goes on: the version it is of, -1 for the latest, and what is the first name that may come.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    version: i64,
    start: String,
}

impl Token {
    fn encode(&self) -> String {
        let text =
            json!({"v": "meta.k8s.io/v1", "rv": self.version, "start": self.start}).to_string();
        URL_SAFE_NO_PAD.encode(text)
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let invalid = |why: &str| Failure::bad_request(format!("continue key is not valid: {why}"));
        let bytes = URL_SAFE_NO_PAD
            .decode(text.trim_end_matches('='))
            .map_err(|error| invalid(&error.to_string()))?;
        let token: Value =
            serde_json::from_slice(&bytes).map_err(|error| invalid(&error.to_string()))?;
        match (token["rv"].as_i64(), token["start"].as_str()) {
            (Some(version), Some(start)) if token["v"] == "meta.k8s.io/v1" => Ok(Self {
                version,
                start: start.to_owned(),
            }),
            _ => Err(invalid("server does not recognize this encoded version")),
        }
    }
}

/// What a list answers, or the piece of it that is asked for.
pub(crate) fn page(
    store: &Store,
    resource: &'static str,
    namespace: Option<&str>,
    selector: &Selector,
    query: &Query,
) -> Result<Page, Failure> {
    let token = match query.get("continue").filter(|token| !token.is_empty()) {
        Some(text) => Some(Token::parse(text)?),
        None => None,
    };
    let start = token.as_ref().map_or("", |token| token.start.as_str());
    let at = token
        .as_ref()
        .and_then(|token| u64::try_from(token.version).ok());
    let (version, mut items) = match at {
        None => store.list(resource, namespace),
        Some(version) => match store.list_at(resource, namespace, version) {
            Ok(items) => (version, items),
            Err(_) => return Err(too_old(start)),
        },
    };
    if !is_in_order(&items) {
        items.sort_by_cached_key(|item| place(item, namespace));
    }
    let before = items.partition_point(|item| place(item, namespace).as_str() < start);
    items.drain(..before);
    if *selector != Selector::default() {
        items.retain(|item| selector.matches(item));
    }
    let mut metadata = json!({"resourceVersion": version.to_string()});
    // Whoever is content with any version gets it all, from the server's memory.
    let is_any = query.get("resourceVersion") == Some("0");
    let limit = query.number("limit").filter(|limit| *limit > 0 && !is_any);
    if let Some(limit) = limit
        && items.len() > limit
    {
        let rest = items.split_off(limit);
        // With selectors nobody has counted what remains.
        if *selector == Selector::default() {
            metadata["remainingItemCount"] = json!(rest.len());
        }
        let last = items.last().map(|item| place(item, namespace));
        let token = Token {
            version: i64::try_from(version).unwrap_or(-1),
            start: format!("{}\0", last.unwrap_or_default()),
        };
        metadata["continue"] = json!(token.encode());
    }
    Ok(Page { metadata, items })
}

/// Whether objects that stand in the order of their namespaces, and in each of their names, are in that of their
/// places too: a `-` in a namespace comes before the `/` after one.
fn is_in_order(items: &[Arc<Value>]) -> bool {
    items.windows(2).all(|pair| {
        let [first, second] = [0, 1].map(|at| &pair[at]["metadata"]["namespace"]);
        first == second || place(&pair[0], None) < place(&pair[1], None)
    })
}

/// Where an object is in the list: its name, after its namespace if the list is of all.
fn place(object: &Value, namespace: Option<&str>) -> String {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    match (namespace, text("namespace")) {
        (None, own) if !own.is_empty() => format!("{own}/{}", text("name")),
        _ => text("name").to_owned(),
    }
}

/// 410, with a token to go on in what there is by now.
fn too_old(start: &str) -> Failure {
    let token = Token {
        version: -1,
        start: start.to_owned(),
    };
    let mut failure = Failure::new(StatusCode::GONE, "Expired", TOO_OLD, None);
    failure.go_on = Some(token.encode());
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Key;

    fn put(store: &Store, names: &[&str]) {
        for name in names {
            let object = json!({"metadata": {"name": name, "namespace": "default"}});
            store.create(&Key::new("pods", "default", name), object);
        }
    }

    fn read(store: &Store, query: &str) -> Result<(Vec<String>, Value), Failure> {
        let query = Query::parse(query);
        let page = page(store, "pods", Some("default"), &Selector::default(), &query)?;
        let names = page.items.iter().map(|item| place(item, Some("default")));
        Ok((names.collect(), page.metadata))
    }

    #[test]
    fn a_list_goes_on_where_it_stopped_as_it_was_when_it_began() {
        let store = Store::new();
        put(&store, &["a", "b", "d"]);
        let (names, metadata) = read(&store, "limit=2").expect("works");
        assert_eq!(names, ["a", "b"]);
        assert_eq!(metadata["remainingItemCount"], 1);
        put(&store, &["c"]);
        store.delete(&Key::new("pods", "default", "d"));
        let token = metadata["continue"].as_str().expect("goes on");
        let (names, rest) = read(&store, &format!("limit=2&continue={token}")).expect("works");
        assert_eq!(names, ["d"]);
        assert_eq!(rest["resourceVersion"], metadata["resourceVersion"]);
        assert!(rest["continue"].is_null());
    }

    #[test]
    fn all_namespaces_are_in_the_order_of_their_paths() {
        let store = Store::new();
        for (namespace, name) in [("a", "z"), ("a-b", "a"), ("b", "a"), ("a", "b")] {
            let object = json!({"metadata": {"name": name, "namespace": namespace}});
            store.create(&Key::new("pods", namespace, name), object);
        }
        let page = |query: &str| {
            let query = Query::parse(query);
            page(&store, "pods", None, &Selector::default(), &query).expect("works")
        };
        let places = |page: &Page| {
            page.items
                .iter()
                .map(|item| place(item, None))
                .collect::<Vec<_>>()
        };
        let first = page("limit=3");
        assert_eq!(places(&first), ["a-b/a", "a/b", "a/z"]);
        let token = first.metadata["continue"].as_str().expect("goes on");
        assert_eq!(places(&page(&format!("limit=3&continue={token}"))), ["b/a"]);
    }

    #[test]
    fn a_token_of_a_forgotten_time_is_refused_with_another_one() {
        let store = Store::new();
        put(&store, &["a", "b"]);
        let (_, metadata) = read(&store, "limit=1").expect("works");
        let token = metadata["continue"].as_str().expect("goes on");
        put(&store, &["c"]);
        store.compact();
        let failure = read(&store, &format!("continue={token}")).expect_err("is too old");
        let status = failure.status();
        assert_eq!(status["reason"], "Expired");
        let token = status["metadata"]["continue"].as_str().expect("is given");
        let (names, _) = read(&store, &format!("continue={token}")).expect("works");
        assert_eq!(names, ["b", "c"]);
    }

    #[test]
    fn any_version_is_given_whole_and_nonsense_is_refused() {
        let store = Store::new();
        put(&store, &["a", "b"]);
        let (names, _) = read(&store, "limit=1&resourceVersion=0").expect("works");
        assert_eq!(names.len(), 2);
        assert!(read(&store, "continue=x").is_err());
    }
}

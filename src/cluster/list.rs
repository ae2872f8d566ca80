//! Lists, read in pages so that a large namespace burdens nobody.

use std::time::Duration;

use http::{HeaderValue, Response, StatusCode, header};
use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::{
    client::Body,
    core::{Request, Selector, params::ListParams},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Cluster,
    exchange::{self, Answer, LARGEST_PAGE},
    refusal,
};
use crate::error::{Action, Error};

/// How many objects are asked for at once: kubectl's number.
pub(super) const PAGE: u32 = 500;
/// How many pages are read at most of what is only looked through: ten thousand objects.
pub(super) const ENOUGH: usize = 20;
/// How long a page may take where the user sets no limit: it can be ten megabytes, by a slow road.
const PAGE_LIMIT: Duration = Duration::from_mins(1);
/// Asks for the metadata of objects alone.
const METADATA: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// Which objects are listed, and how.
pub(super) struct Listing {
    pub(super) path: String,
    /// The labels that they must have.
    pub(super) selector: Option<String>,
    pub(super) action: Action,
    pub(super) content: Content,
    /// How many pages are read at most.
    pub(super) pages: usize,
}

/// What is wanted of each object.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Content {
    All,
    Metadata,
}

/// What a page came to.
enum Page<T> {
    Objects(Objects<T>),
    /// The server has forgotten the moment that the list is of, and offers to go on in the present one.
    Expired(String),
}

#[derive(Deserialize)]
struct Objects<T> {
    metadata: Option<Continued>,
    // Go writes an empty list as `null` where it likes.
    items: Option<Vec<T>>,
}

#[derive(Deserialize)]
struct Expired {
    metadata: Continued,
}

/// Where a list goes on after this page, if it does.
#[derive(Default, Deserialize)]
pub(super) struct Continued {
    #[serde(rename = "continue")]
    pub(super) token: Option<String>,
}

/// An object of which only the metadata counts.
#[derive(Deserialize)]
struct Bare {
    metadata: ObjectMeta,
}

impl Listing {
    /// All that is at a path, as far as anybody looks through it.
    pub(super) fn new(path: String, action: Action) -> Self {
        Self {
            path,
            selector: None,
            action,
            content: Content::All,
            pages: ENOUGH,
        }
    }
}

impl Cluster {
    /// Lists the pods of the namespace, the first ten thousand, and hands them over a page at a time: whoever keeps
    /// them all needs a lot of memory.
    pub async fn each_page_of_pods(&self, take: impl FnMut(Vec<Pod>)) -> Result<(), Error> {
        self.each_page(&self.listing_of_pods(), take).await
    }

    /// Lists the names of the pods of the namespace, with what else their metadata says.
    pub async fn pod_metadata(&self) -> Result<Vec<ObjectMeta>, Error> {
        let listing = Listing {
            content: Content::Metadata,
            ..self.listing_of_pods()
        };
        let bare: Vec<Bare> = self.list(&listing).await?;
        Ok(bare.into_iter().map(|bare| bare.metadata).collect())
    }

    /// Lists the pods whose labels a selector takes.
    pub(super) async fn selected_pods(&self, selector: &Selector) -> Result<Vec<Pod>, Error> {
        let listing = Listing {
            selector: Some(selector.to_string()),
            ..self.listing_of_pods()
        };
        self.list(&listing).await
    }

    /// Describes the list of the pods of our namespace.
    pub(super) fn listing_of_pods(&self) -> Listing {
        Listing::new(
            format!("/api/v1/namespaces/{}/pods", self.namespace()),
            self.action("list", "pods"),
        )
    }

    /// Reads a list, all of it.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        listing: &Listing,
    ) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        self.each_page(listing, |page| items.extend(page)).await?;
        Ok(items)
    }

    /// Reads a list page by page, in the server's order.
    pub(super) async fn each_page<T: DeserializeOwned>(
        &self,
        listing: &Listing,
        mut take: impl FnMut(Vec<T>),
    ) -> Result<(), Error> {
        let cluster = Self {
            limit: self.limit.or(Some(PAGE_LIMIT)),
            ..self.clone()
        };
        let mut params = ListParams::default().limit(PAGE);
        params.label_selector.clone_from(&listing.selector);
        let mut forgotten = false;
        for _ in 0..listing.pages {
            let token = match cluster.page(listing, &params).await? {
                Page::Objects(page) => {
                    forgotten = false;
                    take(page.items.unwrap_or_default());
                    page.metadata.and_then(|metadata| metadata.token)
                }
                // The present moment is not forgotten: a server that says so twice goes nowhere.
                Page::Expired(_) if forgotten => return Err(nowhere()),
                Page::Expired(token) => {
                    forgotten = true;
                    Some(token)
                }
            };
            match token.filter(|token| !token.is_empty()) {
                Some(token) => params = params.continue_token(&token),
                None => break,
            }
        }
        Ok(())
    }

    async fn page<T: DeserializeOwned>(
        &self,
        listing: &Listing,
        params: &ListParams,
    ) -> Result<Page<T>, Error> {
        let mut request = exchange::get(&address(&listing.path, params)?);
        if listing.content == Content::Metadata {
            let accept = HeaderValue::from_static(METADATA);
            request.headers_mut().insert(header::ACCEPT, accept);
        }
        let read = |answer: Response<Body>| async move {
            let (head, body) = answer.into_parts();
            let body = self.whole_within(body, LARGEST_PAGE).await?;
            if head.status.is_success() {
                let headers = head.headers;
                return Answer { headers, body }.read().map(Page::Objects);
            }
            match goes_on(head.status, &body) {
                Some(token) => Ok(Page::Expired(token)),
                None => Err(refusal::refused(head.status, &body, listing.action.clone())),
            }
        };
        self.asked(&request, read).await
    }
}

/// Returns where a page of a list is asked for, by the path of the list.
fn address(path: &str, params: &ListParams) -> Result<String, Error> {
    let asked = Request::new(path).list(params);
    let asked = asked.map_err(|error| Error::Unexpected {
        what: "the list cannot be asked for".to_owned(),
        source: Some(error.into()),
    })?;
    Ok(asked.uri().to_string().replace("?&", "?"))
}

/// Returns where a list goes on that cannot go on where it should.
fn goes_on(status: StatusCode, body: &[u8]) -> Option<String> {
    let text = str::from_utf8(body)
        .ok()
        .filter(|_| status == StatusCode::GONE)?;
    let expired: Expired = serde_json::from_str(text).ok()?;
    expired.metadata.token.filter(|token| !token.is_empty())
}

fn nowhere() -> Error {
    Error::Unexpected {
        what: "the server forgets the list before it is through with it".to_owned(),
        source: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_only_where_the_server_offers_it() {
        let body = |token: &str| {
            serde_json::json!({"kind": "Status", "metadata": {"continue": token}, "reason": "Expired"})
                .to_string()
        };
        let gone = StatusCode::GONE;
        assert_eq!(
            goes_on(gone, body("abc").as_bytes()).as_deref(),
            Some("abc")
        );
        assert_eq!(goes_on(gone, body("").as_bytes()), None);
        assert_eq!(goes_on(gone, b"{\"metadata\": {}}"), None);
        assert_eq!(goes_on(gone, b"gone"), None);
        assert_eq!(goes_on(StatusCode::FORBIDDEN, body("abc").as_bytes()), None);
    }
}

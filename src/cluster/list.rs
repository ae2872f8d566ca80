//! Lists, read in pages so that a large namespace burdens nobody.

use http::{HeaderValue, header};
use k8s_openapi::{
    api::core::v1::Pod,
    apimachinery::pkg::apis::meta::v1::{ListMeta, ObjectMeta},
};
use kube::core::{Request, Selector, params::ListParams};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Cluster, exchange};
use crate::error::{Action, Error};

/// How many objects are asked for at once: kubectl's number.
pub(super) const PAGE: u32 = 500;
/// How many pages are read at most.
const PAGES: usize = 20;
/// Asks for the metadata of objects alone.
const METADATA: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// A piece of a list.
#[derive(Deserialize)]
struct Page<T> {
    #[serde(default)]
    metadata: ListMeta,
    // Go writes an empty list as `null` where it likes.
    items: Option<Vec<T>>,
}

/// An object of which only the metadata counts.
#[derive(Deserialize)]
struct Bare {
    metadata: ObjectMeta,
}

/// Which objects are listed.
pub(super) struct Listed<'a> {
    pub(super) path: String,
    pub(super) selector: Option<&'a Selector>,
    pub(super) action: Action,
}

impl Cluster {
    /// Lists the pods of the namespace, the first ten thousand, and hands them over a page at a time: whoever keeps
    /// them all needs a lot of memory.
    pub async fn each_page_of_pods(&self, take: impl FnMut(Vec<Pod>)) -> Result<(), Error> {
        self.each_page(&self.listed_pods(None), false, take).await
    }

    /// Lists the names of the pods of the namespace, with what else their metadata says.
    pub async fn pod_metadata(&self) -> Result<Vec<ObjectMeta>, Error> {
        let bare: Vec<Bare> = self.list(&self.listed_pods(None), true).await?;
        Ok(bare.into_iter().map(|bare| bare.metadata).collect())
    }

    /// Lists the pods whose labels a selector takes.
    pub(super) async fn selected_pods(
        &self,
        selector: Option<&Selector>,
    ) -> Result<Vec<Pod>, Error> {
        self.list(&self.listed_pods(selector), false).await
    }

    fn listed_pods<'a>(&self, selector: Option<&'a Selector>) -> Listed<'a> {
        Listed {
            path: format!("/api/v1/namespaces/{}/pods", self.namespace()),
            selector,
            action: self.action("list", "pods"),
        }
    }

    /// Reads a list, all of it.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        listed: &Listed<'_>,
        bare: bool,
    ) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        let take = |page: Vec<T>| items.extend(page);
        self.each_page(listed, bare, take).await?;
        Ok(items)
    }

    /// Reads a list page by page.
    async fn each_page<T: DeserializeOwned>(
        &self,
        listed: &Listed<'_>,
        bare: bool,
        mut take: impl FnMut(Vec<T>),
    ) -> Result<(), Error> {
        let mut is_begun = false;
        let mut params = ListParams::default().limit(PAGE);
        if let Some(selector) = listed.selector {
            params = params.labels_from(selector);
        }
        for _ in 0..PAGES {
            match self.page(listed, &params, bare).await {
                Ok(page) => {
                    let items = page.items.unwrap_or_default();
                    is_begun |= !items.is_empty();
                    take(items);
                    let next = page.metadata.continue_.filter(|token| !token.is_empty());
                    let Some(next) = next else { break };
                    params = params.continue_token(&next);
                }
                // It took so long that the server has forgotten the rest; what was read will do.
                Err(Error::Refused { reason, .. }) if reason == "Expired" && is_begun => {
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn page<T: DeserializeOwned>(
        &self,
        listed: &Listed<'_>,
        params: &ListParams,
        bare: bool,
    ) -> Result<Page<T>, Error> {
        let mut request = exchange::get(&address(&listed.path, params)?);
        if bare {
            let accept = HeaderValue::from_static(METADATA);
            request.headers_mut().insert(header::ACCEPT, accept);
        }
        self.exchange(request, listed.action.clone()).await?.read()
    }
}

/// Returns where a page of a list is asked for, by the path of the list.
pub(super) fn address(path: &str, params: &ListParams) -> Result<String, Error> {
    let asked = Request::new(path).list(params);
    let asked = asked.map_err(|error| Error::Unexpected {
        what: "the list cannot be asked for".to_owned(),
        source: Some(error.into()),
    })?;
    Ok(asked.uri().to_string().replace("?&", "?"))
}

//! Pods of which only what a list shows is read, from one namespace or all.

use super::{Cluster, exchange, list::Listing};
use crate::{error::Error, progress::ListedPod};

/// How long a selector may be once it is encoded: longer ones do not fit into an address.
const LONGEST_SELECTOR: usize = 60_000;

/// Which pods.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pods<'a> {
    /// Those of all namespaces, or of ours.
    pub everywhere: bool,
    /// Those with these labels.
    pub selector: Option<&'a str>,
}

impl Cluster {
    /// Reads pods and hands them over in the server's order, by namespace and name. Only one page of them is held
    /// at a time.
    pub async fn each_listed_pod(
        &self,
        pods: Pods<'_>,
        mut take: impl FnMut(ListedPod),
    ) -> Result<(), Error> {
        pods.check()?;
        let mut listing = Listing {
            selector: pods.selector.map(str::to_owned),
            pages: usize::MAX,
            ..self.listing_of_pods()
        };
        if pods.everywhere {
            "/api/v1/pods".clone_into(&mut listing.path);
            listing.action.there = listing.action.there.everywhere();
        }
        let take = |page: Vec<ListedPod>| page.into_iter().for_each(&mut take);
        self.each_page(&listing, take).await
    }

    /// Reads one pod as [`Cluster::each_listed_pod`] does.
    pub async fn listed_pod(&self, name: &str) -> Result<ListedPod, Error> {
        let request = exchange::get(&self.pod_path(name, ""));
        let answer = self.exchange(request, self.action("get", "pods")).await?;
        answer.read()
    }
}

impl Pods<'_> {
    fn check(self) -> Result<(), Error> {
        let selector = self.selector.unwrap_or_default();
        let encoded = form_urlencoded::byte_serialize(selector.as_bytes());
        if encoded.map(str::len).sum::<usize>() > LONGEST_SELECTOR {
            return Err(Error::usage("the selector is too long for a request"));
        }
        Ok(())
    }
}

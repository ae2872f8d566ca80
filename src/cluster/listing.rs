//! Many pods, a page at a time.

use std::time::Duration;

use http::{Response, StatusCode};
use kube::{client::Body, core::params::ListParams};
use serde::Deserialize;

use super::{
    Cluster, exchange,
    list::{self, PAGE},
    refusal,
};
use crate::{
    error::{Action, Error},
    progress::ListedPod,
};

/// How long a page may take where the user sets no limit: it can be ten megabytes, by a slow road.
const PAGE_LIMIT: Duration = Duration::from_mins(1);
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

/// What a page of a list came to.
enum Page {
    Pods(Box<PodList>),
    /// The server has forgotten the moment that the list is of, and offers to go on in the present one.
    Expired(String),
}

#[derive(Deserialize)]
struct PodList {
    metadata: Option<Continued>,
    items: Option<Vec<ListedPod>>,
}

#[derive(Deserialize)]
struct Expired {
    metadata: Continued,
}

#[derive(Deserialize)]
struct Continued {
    #[serde(rename = "continue")]
    token: Option<String>,
}

impl Cluster {
    /// Reads pods and hands them over in the server's order, by namespace and name. Only one page of them is held
    /// at a time.
    pub async fn each_listed_pod(
        &self,
        pods: Pods<'_>,
        mut take: impl FnMut(ListedPod),
    ) -> Result<(), Error> {
        let cluster = Self {
            limit: self.limit.or(Some(PAGE_LIMIT)),
            ..self.clone()
        };
        let (mut params, mut forgotten) = (params(pods)?, false);
        loop {
            let token = match cluster.listed_page(pods, &params).await? {
                Page::Pods(list) => {
                    forgotten = false;
                    list.items.into_iter().flatten().for_each(&mut take);
                    list.metadata.and_then(|metadata| metadata.token)
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
                None => return Ok(()),
            }
        }
    }

    /// Reads one pod as [`Cluster::each_listed_pod`] does.
    pub async fn listed_pod(&self, name: &str) -> Result<ListedPod, Error> {
        let request = exchange::get(&self.pod_path(name, ""));
        let answer = self.exchange(request, self.action("get", "pods")).await?;
        answer.read()
    }

    async fn listed_page(&self, pods: Pods<'_>, params: &ListParams) -> Result<Page, Error> {
        let path = list::address(&self.listed_path(pods), params)?;
        let action = &self.listed_action(pods);
        let read = |answer: Response<Body>| async move {
            let (head, body) = answer.into_parts();
            let body = self.whole(body).await?;
            if head.status.is_success() {
                let headers = head.headers;
                let list = exchange::Answer { headers, body }.read()?;
                return Ok(Page::Pods(Box::new(list)));
            }
            match goes_on(head.status, &body) {
                Some(token) => Ok(Page::Expired(token)),
                None => Err(refusal::refused(head.status, &body, action.clone())),
            }
        };
        self.asked(&exchange::get(&path), read).await
    }

    fn listed_path(&self, pods: Pods<'_>) -> String {
        if pods.everywhere {
            "/api/v1/pods".to_owned()
        } else {
            format!("/api/v1/namespaces/{}/pods", self.namespace())
        }
    }

    fn listed_action(&self, pods: Pods<'_>) -> Action {
        let mut action = self.action("list", "pods");
        if pods.everywhere {
            action.there = action.there.in_namespace("");
        }
        action
    }
}

fn params(pods: Pods<'_>) -> Result<ListParams, Error> {
    let params = ListParams::default().limit(PAGE);
    let Some(selector) = pods.selector else {
        return Ok(params);
    };
    let encoded = form_urlencoded::byte_serialize(selector.as_bytes());
    if encoded.map(str::len).sum::<usize>() > LONGEST_SELECTOR {
        return Err(Error::usage("the selector is too long for a request"));
    }
    Ok(params.labels(selector))
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
        what: "the server forgets the list of pods before it is through with it".to_owned(),
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

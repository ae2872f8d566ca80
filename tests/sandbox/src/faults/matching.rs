//! Which requests are meant: by kind, by a part of the path, by token, and the how manieth.

use http::Method;
use http::header::AUTHORIZATION;

/// What a request does, as far as a script tells requests apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Any,
    Get,
    Patch,
    Put,
    Post,
    Delete,
    Watch,
    Log,
    Attach,
    Exec,
}

impl Kind {
    fn of(method: &Method, path: &str, query: &str) -> Self {
        let has = |parameter: &str| query.split('&').any(|part| part == parameter);
        match path.rsplit('/').next() {
            Some("attach") => return Self::Attach,
            Some("exec") => return Self::Exec,
            Some("log") => return Self::Log,
            _ => {}
        }
        match method.as_str() {
            "GET" if has("watch=true") || has("watch=1") => Self::Watch,
            "PATCH" => Self::Patch,
            "PUT" => Self::Put,
            "POST" => Self::Post,
            "DELETE" => Self::Delete,
            _ => Self::Get,
        }
    }
}

/// The requests a script is about: all of a kind, unless it is narrowed.
#[derive(Debug, Clone)]
pub struct Request {
    kind: Kind,
    part: Option<String>,
    token: Option<String>,
    first: usize,
    last: usize,
}

impl Request {
    fn of(kind: Kind) -> Self {
        Self {
            kind,
            part: None,
            token: None,
            first: 1,
            last: usize::MAX,
        }
    }

    /// Every request.
    pub fn any() -> Self {
        Self::of(Kind::Any)
    }

    /// Reading objects and lists; not watch, log, attach or exec.
    pub fn get() -> Self {
        Self::of(Kind::Get)
    }

    pub fn patch() -> Self {
        Self::of(Kind::Patch)
    }

    pub fn put() -> Self {
        Self::of(Kind::Put)
    }

    pub fn post() -> Self {
        Self::of(Kind::Post)
    }

    pub fn delete() -> Self {
        Self::of(Kind::Delete)
    }

    pub fn watch() -> Self {
        Self::of(Kind::Watch)
    }

    pub fn log() -> Self {
        Self::of(Kind::Log)
    }

    pub fn attach() -> Self {
        Self::of(Kind::Attach)
    }

    pub fn exec() -> Self {
        Self::of(Kind::Exec)
    }

    /// Only those whose path with its query contains this.
    #[must_use]
    pub fn path(mut self, part: &str) -> Self {
        self.part = Some(part.to_owned());
        self
    }

    /// Only those with this bearer token.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Only the first from now on.
    #[must_use]
    pub fn first(self) -> Self {
        self.nth(1)
    }

    /// Only the `n`th from now on; the first is 1.
    #[must_use]
    pub fn nth(mut self, n: usize) -> Self {
        (self.first, self.last) = (n, n);
        self
    }

    /// Only the first `n` from now on.
    #[must_use]
    pub fn up_to(mut self, n: usize) -> Self {
        self.last = n;
        self
    }

    /// The `n`th from now on and all after it.
    #[must_use]
    pub fn from(mut self, n: usize) -> Self {
        self.first = n;
        self
    }

    /// Whether the `n`th of the requests it is about is meant.
    pub(super) fn means(&self, n: usize) -> bool {
        (self.first..=self.last).contains(&n)
    }

    pub(super) fn is_about<B>(&self, request: &http::Request<B>) -> bool {
        let uri = request.uri();
        let kind = Kind::of(
            request.method(),
            uri.path(),
            uri.query().unwrap_or_default(),
        );
        let whole = uri.path_and_query().map_or("", |path| path.as_str());
        let token = || {
            let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
            value.strip_prefix("Bearer ")
        };
        (self.kind == Kind::Any || self.kind == kind)
            && self.part.as_ref().is_none_or(|part| whole.contains(part))
            && self
                .token
                .as_deref()
                .is_none_or(|asked| token() == Some(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, uri: &str) -> http::Request<()> {
        let request = http::Request::builder().method(method).uri(uri);
        request
            .header(AUTHORIZATION, "Bearer old")
            .body(())
            .expect("is one")
    }

    #[test]
    fn requests_are_told_apart_by_what_they_do() {
        let watch = request("GET", "/api/v1/pods?watch=true&limit=1");
        assert!(Request::watch().is_about(&watch) && Request::any().is_about(&watch));
        assert!(!Request::get().is_about(&watch));
        let attach = request("GET", "/api/v1/namespaces/a/pods/b/attach?stdin=true");
        assert!(Request::attach().path("pods/b").is_about(&attach));
        assert!(!Request::attach().path("pods/c").is_about(&attach));
        assert!(!Request::get().is_about(&attach));
        assert!(Request::any().token("old").is_about(&attach));
        assert!(!Request::any().token("new").is_about(&attach));
    }

    #[test]
    fn requests_are_counted_from_one() {
        let hits = |request: &Request| {
            let hits = (1..6).filter(|n| request.means(*n));
            hits.collect::<Vec<_>>()
        };
        assert_eq!(hits(&Request::any().first()), [1]);
        assert_eq!(hits(&Request::any().nth(3)), [3]);
        assert_eq!(hits(&Request::any().up_to(2)), [1, 2]);
        assert_eq!(hits(&Request::any().from(4)), [4, 5]);
    }
}

//! The API server: takes a request of a known user to what answers it.

mod defaults;
mod discovery;
mod ephemeral_containers;
mod flow;
mod go_struct;
mod historic;
mod json_patch;
mod line_diff;
mod list;
mod log;
mod old;
mod pod_security;
mod pod_update;
mod pods;
mod protobuf;
pub(crate) mod query;
mod representation;
mod reviews;
mod route;
mod scheduling;
mod schema;
mod selector;
mod server_side_apply;
mod strategic_merge;
mod table;
mod validation;
mod watch;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use hyper::upgrade::OnUpgrade;

pub(crate) use self::discovery::Resource;
pub(crate) use self::flow::{Flows, audit};
pub(crate) use self::pods::{install, install_still, mark_deleted, take};
use self::query::Query;
use self::representation::Form;
use self::route::{Route, Target};
use self::selector::Selector;
use crate::answer::{self, Failure, Response};
use crate::authorization::{self, Attributes, Rule, User};
use crate::faults::plan::Lie;
use crate::faults::wire::Line;
use crate::kubelet::Kubelet;
use crate::managed_fields;
use crate::store::{Key, Store};
use crate::stream::{self, runtime::Runtime};
use crate::webhook::Webhook;

/// Everything a request can be about.
pub(crate) struct Api {
    pub(crate) store: Arc<Store>,
    pub(crate) kubelet: Arc<Kubelet>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) protocols: Vec<String>,
    pub(crate) runtime: Runtime,
    pub(crate) url: String,
    pub(crate) flows: Flows,
    pub(crate) webhooks: Vec<Webhook>,
}

/// One request, read.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) upgrade: Option<OnUpgrade>,
    pub(crate) user: User,
    /// The connection it came over.
    pub(crate) line: Arc<Line>,
    /// After how much output a scripted stream says `Success`.
    pub(crate) lie: Option<Lie>,
}

impl Call {
    fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The name by which what this client writes is told from what others do.
    fn manager(&self) -> &str {
        let agent = self.header(header::USER_AGENT);
        let named = self.query.get("fieldManager");
        named.unwrap_or_else(|| managed_fields::manager_of(agent))
    }

    fn form(&self) -> Form {
        Form::asked(self.header(header::ACCEPT), &self.query)
    }

    /// Who the request is to be made as, if that is somebody else.
    fn impersonated(&self) -> Option<User> {
        let values = |name: &str| -> Vec<String> {
            let values = self.headers.get_all(name).iter();
            let values = values.filter_map(|value| value.to_str().ok());
            values.map(str::to_owned).collect()
        };
        let names = values("impersonate-user");
        let name = names.first()?;
        Some(User::new(name, &values("impersonate-group")))
    }

    fn selector(&self) -> Selector {
        Selector::parse(
            self.query.get("fieldSelector"),
            self.query.get("labelSelector"),
        )
    }
}

impl Api {
    pub(crate) fn answer(&self, mut call: Call) -> Response {
        let route = Route::parse(&call.path);
        if let Err(failure) = self.impersonate(&mut call, &route) {
            return flow::refused(&failure);
        }
        let (user, query) = (call.user.clone(), call.query.clone());
        let mut response = self
            .route(call, &route)
            .unwrap_or_else(|failure| flow::refused(&failure));
        self.flows.mark(&mut response, &user, &route, &query);
        response
    }

    /// Refuses a request as if no rule allowed it.
    pub(crate) fn forbid(call: &Call) -> Failure {
        let Route::Resource(target) = Route::parse(&call.path) else {
            return authorization::forbidden_path(&call.user, "get", &call.path);
        };
        let resource = target.full_resource();
        let selected = call.selector();
        let asked = Attributes {
            verb: target.verb(&call.method, &call.query),
            group: &target.group,
            resource: &resource,
            namespace: target.namespace.as_deref(),
            name: target.name.as_deref().or_else(|| selected.name()),
        };
        authorization::refuse(&call.user, &asked)
    }

    /// Makes the request somebody else's, if its user may.
    fn impersonate(&self, call: &mut Call, route: &Route) -> Result<(), Failure> {
        let Some(user) = call.impersonated() else {
            return Ok(());
        };
        if let Route::Resource(target) = route {
            let verb = target.verb(&call.method, &call.query);
            let verb = format!("impersonate-on:user-info:{verb}");
            let resource = target.full_resource();
            let asked = Attributes {
                verb: &verb,
                group: &target.group,
                resource: &resource,
                namespace: target.namespace.as_deref(),
                name: target.name.as_deref(),
            };
            authorization::check(&self.rules, &call.user, &asked)?;
        }
        call.user = user;
        Ok(())
    }

    fn route(&self, call: Call, route: &Route) -> Result<Response, Failure> {
        match route {
            Route::Path(path) => self.path(&call, path),
            Route::Resource(target) => self.resource(call, target),
        }
    }

    /// What is beside the resources.
    fn path(&self, call: &Call, path: &str) -> Result<Response, Failure> {
        let is_open = ["/healthz", "/livez", "/readyz", "/version"]
            .iter()
            .any(|open| path.trim_end_matches('/') == *open);
        if call.user.is_anonymous() && !is_open {
            return Err(authorization::forbidden_path(&call.user, "get", path));
        }
        if is_open && !path.starts_with("/version") {
            return Ok(answer::text(StatusCode::OK, "ok"));
        }
        match discovery::document(path, &self.url) {
            Some(document) => {
                let document = old::discovered(self.store.server(), path, document);
                Ok(answer::json(StatusCode::OK, &document))
            }
            None if path.starts_with("/api") => Err(Failure::no_resource()),
            None => Ok(answer::text(StatusCode::NOT_FOUND, "404 page not found\n")),
        }
    }

    fn resource(&self, call: Call, target: &Target) -> Result<Response, Failure> {
        self.authorize(&call, target)?;
        if target.group.ends_with(".k8s.io") {
            return match call.method {
                Method::POST => {
                    let manager = call.manager();
                    reviews::review(
                        self.store.server(),
                        &target.resource,
                        &self.rules,
                        &call.user,
                        manager,
                        &call.body,
                    )
                }
                _ => Err(Failure::method_not_allowed()),
            };
        }
        let resource =
            Resource::find(&target.group, &target.resource).ok_or_else(Failure::no_resource)?;
        match (&target.name, &target.subresource) {
            (None, _) => self.collection(&call, resource, target),
            (Some(name), None) => self.object(&call, resource, target, name),
            (Some(name), Some(subresource)) if resource.plural == "pods" => {
                let namespace = target.namespace.as_deref().unwrap_or_default();
                let key = Key::new("pods", namespace, name);
                self.part_of_pod(call, &key, subresource)
            }
            (Some(_), Some(_)) => Err(Failure::no_resource()),
        }
    }

    fn authorize(&self, call: &Call, target: &Target) -> Result<(), Failure> {
        let selected = call.selector();
        let resource = target.full_resource();
        let mut asked = Attributes {
            verb: target.verb(&call.method, &call.query),
            group: &target.group,
            resource: &resource,
            namespace: target.namespace.as_deref(),
            name: target.name.as_deref().or_else(|| selected.name()),
        };
        let server = self.store.server();
        let is_own_review = target.resource.starts_with("selfsubject")
            && (target.resource != "selfsubjectreviews" || server.has_self_subject_review());
        if is_own_review && !call.user.is_anonymous() {
            return Ok(());
        }
        authorization::check(&self.rules, &call.user, &asked)?;
        // Since 1.35 a WebSocket needs what SPDY's POST has always needed.
        let is_stream = matches!(resource.as_str(), "pods/attach" | "pods/exec")
            && server.attach_needs_create();
        if is_stream && call.method == Method::GET && stream::is_upgrade(&call.headers) {
            asked.verb = "create";
            authorization::check(&self.rules, &call.user, &asked)
                .map_err(|_| authorization::forbidden(&asked, ""))?;
        }
        Ok(())
    }

    fn collection(
        &self,
        call: &Call,
        resource: &'static Resource,
        target: &Target,
    ) -> Result<Response, Failure> {
        let namespace = target
            .namespace
            .as_deref()
            .filter(|_| resource.is_namespaced());
        selector::check(call.query.get("labelSelector").unwrap_or_default())
            .map_err(Failure::bad_request)?;
        match call.method {
            Method::GET if call.query.is("watch") => Ok(watch::start(
                &self.store,
                resource,
                namespace,
                call.selector(),
                call.form(),
                &call.query,
            )),
            Method::GET => {
                let (plural, selector) = (resource.plural, call.selector());
                let page = list::page(&self.store, plural, namespace, &selector, &call.query)?;
                let list = call.form().list(resource, page.metadata, &page.items);
                Ok(answer::json(StatusCode::OK, &list))
            }
            Method::DELETE if resource.plural == "pods" => {
                let list = pods::delete_all(self, namespace, call);
                Ok(answer::json(
                    StatusCode::OK,
                    &call.form().list(resource, list.0, &list.1),
                ))
            }
            Method::POST if resource.plural == "pods" => {
                pods::create(self, namespace.unwrap_or_default(), call)
            }
            _ => Err(Failure::method_not_allowed()),
        }
    }

    fn object(
        &self,
        call: &Call,
        resource: &'static Resource,
        target: &Target,
        name: &str,
    ) -> Result<Response, Failure> {
        let namespace = target
            .namespace
            .as_deref()
            .filter(|_| resource.is_namespaced());
        let key = Key::new(resource.plural, namespace.unwrap_or_default(), name);
        match call.method {
            Method::GET if call.query.is("watch") => {
                let only = format!("metadata.name={name}");
                let selector = Selector::parse(Some(&only), None);
                let form = call.form();
                Ok(watch::start(
                    &self.store,
                    resource,
                    namespace,
                    selector,
                    form,
                    &call.query,
                ))
            }
            Method::GET => {
                let object = self.store.get(&key);
                let object = object
                    .ok_or_else(|| Failure::not_found_in(resource.group, resource.plural, name))?;
                let answer = call.form().object(resource, &object);
                Ok(answer::json(StatusCode::OK, &answer))
            }
            Method::DELETE if resource.plural == "pods" => pods::delete(self, &key, call),
            Method::PATCH | Method::PUT if resource.plural == "pods" => {
                pods::change(self, &key, call)
            }
            _ => Err(Failure::method_not_allowed()),
        }
    }

    fn part_of_pod(&self, call: Call, key: &Key, subresource: &str) -> Result<Response, Failure> {
        let pod = self.store.get(key);
        let server = self.store.server();
        if subresource == "ephemeralcontainers" && !server.has_ephemeral_containers() {
            return Err(Failure::no_resource());
        }
        if subresource == "ephemeralcontainers" && server.is_alpha() {
            return historic::answer(self, key, pod.as_deref(), &call);
        }
        let pod = pod.ok_or_else(|| Failure::not_found("pods", &key.name))?;
        match (subresource, &call.method) {
            ("ephemeralcontainers", _) => pods::ephemeral_containers(self, key, &pod, &call),
            ("log", &Method::GET) => log::read(&self.kubelet, &pod, &call.query)
                .map(|response| self.kubelet.until_restart(response)),
            ("attach" | "exec", &(Method::GET | Method::POST)) => {
                let request = stream::Request {
                    pod: &pod,
                    query: &call.query,
                    headers: &call.headers,
                    upgrade: call.upgrade,
                    protocols: &self.protocols,
                    runtime: self.runtime,
                    line: call.line,
                    lie: call.lie.clone(),
                };
                Ok(if subresource == "attach" {
                    stream::attach(&self.kubelet, request)
                } else {
                    stream::exec(&self.kubelet, request)
                })
            }
            ("attach" | "exec" | "log", _) => Err(Failure::method_not_allowed()),
            _ => Err(Failure::no_resource()),
        }
    }
}

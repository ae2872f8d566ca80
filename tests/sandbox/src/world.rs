//! What a sandbox starts with: pods, images, users, and how its kubelet and its server behave.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::authorization::Rule;
use crate::image::Image;
use crate::kubelet::timing::Timing;
use crate::stream::runtime::Runtime;
use crate::version::Server;
use crate::webhook::{Denial, Webhook};

/// A user with a certificate and a context of its own in the kubeconfig.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) context: String,
    pub(crate) user: String,
    pub(crate) groups: Vec<String>,
}

/// A cluster to be.
#[derive(Debug, Clone)]
pub struct World {
    pub(crate) objects: Vec<Value>,
    pub(crate) still: Vec<Value>,
    pub(crate) images: BTreeMap<String, Image>,
    pub(crate) timing: Timing,
    pub(crate) protocols: Vec<String>,
    pub(crate) runtime: Runtime,
    pub(crate) accounts: Vec<Account>,
    pub(crate) tokens: Vec<(String, String)>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) port: u16,
    pub(crate) server: Server,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// One node, the namespace `default`, no pods; the users admin, viewer and dev.
    pub fn new() -> Self {
        let world = Self {
            objects: Vec::new(),
            still: Vec::new(),
            images: BTreeMap::new(),
            timing: Timing::default(),
            protocols: Vec::new(),
            runtime: Runtime::default(),
            accounts: Vec::new(),
            tokens: Vec::new(),
            rules: Vec::new(),
            webhooks: Vec::new(),
            port: 0,
            server: Server::default(),
        };
        let pods = [
            "pods",
            "pods/log",
            "pods/attach",
            "pods/exec",
            "pods/ephemeralcontainers",
        ];
        let read = ["get", "list", "watch"];
        let seen = [
            "pods",
            "events",
            "namespaces",
            "nodes",
            "deployments",
            "replicasets",
            "statefulsets",
            "daemonsets",
            "jobs",
            "cronjobs",
            "services",
            "replicationcontrollers",
        ];
        world
            .protocols(&[
                "v5.channel.k8s.io",
                "v4.channel.k8s.io",
                "channel.k8s.io",
                "v4.base64.channel.k8s.io",
                "base64.channel.k8s.io",
            ])
            .account("sandbox", "admin", "system:masters")
            .account("sandbox-viewer", "viewer", "viewers")
            .account("sandbox-dev", "dev", "devs")
            .rule("viewers", true, &read, &seen)
            .rule("devs", true, &["*"], &pods)
            .rule("devs", true, &read, &seen)
            .object(node())
            .namespace("default", &[])
    }

    /// As in the transcripts: `app` with a service without a shell, and `two` with two containers.
    pub fn plain() -> Self {
        Self::new()
            .pod(json!({
                "metadata": {"name": "app", "labels": {"app": "app"}},
                "spec": {
                    "terminationGracePeriodSeconds": 1,
                    "automountServiceAccountToken": false,
                    "volumes": [{"name": "data", "emptyDir": {}}],
                    "containers": [{
                        "name": "app",
                        "image": "distroless-app:1",
                        "ports": [{"name": "http", "containerPort": 8080}],
                        "env": [{"name": "FOO", "value": "bar"}],
                        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                    }],
                },
            }))
            .pod(json!({
                "metadata": {"name": "two", "labels": {"app": "two"}},
                "spec": {
                    "terminationGracePeriodSeconds": 1,
                    "containers": [
                        {"name": "web", "image": "distroless-app:1"},
                        {"name": "side", "image": "busybox:1", "command": ["sleep", "1000000"]},
                    ],
                },
            }))
    }

    /// What `make demo` shows: a service without a shell, a crash loop, a workload, a strict namespace.
    pub fn demo() -> Self {
        let world = Self::new()
            .pod(json!({
                "metadata": {"name": "web", "labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "distroless-app:1",
                    "ports": [{"name": "http", "containerPort": 8080}]}]},
            }))
            .pod(json!({
                "metadata": {"name": "crash", "labels": {"app": "crash"}},
                "spec": {"containers": [
                    {"name": "crash", "image": "distroless-app:1", "args": ["crash"]}]},
            }))
            .namespace("restricted-ns", &[("pod-security.kubernetes.io/enforce", "restricted")])
            .pod(json!({
                "metadata": {"name": "secure", "namespace": "restricted-ns", "labels": {"app": "secure"}},
                "spec": {
                    "securityContext": {"runAsNonRoot": true, "runAsUser": 1000,
                        "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [{"name": "secure", "image": "distroless-app:1",
                        "securityContext": {"allowPrivilegeEscalation": false,
                            "capabilities": {"drop": ["ALL"]}}}],
                },
            }));
        world.deployment(json!({
            "metadata": {"name": "shop", "labels": {"app": "shop"}},
            "spec": {"replicas": 3, "template": {"spec": {"containers": [
                {"name": "shop", "image": "distroless-app:1"}]}}},
        }))
    }

    /// Adds a pod; what its manifest leaves out is filled in.
    #[must_use]
    pub fn pod(self, mut pod: Value) -> Self {
        pod["kind"] = json!("Pod");
        pod["apiVersion"] = json!("v1");
        if pod["metadata"]["namespace"].is_null() {
            pod["metadata"]["namespace"] = json!("default");
        }
        self.object(pod)
    }

    /// Adds a deployment with its replica set and its pods.
    #[must_use]
    pub fn deployment(self, deployment: Value) -> Self {
        workload::deployment(deployment)
            .into_iter()
            .fold(self, Self::object)
    }

    /// Adds a workload of any kind with what its controller makes of it; its manifest has a `kind`.
    #[must_use]
    pub fn workload(self, workload: Value) -> Self {
        workload::workload(workload)
            .into_iter()
            .fold(self, Self::object)
    }

    /// Adds a namespace with labels.
    #[must_use]
    pub fn namespace(self, name: &str, labels: &[(&str, &str)]) -> Self {
        let mut all = json!({"kubernetes.io/metadata.name": name});
        for (label, value) in labels {
            all[*label] = json!(value);
        }
        self.object(json!({
            "kind": "Namespace",
            "apiVersion": "v1",
            "metadata": {"name": name, "labels": all},
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        }))
    }

    /// Adds any object of a kind the sandbox knows, as it is.
    #[must_use]
    pub fn object(mut self, object: Value) -> Self {
        self.objects.push(object);
        self
    }

    /// Describes an image, by its name with tag.
    #[must_use]
    pub fn image(mut self, name: impl Into<String>, image: Image) -> Self {
        self.images.insert(name.into(), image);
        self
    }

    /// Sets the kubelet's lags.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Sets the WebSocket protocols that the server speaks.
    #[must_use]
    pub fn protocols(mut self, protocols: &[&str]) -> Self {
        self.protocols = protocols.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Sets the container runtime, whose ways with attached clients differ.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.runtime = runtime;
        self
    }

    /// Adds a user with a certificate, and a context in the kubeconfig.
    #[must_use]
    pub fn account(mut self, context: &str, user: &str, group: &str) -> Self {
        self.accounts.push(Account {
            context: context.to_owned(),
            user: user.to_owned(),
            groups: vec![group.to_owned()],
        });
        self
    }

    /// Lets a user in with a bearer token.
    #[must_use]
    pub fn token(mut self, token: &str, user: &str) -> Self {
        self.tokens.push((token.to_owned(), user.to_owned()));
        self
    }

    /// Allows a user, or a group, verbs on resources such as `pods/attach`; `*` is all.
    #[must_use]
    pub fn rule(
        mut self,
        subject: &str,
        is_group: bool,
        verbs: &[&str],
        resources: &[&str],
    ) -> Self {
        let own = |list: &[&str]| list.iter().map(|item| (*item).to_owned()).collect();
        self.rules.push(Rule {
            role: subject.to_owned(),
            subject: subject.to_owned(),
            is_group,
            verbs: own(verbs),
            resources: own(resources),
        });
        self
    }

    /// Allows a group verbs on resources, by a role of this name.
    #[must_use]
    pub fn role(self, role: &str, group: &str, verbs: &[&str], resources: &[&str]) -> Self {
        let mut world = self.rule(group, true, verbs, resources);
        if let Some(rule) = world.rules.last_mut() {
            role.clone_into(&mut rule.role);
        }
        world
    }

    /// Takes away what the users are allowed, but for the masters.
    #[must_use]
    pub fn no_rules(mut self) -> Self {
        self.rules.clear();
        self
    }

    /// Asks a validating webhook about each pod that is created or gets an ephemeral container.
    #[must_use]
    pub fn webhook(mut self, name: &'static str, review: fn(&Value) -> Option<Denial>) -> Self {
        self.webhooks.push(Webhook { name, review });
        self
    }

    /// Listens on this port; 0 is a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }
}

mod still;
mod workload;

fn node() -> Value {
    json!({
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": {"name": "node-1", "labels": {
            "kubernetes.io/hostname": "node-1", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}},
        "spec": {},
        "status": {
            "addresses": [{"type": "InternalIP", "address": "10.99.0.1"}],
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady",
                "message": "kubelet is posting ready status"}],
            "nodeInfo": {"kubeletVersion": "v1.36.2", "operatingSystem": "linux",
                "architecture": "amd64", "containerRuntimeVersion": "containerd://2.1.9"},
        },
    })
}

//! The access that every pod has to its own cluster, by client-go's rules (`rest/config.go`,
//! `InClusterConfig`, and `tools/clientcmd/client_config.go`, `inClusterClientConfig`).

use std::{
    env, fs,
    net::IpAddr,
    path::{Path, PathBuf},
};

use kube::config::{AuthInfo, Cluster};

use super::{Found, failed, server};
use crate::error::Error;

/// Where the kubelet puts what a service account needs.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// What cluster and user are called, which nothing names here.
const NAME: &str = "in-cluster";

/// What a process finds around itself, if it runs in a pod.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Host of the API server (`KUBERNETES_SERVICE_HOST`); empty outside of pods.
    pub host: String,
    /// Its port (`KUBERNETES_SERVICE_PORT`).
    pub port: String,
    /// The namespace of the pod, where its manifest hands that in (`POD_NAMESPACE`).
    pub namespace: String,
    /// The folder with token, authority and namespace.
    pub service_account: PathBuf,
}

impl Surroundings {
    /// Looks where this process runs.
    pub fn of_this_process() -> Self {
        let variable = |name| env::var(name).unwrap_or_default();
        Self {
            host: variable("KUBERNETES_SERVICE_HOST"),
            port: variable("KUBERNETES_SERVICE_PORT"),
            namespace: variable("POD_NAMESPACE"),
            service_account: SERVICE_ACCOUNT.into(),
        }
    }
}

/// Returns the access of the pod we run in, or nothing where we run in none.
pub(super) fn found(around: &Surroundings) -> Result<Option<Found>, Error> {
    if around.host.is_empty() || around.port.is_empty() {
        return Ok(None);
    }
    let file = |name: &str| around.service_account.join(name);
    let token = file("token");
    if !token.is_file() {
        return Err(failed(
            "there is no kubeconfig, and this pod has no token of a service account".to_owned(),
            Some(
                "name a kubeconfig with --kubeconfig, or set `automountServiceAccountToken: true` for the pod",
            ),
        ));
    }
    let authority = file("ca.crt");
    let cluster = Cluster {
        server: Some(address(&around.host, &around.port)),
        // Without it, the machine's own authorities count.
        certificate_authority: authority.is_file().then(|| text(&authority)),
        ..Cluster::default()
    };
    // It is read again when the server does not accept it any more: the kubelet writes a new one
    // long before.
    let user = AuthInfo {
        token_file: Some(text(&token)),
        ..AuthInfo::default()
    };
    let namespace = Some(around.namespace.clone()).filter(|name| !name.is_empty());
    let namespace = namespace.or_else(|| {
        let namespace = fs::read_to_string(file("namespace")).ok()?;
        Some(namespace.trim().to_owned())
    });
    Ok(Some(Found {
        config: server::config(&cluster, NAME)?,
        cluster,
        cluster_name: NAME.to_owned(),
        user,
        user_name: NAME.to_owned(),
        namespace,
        files: Vec::new(),
    }))
}

fn address(host: &str, port: &str) -> String {
    match host.parse() {
        Ok(IpAddr::V6(host)) => format!("https://[{host}]:{port}"),
        _ => format!("https://{host}:{port}"),
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_pod(host: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, Surroundings) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let around = Surroundings {
            host: host.to_owned(),
            port: "443".to_owned(),
            namespace: String::new(),
            service_account: folder.path().to_owned(),
        };
        (folder, around)
    }

    #[test]
    fn address_and_namespace_are_those_of_the_pod() {
        for (host, server) in [
            ("10.0.0.1", "https://10.0.0.1:443/"),
            ("fd00::1", "https://[fd00::1]:443/"),
            (
                "kubernetes.default.svc",
                "https://kubernetes.default.svc:443/",
            ),
        ] {
            let (_folder, around) = in_pod(host, &[("token", "t"), ("namespace", "shop\n")]);
            let access = found(&around).unwrap().unwrap();
            assert_eq!(access.config.cluster_url.to_string(), server);
            assert_eq!(access.namespace.as_deref(), Some("shop"));
            let named = Surroundings {
                namespace: "named".to_owned(),
                ..around
            };
            let access = found(&named).unwrap().unwrap();
            assert_eq!(access.namespace.as_deref(), Some("named"));
        }
    }

    #[test]
    fn what_is_no_pod_and_what_has_no_token_are_told_apart() {
        assert!(found(&Surroundings::default()).unwrap().is_none());
        let (_folder, around) = in_pod("10.0.0.1", &[]);
        assert_eq!(
            found(&around).err().unwrap().to_string(),
            "there is no kubeconfig, and this pod has no token of a service account"
        );
        let (_folder, around) = in_pod("10.0.0.1", &[("token", "t"), ("ca.crt", "none")]);
        assert_eq!(
            found(&around).err().unwrap().to_string(),
            format!(
                "certificate-authority {} of cluster \"in-cluster\" holds no certificate",
                around.service_account.join("ca.crt").display()
            )
        );
    }
}

//! The cluster of a context: where its server is, and how it is recognised.

use http::Uri;
use kube::{Config, config::Cluster};

use super::{failed, pem::Pem};
use crate::error::Error;

/// Builds the configuration for a cluster, without a user yet.
pub(super) fn config(cluster: &Cluster, name: &str) -> Result<Config, Error> {
    let mut config = Config::new(address(cluster, name)?);
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.tls_server_name = cluster
        .tls_server_name
        .clone()
        .filter(|name| !name.is_empty());
    config.root_cert = authorities(cluster, name)?;
    if config.accept_invalid_certs && config.root_cert.is_some() {
        return Err(failed(
            format!(
                "cluster \"{name}\" has both a certificate authority and insecure-skip-tls-verify"
            ),
            Some("keep one of the two; they contradict each other"),
        ));
    }
    Ok(config)
}

fn address(cluster: &Cluster, name: &str) -> Result<Uri, Error> {
    let server = cluster.server.as_deref().unwrap_or_default().trim();
    if server.is_empty() {
        return Err(failed(format!("cluster \"{name}\" has no server"), None));
    }
    let bad = |what: &str| {
        failed(
            format!("cluster \"{name}\" has the server \"{server}\", {what}"),
            None,
        )
    };
    let full = if server.contains("://") {
        server.to_owned()
    } else {
        format!("http://{server}")
    };
    let uri: Uri = full.parse().map_err(|_| bad("which is no URL"))?;
    if uri
        .authority()
        .is_some_and(|place| place.as_str().contains('@'))
    {
        return Err(failed(
            format!("cluster \"{name}\" has credentials in its server"),
            Some("put them in the user's `username` and `password`"),
        ));
    }
    let place = uri.authority().map_or("", |place| place.as_str());
    let named_port = place
        .rsplit_once(':')
        .filter(|(_, port)| !port.contains(']'));
    if named_port.is_some() && uri.port_u16().is_none_or(|port| port == 0) {
        return Err(bad("whose port is none"));
    }
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some_and(|host| !host.is_empty()) => Ok(uri),
        _ => Err(bad("which is no http or https URL")),
    }
}

fn authorities(cluster: &Cluster, name: &str) -> Result<Option<Vec<Vec<u8>>>, Error> {
    let pem = Pem::read(
        "certificate-authority",
        cluster.certificate_authority_data.as_deref(),
        cluster.certificate_authority.as_deref(),
        &format!("cluster \"{name}\""),
    )?;
    pem.map(|pem| pem.certificates()).transpose()
}

#[cfg(test)]
mod tests {
    use kube::config::Kubeconfig;

    use super::*;

    fn try_cluster(cluster: &str) -> Result<Config, String> {
        let text = format!("clusters: [{{name: c, cluster: {cluster}}}]");
        let kubeconfig = Kubeconfig::from_yaml(&text).unwrap();
        let cluster = kubeconfig.clusters[0].cluster.clone().unwrap();
        config(&cluster, "c").map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_may_lack_its_scheme_as_in_kubectl() {
        let config = try_cluster("{server: 'localhost:8080'}").unwrap();
        assert_eq!(config.cluster_url.to_string(), "http://localhost:8080/");
        let config = try_cluster("{server: 'https://[::1]:6443/k8s/clusters/c-1'}").unwrap();
        assert_eq!(config.cluster_url.path(), "/k8s/clusters/c-1");
        assert!(try_cluster("{server: 'https://[::1]'}").is_ok());
    }

    #[test]
    fn each_bad_field_is_named() {
        for (cluster, expected) in [
            ("{}", "cluster \"c\" has no server"),
            (
                "{server: 'ftp://x'}",
                "cluster \"c\" has the server \"ftp://x\", which is no http or https URL",
            ),
            (
                "{server: 'https://x:99999'}",
                "cluster \"c\" has the server \"https://x:99999\", whose port is none",
            ),
            (
                "{server: 'https://[::1]:0'}",
                "cluster \"c\" has the server \"https://[::1]:0\", whose port is none",
            ),
            (
                "{server: 'https://me:secret@x'}",
                "cluster \"c\" has credentials in its server",
            ),
            (
                "{server: 'https://a b'}",
                "cluster \"c\" has the server \"https://a b\", which is no URL",
            ),
            (
                "{server: 'https://x', certificate-authority-data: '%%%'}",
                "certificate-authority-data of cluster \"c\" is not base64",
            ),
            (
                "{server: 'https://x', certificate-authority-data: 'aGVsbG8='}",
                "certificate-authority-data of cluster \"c\" holds no certificate",
            ),
            (
                "{server: 'https://x', certificate-authority: '/nonexistent/ca.crt'}",
                "cannot read certificate-authority /nonexistent/ca.crt of cluster \"c\"",
            ),
        ] {
            assert_eq!(try_cluster(cluster).unwrap_err(), expected, "{cluster}");
        }
    }
}

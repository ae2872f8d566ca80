//! What flags change in the cluster and the user of the kubeconfig, by client-go's rules
//! (`tools/clientcmd/client_config.go`, `getCluster` and `getAuthInfo`).

use std::{collections::HashMap, path::Path};

use kube::config::{AuthInfo, Cluster};

use crate::{cli::ConnectionArgs, error::Error};

/// Refuses flags that contradict each other, before any file is read.
pub(super) fn check(args: &ConnectionArgs) -> Result<(), Error> {
    if args.insecure_skip_tls_verify == Some(true)
        && path(args.certificate_authority.as_ref()).is_some()
    {
        return Err(Error::Usage {
            message:
                "`--certificate-authority` and `--insecure-skip-tls-verify` contradict each other"
                    .to_owned(),
            hint: Some("keep one of the two".to_owned()),
        });
    }
    if args.act_as.as_deref() == Some("") {
        return Err(Error::usage("`--as` names nobody"));
    }
    if let Some(pair) = args.as_user_extra.iter().find(|pair| !is_pair(pair)) {
        return Err(Error::usage(format!(
            "`--as-user-extra` is written KEY=VALUE, not `{pair}`"
        )));
    }
    Ok(())
}

fn is_pair(pair: &str) -> bool {
    pair.split_once('=').is_some_and(|(key, _)| !key.is_empty())
}

/// Changes the cluster.
pub(super) fn cluster(cluster: &mut Cluster, args: &ConnectionArgs) {
    let server = text(args.server.as_ref());
    let name = text(args.tls_server_name.as_ref());
    // A name for another server is none for this one.
    if server.is_some() || name.is_some() {
        cluster.tls_server_name = name;
    }
    cluster.server = server.or(cluster.server.take());
    let authority = path(args.certificate_authority.as_ref());
    let insecure = args.insecure_skip_tls_verify == Some(true);
    // One word on whom to trust replaces all of the file's.
    if insecure || authority.is_some() {
        cluster.insecure_skip_tls_verify = Some(insecure);
        cluster.certificate_authority = authority;
        cluster.certificate_authority_data = None;
    }
}

/// Changes the user.
pub(super) fn user(user: &mut AuthInfo, args: &ConnectionArgs) {
    if let Some(token) = text(args.token.as_ref()) {
        user.token = Some(token.into());
        user.token_file = None;
    }
    if let Some(certificate) = path(args.client_certificate.as_ref()) {
        user.client_certificate = Some(certificate);
        user.client_certificate_data = None;
    }
    if let Some(key) = path(args.client_key.as_ref()) {
        user.client_key = Some(key);
        user.client_key_data = None;
    }
    user.impersonate = text(args.act_as.as_ref()).or(user.impersonate.take());
    user.impersonate_uid = text(args.as_uid.as_ref()).or(user.impersonate_uid.take());
    if !args.as_groups.is_empty() {
        user.impersonate_groups = Some(args.as_groups.clone());
    }
    if !args.as_user_extra.is_empty() {
        let mut extra: HashMap<String, Vec<String>> = HashMap::new();
        for (key, value) in args
            .as_user_extra
            .iter()
            .filter_map(|pair| pair.split_once('='))
        {
            extra
                .entry(key.to_owned())
                .or_default()
                .push(value.to_owned());
        }
        user.impersonate_user_extra = Some(extra);
    }
}

/// An empty value is none, as in kubectl.
fn text(value: Option<&String>) -> Option<String> {
    value.filter(|text| !text.is_empty()).cloned()
}

fn path(value: Option<&impl AsRef<Path>>) -> Option<String> {
    let path = value?.as_ref();
    (!path.as_os_str().is_empty()).then(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(change: impl Fn(&mut ConnectionArgs)) -> Cluster {
        let mut args = ConnectionArgs::default();
        change(&mut args);
        let mut changed = Cluster {
            server: Some("https://file".to_owned()),
            tls_server_name: Some("file".to_owned()),
            certificate_authority_data: Some("data".to_owned()),
            insecure_skip_tls_verify: Some(false),
            ..Cluster::default()
        };
        cluster(&mut changed, &args);
        changed
    }

    #[test]
    fn another_server_has_another_name() {
        let cluster = changed(|args| args.server = Some("https://flag".to_owned()));
        assert_eq!(cluster.server.as_deref(), Some("https://flag"));
        assert_eq!(cluster.tls_server_name, None);
        let cluster = changed(|args| args.tls_server_name = Some("flag".to_owned()));
        assert_eq!(cluster.server.as_deref(), Some("https://file"));
        assert_eq!(cluster.tls_server_name.as_deref(), Some("flag"));
        let cluster = changed(|args| args.server = Some(String::new()));
        assert_eq!(cluster.server.as_deref(), Some("https://file"));
    }

    #[test]
    fn one_word_on_whom_to_trust_replaces_the_files() {
        let cluster = changed(|args| args.insecure_skip_tls_verify = Some(true));
        assert_eq!(cluster.insecure_skip_tls_verify, Some(true));
        assert_eq!(cluster.certificate_authority_data, None);
        let cluster = changed(|args| args.certificate_authority = Some("ca.crt".into()));
        assert_eq!(cluster.certificate_authority.as_deref(), Some("ca.crt"));
        assert_eq!(cluster.certificate_authority_data, None);
        let cluster = changed(|args| args.insecure_skip_tls_verify = Some(false));
        assert_eq!(cluster.certificate_authority_data.as_deref(), Some("data"));
    }

    #[test]
    fn flags_about_the_user_replace_their_field_and_its_twin() {
        let mut changed = AuthInfo {
            token_file: Some("file".to_owned()),
            client_certificate_data: Some("data".to_owned()),
            impersonate: Some("file".to_owned()),
            ..AuthInfo::default()
        };
        let args = ConnectionArgs {
            token: Some("t".to_owned()),
            client_certificate: Some("crt".into()),
            as_groups: vec!["a".to_owned(), "b".to_owned()],
            as_user_extra: ["k=1", "k=2=3"].map(str::to_owned).to_vec(),
            ..ConnectionArgs::default()
        };
        user(&mut changed, &args);
        assert!(changed.token.is_some() && changed.token_file.is_none());
        assert_eq!(changed.client_certificate.as_deref(), Some("crt"));
        assert_eq!(changed.client_certificate_data, None);
        assert_eq!(changed.impersonate.as_deref(), Some("file"));
        assert_eq!(changed.impersonate_groups, Some(args.as_groups));
        let extra = changed.impersonate_user_extra.unwrap();
        assert_eq!(extra["k"], ["1", "2=3"]);
    }

    #[test]
    fn flags_that_cannot_be_carried_out_are_refused() {
        let refused = |args: ConnectionArgs| check(&args).unwrap_err().to_string();
        assert_eq!(
            refused(ConnectionArgs {
                act_as: Some(String::new()),
                ..ConnectionArgs::default()
            }),
            "`--as` names nobody"
        );
        assert_eq!(
            refused(ConnectionArgs {
                as_user_extra: vec!["=x".to_owned()],
                ..ConnectionArgs::default()
            }),
            "`--as-user-extra` is written KEY=VALUE, not `=x`"
        );
    }
}

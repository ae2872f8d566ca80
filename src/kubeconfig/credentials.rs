//! The user of a context: who we are to the server.

use std::{fs, path::PathBuf};

use http::HeaderValue;
use kube::{
    Config,
    config::{AuthInfo, Cluster},
};
use secrecy::ExposeSecret;

use super::{OpenId, client_certificate, failed, failed_because, plugin::Plugin};
use crate::error::{Error, in_words};

/// Who we are, and how to prove it anew when the proof is not accepted any more.
#[derive(Clone, Debug)]
pub struct Credentials {
    name: String,
    user: AuthInfo,
    plugin: Option<Plugin>,
    openid: Option<OpenId>,
}

impl Credentials {
    /// Checks what the kubeconfig says of a user. Nothing is run or read yet.
    pub(super) fn of_user(
        user: AuthInfo,
        name: &str,
        cluster: &Cluster,
        config: &Config,
        files: Vec<PathBuf>,
    ) -> Result<Self, Error> {
        let mut user = without_empty_fields(user);
        check(&user, name)?;
        let plugin = match user.exec.take() {
            // Whoever named something else means it, as in client-go.
            Some(exec) if !proves_itself(&user) => Some(Plugin::new(exec, name, cluster, config)?),
            Some(_) | None => None,
        };
        let openid = match user.auth_provider.take() {
            // As in client-go, what a header says already is not said anew.
            Some(provider) if user.token.is_none() && user.token_file.is_none() => {
                Some(OpenId::new(&provider.config, name, files)?)
            }
            Some(_) | None => None,
        };
        Ok(Self {
            name: name.to_owned(),
            user,
            plugin,
            openid,
        })
    }

    /// Returns the user without what proves who it is, and without a plug-in that would.
    ///
    /// As in client-go (`clientcmd.ClientConfig`) that is all that a server without TLS is told: whoever
    /// is on the way could read more. Whom one acts as is told.
    #[must_use]
    pub(super) fn without_proof(self) -> Self {
        let user = AuthInfo {
            impersonate: self.user.impersonate,
            impersonate_uid: self.user.impersonate_uid,
            impersonate_groups: self.user.impersonate_groups,
            impersonate_user_extra: self.user.impersonate_user_extra,
            ..AuthInfo::default()
        };
        Self {
            name: self.name,
            user,
            plugin: None,
            openid: None,
        }
    }

    /// Returns the user as the client below takes it; runs the plug-in, if there is one.
    ///
    /// With a terminal the plug-in may talk to the user.
    pub(super) async fn obtain(&self, terminal: bool) -> Result<AuthInfo, Error> {
        let mut user = self.user.clone();
        if let Some(plugin) = &self.plugin {
            plugin.run(&mut user, terminal).await?;
        }
        if let Some(openid) = &self.openid {
            user.token = openid.tokens().id.map(Into::into);
        }
        client_certificate::read(&mut user, &self.name)?;
        // What the file holds counts before the token beside it, which is there for when it cannot
        // be read.
        if let Some(path) = user.token_file.take() {
            match token(&path, &self.name) {
                Ok(token) => user.token = Some(token.into()),
                Err(_) if user.token.is_some() => {}
                Err(error) => return Err(error),
            }
        }
        check_headers(&user, &self.name)?;
        Ok(user)
    }

    /// Tells whether there is something new to be had.
    pub fn can_be_renewed(&self) -> bool {
        self.plugin.as_ref().is_some_and(Plugin::may_be_alone)
            || self.user.token_file.is_some()
            || self
                .openid()
                .is_some_and(|openid| openid.tokens().refresh.is_some())
    }

    /// Returns the login with `OpenID Connect`, if it is one.
    pub fn openid(&self) -> Option<&OpenId> {
        self.openid.as_ref()
    }

    /// Returns the user with new credentials. Nobody is asked for anything: the terminal may be
    /// in other use by now.
    pub async fn renewed(&self) -> Result<AuthInfo, Error> {
        self.obtain(false).await
    }
}

/// Refuses what no header can hold, before anything is sent.
fn check_headers(user: &AuthInfo, name: &str) -> Result<(), Error> {
    let token = user.token.as_ref().map(ExposeSecret::expose_secret);
    let groups = user.impersonate_groups.iter().flatten();
    let fields = [
        ("token", token),
        ("as", user.impersonate.as_deref()),
        ("as-uid", user.impersonate_uid.as_deref()),
    ];
    let groups = groups.map(|group| ("as-groups", Some(group.as_str())));
    let mut fields = fields.into_iter().chain(groups);
    let unfit = |text: Option<&str>| text.is_some_and(|text| HeaderValue::from_str(text).is_err());
    match fields.find(|(_, text)| unfit(*text)) {
        Some((field, _)) => Err(failed(
            format!("{field} of user \"{name}\" has a line break or a control character in it"),
            Some("look how it is quoted; it is sent as a header, which can have neither"),
        )),
        None => Ok(()),
    }
}

fn proves_itself(user: &AuthInfo) -> bool {
    user.token.is_some()
        || user.token_file.is_some()
        || user.username.is_some()
        || user.client_certificate.is_some()
        || user.client_certificate_data.is_some()
}

/// Reads a token here, because a newline at the end of the file would break every request.
fn token(path: &str, name: &str) -> Result<String, Error> {
    let field = format!("tokenFile {path} of user \"{name}\"");
    let token = fs::read_to_string(path)
        .map_err(|error| failed_because(format!("cannot read {field}"), in_words(&error)))?;
    match token.trim() {
        "" => Err(failed(format!("{field} is empty"), None)),
        token => Ok(token.to_owned()),
    }
}

/// Explains what kubectl itself has dropped.
fn check_provider(name: &str, provider: &str) -> Result<(), Error> {
    let hint = match provider {
        "oidc" => return Ok(()),
        "gcp" => {
            "install gke-gcloud-auth-plugin; `gcloud container clusters get-credentials CLUSTER` then writes \
             the kubeconfig anew"
        }
        "azure" => "install kubelogin; `kubelogin convert-kubeconfig` changes the kubeconfig",
        _ => "a credential plug-in (`exec`) is what takes its place",
    };
    Err(failed(
        format!("auth-provider `{provider}` of user \"{name}\" is gone from Kubernetes since 1.26"),
        Some(hint),
    ))
}

/// Refuses what contradicts itself, as client-go does (`tools/clientcmd/validation.go`).
fn check(user: &AuthInfo, name: &str) -> Result<(), Error> {
    if let Some(provider) = &user.auth_provider {
        check_provider(name, &provider.name)?;
    }
    let has_certificate =
        user.client_certificate.is_some() || user.client_certificate_data.is_some();
    let has_key = user.client_key.is_some() || user.client_key_data.is_some();
    if has_certificate != has_key {
        let (there, missing) = if has_certificate {
            ("client-certificate", "client-key")
        } else {
            ("client-key", "client-certificate")
        };
        return Err(failed(
            format!("user \"{name}\" has a {there} and no {missing}"),
            Some(&format!("set `{missing}` or `{missing}-data` beside it")),
        ));
    }
    if user.token.is_some() && user.username.is_some() {
        return Err(failed(
            format!("user \"{name}\" has both a token and a user name with a password"),
            Some("keep one of the two"),
        ));
    }
    let says_more = user.impersonate_uid.is_some()
        || user.impersonate_groups.is_some()
        || user.impersonate_user_extra.is_some();
    if says_more && user.impersonate.is_none() {
        return Err(Error::Usage {
            message: "a group, UID or extra field to act as says nothing without a user".to_owned(),
            hint: Some("name the user with --as".to_owned()),
        });
    }
    Ok(())
}

/// An empty field is a field that is not set, also where another one would be used instead; but for the
/// password of a user name.
fn without_empty_fields(mut user: AuthInfo) -> AuthInfo {
    for field in [
        &mut user.username,
        &mut user.token_file,
        &mut user.client_certificate,
        &mut user.client_certificate_data,
        &mut user.client_key,
        &mut user.impersonate,
        &mut user.impersonate_uid,
    ] {
        if field.as_ref().is_some_and(String::is_empty) {
            *field = None;
        }
    }
    for secret in [&mut user.token, &mut user.client_key_data] {
        if secret
            .as_ref()
            .is_some_and(|secret| secret.expose_secret().is_empty())
        {
            *secret = None;
        }
    }
    // In client-go a password that is not given is empty, and is sent so.
    if user.username.is_some() && user.password.is_none() {
        user.password = Some(String::new().into());
    }
    if user.impersonate_groups.as_ref().is_some_and(Vec::is_empty) {
        user.impersonate_groups = None;
    }
    if user
        .impersonate_user_extra
        .as_ref()
        .is_some_and(std::collections::HashMap::is_empty)
    {
        user.impersonate_user_extra = None;
    }
    user
}

#[cfg(test)]
mod tests {
    use kube::config::Kubeconfig;

    use super::*;

    async fn user(fields: &str) -> Result<AuthInfo, Error> {
        let text = format!("users: [{{name: me, user: {fields}}}]");
        let kubeconfig = Kubeconfig::from_yaml(&text).unwrap();
        let user = kubeconfig.auth_infos[0].auth_info.clone().unwrap();
        let config = Config::new(http::Uri::from_static("https://x"));
        let credentials =
            Credentials::of_user(user, "me", &Cluster::default(), &config, Vec::new())?;
        credentials.obtain(false).await
    }

    #[tokio::test]
    async fn a_token_file_counts_without_the_newline_at_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "abc\n").unwrap();
        let user = user(&format!(
            "{{token: other, tokenFile: '{}'}}",
            path.display()
        ))
        .await
        .unwrap();
        assert!(user.token_file.is_none());
        assert_eq!(user.token.unwrap().expose_secret(), "abc");
    }

    #[tokio::test]
    async fn what_contradicts_itself_is_named() {
        for (fields, expected) in [
            (
                "{client-certificate-data: eA==, client-key-data: ''}",
                "user \"me\" has a client-certificate and no client-key",
            ),
            (
                "{client-key: x}",
                "user \"me\" has a client-key and no client-certificate",
            ),
            (
                "{token: x, username: a, password: b}",
                "user \"me\" has both a token and a user name with a password",
            ),
            (
                "{as-groups: [a]}",
                "a group, UID or extra field to act as says nothing without a user",
            ),
            (
                "{tokenFile: /nonexistent/token}",
                "cannot read tokenFile /nonexistent/token of user \"me\"",
            ),
            (
                "{auth-provider: {name: gcp}}",
                "auth-provider `gcp` of user \"me\" is gone from Kubernetes since 1.26",
            ),
            (
                "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}}",
                "exec of user \"me\" has no command",
            ),
            (
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x}}",
                "exec of user \"me\" has no interactiveMode",
            ),
            (
                "{exec: {command: x}}",
                "exec of user \"me\" has no apiVersion",
            ),
            (
                "{exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}",
                "exec of user \"me\" has the apiVersion \"client.authentication.k8s.io/v1alpha1\", \
                 which is not known any more",
            ),
        ] {
            assert_eq!(user(fields).await.unwrap_err().to_string(), expected);
        }
        assert!(user("{as: '', as-groups: []}").await.is_ok());
    }
}

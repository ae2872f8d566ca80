//! The user of a context: who we are to the server.

use std::fs;

use kube::config::AuthInfo;
use secrecy::ExposeSecret;

use super::{failed, failed_because, in_words};
use crate::error::Error;

/// Returns the credentials of a user, as the client below takes them.
pub(super) fn of_user(user: AuthInfo, name: &str) -> Result<AuthInfo, Error> {
    let mut user = without_empty_fields(user);
    check(&user, name)?;
    // Read here, because a newline at the end of the file would break every request. What it holds
    // counts before the token beside it.
    if let Some(path) = user.token_file.take() {
        let token = fs::read_to_string(&path).map_err(|error| {
            failed_because(
                format!("cannot read tokenFile {path} of user \"{name}\""),
                in_words(&error),
            )
        })?;
        if token.trim().is_empty() {
            return Err(failed(
                format!("tokenFile {path} of user \"{name}\" is empty"),
                None,
            ));
        }
        user.token = Some(token.trim().to_owned().into());
    }
    Ok(user)
}

/// Refuses what contradicts itself, as client-go does (`tools/clientcmd/validation.go`).
fn check(user: &AuthInfo, name: &str) -> Result<(), Error> {
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

/// An empty field is a field that is not set, also where another one would be used instead.
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

    fn user(fields: &str) -> Result<AuthInfo, Error> {
        let text = format!("users: [{{name: me, user: {fields}}}]");
        let kubeconfig = Kubeconfig::from_yaml(&text).unwrap();
        of_user(kubeconfig.auth_infos[0].auth_info.clone().unwrap(), "me")
    }

    #[test]
    fn a_token_file_counts_without_the_newline_at_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "abc\n").unwrap();
        let user = user(&format!(
            "{{token: other, tokenFile: '{}'}}",
            path.display()
        ))
        .unwrap();
        assert!(user.token_file.is_none());
        assert_eq!(user.token.unwrap().expose_secret(), "abc");
    }

    #[test]
    fn what_contradicts_itself_is_named() {
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
        ] {
            assert_eq!(user(fields).unwrap_err().to_string(), expected);
        }
        assert!(user("{as: '', as-groups: []}").is_ok());
    }
}

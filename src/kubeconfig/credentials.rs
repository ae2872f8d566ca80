//! The user of a context: who we are to the server.

use std::fs;

use kube::config::{AuthInfo, Kubeconfig};

use super::{failed, failed_because};
use crate::error::{Error, listed};

/// Returns the credentials of a user, as the client below takes them.
pub(super) fn of_user(
    kubeconfig: &Kubeconfig,
    context: &str,
    name: &str,
) -> Result<AuthInfo, Error> {
    let named = kubeconfig
        .auth_infos
        .iter()
        .find(|named| named.name == name);
    let Some(user) = named.map(|named| named.auth_info.clone().unwrap_or_default()) else {
        let known: Vec<_> = kubeconfig
            .auth_infos
            .iter()
            .map(|named| named.name.clone())
            .collect();
        return Err(failed(
            format!("user \"{name}\" of context \"{context}\" does not exist"),
            Some(&format!("the kubeconfig has {}", listed(&known))),
        ));
    };
    let mut user = without_empty_fields(user);
    // Read here, because a newline at the end of the file would break every request.
    if let Some(path) = user.token_file.take() {
        let token = fs::read_to_string(&path).map_err(|error| {
            failed_because(
                format!("cannot read tokenFile {path} of user \"{name}\""),
                error,
            )
        })?;
        user.token = Some(token.trim().to_owned().into());
    }
    Ok(user)
}

/// An empty field is a field that is not set, also where another one would be used instead.
fn without_empty_fields(mut user: AuthInfo) -> AuthInfo {
    for field in [
        &mut user.username,
        &mut user.token_file,
        &mut user.client_certificate,
        &mut user.client_certificate_data,
        &mut user.client_key,
    ] {
        if field.as_ref().is_some_and(String::is_empty) {
            *field = None;
        }
    }
    user
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_file_counts_without_the_newline_at_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "abc\n").unwrap();
        let text = format!(
            "users: [{{name: me, user: {{token: other, tokenFile: '{}'}}}}]",
            path.display()
        );
        let user = of_user(&Kubeconfig::from_yaml(&text).unwrap(), "x", "me").unwrap();
        assert!(user.token_file.is_none());
        let shown = serde_json::to_string(&user).unwrap();
        assert!(shown.contains("\"abc\""), "{shown}");
    }

    #[test]
    fn a_user_that_is_not_there_is_named_with_those_that_are() {
        let kubeconfig = Kubeconfig::from_yaml("users: [{name: a, user: {}}]").unwrap();
        let error = of_user(&kubeconfig, "ctx", "b").unwrap_err();
        assert_eq!(
            error.to_string(),
            "user \"b\" of context \"ctx\" does not exist"
        );
        assert_eq!(error.hint().as_deref(), Some("the kubeconfig has `a`"));
    }
}
